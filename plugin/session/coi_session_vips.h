/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a session has to do with virtual addresses: to ask for them, to
 * give them, and to take them. PROTOCOL.md section 7.3.
 *
 * All functions want the entry checked out, with its tunnel.
 */

#ifndef COI_SESSION_VIPS_H_
#define COI_SESSION_VIPS_H_

#include "coi_session_entry.h"
#include "vip/coi_vip_client.h"
#include "vip/coi_vip_leases.h"

/**
 * Find what an initiator asks for.
 *
 * @param client	what this host was given
 * @param wish		receives it, to be wiped
 * @return			FALSE if that is nothing
 */
bool coi_session_vips_wish(const coi_session_entry_t *entry,
						   coi_vip_client_t *client, coi_wish_t *wish);

/**
 * Lease what a responder is asked for.
 *
 * @param leases	what this host gives
 * @param grant		receives what is given, to be cleared; nothing to whoever
 *					may go on without
 * @return			FALSE if the session must not go on (said)
 */
bool coi_session_vips_lease(const coi_session_entry_t *entry,
							coi_vip_leases_t *leases, coi_grant_t *grant);

/**
 * Take what the responder gives.
 *
 * @param client	where it is noted
 * @return			FALSE if it cannot be used (said)
 */
bool coi_session_vips_accept(const coi_session_entry_t *entry,
							 coi_vip_client_t *client);

/** Whether the addresses of a connection's pools are nobody's when they are not
 * leased; a DHCP server may give them to hosts of its own network. */
bool coi_session_vips_are_owned(const coi_connection_t *conn);

#endif /** COI_SESSION_VIPS_H_ */
