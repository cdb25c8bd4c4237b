/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command open: open a session with a peer, and wait for it.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_OPEN_H_
#define COI_CMD_OPEN_H_

#include "coi_command.h"
#include "config/coi_config.h"
#include "engine/coi_config_watch.h"
#include "hooks/coi_initiate.h"

/**
 * open { peer, timeout, child }; the thread may be cancelled meanwhile. All
 * parameters are borrowed.
 *
 * @param watch			to look for what was loaded just now
 * @param config		connections
 * @param initiate		opens
 */
coi_command_t *coi_cmd_open_create(coi_config_watch_t *watch,
								   coi_config_t *config,
								   coi_initiate_t *initiate);

#endif /** COI_CMD_OPEN_H_ */
