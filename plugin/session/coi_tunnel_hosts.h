/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what the hosts themselves stand for in the flows of a session in tunnel
 * mode. PROTOCOL.md section 11.
 */

#ifndef COI_TUNNEL_HOSTS_H_
#define COI_TUNNEL_HOSTS_H_

#include "coi_session_entry.h"

/**
 * Compute the flows of a checked out session with what is known of its hosts:
 * before SAs are installed, and again when something changes.
 *
 * @return			FALSE if out of memory
 */
bool coi_tunnel_hosts_resolve(coi_session_entry_t *entry);

#endif /** COI_TUNNEL_HOSTS_H_ */
