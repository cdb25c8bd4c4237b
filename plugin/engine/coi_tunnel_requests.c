/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tunnel_requests.h"
#include "util/coi_event.h"
#include "session/coi_supersede.h"
#include "session/coi_session_log.h"

typedef struct private_coi_tunnel_requests_t private_coi_tunnel_requests_t;

struct private_coi_tunnel_requests_t {
	/** first: it is the listener that tunnels know */
	coi_tunnel_requests_t public;
	coi_config_t *config;
	coi_session_table_t *sessions;
	coi_session_policy_t *session_policy;
	coi_work_queue_t *queue;
	coi_executor_t *executor;
	coi_opening_t *opening;
	coi_keepalive_t *keepalive;
};

METHOD(coi_tunnel_requests_t, supersede, void,
	private_coi_tunnel_requests_t *this, uintptr_t id, u_int how)
{
	coi_session_entry_t *entry;

	entry = this->sessions->checkout(this->sessions, id);
	if (entry)
	{
		DBG1(DBG_IKE, "COI session with %H replaced by a newer one%s",
			 entry->other, how == COI_MOVED ? " from another address" : "");
		entry->source_gone = how == COI_MOVED;
		this->executor->close(this->executor, entry, COI_TERM_SUPERSEDED, TRUE,
							  COI_OK);
	}
}

static void do_gone(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_tunnel_requests_t *this = work->owner;

	if (entry)
	{
		this->executor->finish(this->executor, entry, COI_OK);
	}
}

/**
 * Tell the peer that charon ends a tunnel; gone() comes next.
 *
 * The SAs go before gone() is called, and somebody else may have the session:
 * what is sent from now on is to find the trap, not flows without SAs.
 */
static void on_closing(coi_tunnel_listener_t *listener, uintptr_t id,
					   host_t *me, host_t *other, coi_term_t why)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;
	coi_session_entry_t *entry;
	coi_event_t event;
	coi_work_t *next;

	if (why != COI_TERM_SHUTDOWN)
	{
		this->sessions->set_flag(this->sessions, id, COI_SESSION_ENDING);
		this->session_policy->update(this->session_policy, me, other);
	}
	entry = this->sessions->try_checkout(this->sessions, id, why);
	if (entry)
	{
		coi_event_init(&event, COI_EV_CLOSE);
		event.term = why;
		event.tell = TRUE;
		coi_session_log_why(entry, why, FALSE, NULL);
		this->executor->tell(this->executor, entry, &event);
		if (this->sessions->checkin(this->sessions, entry, &next))
		{	/* not here: charon has its IKE_SA */
			next = coi_work_create(this, id, do_gone);
		}
		if (next)
		{
			this->queue->resume(this->queue, next, entry);
		}
	}
}

/**
 * End a session, or one community, and give the session back.
 *
 * @param name		community, NULL for the whole session
 * @return			FALSE if the session does not carry it
 */
static bool end(private_coi_tunnel_requests_t *this, coi_session_entry_t *entry,
				const char *name, coi_term_t why, const char *text)
{
	const coi_shared_community_t *first, *carried;
	coi_event_t event;
	uint16_t index;
	bool found = TRUE;
	u_int count;

	coi_event_init(&event, COI_EV_CLOSE);
	event.term = why;
	event.text = text;
	event.tell = TRUE;
	if (name)
	{
		first = coi_session_common(entry->session, &count);
		carried = coi_session_carries(entry->session, name);
		found = entry->established && carried;
		if (found)
		{
			index = carried - first;
			event.indexes = &index;
			event.index_count = 1;
			entry->why = why;
		}
	}
	if (!found || this->executor->step(this->executor, entry, &event))
	{
		this->executor->checkin(this->executor, entry);
	}
	return found;
}

static void do_child_closed(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_tunnel_requests_t *this = work->owner;

	if (entry)
	{
		end(this, entry, work->name, work->why, NULL);
	}
}

METHOD(coi_tunnel_requests_t, close_, bool,
	private_coi_tunnel_requests_t *this, uintptr_t id, const char *name,
	const char *text)
{
	coi_session_entry_t *entry;
	host_t *other;
	bool ended;

	entry = this->sessions->checkout(this->sessions, id);
	if (!entry)
	{
		return FALSE;
	}
	other = entry->other->clone(entry->other);
	ended = end(this, entry, name, COI_TERM_TERMINATED, text);
	if (ended)
	{
		DBG1(DBG_IKE, "closed COI %s%s%swith %H by command%s%s",
			 name ? "'" : "session ", name ?: "", name ? "' " : "", other,
			 text ? ": " : "", text ?: "");
	}
	other->destroy(other);
	return ended;
}

