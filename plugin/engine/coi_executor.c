/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_executor.h"
#include "coi_identity.h"
#include "coi_install.h"
#include "util/coi_event.h"
#include "policy/coi_larval.h"
#include "session/coi_supersede.h"
#include "session/coi_session_log.h"

typedef struct private_coi_executor_t private_coi_executor_t;

struct private_coi_executor_t {
	coi_executor_t public;
	coi_executor_config_t config;
	coi_executor_callbacks_t callbacks;
};

/** How it goes on after an action. */
typedef enum {
	/** with the next one */
	GO_ON,
	/** not at all, the session has to be closed */
	GIVE_UP,
	/** the session has ended, and its entry is gone */
	ENDED,
} outcome_t;

/** Carry out one action. */
typedef outcome_t (*action_cb_t)(private_coi_executor_t *this,
								 coi_session_entry_t *entry,
								 const coi_action_t *action);

/** Send the datagrams of an action, and count them. */
static void send_all(private_coi_executor_t *this, coi_session_entry_t *entry,
					 const coi_action_t *action)
{
	coi_counters_t *counters = this->config.counters;
	coi_socket_t *socket = this->config.socket;
	bool tunnel = action->type == COI_ACT_SEND_TUNNEL;
	host_t *to = tunnel ? coi_session_entry_idle_host(entry)
						: entry->other->clone(entry->other);
	host_t *from = tunnel ? coi_session_entry_idle_source(entry) : NULL;
	coi_sendmsg_t ancillary = {};
	u_int i;

	if (tunnel)
	{
		ancillary = coi_session_entry_idle_via(entry);
	}
	for (i = 0; i < action->count; i++)
	{
		if (socket->send(socket, tunnel,
						 from ?: entry->source_gone ? NULL : entry->me, to,
						 ancillary, action->datagrams[i]))
		{
			counters->count(counters, COI_COUNT_SENT);
			if (tunnel)
			{
				coi_session_entry_note_idle(entry, FALSE);
			}
		}
	}
	to->destroy(to);
	DESTROY_IF(from);
}

/**
 * Let datagrams be known by what the session is now: before anything leaves to which
 * the peer may have an answer.
 */
static void show(private_coi_executor_t *this, coi_session_entry_t *entry)
{
	coi_session_table_t *sessions = this->config.sessions;

	if (sessions->show(sessions, entry, coi_session_entry_idle_host(entry)))
	{
		this->callbacks.proved(this->callbacks.data, entry);
	}
}

/** Do not let traffic ask for a session with a peer again for a while. */
static void refuse(private_coi_executor_t *this,
				   const coi_session_entry_t *entry)
{
	coi_negative_cache_t *cache = this->config.negative_cache;

	if (this->config.policy->is_trapped(this->config.policy,
										entry->conn->reqid))
	{
		cache->add(cache, entry->me, entry->other, entry->origin);
	}
}

/** Announce the tunnel of a session that is open at both ends. */
static bool establish(private_coi_executor_t *this, coi_session_entry_t *entry)
{
	coi_session_table_t *sessions = this->config.sessions;
	coi_negative_cache_t *cache = this->config.negative_cache;
	const coi_shared_community_t *common;
	identification_t *id;
	ike_sa_id_t *replaced;
	chunk_t data;
	uint8_t type;
	u_int count;
	bool success, stale;

	common = coi_session_common(entry->session, &count);
	type = coi_session_peer_id(entry->session, &data);
	id = identification_create_from_encoding(type, data);
	entry->tunnel->set_user(entry->tunnel,
							coi_session_peer_user(entry->session));
	replaced = coi_supersede_find(sessions, entry, &stale);
	success = entry->tunnel->established(entry->tunnel, common, count, id,
										 replaced, stale);
	DESTROY_IF(replaced);
	if (success)
	{
		coi_session_entry_uncount(entry);
		sessions->set_flag(sessions, entry->id, COI_SESSION_ESTABLISHED);
		this->config.counters->count(this->config.counters, COI_COUNT_OPENED);
		coi_session_log_opened(this->config.events, this->config.histograms,
							   entry, id);
		coi_local_user_log(entry->other, coi_session_peer_start(entry->session),
						   coi_session_peer_user(entry->session));
		cache->remove(cache, entry->me, entry->other);
		this->callbacks.opened(this->callbacks.data, entry);
	}
	id->destroy(id);
	return success;
}

METHOD(coi_executor_t, start, void,
	private_coi_executor_t *this, const coi_executor_callbacks_t *callbacks)
{
	this->callbacks = *callbacks;
}

