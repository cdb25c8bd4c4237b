/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command why: what is asked, and the answer of coi_why.h as a message.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_WHY_H_
#define COI_CMD_WHY_H_

#include "coi_command.h"
#include "engine/coi_config_watch.h"
#include "coi_why.h"

/**
 * why { peer, service, direction }
 *
 * @param watch			to look for what was loaded just now, borrowed
 * @param tables		where the answer comes from, copied; what is in it is borrowed
 */
coi_command_t *coi_cmd_why_create(coi_config_watch_t *watch,
								  const coi_why_tables_t *tables);

#endif /** COI_CMD_WHY_H_ */
