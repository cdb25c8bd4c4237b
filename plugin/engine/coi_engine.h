/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the driving of sessions: one event is checkout, step, the actions in
 * their order, checkin. It is where datagrams meet sessions, and what an open session
 * is followed by.
 */

#ifndef COI_ENGINE_H_
#define COI_ENGINE_H_

#include "coi_keepalive.h"
#include "coi_nat_keepalive.h"
#include "coi_reconfigure.h"
#include "coi_responder.h"
#include "coi_tunnel_requests.h"

typedef struct coi_engine_t coi_engine_t;
typedef struct coi_engine_config_t coi_engine_config_t;

/** What it drives sessions with; all borrowed. */
struct coi_engine_config_t {
	coi_session_table_t *sessions;
	coi_counters_t *counters;
	coi_keypair_pool_t *keypairs;
	/** has the packets that wait for a session */
	coi_hold_t *hold;
	/** what waits for a worker */
	coi_work_queue_t *queue;
	/** carries actions out; started by the engine */
	coi_executor_t *executor;
	coi_responder_t *responder;
	coi_keepalive_t *keepalive;
	coi_nat_keepalive_t *nat_keepalive;
	coi_reconfigure_t *reconfigure;
	coi_tunnel_requests_t *requests;
};

struct coi_engine_t {

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

	void (*destroy)(coi_engine_t *this);
};

/**
 * @param config	copied
 */
coi_engine_t *coi_engine_create(const coi_engine_config_t *config);

#endif /** COI_ENGINE_H_ */
