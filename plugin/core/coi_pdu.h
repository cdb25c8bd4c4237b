/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the layout of datagrams and messages: PROTOCOL.md sections 4 to 7, and what
 * an IDLE says. Fields only; whether a tag, digest or signature is right is decided
 * elsewhere.
 *
 * What a decoder returns borrows from the octets that it was given.
 */

#ifndef COI_PDU_H_
#define COI_PDU_H_

#include <library.h>

#include "coi_limits.h"
#include "coi_reason.h"
#include "coi_suite.h"

typedef enum coi_pdu_type_t coi_pdu_type_t;
typedef struct coi_header_t coi_header_t;
typedef struct coi_sess0_t coi_sess0_t;
typedef struct coi_message1_t coi_message1_t;
typedef struct coi_message2_t coi_message2_t;
typedef struct coi_message3_t coi_message3_t;
typedef struct coi_idle_t coi_idle_t;

/** Types of datagrams, section 4; the values are those of the wire. */
enum coi_pdu_type_t {
	COI_PDU_SESS0 = 0,
	COI_PDU_SESS1 = 1,
	COI_PDU_SESS2 = 2,
	COI_PDU_IDLE = 3,
	COI_PDU_TERM = 4,
	COI_PDU_SESS3 = 5,
	/** number of types */
	COI_PDU_MAX,
};

extern enum_name_t *coi_pdu_names;

/** Whether datagrams of a type are segments of a message, or parts. */
static inline bool coi_pdu_is_segment(uint8_t type)
{
	return type != COI_PDU_IDLE && type != COI_PDU_TERM;
}

/** What every datagram begins with. Numbers in host order. */
struct coi_header_t {
	/** coi_pdu_type_t */
	uint8_t type;
	uint8_t suite;
	/** of the segment or part, from 0 */
	uint8_t index;
	/** of segments or parts, 1 to 16 */
	uint8_t count;
	uint64_t spi_i;
	uint64_t spi_r;
	uint8_t digest[COI_DIGEST_LEN];
};

/**
 * Decode a header: steps 1 to 3 of section 14.1 for a Sess0, step 1 of section
 * 14.2 for the others. Whether the suite is in use here is not known here.
 *
 * @param datagram	whole datagram
 * @param header	filled in on COI_OK
 */
coi_reason_t coi_header_decode(chunk_t datagram, coi_header_t *header)
							   __attribute__((warn_unused_result));

/**
 * Encode a header.
 *
 * @param header	fields
 * @param out		receives COI_HEADER_LEN octets
 */
void coi_header_encode(const coi_header_t *header, uint8_t out[COI_HEADER_LEN]);

/** context(m) of section 4. */
void coi_context_encode(const coi_header_t *header,
						uint8_t out[COI_CONTEXT_LEN]);

/** A Sess0 part, section 5. */
struct coi_sess0_t {
	uint64_t time;
	/** responder's address */
	chunk_t to;
	chunk_t nonce;
	/** COI_SESS0_PLACES of COI_TAG_LEN */
	chunk_t tags;
	/** COI_SESS0_PLACES of the suite's entry_len, what the digest is of */
	chunk_t entries;
	/** header[4..24], which with fields goes with each entry */
	chunk_t ids;
	/** datagram[56..112] */
	chunk_t fields;
	/** header[4..56] | fields, what the tags are of */
	chunk_t tagged;
	/** part[4..], what the transcript takes */
	chunk_t hashed;
};

/**
 * Look at a Sess0. All slices lie inside the datagram, so that it serves for
 * building one as well.
 *
 * @param suite		suite that its header names
 * @param datagram	suite->sess0_len octets
 * @param sess0		filled in on TRUE
 * @return			FALSE if the length is not right
 */
bool coi_sess0_view(const coi_suite_t *suite, chunk_t datagram,
					coi_sess0_t *sess0) __attribute__((warn_unused_result));

/** Message 1, section 6. */
struct coi_message1_t {
	chunk_t nonce;
	/** bit i set: Sess0 part i is in the transcript */
	uint16_t parts;
	/** number of places: 4, 16 or 96 */
	uint8_t places;
	/** of COI_TAG_LEN each */
	chunk_t etags;
	/** of the suite's entry_len each */
	chunk_t entries;
	/** sealed */
	chunk_t info;
	chunk_t signature;
	/** all before the signature; for decoding only */
	chunk_t body;
};

/** Places for a number of communities, 0 if there are too many or none. */
u_int coi_message1_places(u_int communities);

/** Decode; FALSE if malformed. */
bool coi_message1_decode(const coi_suite_t *suite, chunk_t message,
						 coi_message1_t *message1)
						 __attribute__((warn_unused_result));

/**
 * Encode all but the signature, with room for it.
 *
 * @param suite		suite
 * @param message1	fields; signature and body are not looked at
 * @param body		receives what is to be signed, borrowed from message
 * @param message	receives the message, to be freed; empty if too long
 * @return			FALSE if it exceeds COI_MAX_MESSAGE
 */
bool coi_message1_encode(const coi_suite_t *suite,
						 const coi_message1_t *message1, chunk_t *body,
						 chunk_t *message) __attribute__((warn_unused_result));

/** Octets left for the sealed info of a message 1 with so many places. */
size_t coi_message1_room(const coi_suite_t *suite, u_int places);

/** Message 2, section 7. */
struct coi_message2_t {
	/** sealed DH public value */
	chunk_t key;
	/** sealed */
	chunk_t info;
	chunk_t signature;
	/** all before the signature; for decoding only */
	chunk_t body;
};

/** Decode; FALSE if malformed. */
bool coi_message2_decode(const coi_suite_t *suite, chunk_t message,
						 coi_message2_t *message2)
						 __attribute__((warn_unused_result));

/** Encode as coi_message1_encode() does. */
bool coi_message2_encode(const coi_suite_t *suite,
						 const coi_message2_t *message2, chunk_t *body,
						 chunk_t *message) __attribute__((warn_unused_result));

/** Octets left for the sealed info of a message 2. */
size_t coi_message2_room(const coi_suite_t *suite);

/** Message 3, section 7.1. */
struct coi_message3_t {
	/** sealed */
	chunk_t info;
	chunk_t signature;
	/** all before the signature; for decoding only */
	chunk_t body;
};

/** Decode; FALSE if malformed. */
bool coi_message3_decode(const coi_suite_t *suite, chunk_t message,
						 coi_message3_t *message3)
						 __attribute__((warn_unused_result));

/** Encode as coi_message1_encode() does. */
bool coi_message3_encode(const coi_suite_t *suite,
						 const coi_message3_t *message3, chunk_t *body,
						 chunk_t *message) __attribute__((warn_unused_result));

/** What an IDLE says, section 9; times in seconds. */
struct coi_idle_t {
	/** how long the session has been open */
	uint32_t age;
	/** how long it will last, 0 if not limited */
	uint32_t lifetime;
	/** silence after which the sender gives the peer up, 0 never */
	uint32_t ttl;
	/** the receiver is to send one, too, at once */
	bool answer;
	/** how often the sender's set of communities has grown since the session
	 * opened; no more than COI_MAX_GAINED is said */
	uint32_t gained;
};

#endif /** COI_PDU_H_ */
