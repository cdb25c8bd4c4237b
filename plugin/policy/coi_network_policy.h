/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the networks of a connection: which traffic between those behind this
 * host and those behind its peers calls out or is blocked, and who is asked for
 * a tunnel.
 *
 * The more specific the remote network, the higher its policies stand, and of one
 * network the block above that which holds and that above the trap: so an open
 * tunnel to a wide network never keeps one from opening to a narrower network in it.
 */

#ifndef COI_NETWORK_POLICY_H_
#define COI_NETWORK_POLICY_H_

#include "config/coi_connection.h"

#include <collections/array.h>

/** Most pairs of networks that a connection traps. */
#define COI_NETWORK_POLICY_MAX 1024

/** Whether a connection has networks on either side. */
bool coi_network_policy_any(const coi_connection_t *conn);

/**
 * Find the narrowest of the remote networks of a connection that an address is
 * in.
 *
 * @return			borrowed from conn, NULL if it is in none
 */
const coi_range_t *coi_network_policy_find(const coi_connection_t *conn,
										   host_t *host);

/**
 * Find the two ends of the tunnel that a packet asks for.
 *
 * @param src		where it is from, replaced by an own address if it is none
 * @param dst		where it goes, replaced by the gateway if that has to be asked
 * @return			FALSE if there is nobody to ask
 */
bool coi_network_policy_ends(coi_connection_t *conn, host_t **src,
							 host_t **dst);

/**
 * Whether a connection's packets to networks can be held, if it has a gateway to
 * ask. Those of some cannot, what asks is lost then: that with local networks, since
 * what is forwarded from these is not to get to the hold SA; and that with a virtual
 * address, which is not known before.
 */
bool coi_network_policy_can_hold(const coi_connection_t *conn);

/**
 * Want the traps for the networks of a connection, in all directions.
 *
 * @param wanted	coi_policy_entry_t, appended to
 * @param unmarked	packets without these bits that can be held go to the hold SA,
 *					0 for none
 * @return			FALSE if there are too many, or an address is not understood
 */
bool coi_network_policy_want_traps(array_t *wanted, coi_connection_t *conn,
								   uint32_t unmarked);

/**
 * Want everything blocked between the networks of two hosts in a community.
 *
 * @param wanted	coi_policy_entry_t, appended to
 * @param outbound	TRUE for what leaves, FALSE for what comes in or through
 */
void coi_network_policy_want_blocks(array_t *wanted,
									const coi_community_t *community,
									host_t *me, host_t *other, bool outbound);

#endif /** COI_NETWORK_POLICY_H_ */
