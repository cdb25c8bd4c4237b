/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reasons for which a datagram is refused or a session ends.
 *
 * A new one is a line of COI_REASONS and a line of docs/PROTOCOL.md section 14;
 * its counter is there then.
 */

#ifndef COI_REASON_H_
#define COI_REASON_H_

#include <library.h>

typedef enum coi_reason_t coi_reason_t;
typedef enum coi_term_t coi_term_t;

/**
 * All reasons: X(reason, name, term, refusal, failure).
 *
 * name		of the reason and of its counter, as docs/PROTOCOL.md section 14 has it
 * term		TERM that says the same to the peer, 0 if none does
 * refusal	what is logged of a peer that has passed all checks and is refused for
 *			it, NULL if it is refused earlier, or silently
 * failure	what is logged of an own opening that fails for it and would fail
 *			again, NULL if it would not
 */
#define COI_REASONS(X) \
	X(COI_OK, "ok", 0, NULL, NULL) \
	/* form: section 14.1, steps 1 to 3 */ \
	X(COI_SHORT, "short", 0, NULL, NULL) \
	X(COI_MARKER, "marker", 0, NULL, NULL) \
	X(COI_BAD_VERSION, "version", 0, NULL, NULL) \
	X(COI_TYPE, "type", 0, NULL, NULL) \
	X(COI_SUITE, "suite", 0, NULL, NULL) \
	X(COI_LENGTH, "length", 0, NULL, NULL) \
	X(COI_SEGMENT, "segment", 0, NULL, NULL) \
	X(COI_SPI, "spi", 0, NULL, NULL) \
	/* gate: steps 4 to 9 */ \
	X(COI_DESTINATION, "destination", 0, NULL, NULL) \
	X(COI_TIME, "time", 0, NULL, NULL) \
	X(COI_NO_COMMUNITY, "no-community", 0, NULL, NULL) \
	X(COI_REPLAY, "replay", 0, NULL, NULL) \
	X(COI_DIGEST, "digest", 0, NULL, NULL) \
	X(COI_RATE, "rate", 0, NULL, NULL) \
	X(COI_HALF_OPEN, "half-open", 0, NULL, NULL) \
	/* token: steps 10 to 12 */ \
	X(COI_ENTRY, "entry", 0, NULL, NULL) \
	X(COI_OWN_TOKEN, "own-token", 0, NULL, NULL) \
	X(COI_SIGNATURE, "signature", 0, NULL, NULL) \
	/* section 14.2 */ \
	X(COI_UNKNOWN_SESSION, "unknown-session", 0, NULL, NULL) \
	X(COI_STATE, "state", 0, NULL, NULL) \
	X(COI_ADDRESS, "address", 0, NULL, NULL) \
	X(COI_TAG, "tag", 0, NULL, NULL) \
	X(COI_MALFORMED, "malformed", 0, NULL, NULL) \
	X(COI_SEALED, "sealed", 0, NULL, NULL) \
	X(COI_DH, "dh", 0, NULL, NULL) \
	X(COI_INFO, "info", 0, NULL, NULL) \
	X(COI_NO_PROPOSAL, "no-proposal", 0, NULL, NULL) \
	X(COI_IDENTITY, "identity", COI_TERM_IDENTITY, \
	  "it does not prove who it is", "identity refused") \
	/* no virtual address asked for, or none to be had: section 7.3 */ \
	X(COI_NO_ADDRESS, "no-address", COI_TERM_ADDRESS, \
	  "it has no virtual addresses to give", "no virtual address") \
	/* from here on not the peer's doing; lost a crossed opening: section 13 */ \
	X(COI_CROSSED, "crossed", 0, NULL, NULL) \
	/* no answer to the last retransmission */ \
	X(COI_TIMEOUT, "timeout", 0, NULL, "no answer") \
	/* the peer has answered, but nothing has come through the tunnel */ \
	X(COI_NO_ESP, "no-esp", COI_TERM_NO_ESP, \
	  NULL, "it answers, but ESP does not get through") \
	/* no random octets, no memory, kernel or crypto failed */ \
	X(COI_INTERNAL, "internal", 0, NULL, NULL) \
	/* no key for any of the communities */ \
	X(COI_NO_KEY, "no-key", 0, NULL, NULL) \
	/* this host opens too many sessions already, or too many a second */ \
	X(COI_OWN_HALF_OPEN, "own-half-open", 0, NULL, NULL) \
	X(COI_OWN_RATE, "own-rate", 0, NULL, NULL)

/** Reasons of a TERM, section 9: X(term, number on the wire, name). */
#define COI_TERMS(X) \
	X(COI_TERM_TERMINATED, 1, "terminated") \
	X(COI_TERM_SHUTDOWN, 2, "shutdown") \
	X(COI_TERM_IDLE, 3, "idle") \
	X(COI_TERM_KEY_REMOVED, 4, "key removed") \
	X(COI_TERM_IDENTITY, 5, "identity refused") \
	X(COI_TERM_SUPERSEDED, 6, "superseded") \
	X(COI_TERM_FAILED, 7, "failed") \
	X(COI_TERM_ADDRESS, 8, "no virtual address") \
	X(COI_TERM_NO_ESP, 9, "no ESP")

#define COI_REASON_VALUE(reason, name, term, refusal, failure) reason,
#define COI_TERM_VALUE(term, number, name) term = number,

/** COI_OK: not refused, or ended by TERM or CLOSE. */
enum coi_reason_t {
	COI_REASONS(COI_REASON_VALUE)
	/** number of reasons */
	COI_REASON_MAX,
	COI_REASON_LAST = COI_REASON_MAX - 1,
};

enum coi_term_t {
	COI_TERMS(COI_TERM_VALUE)
	COI_TERM_MAX,
	COI_TERM_LAST = COI_TERM_MAX - 1,
};

#undef COI_REASON_VALUE
#undef COI_TERM_VALUE

/** Names as docs/PROTOCOL.md writes them ("no-community"). */
extern enum_name_t *coi_reason_names;
extern enum_name_t *coi_term_names;

/** TERM that tells the peer a reason, 0 if none does. */
coi_term_t coi_reason_term(coi_reason_t reason);

/** Reason that a TERM tells, COI_OK if it tells none. */
coi_reason_t coi_reason_by_term(coi_term_t term);

/**
 * What to log of a peer that has passed all checks and is refused.
 *
 * @return			static, NULL if it is not refused for this reason then
 */
const char *coi_reason_refusal(coi_reason_t reason);

/**
 * What to log of an own opening that has failed.
 *
 * @return			static, NULL if a next one need not fail for this reason
 */
const char *coi_reason_failure(coi_reason_t reason);

#endif /** COI_REASON_H_ */
