/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_executor.h"
#include "coi_attempts.h"
#include "coi_identity.h"
#include "coi_install.h"
#include "policy/coi_larval.h"
#include "coi_user_renewal.h"
#include "session/coi_session_policy.h"
#include "session/coi_supersede.h"
#include "session/coi_session_log.h"

typedef struct private_coi_executor_t private_coi_executor_t;

struct private_coi_executor_t {
	coi_executor_t public;
	coi_parts_t parts;
	coi_timing_t timing;
	coi_executor_callbacks_t callbacks;

	/** brings policies up to date */
	coi_session_policy_t *shares;
};

static void send_all(private_coi_executor_t *this, coi_session_entry_t *entry,
					 const coi_action_t *action)
{
	bool tunnel = action->type == COI_ACT_SEND_TUNNEL;
	host_t *to = tunnel ? coi_session_entry_idle_host(entry)
						: entry->other->clone(entry->other);
	host_t *from = tunnel ? coi_session_entry_idle_source(entry) : NULL;
	coi_sendmsg_t lead = tunnel ? coi_session_entry_idle_via(entry) : (coi_sendmsg_t){};
	u_int i;

	for (i = 0; i < action->count; i++)
	{
		if (this->parts.socket->send(this->parts.socket, tunnel,
							from ?: entry->source_gone ? NULL : entry->me, to, lead,
							action->datagrams[i]))
		{
			this->parts.counters->count(this->parts.counters, COI_COUNT_SENT);
			if (tunnel)
			{
				coi_session_entry_note_idle(entry, FALSE);
			}
		}
	}
	to->destroy(to);
	DESTROY_IF(from);
}

METHOD(coi_executor_t, send_, void,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	const coi_actions_t *actions)
{
	u_int i;

	for (i = 0; i < actions->count; i++)
	{
		if (actions->list[i].type == COI_ACT_SEND ||
			actions->list[i].type == COI_ACT_SEND_TUNNEL)
		{
			send_all(this, entry, &actions->list[i]);
		}
	}
}

/**
 * Let datagrams be known by what the session is now: before anything leaves to which
 * the peer may have an answer.
 */
static void show(private_coi_executor_t *this, coi_session_entry_t *entry)
{
	if (this->parts.sessions->show(this->parts.sessions, entry,
								   coi_session_entry_idle_host(entry)))
	{
		this->callbacks.proved(this->callbacks.data, entry);
	}
}

static bool install_sas(private_coi_executor_t *this,
						coi_session_entry_t *entry, bool inbound)
{
	bool ok = coi_install_sas(this->parts.sessions, entry, inbound);

	/* it has told where IDLEs will come from */
	show(this, entry);
	return ok;
}

/**
 * SAs first, then what may use them: a policy without its SA would hold traffic
 * back.
 */
static bool install(private_coi_executor_t *this, coi_session_entry_t *entry,
					bool in, bool out)
{
	return (!in || install_sas(this, entry, TRUE)) &&
		   (!out || install_sas(this, entry, FALSE)) &&
		   this->shares->publish(this->shares, entry);
}

static bool establish(private_coi_executor_t *this, coi_session_entry_t *entry)
{
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
	replaced = coi_supersede_find(this->parts.sessions, entry, &stale);
	success = entry->tunnel->established(entry->tunnel, common, count, id,
										 replaced, stale);
	DESTROY_IF(replaced);
	if (success)
	{
		coi_session_entry_uncount(entry);
		this->parts.sessions->set_flag(this->parts.sessions, entry->id,
								   COI_SESSION_ESTABLISHED);
		this->parts.counters->count(this->parts.counters, COI_COUNT_OPENED);
		coi_session_log_opened(this->parts.news, this->parts.timings, entry,
							   id);
		coi_local_user_log(entry->other, coi_session_peer_start(entry->session),
						   coi_session_peer_user(entry->session));
		this->parts.refused->remove(this->parts.refused, entry->me,
									entry->other);
		coi_supersede_begin(this->parts.sessions, entry,
							this->callbacks.supersede, this->callbacks.data);
		this->callbacks.opened(this->callbacks.data, entry);
		coi_larval_remove(entry->me, entry->other, entry->acquire_reqid, entry->conn);
		coi_user_renewal_check(&this->parts, entry, this->callbacks.listener);
	}
	id->destroy(id);
	return success;
}

METHOD(coi_executor_t, propose, coi_session_t*,
	private_coi_executor_t *this, coi_connection_t *conn, host_t *me,
	host_t *other)
{
	return coi_attempts_propose(&this->parts, &this->timing, conn, me, other);
}

/**
 * Begin anew with a peer that has not answered.
 *
 * @return		FALSE if it was asked often enough or, see reason, opens itself
 */
