/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which communities may still join an open session that goes on without
 * them: those that one of both ends has gained since, and those that were ended
 * alone. Traffic that only they allow asks for a new session with all;
 * PROTOCOL.md section 13, Losing and gaining communities.
 *
 * A community that was offered, and that the peer does not have, is not asked
 * for again: its traffic is refused at once.
 *
 * Guarded by the checkout of the session that it belongs to.
 */

#ifndef COI_SESSION_JOINS_H_
#define COI_SESSION_JOINS_H_

#include "keys/coi_keyring.h"

typedef struct coi_session_joins_t coi_session_joins_t;

struct coi_session_joins_t {

	/**
	 * Compare with the communities that have a key now.
	 *
	 * @param conn		connection as it is configured now
	 * @return			TRUE if that opens or closes the way for any
	 */
	bool (*update)(coi_session_joins_t *this, const coi_connection_t *conn,
				   coi_keyring_t *keyring);

	/** A community of the session was ended alone, it may come back. */
	void (*ended)(coi_session_joins_t *this, const char *name);

	/**
	 * The peer says how often it has gained a community.
	 *
	 * @return			TRUE if that opens the way for any
	 */
	bool (*peer_gained)(coi_session_joins_t *this, uint32_t count);

	/** How often this host has. */
	uint32_t (*get_gained)(coi_session_joins_t *this);

	/** Whether a community may join. */
	bool (*may_join)(coi_session_joins_t *this, const char *name);

	void (*destroy)(coi_session_joins_t *this);
};

/**
 * @param conn		connection of a session that is being opened: all of its
 *					communities that have a key are offered in it
 */
coi_session_joins_t *coi_session_joins_create(const coi_connection_t *conn,
											  coi_keyring_t *keyring);

#endif /** COI_SESSION_JOINS_H_ */
