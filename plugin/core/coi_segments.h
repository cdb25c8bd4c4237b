/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the segments of a message that is not complete yet, and what is kept to
 * recognise the message by once it was accepted. PROTOCOL.md sections 4 and 13.
 *
 * Tag and digest are verified before anything comes here.
 */

#ifndef COI_SEGMENTS_H_
#define COI_SEGMENTS_H_

#include "coi_pdu.h"

typedef struct coi_segments_t coi_segments_t;
typedef struct coi_seen_t coi_seen_t;

/** Segments by index; all zero if there are none. */
struct coi_segments_t {
	/** number of segments of the message, 0 if none is stored */
	uint8_t count;
	/** session id that the first one named */
	uint64_t spi_r;
	chunk_t segment[COI_MAX_SEGMENTS];
	uint8_t digest[COI_MAX_SEGMENTS][COI_DIGEST_LEN];
};

/**
 * Store a segment, cloned.
 *
 * @param segments	segments
 * @param header	verified header of its datagram
 * @param segment	octets
 * @return			COI_SEGMENT if its count or session id is not that of the
 *					others, or if its place is taken by other octets
 */
coi_reason_t coi_segments_add(coi_segments_t *segments,
							  const coi_header_t *header, chunk_t segment)
							  __attribute__((warn_unused_result));

/**
 * Put the message together.
 *
 * @param segments	segments
 * @param message	receives the message on TRUE, to be freed
 * @return			FALSE if segments are missing
 */
bool coi_segments_join(const coi_segments_t *segments, chunk_t *message)
					   __attribute__((warn_unused_result));

/** Octets stored. */
size_t coi_segments_size(const coi_segments_t *segments);

/** Free all, leave it empty. */
void coi_segments_clear(coi_segments_t *segments);

/**
 * An accepted message: the digests of its segments. Where tag and digest have
 * been verified, these tell a repeat octet for octet.
 */
struct coi_seen_t {
	uint8_t count;
	uint8_t (*digest)[COI_DIGEST_LEN];
};

/** Remember a complete message by its segments. */
void coi_seen_set(coi_seen_t *seen, const coi_segments_t *segments);

/** Whether a datagram, verified, is a segment of the message. */
bool coi_seen_has(const coi_seen_t *seen, const coi_header_t *header);

void coi_seen_clear(coi_seen_t *seen);

#endif /** COI_SEGMENTS_H_ */
