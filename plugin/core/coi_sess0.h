/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the making of Sess0 datagrams and the opening of what a responder's keys
 * matched in one: PROTOCOL.md section 5.
 */

#ifndef COI_SESS0_H_
#define COI_SESS0_H_

#include "coi_gate.h"
#include "coi_token.h"

typedef struct coi_sess0_opening_t coi_sess0_opening_t;

/** What all parts of an opening share; borrowed. */
struct coi_sess0_opening_t {
	const coi_suite_t *suite;
	uint64_t spi_i;
	/** ms since 1970 */
	uint64_t time;
	/** responder's address, COI_ADDR_LEN octets */
	chunk_t to;
	/** nonce_i */
	chunk_t nonce;
	const coi_token_t *token;
};

/**
 * Make one part. Places and dummies are drawn at random.
 *
 * @param opening	what all parts share
 * @param index		of the part
 * @param count		of parts
 * @param keys		keys of this part
 * @param key_count	number of keys, at most COI_SESS0_PLACES
 * @param datagram	receives the datagram, to be freed
 */
bool coi_sess0_make(const coi_sess0_opening_t *opening, u_int index, u_int count,
					coi_key_t *const *keys, u_int key_count, chunk_t *datagram)
					__attribute__((warn_unused_result));

/**
 * Make all parts of an opening. Every key stands in exactly one of them; which
 * one is drawn at random.
 *
 * @param keys		1 to COI_MAX_KEYS keys
 * @param datagrams	receives an array, free with coi_datagrams_clear()
 * @param count		number of parts
 */
bool coi_sess0_make_all(const coi_sess0_opening_t *opening, const coi_keyset_t *keys,
						chunk_t **datagrams, u_int *count)
						__attribute__((warn_unused_result));

/**
 * Open all entries that matched: step 9 of section 14.1. Whether the initiator
 * holds the private key of VAL is seen in Sess2.
 *
 * @param suite		suite of the datagram
 * @param sess0		datagram
 * @param match		what the gate found
 * @param token		what all entries say, filled in on COI_OK; or, if expected,
 *					what they have to say
 * @param expected	whether token comes from another part
 * @return			COI_OK, COI_ENTRY
 */
coi_reason_t coi_sess0_open(const coi_suite_t *suite, const coi_sess0_t *sess0,
							const coi_gate_match_t *match, coi_token_t *token,
							bool expected)
							__attribute__((warn_unused_result));

#endif /** COI_SESS0_H_ */