METHOD(coi_executor_t, finish, void,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	coi_reason_t reason)
{
	coi_session_policy_t *policy = this->config.session_policy;
	coi_session_table_t *sessions = this->config.sessions;
	coi_hold_t *hold = this->config.hold;
	bool gone;

	this->config.counters->count(this->config.counters, entry->established ?
								 COI_COUNT_CLOSED : COI_COUNT_FAILED);
	if (coi_session_log_failed(entry, reason))
	{
		refuse(this, entry);
	}
	coi_session_log_ended(this->config.events, entry, reason);
	if (entry->initiator && !entry->established)
	{
		coi_larval_remove(entry->me, entry->other, entry->acquire_reqid,
						  entry->conn);
	}
	sessions->set_shares(sessions, entry, NULL);
	gone = sessions->has_flag(sessions, entry->id, COI_SESSION_GONE);
	sessions->remove(sessions, entry);
	/* first the flows, so that traffic falls to the trap, then the SAs */
	if (entry->tunnel)
	{
		policy->update(policy, entry->me, entry->other);
		if (gone)
		{
			entry->tunnel->destroy(entry->tunnel);
		}
		else
		{
			entry->tunnel->close(entry->tunnel, !entry->established);
		}
	}
	if (!entry->established &&
		!sessions->find_pair(sessions, entry->me, entry->other))
	{	/* otherwise its packets wait for another one */
		hold->drop(hold, entry->me, entry->other);
	}
	coi_session_entry_destroy(entry);
}

METHOD(coi_executor_t, tell, void,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	const coi_event_t *event)
{
	coi_actions_t actions = {};
	u_int i;

	if (coi_session_step(entry->session, event, &actions) != COI_OK)
	{
		return;
	}
	for (i = 0; i < actions.count; i++)
	{
		if (actions.list[i].type == COI_ACT_SEND ||
			actions.list[i].type == COI_ACT_SEND_TUNNEL)
		{
			send_all(this, entry, &actions.list[i]);
		}
	}
}

METHOD(coi_executor_t, close_, void,
	private_coi_executor_t *this, coi_session_entry_t *entry, coi_term_t why,
	bool told, coi_reason_t reason)
{
	coi_event_t event;

	coi_session_log_why(entry, why, FALSE, NULL);
	coi_event_init(&event, COI_EV_CLOSE);
	event.term = why;
	event.tell = told;
	tell(this, entry, &event);
	finish(this, entry, reason);
}

METHOD(coi_executor_t, move_, bool,
	private_coi_executor_t *this, coi_session_entry_t *entry, host_t *other)
{
	coi_session_policy_t *policy = this->config.session_policy;
	coi_session_table_t *sessions = this->config.sessions;
	host_t *old = entry->other->clone(entry->other);
	host_t *me = entry->me->clone(entry->me);
	bool follows;

	DBG1(DBG_IKE, "COI session with %#H continues with %#H", old, other);
	sessions->relocate(sessions, entry, other);
	show(this, entry);
	follows = coi_install_is_alone(sessions, entry) &&
			  coi_install_follow(entry);
	if (follows)
	{
		policy->publish(policy, entry);
	}
	else
	{
		close_(this, entry, COI_TERM_FAILED, TRUE, COI_OK);
	}
	if (!old->ip_equals(old, other))
	{
		policy->update(policy, me, old);
	}
	me->destroy(me);
	old->destroy(old);
	return follows;
}

static bool carry_out(private_coi_executor_t *this, coi_session_entry_t *entry,
					  const coi_actions_t *actions);

METHOD(coi_executor_t, step, bool,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	const coi_event_t *event)
{
	coi_counters_t *counters = this->config.counters;
	coi_actions_t actions = {};
	coi_reason_t reason;

	reason = coi_session_step(entry->session, event, &actions);
	coi_session_log_refused(entry, reason);
	if (reason != COI_OK)
	{
		counters->refused(counters, reason);
		return TRUE;
	}
	if (event->type == COI_EV_CLOSE && !event->index_count)
	{
		coi_session_log_why(entry, event->term, FALSE, event->text);
	}
	return carry_out(this, entry, &actions);
}

METHOD(coi_executor_t, checkin, void,
	private_coi_executor_t *this, coi_session_entry_t *entry)
{
	coi_session_table_t *sessions = this->config.sessions;
	coi_work_queue_t *queue = this->config.queue;
	coi_work_t *next;
	coi_term_t why;

	why = sessions->checkin(sessions, entry, &next);
	if (next)
	{
		queue->resume(queue, next, entry);
	}
	else if (why)
	{
		close_(this, entry, why, TRUE, COI_OK);
	}
}

