/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_engine.h"
#include "coi_reconfigure.h"
#include "coi_keepalive.h"
#include "coi_nat_keepalive.h"
#include "coi_user_renewal.h"
#include "coi_tunnel_requests.h"
#include "coi_responder.h"
#include "session/coi_work_queue.h"

typedef struct private_coi_engine_t private_coi_engine_t;

struct private_coi_engine_t {
	coi_engine_t public;

	coi_parts_t parts;
	coi_executor_t *runner;
	coi_keepalive_t *keepalive;
	coi_nat_keepalive_t *natkeep;
	coi_responder_t *responder;
	coi_reconfigure_t *changes;
	coi_tunnel_requests_t *requests;

	/** what waits for a worker */
	coi_work_queue_t *queue;
};

static void on_timer(void *data, uintptr_t id, u_int generation)
{
	private_coi_engine_t *this = data;
	coi_session_entry_t *entry;
	coi_event_t event;

	entry = this->parts.sessions->checkout(this->parts.sessions, id);
	if (entry)
	{
		/* an opening that has left time to its peer begins */
		coi_event_init(&event, coi_session_state(entry->session) ==
							   COI_CREATED ? COI_EV_OPEN : COI_EV_TIMER);
		if (event.type == COI_EV_OPEN)
		{
			this->parts.sessions->start(this->parts.sessions, entry);
		}
		if (entry->timer != generation || this->runner->step(this->runner, entry, &event))
		{
			this->runner->checkin(this->runner, entry);
		}
	}
}

static void on_supersede(void *data, uintptr_t id, u_int how)
{
	private_coi_engine_t *this = data;

	this->requests->supersede(this->requests, id, how);
}

static void on_proved(void *data, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = data;

	this->responder->proved(this->responder, entry);
}

static void on_opened(void *data, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = data;

	this->parts.callout->release(this->parts.callout, entry->me, entry->other);
	this->keepalive->start(this->keepalive, entry);
	this->natkeep->start(this->natkeep, entry);
	this->changes->opened(this->changes, entry);
}

/** Where an open session has its peer; a coi_session_table_cb_t. */
static void find_port(void *data, const coi_session_entry_t *entry)
{
	uint16_t *port = data;

	if (entry->established)
	{
		*port = entry->other->get_port(entry->other);
	}
}

/**
 * Find the port to ask a peer at: where it is already seen, which a NAT may have
 * mapped, or as configured.
 */
static uint16_t get_port(private_coi_engine_t *this, coi_connection_t *conn,
						 host_t *me, host_t *other)
{
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);
	uint16_t port = 0;

	this->parts.sessions->for_pair(this->parts.sessions, me, other, find_port,
								   &port);
	if (!port && cfg->get_other_port(cfg) != IKEV2_UDP_PORT)
	{
		port = cfg->get_other_port(cfg);
	}
	return port ?: this->parts.options->port;
}

/** Count why no session could be made. */
static uintptr_t not_opened(private_coi_engine_t *this, coi_reason_t why,
							coi_reason_t *reason)
{
	this->parts.counters->refused(this->parts.counters, why);
	if (reason)
	{
		*reason = why;
	}
	return 0;
}

METHOD(coi_engine_t, open_, uintptr_t,
	private_coi_engine_t *this, coi_connection_t *conn, host_t *me,
	host_t *other, u_int tries, bool force, const coi_asker_t *asker,
	coi_reason_t *reason)
{
	coi_open_budget_t *budget = this->parts.budget;
	coi_origin_t origin = asker ? asker->origin : COI_ORIGIN_SELF;
	coi_session_t *session;
	coi_reason_t limit;
	coi_session_entry_t *entry;
	coi_event_t event;
	uintptr_t id;
	u_int wait;

	if (!this->parts.obstacles->is_ready(this->parts.obstacles))
	{
		return not_opened(this, COI_INTERNAL, reason);
	}
	limit = budget->begin(budget, origin, coi_timer_now());
	if (limit != COI_OK)
	{
		id = force ? 0 : this->parts.sessions->find_pair(this->parts.sessions,
														 me, other);
		return id ?: not_opened(this, limit, reason);
	}
	other = other->clone(other);
	if (!other->get_port(other))
	{
		other->set_port(other, get_port(this, conn, me, other));
	}
	me = me->clone(me);
	me->set_port(me, this->parts.options->port);
	session = this->runner->propose(this->runner, conn, me, other);
	if (!session)
	{
		budget->cancel(budget, origin);
		me->destroy(me);
		other->destroy(other);
		return not_opened(this, COI_NO_KEY, reason);
	}
	entry = coi_session_entry_create(coi_connection_get_ref(conn), me, other,
									 TRUE,
									 session,
									 coi_session_joins_create(conn,
															  this->parts.keyring));
	entry->acquire_reqid = asker && asker->reqid ? asker->reqid : conn->reqid;
	entry->origin = origin;
	entry->tries = tries * this->parts.options->attempts;
	id = this->parts.sessions->add_initiator(this->parts.sessions, entry,
											 force, &wait);
	if (id)
	{
		budget->cancel(budget, origin);
		coi_session_entry_destroy(entry);
		return id;
	}
	entry->budget = budget;
	id = entry->id;
	DBG1(DBG_IKE, "opening COI session with %H", other);
	this->parts.counters->count(this->parts.counters, COI_COUNT_INITIATED);
	coi_event_init(&event, COI_EV_OPEN);
	if (wait)
	{	/* as the peer may have been faster */
		coi_timer_arm(on_timer, this, id, ++entry->timer, wait);
	}
	if (wait || this->runner->step(this->runner, entry, &event))
	{
		this->runner->checkin(this->runner, entry);
	}
	return id;
}

