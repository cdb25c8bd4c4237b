/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the carrying out of a session's actions: datagrams to the socket, SAs to
 * the tunnel, flows to the policies, timers, and the end of a session.
 *
 * Every function wants the entry checked out.
 */

#ifndef COI_EXECUTOR_H_
#define COI_EXECUTOR_H_

#include "coi_attempts.h"
#include "events/coi_events.h"
#include "events/coi_histograms.h"
#include "hold/coi_hold.h"
#include "net/coi_socket.h"
#include "policy/coi_negative_cache.h"
#include "policy/coi_pair_policy.h"
#include "session/coi_session_policy.h"
#include "session/coi_session_table.h"
#include "session/coi_work_queue.h"

typedef struct coi_executor_t coi_executor_t;
typedef struct coi_executor_config_t coi_executor_config_t;
typedef struct coi_executor_callbacks_t coi_executor_callbacks_t;

/** What actions are carried out with; all borrowed. */
struct coi_executor_config_t {
	coi_session_table_t *sessions;
	/** brings policies up to date */
	coi_session_policy_t *session_policy;
	/** makes the sessions of further attempts */
	coi_attempts_t *attempts;
	coi_pair_policy_t *policy;
	coi_negative_cache_t *negative_cache;
	coi_hold_t *hold;
	coi_socket_t *socket;
	coi_counters_t *counters;
	coi_histograms_t *histograms;
	coi_events_t *events;
	/** where works go on whose turn it is */
	coi_work_queue_t *queue;
	/** what the tunnels that are made share */
	coi_tunnel_tables_t tables;
};

/** Who is told what. */
struct coi_executor_callbacks_t {
	/** handed to the tunnels that are made */
	coi_tunnel_listener_t *listener;
	/** the initiator of a session is where it seems to be; it is checked out */
	void (*proved)(void *data, coi_session_entry_t *entry);
	/** a session was established; it is checked out */
	void (*opened)(void *data, coi_session_entry_t *entry);
	void *data;
};

struct coi_executor_t {

	/**
	 * Say who is told what, before there is a session: they are made with the
	 * executor.
	 *
	 * @param callbacks	copied
	 */
	void (*start)(coi_executor_t *this,
				  const coi_executor_callbacks_t *callbacks);

	/**
	 * Carry out actions.
	 *
	 * @return			FALSE if that ended the session: the entry is gone
	 */
	bool (*run)(coi_executor_t *this, coi_session_entry_t *entry,
				const coi_actions_t *actions);

	/**
	 * Let a session take an event and carry out what follows; a refused event
	 * is counted.
	 *
	 * @return			FALSE if that ended the session: the entry is gone
	 */
	bool (*step)(coi_executor_t *this, coi_session_entry_t *entry,
				 const coi_event_t *event);

	/** Let a session take an event and send what it says to that, but carry out
	 * nothing else. */
	void (*tell)(coi_executor_t *this, coi_session_entry_t *entry,
				 const coi_event_t *event);

	/**
	 * Let a session follow to another port or address of its peer.
	 *
	 * @return			FALSE if that ended the session: the entry is gone
	 */
	bool (*move)(coi_executor_t *this, coi_session_entry_t *entry,
				 host_t *other);

	/**
	 * Close a session: tell the peer, then finish.
	 *
	 * @param why		what to tell
	 * @param tell		FALSE to tell nothing
	 * @param reason	as for finish()
	 */
	void (*close)(coi_executor_t *this, coi_session_entry_t *entry,
				  coi_term_t why, bool tell, coi_reason_t reason);

	/**
	 * End a session: policies, tunnel, table, entry.
	 *
	 * @param reason	why; COI_OK if somebody wanted it
	 */
	void (*finish)(coi_executor_t *this, coi_session_entry_t *entry,
				   coi_reason_t reason);

	/**
	 * Give a session back, or to the work whose turn it is, or close it if somebody
	 * wanted that meanwhile.
	 */
	void (*checkin)(coi_executor_t *this, coi_session_entry_t *entry);

	void (*destroy)(coi_executor_t *this);
};

/**
 * @param config	copied
 */
coi_executor_t *coi_executor_create(const coi_executor_config_t *config);

#endif /** COI_EXECUTOR_H_ */
