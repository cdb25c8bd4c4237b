/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the virtual addresses that this host gives: each belongs to one peer, and
 * to all of its IKE_SAs while one takes the place of another; with the last one
 * it goes back to the provider of charon's that it came from.
 *
 * There is one table for the process, as IKE_SAs end in many places. All functions
 * want the IKE_SA checked out, and call providers, which may take their time.
 */

#ifndef COI_VIP_LEASES_H_
#define COI_VIP_LEASES_H_

#include <daemon.h>

#include "core/coi_virtual.h"

void coi_vip_leases_init();
void coi_vip_leases_deinit();

/**
 * Lease what a peer asks for, and attributes with it; the IKE_SA gets the
 * addresses.
 *
 * @param ike_sa	IKE_SA with its peer config
 * @param key		who the lease is for: proved identity, or what comes next to it
 * @param proved	TRUE if it is the former: then a ticket alone is not enough
 * @param wish		what is asked for
 * @param grant		receives what is given, to be cleared
 * @return			FALSE if there is no address to give (said)
 */
bool coi_vip_leases_acquire(ike_sa_t *ike_sa, identification_t *key,
							bool proved,
							const coi_wish_t *wish, coi_grant_t *grant);

/**
 * Give back what an IKE_SA has leased and no other one uses; it has no such
 * addresses any more.
 */
void coi_vip_leases_release(ike_sa_t *ike_sa);

/** The list of a peer config's pools, char*, to be destroyed. */
linked_list_t *coi_vip_leases_pools(peer_cfg_t *peer);

#endif /** COI_VIP_LEASES_H_ */
