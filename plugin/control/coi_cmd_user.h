/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command user: who uses this host. docs/CONTROL.md.
 */

#ifndef COI_CMD_USER_H_
#define COI_CMD_USER_H_

#include "coi_command.h"
#include "engine/coi_engine.h"
#include "session/coi_local_user.h"

/**
 * user { name, since, clear }; all parameters are borrowed.
 *
 * @param local_user	who that is
 * @param engine		renews sessions if that changes
 */
coi_command_t *coi_cmd_user_create(coi_local_user_t *local_user,
								   coi_engine_t *engine);

#endif /** COI_CMD_USER_H_ */
