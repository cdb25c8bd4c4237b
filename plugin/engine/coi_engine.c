/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_engine.h"
#include "policy/coi_larval.h"
#include "session/coi_supersede.h"
#include "util/coi_event.h"

typedef struct private_coi_engine_t private_coi_engine_t;

struct private_coi_engine_t {
	coi_engine_t public;
	coi_engine_config_t config;
};

/** A newer session has taken the place of one. */
static void on_supersede(void *data, uintptr_t id, u_int how)
{
	coi_tunnel_requests_t *requests = data;

	requests->supersede(requests, id, how);
}

/** See coi_executor_callbacks_t. */
static void on_proved(void *data, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = data;
	coi_responder_t *responder = this->config.responder;

	responder->proved(responder, entry);
}

/** See coi_executor_callbacks_t. */
static void on_opened(void *data, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = data;
	coi_nat_keepalive_t *nat_keepalive = this->config.nat_keepalive;
	coi_reconfigure_t *reconfigure = this->config.reconfigure;
	coi_keepalive_t *keepalive = this->config.keepalive;
	coi_hold_t *hold = this->config.hold;

	coi_supersede_begin(this->config.sessions, entry, on_supersede,
						this->config.requests);
	hold->release(hold, entry->me, entry->other);
	keepalive->start(keepalive, entry);
	nat_keepalive->start(nat_keepalive, entry);
	coi_larval_remove(entry->me, entry->other, entry->acquire_reqid,
					  entry->conn);
	reconfigure->opened(reconfigure, entry);
}

METHOD(coi_engine_t, visit, bool,
	private_coi_engine_t *this, uintptr_t id, bool wait,
	coi_session_table_cb_t cb, void *data)
{
	coi_session_table_t *sessions = this->config.sessions;
	coi_session_entry_t *entry;

	entry = wait ? sessions->checkout(sessions, id)
				 : sessions->try_checkout(sessions, id, 0);
	if (!entry)
	{
		return FALSE;
	}
	cb(data, entry);
	this->config.executor->checkin(this->config.executor, entry);
	return TRUE;
}

METHOD(coi_engine_t, close_, bool,
	private_coi_engine_t *this, uintptr_t id, const char *name,
	const char *text)
{
	coi_tunnel_requests_t *requests = this->config.requests;

	return requests->close(requests, id, name, text);
}

/**
 * Hand a datagram to a worker; what is more than the queue may hold is dropped,
 * as the network might have done.
 */
static void queue(private_coi_engine_t *this, coi_work_t *work)
{
	if (!this->config.queue->offer(this->config.queue, work))
	{
		this->config.counters->refused(this->config.counters, COI_RATE);
	}
}

static void do_datagram(coi_work_t *work, coi_session_entry_t *entry);

static void do_sess0(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_engine_t *this = work->owner;
	coi_responder_t *responder = this->config.responder;
	coi_reason_t reason;

	reason = responder->answer(responder, work, &work->id);
	if (work->id)
	{
		work->cb = do_datagram;
		work->again = TRUE;
	}
	else if (reason != COI_OK)
	{
		this->config.counters->refused(this->config.counters, reason);
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
	coi_keypair_pool_t *keypairs = this->config.keypairs;
	coi_executor_t *executor = this->config.executor;
	coi_event_t event;

	if (!entry)
	{
		this->config.counters->refused(this->config.counters, work->dropped ?
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
		keypairs->lend_dh(keypairs, entry->session);
	}
	if (executor->step(executor, entry, &event))
	{
		executor->checkin(executor, entry);
	}
}

METHOD(coi_engine_t, repeat, void,
	private_coi_engine_t *this, host_t *other, chunk_t datagram,
	const coi_header_t *header, const coi_gate_match_t *match)
{
	coi_session_table_t *sessions = this->config.sessions;
	coi_work_t *work;
	uintptr_t id;

	id = sessions->find_responder(sessions, other, header->spi_i);
	if (!id)
	{
		this->config.counters->refused(this->config.counters, COI_REPLAY);
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
	coi_session_table_t *sessions = this->config.sessions;
	coi_reason_t reason;
	coi_work_t *work;
	uintptr_t id;

	/* before it waits for anything: strangers may send it */
	reason = sessions->recognise(sessions, type, other, header, datagram, &id);
	if (reason != COI_OK)
	{
		this->config.counters->refused(this->config.counters, reason);
		return;
	}
	work = coi_work_create(this, id, do_datagram);
	coi_work_set_datagram(work, type, other, datagram, header);
	queue(this, work);
}

METHOD(coi_engine_t, changed, void,
	private_coi_engine_t *this)
{
	this->config.reconfigure->apply(this->config.reconfigure);
}

METHOD(coi_engine_t, renew, u_int,
	private_coi_engine_t *this)
{
	return this->config.reconfigure->renew_users(this->config.reconfigure);
}

METHOD(coi_engine_t, destroy, void,
	private_coi_engine_t *this)
{
	free(this);
}

coi_engine_t *coi_engine_create(const coi_engine_config_t *config)
{
	coi_executor_callbacks_t callbacks;
	private_coi_engine_t *this;

	INIT(this,
		.public = {
			.visit = _visit,
			.close = _close_,
			.sess0 = _sess0,
			.repeat = _repeat,
			.datagram = _datagram_,
			.changed = _changed,
			.renew = _renew,
			.destroy = _destroy,
		},
		.config = *config,
	);
	callbacks = (coi_executor_callbacks_t){
		.listener = &config->requests->listener,
		.proved = on_proved,
		.opened = on_opened,
		.data = this,
	};
	config->executor->start(config->executor, &callbacks);
	return &this->public;
}