METHOD(coi_engine_t, wait_, coi_opening_end_t,
	private_coi_engine_t *this, uintptr_t id, host_t *me, host_t *other,
	u_int timeout)
{
	uint64_t until = coi_timer_now() + timeout, now;
	uintptr_t next = id;
	coi_opening_end_t result;

	do
	{
		id = next;
		result = this->parts.sessions->wait(this->parts.sessions, id, timeout);
		if (result != COI_OPENING_FAILED)
		{
			break;
		}
		/* lost a crossing, or is tried again */
		next = this->parts.sessions->find_pair(this->parts.sessions, me, other);
		if (timeout)
		{
			now = coi_timer_now();
			timeout = until > now ? until - now : 1;
		}
	}
	while (next && next != id);
	return result;
}

METHOD(coi_engine_t, visit, bool,
	private_coi_engine_t *this, uintptr_t id, bool wait,
	   coi_session_table_cb_t cb,
	void *data)
{
	coi_session_entry_t *entry;

	entry = wait ? this->parts.sessions->checkout(this->parts.sessions, id)
				 : this->parts.sessions->try_checkout(this->parts.sessions,
													  id, 0);
	if (!entry)
	{
		return FALSE;
	}
	cb(data, entry);
	this->runner->checkin(this->runner, entry);
	return TRUE;
}

METHOD(coi_engine_t, close_, bool,
	private_coi_engine_t *this, uintptr_t id, const char *name,
	const char *text)
{
	return this->requests->close(this->requests, id, name, text);
}

/**
 * Hand a datagram to a worker; what is more than the queue may hold is dropped,
 * as the network might have done.
 */
static void queue(private_coi_engine_t *this, coi_work_t *work)
{
	if (!this->queue->offer(this->queue, work))
	{
		this->parts.counters->refused(this->parts.counters, COI_RATE);
	}
}

static void do_datagram(coi_work_t *work, coi_session_entry_t *entry);

static void do_sess0(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = work->owner;
	coi_reason_t reason;

	reason = this->responder->answer(this->responder, work, &work->id);
	if (work->id)
	{
		work->cb = do_datagram;
		work->again = TRUE;
	}
	else if (reason != COI_OK)
	{
		this->parts.counters->refused(this->parts.counters, reason);
	}
}

METHOD(coi_engine_t, sess0, void,
	private_coi_engine_t *this, host_t *me, host_t *other, chunk_t datagram,
	const coi_header_t *header, const coi_gate_match_t *match)
{
	coi_work_t *work;

	work = coi_work_create(this, 0, do_sess0);
	coi_work_set_datagram(work, COI_EV_SESS0, other, datagram, header);
	coi_work_set_match(work, match);
	work->me = me->clone(me);
	queue(this, work);
}

/**
 * Give a datagram to its session: it has passed all that can be checked without.
 */
static void do_datagram(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = work->owner;
	coi_event_t event;

	if (!entry)
	{
		this->parts.counters->refused(this->parts.counters, work->dropped ?
									  COI_RATE : COI_UNKNOWN_SESSION);
		return;
	}
	coi_event_init(&event, work->type);
	event.datagram = work->datagram;
	event.header = &work->header;
	event.match = &work->match;
	if (work->type == COI_EV_IDLE)
	{
		coi_session_entry_note_idle(entry, TRUE);
	}
	if (work->type == COI_EV_SESS1)
	{
		this->parts.pairs->lend_dh(this->parts.pairs, entry->session);
	}
	if (this->runner->step(this->runner, entry, &event))
	{
		this->runner->checkin(this->runner, entry);
	}
}

