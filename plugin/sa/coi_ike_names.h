/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what the two ends of an IKE_SA are called.
 */

#ifndef COI_IKE_NAMES_H_
#define COI_IKE_NAMES_H_

#include <daemon.h>

/** Set our identity as configured. */
void coi_ike_names_set_mine(ike_sa_t *ike_sa, peer_cfg_t *peer);

/**
 * Set the peer's identity.
 *
 * One that names none is its address, as with IKE, unless it has proved who it is:
 * charon goes through all IKE_SAs between the same two identities for each new one.
 *
 * @param id		that it claims, of type ID_ANY if it claims none
 */
void coi_ike_names_set_other(ike_sa_t *ike_sa, identification_t *id);

#endif /** COI_IKE_NAMES_H_ */
