/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how a session gets its tunnel: the IKE_SA with the SPIs of its
 * communities, then the SAs of each direction.
 *
 * All functions want the entry checked out.
 */

#ifndef COI_INSTALL_H_
#define COI_INSTALL_H_

#include "session/coi_session_table.h"

/**
 * Make the tunnel, allocate SPIs and let the session go on with them.
 *
 * @param tables	what the tunnel shares with others
 * @param listener	told what charon asks of the tunnel
 * @param next		receives what is to be done next
 * @return			FALSE if there is no tunnel, or the session refuses
 */
bool coi_install_tunnel(coi_session_table_t *sessions,
						const coi_tunnel_tables_t *tables,
						coi_session_entry_t *entry,
						coi_tunnel_listener_t *listener, coi_actions_t *next);

/**
 * Put the SAs of one direction into the kernel, and wipe their keys.
 *
 * @return			FALSE if the kernel refused one, or another peer with the same
 *					address is in the way (said at level 1)
 */
bool coi_install_sas(coi_session_table_t *sessions, coi_session_entry_t *entry,
					 bool inbound);

/**
 * Whether the peer is the only one with an open session behind its address:
 * packets with that address do not say to whom they belong.
 *
 * @return			FALSE if there is another (said at level 1)
 */
bool coi_install_is_alone(coi_session_table_t *sessions,
						  const coi_session_entry_t *entry);

/**
 * Let the SAs follow to where the peer is now.
 *
 * @return			FALSE if out of memory
 */
bool coi_install_follow(coi_session_entry_t *entry);

#endif /** COI_INSTALL_H_ */
