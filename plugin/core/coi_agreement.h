/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the list C of communities in common, and what the two SessionInfos make
 * of it: PROTOCOL.md sections 6, 10 and 11.
 */

#ifndef COI_AGREEMENT_H_
#define COI_AGREEMENT_H_

#include "coi_shared_community.h"
#include "coi_info.h"
#include "coi_reason.h"

typedef struct coi_agreement_t coi_agreement_t;

/** C; all zero if it is empty. */
struct coi_agreement_t {
	coi_shared_community_t *list;
	u_int count;
};

/** Find a community by name, NULL if it is not in common. Borrowed. */
coi_shared_community_t *coi_agreement_find(const coi_agreement_t *agreement,
										   const char *name);

/** Add a community by the key of one of its generations, reference taken. */
void coi_agreement_add(coi_agreement_t *agreement, coi_key_t *key);

/** Bring it into the order of C. */
void coi_agreement_sort(coi_agreement_t *agreement);

/** Copy; key material is not copied. */
coi_agreement_t coi_agreement_clone(const coi_agreement_t *agreement);

/**
 * Whether a community is used that is not one of these.
 *
 * @param indexes	indexes in C, ascending
 * @param count		number of indexes
 */
bool coi_agreement_uses_others(const coi_agreement_t *agreement,
							   const uint16_t *indexes, u_int count);

/** Use these communities no more, and wipe their key material. */
void coi_agreement_drop(coi_agreement_t *agreement, const uint16_t *indexes,
						u_int count);

/** Drop references, wipe key material, free; leave it empty. */
void coi_agreement_clear(coi_agreement_t *agreement);

/**
 * Set the SPIs of the inbound SAs. A community without one is not used.
 *
 * @param spis		one for each community, network order, 0 for none
 * @return			FALSE if an SPI is reserved; nothing was changed then
 */
bool coi_agreement_allocate(coi_agreement_t *agreement, const uint32_t *spis)
							__attribute__((warn_unused_result));

/**
 * Make the own SessionInfo. Communities from the first that does not fit on are not
 * used.
 *
 * @param profile	what this host says of itself
 * @param initiator	own role: the initiator names the proposal that it took, the
 *					responder all that it would take
 * @param more		what else to say: addresses, user, rounds and proof
 * @param room		octets that there is space for
 * @param data		receives the SessionInfo, to be wiped and freed
 * @return			FALSE if no community is used, or the profile is not valid
 */
bool coi_agreement_describe(coi_agreement_t *agreement,
							const coi_profile_t *profile, bool initiator,
							const coi_info_t *more, size_t room, chunk_t *data)
							__attribute__((warn_unused_result));

/**
 * Apply the peer's SessionInfo: steps 12 and 13 of section 14.2. The initiator
 * decides which communities are used; the responder follows.
 *
 * @param agreement	changed, also on failure
 * @param profile	what this host says of itself
 * @param initiator	own role
 * @param info		what the peer said
 * @return			COI_OK, COI_INFO, COI_NO_PROPOSAL, COI_INTERNAL
 */
coi_reason_t coi_agreement_apply(coi_agreement_t *agreement,
								 const coi_profile_t *profile, bool initiator,
								 const coi_info_t *info)
								 __attribute__((warn_unused_result));

/**
 * Compute the flows of communities in tunnel mode anew, now that it is known what
 * the hosts themselves stand for: PROTOCOL.md section 11.
 *
 * @param agreement	changed
 * @param profile	what this host says of itself
 * @param here		addresses of this host
 * @param there		addresses of the peer
 * @return			FALSE if out of memory
 */
bool coi_agreement_resolve(coi_agreement_t *agreement,
						   const coi_profile_t *profile,
						   const coi_itself_t *here, const coi_itself_t *there)
						   __attribute__((warn_unused_result));

#endif /** COI_AGREEMENT_H_ */
