/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the asking of the kernel for the SA of a packet that a router quotes: what was
 * sent by it, and its key, for as long as that is needed.
 */

#ifndef COI_QUOTED_SA_H_
#define COI_QUOTED_SA_H_

#include "util/coi_esp_quote.h"

/**
 * Find the SA: one of ours, in transport mode, with an AEAD.
 *
 * @param mark		of the SA, 0 for none
 * @param sa		receives it, to be cleared
 * @return			FALSE if there is none
 */
bool coi_quoted_sa_find(const coi_esp_quote_t *quote, uint32_t mark,
						coi_esp_quote_sa_t *sa);

/** Wipe it. */
void coi_quoted_sa_clear(coi_esp_quote_sa_t *sa);

#endif /** COI_QUOTED_SA_H_ */
