/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the virtual addresses that this host was given, and what it asks for when
 * it opens a session: those that it has, if it has some from that peer.
 *
 * There is one table for the process, as IKE_SAs end in many places.
 */

#ifndef COI_VIP_CLIENT_H_
#define COI_VIP_CLIENT_H_

#include <daemon.h>

#include "core/coi_virtual.h"

void coi_vip_client_init();
void coi_vip_client_deinit();

/**
 * Find what to ask a peer for: the addresses of the peer config (vips), and
 * attributes that charon's handlers want.
 *
 * @param ike_sa	checked out, with its peer config
 * @param wish		receives it, to be wiped
 * @return			FALSE if nothing is to be asked for
 */
bool coi_vip_client_wish(ike_sa_t *ike_sa, coi_wish_t *wish);

/**
 * Take what a peer gives: addresses are installed, attributes handled.
 *
 * @param ike_sa	checked out
 * @return			FALSE if an address cannot be used (said)
 */
bool coi_vip_client_accept(ike_sa_t *ike_sa, const coi_grant_t *grant);

/** Forget what an IKE_SA was given; charon removes it. */
void coi_vip_client_forget(ike_sa_t *ike_sa);

/** Whether an address is one that was given to this host. */
bool coi_vip_client_has(host_t *host);

#endif /** COI_VIP_CLIENT_H_ */