static bool restart(private_coi_executor_t *this, coi_session_entry_t *entry,
					coi_reason_t *reason)
{
	bool left = coi_attempts_is_left(this->parts.sessions, entry);
	coi_session_t *session;

	if (left && !coi_attempts_is_alone(this->parts.sessions, entry))
	{
		*reason = COI_CROSSED;
		left = FALSE;
	}
	session = left ? propose(this, entry->conn, entry->me, entry->other) : NULL;
	if (!session)
	{
		return FALSE;
	}
	coi_attempts_undo(this->parts.sessions, this->shares, entry);
	this->parts.sessions->restart(this->parts.sessions, entry, session);
	DBG1(DBG_IKE, "%s %H, asking anew", *reason == COI_NO_ESP ?
		 "no ESP from" : "no answer from", entry->other);
	return TRUE;
}

METHOD(coi_executor_t, finish, void,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	   coi_reason_t reason)
{
	coi_session_table_t *sessions = this->parts.sessions;
	bool gone;

	this->parts.counters->count(this->parts.counters, entry->established ?
								COI_COUNT_CLOSED : COI_COUNT_FAILED);
	if (coi_session_log_failed(entry, reason))
	{
		if (this->parts.policy->is_trapped(this->parts.policy,
										   entry->conn->reqid))
		{
			this->parts.refused->add(this->parts.refused, entry->me,
									 entry->other, entry->origin);
		}
	}
	coi_session_log_ended(this->parts.news, entry, reason);
	if (entry->initiator && !entry->established)
	{
		coi_larval_remove(entry->me, entry->other, entry->acquire_reqid, entry->conn);
	}
	sessions->set_shares(sessions, entry, NULL);
	gone = sessions->has_flag(sessions, entry->id, COI_SESSION_GONE);
	sessions->remove(sessions, entry);
	/* first the flows, so that traffic falls to the trap, then the SAs */
	if (entry->tunnel)
	{
		this->shares->update(this->shares, entry->me, entry->other);
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
		this->parts.callout->drop(this->parts.callout, entry->me,
								  entry->other);
	}
	coi_session_entry_destroy(entry);
}

METHOD(coi_executor_t, withdraw, void,
	private_coi_executor_t *this, host_t *me, host_t *other)
{
	this->shares->update(this->shares, me, other);
}

METHOD(coi_executor_t, close_, void,
	private_coi_executor_t *this, coi_session_entry_t *entry, coi_term_t why,
	   bool tell,
	coi_reason_t reason)
{
	coi_actions_t actions = {};
	coi_event_t event;

	coi_session_log_why(entry, why, FALSE, NULL);
	coi_event_init(&event, COI_EV_CLOSE);
	event.term = why;
	event.tell = tell;
	if (coi_session_step(entry->session, &event, &actions) == COI_OK)
	{
		send_(this, entry, &actions);
	}
	finish(this, entry, reason);
}

/**
 * Take out of the kernel what the session goes on without.
 */
static void drop_unused(private_coi_executor_t *this,
						coi_session_entry_t *entry,
						const coi_action_t *action)
{
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
		coi_session_log_left(this->parts.news, entry, common[i].name,
							 action->term,
							 action->text);
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
	this->shares->publish(this->shares, entry);
	while (array_remove(gone, ARRAY_HEAD, &name))
	{
		entry->tunnel->drop(entry->tunnel, name);
	}
	array_destroy(gone);
}

static bool take_event(private_coi_executor_t *this, coi_session_entry_t *entry,
					   const coi_event_t *event);

METHOD(coi_executor_t, publish, void,
	private_coi_executor_t *this, coi_session_entry_t *entry)
{
	this->shares->publish(this->shares, entry);
}

METHOD(coi_executor_t, move_, bool,
	private_coi_executor_t *this, coi_session_entry_t *entry, host_t *other)
{
	host_t *old = entry->other->clone(entry->other);
	host_t *me = entry->me->clone(entry->me);
	bool follows;

	DBG1(DBG_IKE, "COI session with %#H continues with %#H", old, other);
	this->parts.sessions->relocate(this->parts.sessions, entry, other);
	show(this, entry);
	follows = coi_install_is_alone(this->parts.sessions, entry) &&
			  coi_install_follow(entry);
	if (follows)
	{
		this->shares->publish(this->shares, entry);
	}
	else
	{
		close_(this, entry, COI_TERM_FAILED, TRUE, COI_OK);
	}
	if (!old->ip_equals(old, other))
	{
		this->shares->update(this->shares, me, old);
	}
	me->destroy(me);
	old->destroy(old);
	return follows;
}

