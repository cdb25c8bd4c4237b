/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command status: sessions and refused peers, an event each. No secret is
 * in them. docs/CONTROL.md.
 */

#ifndef COI_CMD_STATUS_H_
#define COI_CMD_STATUS_H_

#include "coi_command.h"
#include "engine/coi_engine.h"
#include "hold/coi_hold.h"
#include "policy/coi_negative_cache.h"
#include "session/coi_encap_peers.h"
#include "session/coi_session_table.h"

/**
 * status { noblock } with events "peer", oldest first, and "refused"; all parameters
 * are borrowed.
 *
 * @param sessions			which there are
 * @param engine			to look at one
 * @param hold				packets that wait for one
 * @param negative_cache	refused peers
 * @param encap_peers		peers that ESP reaches in UDP only
 */
coi_command_t *coi_cmd_status_create(coi_session_table_t *sessions,
									 coi_engine_t *engine, coi_hold_t *hold,
									 coi_negative_cache_t *negative_cache,
									 coi_encap_peers_t *encap_peers);

#endif /** COI_CMD_STATUS_H_ */
