/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns SessionInfo: what the two ends tell each other under encryption.
 * PROTOCOL.md section 10.
 */

#ifndef COI_INFO_H_
#define COI_INFO_H_

#include "coi_addresses.h"
#include "coi_profile.h"
#include "coi_proof.h"
#include "coi_user.h"
#include "coi_virtual.h"

typedef struct coi_info_t coi_info_t;
typedef struct coi_info_community_t coi_info_community_t;

/** A community that the sender goes on with. */
struct coi_info_community_t {
	/** place in C */
	uint16_t index;
	/** SPI of the SA towards the sender, network order */
	uint32_t spi;
	uint8_t mode;
	/** key lengths are not on the wire and 0 after decoding */
	coi_proposal_t *proposals;
	u_int proposal_count;
	coi_services_t offers;
	coi_services_t uses;
};

struct coi_info_t {
	uint8_t id_type;
	chunk_t id;
	uint64_t start;
	/** no name: not told */
	coi_user_t user;
	coi_addresses_t addresses;
	coi_info_community_t *communities;
	u_int count;
	/** COI_ROUND_* */
	uint8_t rounds;
	coi_proof_t proof;
	/** virtual addresses that are asked for, and that are given */
	coi_wish_t wish;
	coi_grant_t grant;
};

/**
 * Decode a SessionInfo, padding included.
 *
 * @param data		octets
 * @param info		receives clones on TRUE, free with coi_info_clear()
 * @return			FALSE if it is malformed or an unknown type must be known
 */
bool coi_info_decode(chunk_t data, coi_info_t *info)
					 __attribute__((warn_unused_result));

/**
 * Decode the SessionInfo of a Sess3, which tells neither identity, start nor
 * communities. In no other one there is a grant.
 */
bool coi_info_decode_third(chunk_t data, coi_info_t *info)
						   __attribute__((warn_unused_result));

/** Encode the SessionInfo of a Sess3: proof and grant alone. */
bool coi_info_encode_third(const coi_info_t *info, chunk_t *data)
						   __attribute__((warn_unused_result));

/**
 * Encode a SessionInfo, padding included.
 *
 * @param info		what to encode, borrowed
 * @param data		receives the octets, to be wiped and freed
 * @return			FALSE if it is not as section 10 has it
 */
bool coi_info_encode(const coi_info_t *info, chunk_t *data)
					 __attribute__((warn_unused_result));

/** Octets that a community takes, element header included. */
size_t coi_info_community_size(const coi_info_community_t *community);

/**
 * Octets of a SessionInfo, padding included.
 *
 * @param info		what to encode, its communities ignored
 * @param communities	octets that communities take
 */
size_t coi_info_size(const coi_info_t *info, size_t communities);

/** Free what coi_info_decode() made. */
void coi_info_clear(coi_info_t *info);

#endif /** COI_INFO_H_ */
