/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tunnel_requests.h"
#include "session/coi_supersede.h"
#include "session/coi_session_log.h"

typedef struct private_coi_tunnel_requests_t private_coi_tunnel_requests_t;

struct private_coi_tunnel_requests_t {
	/** first: it is the listener that tunnels know */
	coi_tunnel_requests_t public;
	coi_parts_t parts;
	coi_engine_t *engine;
	coi_work_queue_t *queue;
	coi_executor_t *runner;
	coi_keepalive_t *keepalive;
};

METHOD(coi_tunnel_requests_t, supersede, void,
	private_coi_tunnel_requests_t *this, uintptr_t id, u_int how)
{
	coi_session_entry_t *entry;

	entry = this->parts.sessions->checkout(this->parts.sessions, id);
	if (entry)
	{
		DBG1(DBG_IKE, "COI session with %H replaced by a newer one%s",
			 entry->other, how == COI_MOVED ? " from another address" : "");
		entry->source_gone = how == COI_MOVED;
		this->runner->close(this->runner, entry, COI_TERM_SUPERSEDED, TRUE,
							COI_OK);
	}
}

static void do_gone(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_tunnel_requests_t *this = work->owner;

	if (entry)
	{
		this->runner->finish(this->runner, entry, COI_OK);
	}
}

static void do_rekey(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_tunnel_requests_t *this = work->owner;
	coi_connection_t *conn;

	if (!entry)
	{
		return;
	}
	if (entry->conn->gives)
	{
		DBG1(DBG_IKE, "COI session with %H has a virtual address, it is rekeyed "
			 "from there", entry->other);
		this->runner->checkin(this->runner, entry);
		return;
	}
	/* as it is configured now; if it is unloaded, there are no new keys */
	conn = this->parts.config->find(this->parts.config, entry->me,
									entry->other);
	if (conn && !this->parts.sessions->has_flag(this->parts.sessions,
										work->id, COI_SESSION_SUPERSEDED))
	{
		this->engine->open(this->engine, conn, entry->me, entry->other, 1,
						   TRUE, NULL, NULL);
	}
	coi_connection_destroy(conn);
	this->runner->checkin(this->runner, entry);
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
	coi_actions_t actions = {};
	coi_session_entry_t *entry;
	coi_event_t event;
	coi_work_t *next;

	if (why != COI_TERM_SHUTDOWN)
	{
		this->parts.sessions->set_flag(this->parts.sessions, id,
								   COI_SESSION_ENDING);
		this->runner->withdraw(this->runner, me, other);
	}
	entry = this->parts.sessions->try_checkout(this->parts.sessions, id, why);
	if (entry)
	{
		coi_event_init(&event, COI_EV_CLOSE);
		event.term = why;
		event.tell = TRUE;
		coi_session_log_why(entry, why, FALSE, NULL);
		if (coi_session_step(entry->session, &event, &actions) == COI_OK)
		{
			this->runner->send(this->runner, entry, &actions);
		}
		if (this->parts.sessions->checkin(this->parts.sessions, entry, &next))
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
	if (!found || this->runner->step(this->runner, entry, &event))
	{
		this->runner->checkin(this->runner, entry);
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

	entry = this->parts.sessions->checkout(this->parts.sessions, id);
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

	this->queue->add(this->queue, coi_work_create(this, id, do_rekey));
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
		!this->parts.sessions->has_flag(this->parts.sessions, work->id,
										 COI_SESSION_SUPERSEDED))
	{
		src = charon->kernel->get_source_addr(charon->kernel, entry->other,
											  NULL);
		conn = src ? this->parts.config->find(this->parts.config, src,
											  entry->other) : NULL;
		if (conn && !conn->gives)
		{
			DBG1(DBG_IKE, "%H no longer leads to %H, moving the COI session "
				 "to %H", entry->me, entry->other, src);
			entry->moving = TRUE;
			id = this->engine->open(this->engine, conn, src, entry->other, 1,
									FALSE, NULL, NULL);
		}
		coi_connection_destroy(conn);
		DESTROY_IF(src);
	}
	else if (entry->established)
	{	/* it may have been away */
		this->keepalive->roamed(this->keepalive, entry);
	}
	this->runner->checkin(this->runner, entry);
	if (id && this->parts.sessions->has_flag(this->parts.sessions, id,
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
			this->runner->move(this->runner, entry, work->other))
		{
			this->runner->checkin(this->runner, entry);
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
	/* who sends packets on from elsewhere can cause it, again and again */
	this->queue->offer(this->queue, work);
}

static void on_gone(coi_tunnel_listener_t *listener, uintptr_t id)
{
	private_coi_tunnel_requests_t *this = (private_coi_tunnel_requests_t*)listener;

	this->parts.sessions->set_flag(this->parts.sessions, id, COI_SESSION_GONE);
	this->queue->add(this->queue, coi_work_create(this, id, do_gone));
}

METHOD(coi_tunnel_requests_t, start, void,
	private_coi_tunnel_requests_t *this, coi_executor_t *runner,
	coi_keepalive_t *keepalive)
{
	this->runner = runner;
	this->keepalive = keepalive;
}

METHOD(coi_tunnel_requests_t, destroy, void,
	private_coi_tunnel_requests_t *this)
{
	free(this);
}

coi_tunnel_requests_t *coi_tunnel_requests_create(const coi_parts_t *parts,
												  coi_engine_t *engine,
												  coi_work_queue_t *queue)
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
			.start = _start,
			.destroy = _destroy,
		},
		.parts = *parts,
		.engine = engine,
		.queue = queue,
	);
	return &this->public;
}
