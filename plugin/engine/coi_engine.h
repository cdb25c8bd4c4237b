/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the driving of sessions: one event is checkout, step, the actions in
 * their order, checkin. It is where core, sockets, tunnels and policies meet.
 */

#ifndef COI_ENGINE_H_
#define COI_ENGINE_H_

#include "coi_executor.h"

typedef struct coi_engine_t coi_engine_t;
typedef struct coi_asker_t coi_asker_t;

/** Who asks for a session. */
struct coi_asker_t {
	/** whose limits count */
	coi_origin_t origin;
	/** of the policy that asked, 0 if none did */
	uint32_t reqid;
};

struct coi_engine_t {

	/**
	 * Open a session with a peer, unless there is one, or it is not to be
	 * asked again yet.
	 *
	 * @param conn		borrowed
	 * @param me		own address, borrowed
	 * @param other		peer's address, borrowed
	 * @param tries		openings before giving up, 0 for no end
	 * @param force		TRUE to open a second one that replaces it (rekey)
	 * @param asker		who asks, NULL if it is charon itself
	 * @param reason	receives why none could be made, which is counted:
	 *					COI_NO_KEY, or COI_OWN_... at a limit; may be NULL
	 * @return			id of the session to wait for, 0 if none could be made
	 */
	uintptr_t (*open)(coi_engine_t *this, coi_connection_t *conn, host_t *me,
					  host_t *other, u_int tries, bool force,
					  const coi_asker_t *asker, coi_reason_t *reason);

	/**
	 * Wait for a session, or the one that won a crossing against it.
	 *
	 * @param timeout	ms, 0 for no end
	 */
	coi_opening_end_t (*wait)(coi_engine_t *this, uintptr_t id, host_t *me,
					   host_t *other, u_int timeout);

	/**
	 * Look at a session.
	 *
	 * @param wait		FALSE to leave out one that is busy
	 * @param cb		called with the session checked out
	 * @return			FALSE if it is gone, or busy
	 */
	bool (*visit)(coi_engine_t *this, uintptr_t id, bool wait,
				  coi_session_table_cb_t cb, void *data);

	/**
	 * Close a session, or one of its communities, and tell the peer.
	 *
	 * @param name		community, NULL for the whole session
	 * @param text		for the peer's people, at most COI_MAX_TERM_TEXT octets
	 * @return			FALSE if there is nothing to close
	 */
	bool (*close)(coi_engine_t *this, uintptr_t id, const char *name,
				  const char *text);

	/**
	 * Take a Sess0 that passed the gate.
	 *
	 * @param me		address it was sent to, borrowed
	 * @param other		where it came from, borrowed
	 */
	void (*sess0)(coi_engine_t *this, host_t *me, host_t *other,
				  chunk_t datagram, const coi_header_t *header,
				  const coi_gate_match_t *match);

	/**
	 * Take a Sess0 whose tag has been seen: an answer only if it is the very
	 * one that made a half-open session.
	 */
	void (*repeat)(coi_engine_t *this, host_t *other, chunk_t datagram,
				   const coi_header_t *header, const coi_gate_match_t *match);

	/** Take a datagram of another type. */
	void (*datagram)(coi_engine_t *this, coi_event_type_t type, host_t *other,
					 chunk_t datagram, const coi_header_t *header);

	/**
	 * The user of this host has changed: tell peers, by new sessions.
	 *
	 * @return			number of sessions that are renewed
	 */
	u_int (*renew)(coi_engine_t *this);

	/** Keys or connections have changed: let all open sessions follow. */
	void (*changed)(coi_engine_t *this);

	/** They have not: let those follow that have opened meanwhile. */
	void (*unchanged)(coi_engine_t *this);

	void (*destroy)(coi_engine_t *this);
};

coi_engine_t *coi_engine_create(const coi_parts_t *parts);

#endif /** COI_ENGINE_H_ */
