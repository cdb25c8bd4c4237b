/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns IDLE and TERM: sealing, opening, and their common sequence.
 * PROTOCOL.md section 9.
 */

#ifndef COI_IDLE_TERM_H_
#define COI_IDLE_TERM_H_

#include "coi_keymat.h"
#include "coi_pdu.h"

typedef struct coi_idle_term_t coi_idle_term_t;
typedef struct coi_term_body_t coi_term_body_t;

/** One end's view of the two directions. */
struct coi_idle_term_t {
	const coi_suite_t *suite;
	coi_pdu_keys_t keys;
	/** last one sent */
	uint64_t sent;
	/** highest one accepted */
	uint64_t accepted;
};

/** What a TERM says. */
struct coi_term_body_t {
	coi_term_t term;
	/** for people, clean as coi_utf8_is_text() has it */
	char text[COI_MAX_TERM_TEXT + 1];
	/** communities that end, by index in C; none if the whole session ends */
	uint16_t indexes[COI_MAX_KEYS];
	u_int index_count;
};

/**
 * Whether communities may be named like this in a TERM: section 9.
 *
 * @param indexes		indexes in C
 * @param count			number of indexes
 * @param communities	length of C
 * @return				TRUE if they ascend and are all below the length of C
 */
bool coi_idle_term_may_name(const uint16_t *indexes, u_int count,
							u_int communities);

/**
 * Make an IDLE.
 *
 * @param control	keys; the sequence advances
 * @param header	suite and session ids, the type is set here
 * @param idle		what to say
 * @param datagram	receives the datagram, to be freed
 */
bool coi_idle_term_make_idle(coi_idle_term_t *control,
							 const coi_header_t *header,
							 const coi_idle_t *idle, chunk_t *datagram)
						   __attribute__((warn_unused_result));

/**
 * Make a TERM.
 *
 * @param val		own VAL key pair
 * @param text		for people, NULL for none; cut where it is too long, left out
 *					if it is not clean
 * @param indexes	communities that end, as coi_idle_term_may_name() has them
 * @param count		number of indexes, 0 if the whole session ends
 * @param datagram	receives the datagram, to be freed
 */
bool coi_idle_term_make_term(coi_idle_term_t *control,
							 const coi_header_t *header,
							 private_key_t *val, coi_term_t term,
							 const char *text, const uint16_t *indexes,
							 u_int count, chunk_t *datagram)
						   __attribute__((warn_unused_result));

/**
 * Verify and open an IDLE: steps 5 to 11 of section 14.2. The sequence is taken
 * note of on COI_OK only.
 */
coi_reason_t coi_idle_term_open_idle(coi_idle_term_t *control,
									 const coi_header_t *header,
									 chunk_t datagram, coi_idle_t *idle)
								   __attribute__((warn_unused_result));

/**
 * Verify and open a TERM, likewise.
 *
 * @param val			the peer's VAL public key
 * @param communities	length of C
 * @param farewell		filled in on COI_OK
 */
coi_reason_t coi_idle_term_open_term(coi_idle_term_t *control,
									 const coi_header_t *header,
									 chunk_t datagram, chunk_t val,
									 u_int communities,
									 coi_term_body_t *farewell)
								   __attribute__((warn_unused_result));

#endif /** COI_IDLE_TERM_H_ */
