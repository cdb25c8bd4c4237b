/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the description of one community that a session carries: what an SA
 * installer needs to know, and nothing of how it was agreed on.
 */

#ifndef COI_SHARED_COMMUNITY_H_
#define COI_SHARED_COMMUNITY_H_

#include "coi_filter.h"
#include "coi_key.h"
#include "coi_profile.h"

typedef struct coi_shared_community_t coi_shared_community_t;

/** A community that both ends share. Lengths of keys as the proposal says. */
struct coi_shared_community_t {
	/** borrowed from the key */
	const char *name;
	/** generation of the key that the session rests on */
	coi_key_t *key;
	/** FALSE if the exchange went on without it, or it was closed since */
	bool used;
	uint8_t mode;
	coi_proposal_t proposal;
	uint32_t spi_in;
	uint32_t spi_out;
	chunk_t encr_in;
	chunk_t integ_in;
	chunk_t encr_out;
	chunk_t integ_out;
	/** what the peer offers, and may use */
	coi_services_t offers_there;
	coi_services_t uses_there;
	coi_flows_t flows;
};

#endif /** COI_SHARED_COMMUNITY_H_ */
