/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the watching over CHILD_SAs with an inactivity time. charon's own job
 * does the same, but cannot tell the peer that it is for that.
 */

#ifndef COI_INACTIVITY_H_
#define COI_INACTIVITY_H_

#include <daemon.h>

/**
 * Watch over a CHILD_SA if that is configured; for who has its IKE_SA checked
 * out.
 */
void coi_inactivity_watch(child_sa_t *child_sa);

#endif /** COI_INACTIVITY_H_ */
