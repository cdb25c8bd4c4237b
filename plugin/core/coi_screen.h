/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tells the datagrams that a session's peer has made from others, while
 * somebody else has the session: steps 2 and 4 to 6 of PROTOCOL.md section 14.2.
 *
 * A copy of what the session was after its last step; it never changes. Thread-safe.
 */

#ifndef COI_SCREEN_H_
#define COI_SCREEN_H_

#include "coi_session.h"

typedef struct coi_screen_t coi_screen_t;

/**
 * Copy what is needed of a session.
 *
 * @return			one reference
 */
coi_screen_t *coi_screen_create(const coi_session_t *session);

coi_screen_t *coi_screen_get_ref(coi_screen_t *screen);

/**
 * Step 2: whether there is such a session, of a role and in a state that takes such
 * a datagram.
 *
 * @param type		SESS0 to SESS3, IDLE, TERM
 * @return			COI_OK, COI_UNKNOWN_SESSION, COI_STATE
 */
coi_reason_t coi_screen_admits(const coi_screen_t *screen, coi_event_type_t type,
							   const coi_header_t *header)
							   __attribute__((warn_unused_result));

/**
 * Steps 4 to 6, of a datagram that is admitted and no Sess0.
 *
 * @return			COI_OK, COI_SUITE, COI_TAG, COI_DIGEST
 */
coi_reason_t coi_screen_verify(const coi_screen_t *screen, coi_event_type_t type,
							   const coi_header_t *header, chunk_t datagram)
							   __attribute__((warn_unused_result));

/** Put a reference; the last one wipes the keys. May be NULL. */
void coi_screen_destroy(coi_screen_t *screen);

#endif /** COI_SCREEN_H_ */
