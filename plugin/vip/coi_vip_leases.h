/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the virtual addresses that this host gives: each belongs to one peer, and
 * to all of its IKE_SAs while one takes the place of another; with the last one
 * it goes back to the provider of charon's that it came from.
 *
 * IKE_SAs end in many places, all of which charon gets to through the IKE_SA's own
 * end (coi_ike_shell.h): there what it has leased is released. All methods want
 * the IKE_SA checked out, and call providers, which may take their time.
 */

#ifndef COI_VIP_LEASES_H_
#define COI_VIP_LEASES_H_

#include <daemon.h>

#include "core/coi_virtual.h"

typedef struct coi_vip_leases_t coi_vip_leases_t;

struct coi_vip_leases_t {

	/**
	 * Lease what a peer asks for, and attributes with it; the IKE_SA gets the
	 * addresses.
	 *
	 * @param ike_sa	IKE_SA with its peer config
	 * @param key		who the lease is for: proved identity, or what comes next
	 *					to it
	 * @param proved	TRUE if it is the former: then a ticket alone is not
	 *					enough
	 * @param wish		what is asked for
	 * @param grant		receives what is given, to be cleared
	 * @return			FALSE if there is no address to give (said)
	 */
	bool (*acquire)(coi_vip_leases_t *this, ike_sa_t *ike_sa,
					identification_t *key, bool proved,
					const coi_wish_t *wish, coi_grant_t *grant);

	/**
	 * Give back what an IKE_SA has leased and no other one uses; it has no such
	 * addresses any more.
	 */
	void (*release)(coi_vip_leases_t *this, ike_sa_t *ike_sa);

	/** Free; what providers gave and did not get back stays given. */
	void (*destroy)(coi_vip_leases_t *this);
};

/** Create it, with nothing leased. There can be one at a time. */
coi_vip_leases_t *coi_vip_leases_create();

/** The list of a peer config's pools, char*, to be destroyed. */
linked_list_t *coi_vip_leases_pools(peer_cfg_t *peer);

#endif /** COI_VIP_LEASES_H_ */
