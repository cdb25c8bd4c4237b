/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reasons for which a datagram is refused or a session ends.
 *
 * Each reason has a name, which is the counter's name, and stands in
 * docs/PROTOCOL.md section 14.
 */

#ifndef COI_REASON_H_
#define COI_REASON_H_

#include <library.h>

typedef enum coi_reason_t coi_reason_t;
typedef enum coi_term_t coi_term_t;

enum coi_reason_t {
	/** not refused */
	COI_OK,
	/* form: section 14.1, steps 1 to 3 */
	COI_SHORT,
	COI_MARKER,
	COI_BAD_VERSION,
	COI_TYPE,
	COI_SUITE,
	COI_LENGTH,
	COI_SEGMENT,
	COI_SPI,
	/* gate: steps 4 to 9 */
	COI_DESTINATION,
	COI_TIME,
	COI_NO_COMMUNITY,
	COI_REPLAY,
	COI_DIGEST,
	COI_RATE,
	COI_HALF_OPEN,
	/* token: steps 10 to 12 */
	COI_ENTRY,
	COI_OWN_TOKEN,
	COI_SIGNATURE,
	/* section 14.2 */
	COI_UNKNOWN_SESSION,
	COI_STATE,
	COI_ADDRESS,
	COI_TAG,
	COI_MALFORMED,
	COI_SEALED,
	COI_DH,
	COI_INFO,
	COI_NO_PROPOSAL,
	COI_IDENTITY,
	/** no virtual address asked for, or none to be had, section 7.3 */
	COI_NO_ADDRESS,
	/* not the peer's doing */
	/** lost a crossed opening, section 13 */
	COI_CROSSED,
	/** no answer to the last retransmission */
	COI_TIMEOUT,
	/** the peer has answered, but nothing has come through the tunnel */
	COI_NO_ESP,
	/** no random octets, no memory, kernel or crypto failed */
	COI_INTERNAL,
	/** no key for any of the communities */
	COI_NO_KEY,
	/** this host opens too many sessions already, or too many a second */
	COI_OWN_HALF_OPEN,
	COI_OWN_RATE,
	/** number of reasons */
	COI_REASON_MAX,
};

/** Reasons of a TERM, section 9; the values are those of the wire. */
enum coi_term_t {
	COI_TERM_TERMINATED = 1,
	COI_TERM_SHUTDOWN = 2,
	COI_TERM_IDLE = 3,
	COI_TERM_KEY_REMOVED = 4,
	COI_TERM_IDENTITY = 5,
	COI_TERM_SUPERSEDED = 6,
	COI_TERM_FAILED = 7,
	COI_TERM_ADDRESS = 8,
	COI_TERM_NO_ESP = 9,
};

/** Names as docs/PROTOCOL.md writes them ("no-community"). */
extern enum_name_t *coi_reason_names;
extern enum_name_t *coi_term_names;

#endif /** COI_REASON_H_ */