METHOD(coi_executor_t, run, bool,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	const coi_actions_t *actions)
{
	const coi_action_t *action;
	coi_actions_t next = {};
	const coi_action_t *late = NULL;
	coi_reason_t reason;
	coi_event_t event;
	bool ok = TRUE, again;
	u_int i;

	show(this, entry);
	for (i = 0; i < actions->count && ok; i++)
	{
		action = &actions->list[i];
		switch (action->type)
		{
			case COI_ACT_SEND:
			case COI_ACT_SEND_TUNNEL:
				if (action->type == COI_ACT_SEND_TUNNEL &&
					!entry->established && coi_session_entry_is_marked(entry))
				{	/* what it calls for needs rules that the bus calls for */
					late = action;
					break;
				}
				send_all(this, entry, action);
				break;
			case COI_ACT_ALLOCATE:
			case COI_ACT_IDENTIFY:
				ok = action->type == COI_ACT_ALLOCATE ?
					 coi_install_tunnel(&this->parts, entry,
										this->callbacks.listener, &next) :
					 coi_identity_check(entry, &next);
				if (ok)
				{
					return run(this, entry, &next);
				}
				break;
			case COI_ACT_INSTALL_IN:
				ok = install(this, entry, TRUE, FALSE);
				break;
			case COI_ACT_INSTALL_OUT:
				ok = install(this, entry, FALSE, TRUE);
				break;
			case COI_ACT_INSTALL_BOTH:
				ok = install(this, entry, TRUE, TRUE);
				break;
			case COI_ACT_ESTABLISHED:
				ok = establish(this, entry);
				if (ok && late)
				{
					send_all(this, entry, late);
				}
				break;
			case COI_ACT_TIMER:
				entry->timer++;
				if (action->delay)
				{
					coi_timer_arm(this->callbacks.timer, this->callbacks.data, entry->id,
								  entry->timer, action->delay);
				}
				break;
			case COI_ACT_ALIVE:
				entry->alive = coi_timer_now();
				this->shares->hear(this->shares, entry);
				break;
			case COI_ACT_DROPPED:
				drop_unused(this, entry, action);
				show(this, entry);
				break;
			case COI_ACT_CLOSED:
				reason = action->reason;
				if (coi_reason_refusal(reason))
				{	/* by IDENTIFIED, so that no step has returned it */
					this->parts.counters->refused(this->parts.counters, reason);
				}
				reason = coi_session_log_cause(entry, action);
				if (reason == COI_NO_ESP)
				{
					coi_attempts_detour(&this->parts, entry);
				}
				again = coi_attempts_failed(entry, reason);
				if (again && restart(this, entry, &reason))
				{
					coi_event_init(&event, COI_EV_OPEN);
					return take_event(this, entry, &event);
				}
				if (action->term)
				{
					coi_session_log_why(entry, action->term, TRUE,
										action->text);
				}
				if (action->term == COI_TERM_FAILED && !entry->established &&
					this->parts.policy->is_trapped(this->parts.policy,
												   entry->conn->reqid))
				{	/* the next packet would ask as much in vain */
					this->parts.refused->add(this->parts.refused, entry->me,
											 entry->other, entry->origin);
				}
				finish(this, entry, reason);
				return FALSE;
		}
	}
	if (!ok)
	{
		close_(this, entry, COI_TERM_FAILED, TRUE, COI_INTERNAL);
	}
	return ok;
}

static bool take_event(private_coi_executor_t *this, coi_session_entry_t *entry,
					   const coi_event_t *event)
{
	coi_actions_t actions = {};
	coi_reason_t reason;

	reason = coi_session_step(entry->session, event, &actions);
	coi_session_log_refused(entry, reason);
	if (reason != COI_OK)
	{
		this->parts.counters->refused(this->parts.counters, reason);
		return TRUE;
	}
	if (event->type == COI_EV_CLOSE && !event->index_count)
	{
		coi_session_log_why(entry, event->term, FALSE, event->text);
	}
	return run(this, entry, &actions);
}

METHOD(coi_executor_t, step, bool,
	private_coi_executor_t *this, coi_session_entry_t *entry,
	   const coi_event_t *event)
{
	return take_event(this, entry, event);
}

METHOD(coi_executor_t, checkin, void,
	private_coi_executor_t *this, coi_session_entry_t *entry)
{
	coi_work_t *next;
	coi_term_t why;

	why = this->parts.sessions->checkin(this->parts.sessions, entry, &next);
	if (next)
	{
		this->callbacks.queue->resume(this->callbacks.queue, next, entry);
	}
	else if (why)
	{
		close_(this, entry, why, TRUE, COI_OK);
	}
}

METHOD(coi_executor_t, destroy, void,
	private_coi_executor_t *this)
{
	this->shares->destroy(this->shares);
	free(this);
}

coi_executor_t *coi_executor_create(const coi_parts_t *parts,
									const coi_timing_t *timing,
									const coi_executor_callbacks_t *callbacks)
{
	private_coi_executor_t *this;

	INIT(this,
		.public = {
			.propose = _propose,
			.publish = _publish,
			.withdraw = _withdraw,
			.move = _move_,
			.run = _run,
			.step = _step,
			.send = _send_,
			.close = _close_,
			.finish = _finish,
			.checkin = _checkin,
			.destroy = _destroy,
		},
		.parts = *parts,
		.timing = *timing,
		.callbacks = *callbacks,
		.shares = coi_session_policy_create(parts->sessions, parts->policy,
											parts->config),
	);
	return &this->public;
}
