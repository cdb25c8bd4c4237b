/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the networks of a connection: which traffic between those behind this
 * host and those behind its peers calls out or is blocked, and who is asked for
 * a tunnel.
 *
 * The more specific the remote network, the higher its policies stand, and of one
 * network the block above the sink and that above the trap: so an open tunnel to a
 * wide network never keeps one from opening to a narrower network in it.
 */

#ifndef COI_NETWORK_POLICY_H_
#define COI_NETWORK_POLICY_H_

#include "config/coi_config.h"
#include "coi_policy_store.h"

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
 * Get the only peer of a connection, who is asked for what is in its remote
 * networks.
 *
 * @return			NULL if remote_addrs is not one address
 */
host_t *coi_network_policy_gateway(const coi_connection_t *conn);

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
 * Find the connection that holds packets from this host to a network until there
 * is a tunnel to who is before it. Some do not, what asks is lost then: that with
 * local networks, since what is forwarded from these is not to get into the sink;
 * that with a virtual address, which is not known before; and that which has
 * nobody to ask.
 *
 * @param slots		where traps are installed
 * @param src		where a packet in the sink is from
 * @param dst		where it goes
 * @param gateway	receives who is to be asked, NULL if the result is
 * @return			reference, NULL if the packet goes to no such network
 */
coi_connection_t *coi_network_policy_find_held(coi_config_t *config,
											   coi_policy_store_t *slots,
											   host_t *src,
											   host_t *dst, host_t **gateway);

/**
 * Want the traps for the networks of a connection, in all directions.
 *
 * @param wanted	coi_policy_entry_t, appended to
 * @param unmarked	packets without these bits that can be held go to the sink, 0
 *					for none
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