/** A session's timer fires. */
static void on_timer(void *data, uintptr_t id, u_int generation)
{
	private_coi_executor_t *this = data;
	coi_session_table_t *sessions = this->config.sessions;
	coi_session_entry_t *entry;
	coi_event_t event;

	entry = sessions->checkout(sessions, id);
	if (entry)
	{
		coi_event_init(&event, COI_EV_TIMER);
		if (entry->timer != generation || step(this, entry, &event))
		{
			checkin(this, entry);
		}
	}
}

static outcome_t do_send(private_coi_executor_t *this,
						 coi_session_entry_t *entry, const coi_action_t *action)
{
	send_all(this, entry, action);
	return GO_ON;
}

static outcome_t do_send_tunnel(private_coi_executor_t *this,
								coi_session_entry_t *entry,
								const coi_action_t *action)
{
	if (!entry->established && coi_session_entry_is_marked(entry))
	{	/* what it calls for needs rules that the bus calls for */
		if (!establish(this, entry))
		{
			return GIVE_UP;
		}
	}
	send_all(this, entry, action);
	return GO_ON;
}

static outcome_t do_established(private_coi_executor_t *this,
								coi_session_entry_t *entry,
								const coi_action_t *action)
{
	/* if not before something was sent through the tunnel, see above */
	return entry->established || establish(this, entry) ? GO_ON : GIVE_UP;
}

static outcome_t do_allocate(private_coi_executor_t *this,
							 coi_session_entry_t *entry,
							 const coi_action_t *action)
{
	coi_actions_t next = {};

	coi_session_log_answered(this->config.histograms, entry);
	if (!coi_install_tunnel(this->config.sessions, &this->config.tables, entry,
							this->callbacks.listener, &next))
	{
		return GIVE_UP;
	}
	return carry_out(this, entry, &next) ? GO_ON : ENDED;
}

static outcome_t do_identify(private_coi_executor_t *this,
							 coi_session_entry_t *entry,
							 const coi_action_t *action)
{
	coi_actions_t next = {};

	if (!coi_identity_check(entry, &this->config.tables, &next))
	{
		return GIVE_UP;
	}
	return carry_out(this, entry, &next) ? GO_ON : ENDED;
}

static bool install_sas(private_coi_executor_t *this,
						coi_session_entry_t *entry, bool inbound)
{
	bool success = coi_install_sas(this->config.sessions, entry, inbound);

	/* it has told where IDLEs will come from */
	show(this, entry);
	return success;
}

/**
 * SAs first, then what may use them: a policy without its SA would hold traffic
 * back.
 */
static outcome_t install(private_coi_executor_t *this,
						 coi_session_entry_t *entry, bool in, bool out)
{
	coi_session_policy_t *policy = this->config.session_policy;

	return (!in || install_sas(this, entry, TRUE)) &&
		   (!out || install_sas(this, entry, FALSE)) &&
		   policy->publish(policy, entry) ? GO_ON : GIVE_UP;
}

static outcome_t do_install_in(private_coi_executor_t *this,
							   coi_session_entry_t *entry,
							   const coi_action_t *action)
{
	return install(this, entry, TRUE, FALSE);
}

static outcome_t do_install_out(private_coi_executor_t *this,
								coi_session_entry_t *entry,
								const coi_action_t *action)
{
	return install(this, entry, FALSE, TRUE);
}

static outcome_t do_install_both(private_coi_executor_t *this,
								 coi_session_entry_t *entry,
								 const coi_action_t *action)
{
	return install(this, entry, TRUE, TRUE);
}

static outcome_t do_timer(private_coi_executor_t *this,
						  coi_session_entry_t *entry,
						  const coi_action_t *action)
{
	entry->timer++;
	if (action->delay)
	{
		coi_timer_arm(on_timer, this, entry->id, entry->timer, action->delay);
	}
	return GO_ON;
}

static outcome_t do_alive(private_coi_executor_t *this,
						  coi_session_entry_t *entry,
						  const coi_action_t *action)
{
	coi_session_policy_t *policy = this->config.session_policy;

	entry->alive = coi_timer_now();
	policy->hear(policy, entry);
	return GO_ON;
}

/**
 * Take out of the kernel what the session goes on without.
 */
static outcome_t do_dropped(private_coi_executor_t *this,
							coi_session_entry_t *entry,
							const coi_action_t *action)
{
	coi_session_policy_t *policy = this->config.session_policy;
	const coi_shared_community_t *common;
	coi_share_t *share;
	array_t *gone;
	char *name;
	u_int count, i;

	gone = array_create(0, 0);
	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		share = coi_share_list_find(entry->shares, common[i].name);
		if (common[i].used || !share || share->on_demand)
		{
			continue;
		}
		array_insert(gone, ARRAY_TAIL, (char*)common[i].name);
		coi_session_log_left(this->config.events, entry, common[i].name,
							 action->term, action->text);
		/* a peer without the key need not be asked for it */
		if (action->term != COI_TERM_KEY_REMOVED)
		{
			entry->joins->ended(entry->joins, common[i].name);
		}
	}
	if (!action->term)
	{
		entry->dropped_since = 1;
	}
	/* flows first, as when all of it ends */
	policy->publish(policy, entry);
	while (array_remove(gone, ARRAY_HEAD, &name))
	{
		entry->tunnel->drop(entry->tunnel, name);
	}
	array_destroy(gone);
	show(this, entry);
	return GO_ON;
}

