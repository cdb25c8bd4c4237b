/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the watching over open sessions: an IDLE goes out when this side has sent
 * nothing else, a peer that leaves unanswered what it is sent is asked whether it is
 * there, see coi_liveness.h, and one from which nothing comes for too long is given
 * up.
 */

#ifndef COI_KEEPALIVE_H_
#define COI_KEEPALIVE_H_

#include "coi_executor.h"

typedef struct coi_keepalive_t coi_keepalive_t;

struct coi_keepalive_t {

	/** Look after a session that was just established; it is checked out. */
	void (*start)(coi_keepalive_t *this, coi_session_entry_t *entry);

	/** Send an IDLE now in a session that is checked out. */
	void (*send)(coi_keepalive_t *this, coi_session_entry_t *entry);

	/** Addresses or links have changed: hear whether the peer is there; it is checked
	 * out. */
	void (*roamed)(coi_keepalive_t *this, coi_session_entry_t *entry);

	void (*destroy)(coi_keepalive_t *this);
};

/**
 * @param parts		what to work with, copied
 * @param runner	ends sessions, borrowed
 * @param listener	opens them anew, borrowed
 */
coi_keepalive_t *coi_keepalive_create(const coi_parts_t *parts,
									  coi_executor_t *runner,
									  coi_tunnel_listener_t *listener);

#endif /** COI_KEEPALIVE_H_ */
