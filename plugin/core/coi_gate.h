/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the decision whether a Sess0 comes from a member and is new: form,
 * destination, time, community tags, replay, entries. PROTOCOL.md section 14.1,
 * steps 1 to 9. It allocates nothing for a datagram that it refuses.
 *
 * Not thread-safe; the receiver calls it from one thread at a time.
 */

#ifndef COI_GATE_H_
#define COI_GATE_H_

#include "coi_key.h"
#include "coi_pdu.h"
#include "coi_reason.h"

typedef struct coi_gate_t coi_gate_t;
typedef struct coi_gate_match_t coi_gate_match_t;

/** What the gate found in a Sess0; borrowed from keyset, on the stack. */
struct coi_gate_match_t {
	/** number of keys that matched */
	u_int count;
	struct {
		coi_key_t *key;
		/** 0 to COI_SESS0_PLACES - 1 */
		u_int place;
	} found[COI_SESS0_PLACES];
	/** first matching tag, names this very datagram */
	uint8_t tag[COI_TAG_LEN];
};

/**
 * Create a gate.
 *
 * @param window	seconds that a Sess0's time may differ from ours
 * @param capacity	number of tags to remember
 * @param now		own clock, ms since 1970: the first floor
 */
coi_gate_t *coi_gate_create(u_int window, u_int capacity, uint64_t now);

/**
 * Check a Sess0 whose header has been decoded: steps 2 (suite in use), and
 * 4 to 8 of section 14.1. A repeat of a remembered tag returns COI_REPLAY with
 * match filled in, so that the caller can look for the half-open session it
 * made. What is accepted in the end is to be remembered.
 *
 * @param gate		gate
 * @param header	decoded header
 * @param datagram	whole datagram
 * @param to		addresses that are ours: the datagram's destination and
 *					external ones, 16 octets each, IPv4 mapped
 * @param to_count	number of addresses
 * @param now		own clock, ms since 1970
 * @param keys		keys to try
 * @param match		filled in on COI_OK and COI_REPLAY
 * @return			COI_OK, or why it is refused
 */
coi_reason_t coi_gate_check(coi_gate_t *gate, const coi_header_t *header,
							chunk_t datagram,
							const uint8_t (*to)[COI_ADDR_LEN], u_int to_count,
							uint64_t now, const coi_keyset_t *keys,
							coi_gate_match_t *match)
							__attribute__((warn_unused_result));

/**
 * Whether all entries of a checked Sess0 open whose tags matched, and say the same:
 * step 9 of section 14.1. Tags do not cover one another: without it somebody who has
 * no key could have a tag remembered, at another place than its own.
 *
 * @param datagram	whole datagram
 * @param match		what coi_gate_check() found in it
 * @return			COI_OK, COI_ENTRY
 */
coi_reason_t coi_gate_opens(chunk_t datagram, const coi_gate_match_t *match)
							__attribute__((warn_unused_result));

/**
 * Remember a Sess0 that was checked, opens, and was admitted, so that it is not
 * accepted again: after step 10.
 *
 * @param datagram	whole datagram
 * @param match		what coi_gate_check() found in it
 * @param now		own clock, ms since 1970
 * @return			COI_OK, COI_REPLAY if there is no room for it
 */
coi_reason_t coi_gate_remember(coi_gate_t *gate, chunk_t datagram,
							   const coi_gate_match_t *match, uint64_t now)
							   __attribute__((warn_unused_result));

/** Number of tags remembered, for metrics. */
u_int coi_gate_remembered(const coi_gate_t *gate);

void coi_gate_destroy(coi_gate_t *gate);

#endif /** COI_GATE_H_ */
