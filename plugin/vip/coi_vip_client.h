/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the virtual addresses that this host was given, and what it asks for when
 * it opens a session: those that it has, if it has some from that peer.
 *
 * IKE_SAs end in many places, all of which charon gets to through the IKE_SA's own
 * end (coi_ike_shell.h): there what it was given is forgotten.
 */

#ifndef COI_VIP_CLIENT_H_
#define COI_VIP_CLIENT_H_

#include <daemon.h>

#include "core/coi_virtual.h"

typedef struct coi_vip_client_t coi_vip_client_t;

struct coi_vip_client_t {

	/**
	 * Find what to ask a peer for: the addresses of the peer config (vips), and
	 * attributes that charon's handlers want.
	 *
	 * @param ike_sa	checked out, with its peer config
	 * @param wish		receives it, to be wiped
	 * @return			FALSE if nothing is to be asked for
	 */
	bool (*wish)(coi_vip_client_t *this, ike_sa_t *ike_sa, coi_wish_t *wish);

	/**
	 * Take what a peer gives: addresses are installed, attributes handled.
	 *
	 * @param ike_sa	checked out
	 * @return			FALSE if an address cannot be used (said)
	 */
	bool (*accept)(coi_vip_client_t *this, ike_sa_t *ike_sa,
				   const coi_grant_t *grant);

	/** Forget what an IKE_SA was given; charon removes it. */
	void (*forget)(coi_vip_client_t *this, ike_sa_t *ike_sa);

	/** Whether an address is one that was given to this host. */
	bool (*has)(coi_vip_client_t *this, host_t *host);

	/** Free; no IKE_SA is left that was given any. */
	void (*destroy)(coi_vip_client_t *this);
};

/** Create it for a host that was given nothing. */
coi_vip_client_t *coi_vip_client_create();

#endif /** COI_VIP_CLIENT_H_ */
