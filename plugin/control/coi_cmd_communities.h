/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command communities: communities of all connections, an event each. No
 * secret is in them. docs/CONTROL.md.
 */

#ifndef COI_CMD_COMMUNITIES_H_
#define COI_CMD_COMMUNITIES_H_

#include "coi_command.h"
#include "config/coi_config.h"
#include "engine/coi_config_watch.h"
#include "keys/coi_admin_state.h"
#include "keys/coi_keyring.h"
#include "session/coi_session_table.h"

/**
 * communities {} with events "community"; all parameters are borrowed.
 *
 * @param watch			to look for what was loaded just now
 * @param config		connections
 * @param keyring		their keys
 * @param admin_state	what is disabled or enabled by command
 * @param sessions		members that a session is open with
 */
coi_command_t *coi_cmd_communities_create(coi_config_watch_t *watch,
										  coi_config_t *config,
										  coi_keyring_t *keyring,
										  coi_admin_state_t *admin_state,
										  coi_session_table_t *sessions);

#endif /** COI_CMD_COMMUNITIES_H_ */
