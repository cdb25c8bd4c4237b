/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how a session is found: by its id, by the session id that this host
 * chose, by where its peer is seen, and by the address that the peer says is
 * its own.
 *
 * All functions want the lock of the table of sessions.
 */

#ifndef COI_SESSION_INDEX_H_
#define COI_SESSION_INDEX_H_

#include "coi_checkout.h"

typedef struct coi_session_index_t coi_session_index_t;

struct coi_session_index_t {

	/** Add a holder, borrowed; its entry gets an id. */
	void (*add)(coi_session_index_t *this, coi_checkout_t *holder);

	/** Remove a holder that is there. */
	void (*remove)(coi_session_index_t *this, coi_checkout_t *holder);

	/** Find by id, NULL if there is none. */
	coi_checkout_t *(*get)(coi_session_index_t *this, uintptr_t id);

	/** Find by the session id that this host chose, NULL if there is none. */
	coi_checkout_t *(*get_spi)(coi_session_index_t *this, uint64_t own_spi);

	/**
	 * Find the session of a datagram of type Sess1 to TERM.
	 *
	 * @return			holder, NULL if there is none; whether spi_r is right
	 *					too is to be seen
	 */
	coi_checkout_t *(*find)(coi_session_index_t *this, uint64_t spi_i,
							uint64_t spi_r);

	/** Find the responder's session that a Sess0 from there made, NULL
	 * likewise. */
	coi_checkout_t *(*find_responder)(coi_session_index_t *this, host_t *src,
									  uint64_t spi_i);

	/** Note that an initiator's session begins, which gives it its place among
	 * all. */
	void (*start)(coi_session_index_t *this, coi_checkout_t *holder);

	/** Give a holder's entry another session, with other session ids. */
	void (*rename)(coi_session_index_t *this, coi_checkout_t *holder,
				   coi_session_t *session);

	/** Note the own ENC of a holder's exchange, cloned; empty if it is over. */
	void (*set_enc)(coi_session_index_t *this, coi_checkout_t *holder,
					chunk_t enc);

	/**
	 * Whether a responder's session holds what an own exchange has said: its
	 * ENC, as long as that is under way, or its session id and nonce. Step 11
	 * of PROTOCOL.md section 14.1, but for VAL.
	 *
	 * @param sess0		the datagram that made it
	 */
	bool (*is_own)(coi_session_index_t *this, const coi_session_t *session,
				   chunk_t sess0);

	/** Note that the peer is seen elsewhere, cloned. */
	void (*relocate)(coi_session_index_t *this, coi_checkout_t *holder,
					 host_t *other);

	/** Note what the peer said of its own address. */
	void (*claim)(coi_session_index_t *this, coi_checkout_t *holder,
				  const coi_address_t *own);

	/**
	 * Enumerate over those whose peer is seen at an address, its port ignored,
	 * in the order in which they came; none may come, go or move meanwhile.
	 */
	enumerator_t *(*at)(coi_session_index_t *this, host_t *other);

	/** Enumerate over those whose peer says that this is its own address, its
	 * port ignored, likewise. */
	enumerator_t *(*claiming)(coi_session_index_t *this,
							  const coi_address_t *own);

	/** Enumerate over all, coi_checkout_t*, in no order. */
	enumerator_t *(*all)(coi_session_index_t *this);

	/** Free the table; it must be empty. */
	void (*destroy)(coi_session_index_t *this);
};

coi_session_index_t *coi_session_index_create();

#endif /** COI_SESSION_INDEX_H_ */
