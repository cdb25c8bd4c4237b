/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what stands around a body in every datagram but Sess0: header, tag and
 * digest. PROTOCOL.md sections 4 and 9.
 */

#ifndef COI_FRAME_H_
#define COI_FRAME_H_

#include "coi_pdu.h"
#include "coi_suite.h"

/**
 * Put header and tag before a body.
 *
 * @param suite		suite
 * @param header	all but the digest
 * @param gate		gate key, suite->hash_len octets
 * @param covered	octets of the body that the tag covers too
 * @param body		body, not empty
 * @param datagram	receives the datagram, to be freed; empty on failure
 */
bool coi_frame_make(const coi_suite_t *suite, const coi_header_t *header,
					chunk_t gate, size_t covered, chunk_t body,
					chunk_t *datagram) __attribute__((warn_unused_result));

/**
 * Verify tag, then digest: steps 5 and 6 of section 14.2.
 *
 * @param suite		suite
 * @param header	decoded header of the datagram
 * @param gate		gate key, suite->hash_len octets
 * @param covered	octets of the body that the tag covers too
 * @param datagram	datagram
 * @param body		receives the body on COI_OK, borrowed
 */
coi_reason_t coi_frame_verify(const coi_suite_t *suite,
							  const coi_header_t *header, chunk_t gate,
							  size_t covered, chunk_t datagram, chunk_t *body)
							  __attribute__((warn_unused_result));

/**
 * Cut a message into datagrams.
 *
 * @param suite		suite
 * @param header	type, suite and session ids
 * @param gate		gate key of the message, suite->hash_len octets
 * @param message	1 to COI_MAX_MESSAGE octets
 * @param datagrams	receives an array, free with coi_datagrams_clear()
 * @param count		number of datagrams
 */
bool coi_frame_cut(const coi_suite_t *suite, const coi_header_t *header,
				   chunk_t gate, chunk_t message, chunk_t **datagrams,
				   u_int *count) __attribute__((warn_unused_result));

/** Free an array of datagrams, leave it empty. */
void coi_datagrams_clear(chunk_t **datagrams, u_int *count);

#endif /** COI_FRAME_H_ */
