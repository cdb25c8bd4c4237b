/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the silence of an IKE_SA: methods that would send IKE messages, wait for
 * some or take some, do nothing.
 */

#ifndef COI_IKE_SILENCE_H_
#define COI_IKE_SILENCE_H_

#include <daemon.h>

/** Replace the methods, for good. */
void coi_ike_silence(ike_sa_t *ike_sa);

#endif /** COI_IKE_SILENCE_H_ */
