/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what the bus, and by it VICI clients and scripts, hears of IKE_SAs and
 * CHILD_SAs that come, go, or take the place of others.
 *
 * A session that takes the place of an older one with the same peer is told as
 * a rekeying, of the IKE_SA and of each CHILD_SA that both have: nothing goes
 * down in between, and the end of the older one is no news.
 *
 * All functions are for whoever has the IKE_SAs checked out.
 */

#ifndef COI_BUS_EVENTS_H_
#define COI_BUS_EVENTS_H_

#include <daemon.h>

/**
 * Make an IKE_SA established and announce it.
 *
 * @param older		IKE_SA that it takes the place of, NULL if there is none
 */
void coi_bus_events_up(ike_sa_t *ike_sa, ike_sa_t *older);

/**
 * Make an IKE_SA established whose place a newer one has taken already; that is no
 * news.
 */
void coi_bus_events_stale(ike_sa_t *ike_sa);

/**
 * Give an IKE_SA a CHILD_SA that has both SAs, and announce that; it may take
 * the place of one of the older IKE_SA, which is REKEYED then.
 *
 * @param child_sa	adopted
 * @param older		NULL if there is none
 */
void coi_bus_events_child(ike_sa_t *ike_sa, child_sa_t *child_sa,
						  ike_sa_t *older);

/** Find an IKE_SA's CHILD_SA of a community, NULL if it has none. */
child_sa_t *coi_bus_events_find_child(ike_sa_t *ike_sa, const char *name);

/** Announce the end of an IKE_SA, and with it of its CHILD_SAs. */
void coi_bus_events_down(ike_sa_t *ike_sa);

/**
 * Announce the end of those CHILD_SAs of a replaced IKE_SA that nothing took
 * the place of.
 */
void coi_bus_events_rest(ike_sa_t *ike_sa);

#endif /** COI_BUS_EVENTS_H_ */
