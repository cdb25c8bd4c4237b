/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the watching over CHILD_SAs with an inactivity time. charon's own job
 * does the same, but cannot tell the peer that it is for that.
 */

#ifndef COI_INACTIVITY_H_
#define COI_INACTIVITY_H_

#include <daemon.h>

/**
 * Ends what is not used.
 *
 * @param ike_sa	checked out
 * @param child_sa	one of its CHILD_SAs
 * @param all		TRUE to end the IKE_SA with all of them
 * @return			as of ike_sa_t.delete()
 */
typedef status_t (*coi_inactivity_end_t)(ike_sa_t *ike_sa,
										 child_sa_t *child_sa, bool all);

/**
 * Watch over a CHILD_SA if that is configured; for whoever has its IKE_SA
 * checked out.
 *
 * @param end		called once it was not used for that long, must stay
 */
void coi_inactivity_watch(child_sa_t *child_sa,
						  const coi_inactivity_end_t *end);

#endif /** COI_INACTIVITY_H_ */