/**
 * Begin anew with a peer that has not answered.
 *
 * @return		FALSE if it was asked often enough or, see reason, opens itself
 */
static bool restart(private_coi_executor_t *this, coi_session_entry_t *entry,
					coi_reason_t *reason)
{
	coi_session_table_t *sessions = this->config.sessions;
	coi_attempts_t *attempts = this->config.attempts;
	coi_session_t *session;

	if (!coi_attempts_is_left(sessions, entry))
	{
		return FALSE;
	}
	if (!coi_attempts_is_alone(sessions, entry))
	{
		*reason = COI_CROSSED;
		return FALSE;
	}
	session = attempts->propose(attempts, entry->conn, entry->me, entry->other);
	if (!session)
	{
		return FALSE;
	}
	coi_attempts_undo(sessions, this->config.session_policy, entry);
	sessions->restart(sessions, entry, session);
	DBG1(DBG_IKE, "%s %H, asking anew", *reason == COI_NO_ESP ?
		 "no ESP from" : "no answer from", entry->other);
	return TRUE;
}

static outcome_t do_closed(private_coi_executor_t *this,
						   coi_session_entry_t *entry,
						   const coi_action_t *action)
{
	coi_counters_t *counters = this->config.counters;
	coi_attempts_t *attempts = this->config.attempts;
	coi_reason_t reason = action->reason;
	coi_event_t event;

	if (coi_reason_refusal(reason))
	{	/* by IDENTIFIED, so that no step has returned it */
		counters->refused(counters, reason);
	}
	reason = coi_session_log_cause(entry, action);
	if (reason == COI_NO_ESP)
	{
		attempts->encap(attempts, entry);
	}
	if (coi_attempts_failed(entry, reason) && restart(this, entry, &reason))
	{
		coi_event_init(&event, COI_EV_OPEN);
		return step(this, entry, &event) ? GO_ON : ENDED;
	}
	if (action->term)
	{
		coi_session_log_why(entry, action->term, TRUE, action->text);
	}
	if (action->term == COI_TERM_FAILED && !entry->established)
	{	/* the next packet would ask as much in vain */
		refuse(this, entry);
	}
	finish(this, entry, reason);
	return ENDED;
}

static bool carry_out(private_coi_executor_t *this, coi_session_entry_t *entry,
					  const coi_actions_t *actions)
{
	static const action_cb_t callbacks[] = {
		[COI_ACT_SEND] = do_send,
		[COI_ACT_SEND_TUNNEL] = do_send_tunnel,
		[COI_ACT_ALLOCATE] = do_allocate,
		[COI_ACT_IDENTIFY] = do_identify,
		[COI_ACT_INSTALL_IN] = do_install_in,
		[COI_ACT_INSTALL_OUT] = do_install_out,
		[COI_ACT_INSTALL_BOTH] = do_install_both,
		[COI_ACT_ESTABLISHED] = do_established,
		[COI_ACT_TIMER] = do_timer,
		[COI_ACT_ALIVE] = do_alive,
		[COI_ACT_DROPPED] = do_dropped,
		[COI_ACT_CLOSED] = do_closed,
	};
	const coi_action_t *action;
	outcome_t outcome = GO_ON;
	u_int i;

	show(this, entry);
	for (i = 0; i < actions->count && outcome == GO_ON; i++)
	{
		action = &actions->list[i];
		outcome = callbacks[action->type](this, entry, action);
	}
	if (outcome == GIVE_UP)
	{
		close_(this, entry, COI_TERM_FAILED, TRUE, COI_INTERNAL);
	}
	return outcome == GO_ON;
}

METHOD(coi_executor_t, run, bool,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	const coi_actions_t *actions)
{
	return carry_out(this, entry, actions);
}

METHOD(coi_executor_t, destroy, void,
	private_coi_executor_t *this)
{
	free(this);
}

coi_executor_t *coi_executor_create(const coi_executor_config_t *config)
{
	private_coi_executor_t *this;

	INIT(this,
		.public = {
			.start = _start,
			.run = _run,
			.step = _step,
			.tell = _tell,
			.move = _move_,
			.close = _close_,
			.finish = _finish,
			.checkin = _checkin,
			.destroy = _destroy,
		},
		.config = *config,
	);
	return &this->public;
}
