/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that change something: open and
 * close sessions, forget refused peers, set who uses this host. docs/CONTROL.md.
 */

#ifndef COI_CMD_SESSION_H_
#define COI_CMD_SESSION_H_

#include "coi_command.h"

/** open { peer, timeout, child }; the thread may be cancelled meanwhile. */
vici_message_t *coi_cmd_session_open(coi_command_t *request);

/** close { peer, community, reason } */
vici_message_t *coi_cmd_session_close(coi_command_t *request);

/** forget { peer } */
vici_message_t *coi_cmd_session_forget(coi_command_t *request);

/** user { name, since, clear } */
vici_message_t *coi_cmd_session_user(coi_command_t *request);

#endif /** COI_CMD_SESSION_H_ */
