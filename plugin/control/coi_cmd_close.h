/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command close: close sessions with a peer, or one community of them.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_CLOSE_H_
#define COI_CMD_CLOSE_H_

#include "coi_command.h"
#include "engine/coi_engine.h"
#include "session/coi_session_table.h"

/**
 * close { peer, community, reason }; all parameters are borrowed.
 *
 * @param sessions		where they are found
 * @param engine		closes
 */
coi_command_t *coi_cmd_close_create(coi_session_table_t *sessions,
									coi_engine_t *engine);

#endif /** COI_CMD_CLOSE_H_ */
