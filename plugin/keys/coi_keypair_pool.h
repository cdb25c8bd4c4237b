/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the key pairs that are made before anybody needs them: of each suite in
 * use a VAL pair that the exchanges of a minute share, and some DH pairs that one
 * exchange each takes. PROTOCOL.md section 2.
 */

#ifndef COI_KEYPAIR_POOL_H_
#define COI_KEYPAIR_POOL_H_

#include "core/coi_session.h"

typedef struct coi_keypair_pool_t coi_keypair_pool_t;

/** Thread-safe. */
struct coi_keypair_pool_t {

	/** Make pairs of a suite from now on. */
	void (*prepare)(coi_keypair_pool_t *this, const coi_suite_t *suite);

	/**
	 * Give a session the VAL pair; one is made if there is none yet. A session with
	 * one of its own would not be known by is_own().
	 *
	 * @return			FALSE if that failed: the session must not begin
	 */
	bool (*lend_val)(coi_keypair_pool_t *this, coi_session_t *session)
					 __attribute__((warn_unused_result));

	/** Whether the Sess0 that made a responder holds a VAL that this host has lent to
	 * an exchange of its own, or would lend to this one: PROTOCOL.md section 14.1,
	 * step 11. */
	bool (*is_own)(coi_keypair_pool_t *this, const coi_session_t *session);

	/** Give a session a DH pair if it wants one and there is one. */
	void (*lend_dh)(coi_keypair_pool_t *this, coi_session_t *session);

	/** Wipe what nobody has taken. To be called when no worker runs any more. */
	void (*destroy)(coi_keypair_pool_t *this);
};

/**
 * @param window	seconds a Sess0's time may be off
 */
coi_keypair_pool_t *coi_keypair_pool_create(u_int window);

#endif /** COI_KEYPAIR_POOL_H_ */
