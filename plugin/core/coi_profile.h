/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a host says of itself in an exchange: identity, start time and,
 * for each community, mode, proposals and filter. Immutable and refcounted,
 * so that a session outlives a reload of the configuration.
 */

#ifndef COI_PROFILE_H_
#define COI_PROFILE_H_

#include "coi_filter.h"
#include "coi_limits.h"

typedef struct coi_profile_t coi_profile_t;
typedef struct coi_community_t coi_community_t;
typedef struct coi_proposal_t coi_proposal_t;

/** An ESP proposal, numbers of RFC 7296; key lengths in octets with salt. */
struct coi_proposal_t {
	uint16_t encr;
	uint16_t encr_bits;
	uint16_t integ;
	bool esn;
	/** length of KEYMAT taken for encryption, local knowledge, not sent */
	uint16_t encr_len;
	/** length of KEYMAT taken for integrity, local knowledge, not sent */
	uint16_t integ_len;
};

/** What this host does in one community. */
struct coi_community_t {
	char *name;
	/** 1 transport, 2 tunnel, as on the wire */
	uint8_t mode;
	coi_proposal_t *proposals;
	u_int proposal_count;
	coi_services_t offers;
	coi_services_t uses;
};

struct coi_profile_t {
	/** type as in RFC 7296 section 3.5, 0 if none */
	uint8_t id_type;
	chunk_t id;
	/** when the daemon started, ms since 1970 */
	uint64_t start;
	/** the peer has to prove who it is */
	bool demands;
	/** this host has something to say in a Sess3, if it is the responder, even if
	 * it does not demand anything */
	bool third;
	/** this host needs a virtual address, so it is no responder */
	bool wishes;
	coi_community_t *communities;
	u_int count;
	refcount_t refcount;
};

/**
 * Create a profile with room for communities, which the caller fills in
 * (members are adopted and freed with the profile).
 *
 * @param id_type	identity type, RFC 7296 section 3.5
 * @param id		identity data, cloned, at most COI_MAX_IDENTITY octets
 * @param start		daemon's start, ms since 1970
 * @param count		number of communities
 * @return			profile with one reference, NULL if id is too long
 */
coi_profile_t *coi_profile_create(uint8_t id_type, chunk_t id, uint64_t start,
								  u_int count);

coi_profile_t *coi_profile_get_ref(coi_profile_t *profile);

/** Whether an identity of a type, RFC 7296 section 3.5, may have that length. */
bool coi_profile_valid_id(uint8_t type, size_t len);

/** Find a community by name, NULL if there is none. Borrowed. */
const coi_community_t *coi_profile_find(const coi_profile_t *profile,
										const char *name);

/** Drop a reference. */
void coi_profile_destroy(coi_profile_t *profile);

#endif /** COI_PROFILE_H_ */
