/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the carrying out of a session's actions: datagrams to the socket, SAs to
 * the tunnel, flows to the policies, timers, and the end of a session.
 *
 * Every function wants the entry checked out.
 */

#ifndef COI_EXECUTOR_H_
#define COI_EXECUTOR_H_

#include "session/coi_open_budget.h"
#include "hold/coi_hold.h"
#include "policy/coi_fallback_block.h"
#include "config/coi_config.h"
#include "config/coi_options.h"
#include "events/coi_counters.h"
#include "policy/coi_kernel_watch.h"
#include "session/coi_encap_peers.h"
#include "keys/coi_keyring.h"
#include "session/coi_local_user.h"
#include "keys/coi_keypair_pool.h"
#include "events/coi_refusals.h"
#include "events/coi_events.h"
#include "events/coi_obstacles.h"
#include "policy/coi_pair_policy.h"
#include "policy/coi_negative_cache.h"
#include "policy/coi_traps.h"
#include "session/coi_session_table.h"
#include "net/coi_socket.h"
#include "keys/coi_admin_state.h"
#include "util/coi_timer.h"
#include "session/coi_work_queue.h"

typedef struct coi_parts_t coi_parts_t;
typedef struct coi_executor_t coi_executor_t;
typedef struct coi_executor_callbacks_t coi_executor_callbacks_t;

/** What engine and runner work with; borrowed, outlives them. */
struct coi_parts_t {
	const coi_options_t *options;
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_local_user_t *login;
	coi_keypair_pool_t *pairs;
	coi_session_table_t *sessions;
	coi_pair_policy_t *policy;
	coi_hold_t *callout;
	coi_negative_cache_t *refused;
	coi_open_budget_t *budget;
	coi_encap_peers_t *detours;
	coi_traps_t *routes;
	coi_fallback_block_t *closed;
	coi_kernel_watch_t *guard;
	coi_socket_t *socket;
	coi_counters_t *counters;
	coi_histograms_t *timings;
	coi_refusals_t *lately;
	coi_events_t *news;
	coi_admin_state_t *switches;
	coi_obstacles_t *obstacles;
};

struct coi_executor_t {

	/**
	 * Make an initiator's session with the keys that there are now.
	 *
	 * @param me		own address, with port
	 * @param other		peer's address, with port
	 * @return			session, NULL if there is no key for any community
	 */
	coi_session_t *(*propose)(coi_executor_t *this, coi_connection_t *conn,
							  host_t *me, host_t *other);

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

	/** Bring policies up to date with what a session carries and may carry. */
	void (*publish)(coi_executor_t *this, coi_session_entry_t *entry);

	/**
	 * Take the flows away of sessions between two hosts that are marked as
	 * ending; wants none of them checked out.
	 */
	void (*withdraw)(coi_executor_t *this, host_t *me, host_t *other);

	/**
	 * Let a session follow to another port or address of its peer.
	 *
	 * @return			FALSE if that ended the session: the entry is gone
	 */
	bool (*move)(coi_executor_t *this, coi_session_entry_t *entry,
				 host_t *other);

	/** Send what is to be sent, and nothing else. */
	void (*send)(coi_executor_t *this, coi_session_entry_t *entry,
				 const coi_actions_t *actions);

	/**
	 * Close a session: tell the peer, then finish.
	 *
	 * @param why		what to tell
	 * @param tell		FALSE to tell nothing
	 * @param reason	as for finish()
	 */
	void (*close)(coi_executor_t *this, coi_session_entry_t *entry,
				  coi_term_t why,
				  bool tell, coi_reason_t reason);

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

/** Who is told what; all but listener are called with data. */
struct coi_executor_callbacks_t {
	/** handed to the tunnels that are made */
	coi_tunnel_listener_t *listener;
	/** a session's timer fires */
	coi_timer_cb_t timer;
	/** an older session is to end, see coi_supersede.h */
	coi_timer_cb_t supersede;
	/** the initiator of a session is where it seems to be; it is checked out */
	void (*proved)(void *data, coi_session_entry_t *entry);
	/** a session was established; it is checked out */
	void (*opened)(void *data, coi_session_entry_t *entry);
	void *data;
	/** where works go on whose turn it is */
	coi_work_queue_t *queue;
};

/**
 * @param parts		what to work with, copied
 * @param timing	times that sessions keep, copied
 * @param callbacks	who is told what, copied
 */
coi_executor_t *coi_executor_create(const coi_parts_t *parts,
									const coi_timing_t *timing,
									const coi_executor_callbacks_t *callbacks);

/** Begin an event: its type and the clocks. */
static inline void coi_event_init(coi_event_t *event, coi_event_type_t type)
{
	*event = (coi_event_t){
		.type = type,
		.now = coi_timer_now(),
		.wall = coi_timer_wall(),
	};
}

#endif /** COI_EXECUTOR_H_ */