static void on_child_closing(coi_tunnel_listener_t *listener, uintptr_t id,
							 const char *name, coi_term_t why)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;
	coi_work_t *work;

	work = coi_work_create(this, id, do_child_closed);
	work->name = strdup(name);
	work->why = why;
	this->queue->add(this->queue, work);
}

static void on_rekey(coi_tunnel_listener_t *listener, uintptr_t id)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;

	this->opening->renew(this->opening, id);
}

/**
 * Whether packets with an own address can still be routed to a peer.
 */
static bool is_routed(host_t *me, host_t *other)
{
	host_t *src;
	bool routed;

	src = charon->kernel->get_source_addr(charon->kernel, other, me);
	/* without any route nothing leads there, but nothing else does either */
	routed = !src || src->ip_equals(src, me);
	DESTROY_IF(src);
	return routed;
}

static void do_roam(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_tunnel_requests_t *this = work->owner;
	coi_connection_t *conn;
	uintptr_t id = 0;
	host_t *src;

	if (!entry)
	{
		return;
	}
	entry->moving = FALSE;
	if (entry->established && !is_routed(entry->me, entry->other) &&
		!this->sessions->has_flag(this->sessions, work->id,
								   COI_SESSION_SUPERSEDED))
	{
		src = charon->kernel->get_source_addr(charon->kernel, entry->other,
											  NULL);
		conn = src ? this->config->find(this->config, src, entry->other)
				   : NULL;
		if (conn && !conn->gives)
		{
			DBG1(DBG_IKE, "%H no longer leads to %H, moving the COI session "
				 "to %H", entry->me, entry->other, src);
			entry->moving = TRUE;
			id = this->opening->open(this->opening, conn, src, entry->other, 1,
									 FALSE, NULL, NULL);
		}
		coi_connection_destroy(conn);
		DESTROY_IF(src);
	}
	else if (entry->established)
	{	/* it may have been away */
		this->keepalive->roamed(this->keepalive, entry);
	}
	this->executor->checkin(this->executor, entry);
	if (id && this->sessions->has_flag(this->sessions, id,
										COI_SESSION_ESTABLISHED))
	{	/* traffic was faster */
		supersede(this, work->id, COI_MOVED);
	}
}

static void on_roam(coi_tunnel_listener_t *listener, uintptr_t id)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;

	this->queue->add(this->queue, coi_work_create(this, id, do_roam));
}

static void do_mapped(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_tunnel_requests_t *this = work->owner;

	if (entry)
	{
		if (!entry->tunnel || !entry->established ||
			entry->other->equals(entry->other, work->other) ||
			this->executor->move(this->executor, entry, work->other))
		{
			this->executor->checkin(this->executor, entry);
		}
	}
}

static void on_mapped(coi_tunnel_listener_t *listener, uintptr_t id,
					  host_t *other)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;
	coi_work_t *work;

	work = coi_work_create(this, id, do_mapped);
	work->other = other->clone(other);
	/* whoever sends packets on from elsewhere can cause it, again and again */
	this->queue->offer(this->queue, work);
}

static void on_gone(coi_tunnel_listener_t *listener, uintptr_t id)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;

	this->sessions->set_flag(this->sessions, id, COI_SESSION_GONE);
	this->queue->add(this->queue, coi_work_create(this, id, do_gone));
}

METHOD(coi_tunnel_requests_t, destroy, void,
	private_coi_tunnel_requests_t *this)
{
	free(this);
}

coi_tunnel_requests_t *coi_tunnel_requests_create(
									const coi_tunnel_requests_config_t *config)
{
	private_coi_tunnel_requests_t *this;

	INIT(this,
		.public = {
			.listener = {
				.closing = on_closing,
				.child_closing = on_child_closing,
				.rekey = on_rekey,
				.roam = on_roam,
				.mapped = on_mapped,
				.gone = on_gone,
			},
			.supersede = _supersede,
			.close = _close_,
			.destroy = _destroy,
		},
		.config = config->config,
		.sessions = config->sessions,
		.session_policy = config->session_policy,
		.queue = config->queue,
		.executor = config->executor,
		.opening = config->opening,
		.keepalive = config->keepalive,
	);
	return &this->public;
}