METHOD(coi_engine_t, repeat, void,
	private_coi_engine_t *this, host_t *other, chunk_t datagram,
	const coi_header_t *header, const coi_gate_match_t *match)
{
	coi_work_t *work;
	uintptr_t id;

	id = this->parts.sessions->find_responder(this->parts.sessions, other,
											  header->spi_i);
	if (!id)
	{
		this->parts.counters->refused(this->parts.counters, COI_REPLAY);
		return;
	}
	work = coi_work_create(this, id, do_datagram);
	coi_work_set_datagram(work, COI_EV_SESS0, other, datagram, header);
	coi_work_set_match(work, match);
	queue(this, work);
}

METHOD(coi_engine_t, datagram_, void,
	private_coi_engine_t *this, coi_event_type_t type, host_t *other,
	chunk_t datagram, const coi_header_t *header)
{
	coi_reason_t reason;
	coi_work_t *work;
	uintptr_t id;

	/* before it waits for anything: strangers may send it */
	reason = this->parts.sessions->recognise(this->parts.sessions, type, other,
											 header, datagram, &id);
	if (reason != COI_OK)
	{
		this->parts.counters->refused(this->parts.counters, reason);
		return;
	}
	work = coi_work_create(this, id, do_datagram);
	coi_work_set_datagram(work, type, other, datagram, header);
	queue(this, work);
}

METHOD(coi_engine_t, changed, void,
	private_coi_engine_t *this)
{
	this->changes->apply(this->changes);
}

METHOD(coi_engine_t, unchanged, void,
	private_coi_engine_t *this)
{
	this->changes->apply_opened(this->changes);
}

METHOD(coi_engine_t, renew, u_int,
	private_coi_engine_t *this)
{
	return coi_user_renewal_run(&this->parts, this->runner,
								&this->requests->listener);
}

METHOD(coi_engine_t, destroy, void,
	private_coi_engine_t *this)
{
	this->changes->destroy(this->changes);
	this->keepalive->destroy(this->keepalive);
	this->natkeep->destroy(this->natkeep);
	this->responder->destroy(this->responder);
	this->requests->destroy(this->requests);
	this->queue->destroy(this->queue);
	this->runner->destroy(this->runner);
	free(this);
}

coi_engine_t *coi_engine_create(const coi_parts_t *parts)
{
	coi_executor_callbacks_t callbacks;
	coi_timing_t timing;
	private_coi_engine_t *this;

	INIT(this,
		.public = {
			.open = _open_,
			.wait = _wait_,
			.visit = _visit,
			.close = _close_,
			.sess0 = _sess0,
			.repeat = _repeat,
			.datagram = _datagram_,
			.changed = _changed,
			.unchanged = _unchanged,
			.renew = _renew,
			.destroy = _destroy,
		},
		.parts = *parts,
	);
	this->queue = coi_work_queue_create(this->parts.sessions,
									this->parts.options->queue);
	this->requests = coi_tunnel_requests_create(&this->parts, &this->public,
												this->queue);
	timing = (coi_timing_t){
		.first = parts->options->retransmit_first,
		.tries = parts->options->retransmit_tries,
		.last = parts->options->retransmit_last,
		.collect = COI_COLLECT_TIME,
		.pause = COI_REPEAT_PAUSE,
	};
	callbacks = (coi_executor_callbacks_t){
		.listener = &this->requests->listener,
		.timer = on_timer,
		.supersede = on_supersede,
		.proved = on_proved,
		.opened = on_opened,
		.data = this,
		.queue = this->queue,
	};
	this->runner = coi_executor_create(&this->parts, &timing, &callbacks);
	this->keepalive = coi_keepalive_create(&this->parts, this->runner,
										   &this->requests->listener);
	this->requests->start(this->requests, this->runner, this->keepalive);
	this->responder = coi_responder_create(&this->parts, &timing,
										   this->runner, this->queue);
	this->natkeep = coi_nat_keepalive_create(&this->parts, this->runner);
	this->changes = coi_reconfigure_create(&this->parts, this->runner,
										   this->keepalive);
	return &this->public;
}
