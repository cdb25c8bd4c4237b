/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which sessions are half-open: answered, while nothing shows that the
 * peer is where its Sess0 came from. There is a bound to them, and to those of
 * one address; a newer one takes the place of the oldest. So whoever sends Sess0
 * with the address of somebody else, and cannot answer, does not shut out that
 * one for longer than a round trip takes.
 *
 * All functions want the lock of the table of sessions.
 */

#ifndef COI_HALF_OPEN_H_
#define COI_HALF_OPEN_H_

#include "coi_checkout.h"

typedef struct coi_half_open_t coi_half_open_t;

struct coi_half_open_t {

	/** Add a holder, borrowed, as the newest. */
	void (*add)(coi_half_open_t *this, coi_checkout_t *holder);

	/** Remove a holder, if it is there. */
	void (*remove)(coi_half_open_t *this, coi_checkout_t *holder);

	/**
	 * Find the one that has to go, after one with an address was added.
	 *
	 * @return			id of the oldest with the address if there are too many
	 *					of these, else the oldest of all if there are too many
	 *					at all, else 0; each is returned once
	 */
	uintptr_t (*excess)(coi_half_open_t *this, host_t *other);

	/**
	 * How long an opening leaves time to its peer, who may have begun one just
	 * before: not at all if several with that address are half-open. Then
	 * somebody sends them in the peer's name, or the peer is known not to
	 * answer.
	 *
	 * @param entry		initiator's session that is to begin
	 * @return			ms
	 */
	u_int (*wait)(coi_half_open_t *this, const coi_session_entry_t *entry);

	void (*destroy)(coi_half_open_t *this);
};

/**
 * @param max		half-open sessions in all
 * @param source	and with one address
 */
coi_half_open_t *coi_half_open_create(u_int max, u_int source);

#endif /** COI_HALF_OPEN_H_ */
