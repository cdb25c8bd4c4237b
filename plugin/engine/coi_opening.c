/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_opening.h"
#include "util/coi_event.h"

typedef struct private_coi_opening_t private_coi_opening_t;

struct private_coi_opening_t {
	coi_opening_t public;
	coi_opening_config_t config;
};

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
static uint16_t get_port(private_coi_opening_t *this, coi_connection_t *conn,
						 host_t *me, host_t *other)
{
	coi_session_table_t *sessions = this->config.sessions;
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);
	uint16_t port = 0;

	sessions->for_pair(sessions, me, other, find_port, &port);
	if (!port && cfg->get_other_port(cfg) != IKEV2_UDP_PORT)
	{
		port = cfg->get_other_port(cfg);
	}
	return port ?: this->config.options->port;
}

/** Count why no session could be made. */
static uintptr_t not_opened(private_coi_opening_t *this, coi_reason_t why,
							coi_reason_t *reason)
{
	this->config.counters->refused(this->config.counters, why);
	if (reason)
	{
		*reason = why;
	}
	return 0;
}

/**
 * Let a session begin and give it back.
 */
static void begin(private_coi_opening_t *this, coi_session_entry_t *entry)
{
	coi_executor_t *executor = this->config.executor;
	coi_event_t event;

	coi_event_init(&event, COI_EV_OPEN);
	if (executor->step(executor, entry, &event))
	{
		executor->checkin(executor, entry);
	}
}

/**
 * An opening that has left time to its peer begins.
 */
static void on_begin(void *data, uintptr_t id, u_int generation)
{
	private_coi_opening_t *this = data;
	coi_session_table_t *sessions = this->config.sessions;
	coi_executor_t *executor = this->config.executor;
	coi_session_entry_t *entry;

	entry = sessions->checkout(sessions, id);
	if (!entry)
	{
		return;
	}
	if (entry->timer == generation &&
		coi_session_state(entry->session) == COI_CREATED)
	{
		sessions->start(sessions, entry);
		begin(this, entry);
	}
	else
	{
		executor->checkin(executor, entry);
	}
}

METHOD(coi_opening_t, open_, uintptr_t,
	private_coi_opening_t *this, coi_connection_t *conn, host_t *me,
	host_t *other, u_int tries, bool force, const coi_opening_asker_t *asker,
	coi_reason_t *reason)
{
	const coi_options_t *options = this->config.options;
	coi_session_table_t *sessions = this->config.sessions;
	coi_obstacles_t *obstacles = this->config.obstacles;
	coi_attempts_t *attempts = this->config.attempts;
	coi_open_budget_t *budget = this->config.budget;
	coi_origin_t origin = asker ? asker->origin : COI_ORIGIN_SELF;
	coi_session_entry_t *entry;
	coi_session_t *session;
	coi_reason_t limit;
	uintptr_t id;
	u_int wait;

	if (!obstacles->is_ready(obstacles))
	{
		return not_opened(this, COI_INTERNAL, reason);
	}
	limit = budget->begin(budget, origin, coi_timer_now());
	if (limit != COI_OK)
	{
		id = force ? 0 : sessions->find_pair(sessions, me, other);
		return id ?: not_opened(this, limit, reason);
	}
	other = other->clone(other);
	if (!other->get_port(other))
	{
		other->set_port(other, get_port(this, conn, me, other));
	}
	me = me->clone(me);
	me->set_port(me, options->port);
	session = attempts->propose(attempts, conn, me, other);
	if (!session)
	{
		budget->cancel(budget, origin);
		me->destroy(me);
		other->destroy(other);
		return not_opened(this, COI_NO_KEY, reason);
	}
	entry = coi_session_entry_create(coi_connection_get_ref(conn), me, other,
							TRUE, session,
							coi_session_joins_create(conn, this->config.keyring));
	entry->acquire_reqid = asker && asker->reqid ? asker->reqid : conn->reqid;
	entry->origin = origin;
	entry->tries = tries * options->attempts;
	id = sessions->add_initiator(sessions, entry, force, &wait);
	if (id)
	{
		budget->cancel(budget, origin);
		coi_session_entry_destroy(entry);
		return id;
	}
	entry->budget = budget;
	id = entry->id;
	DBG1(DBG_IKE, "opening COI session with %H", other);
	this->config.counters->count(this->config.counters, COI_COUNT_INITIATED);
	if (wait)
	{	/* as the peer may have been faster */
		coi_timer_arm(on_begin, this, id, ++entry->timer, wait);
		this->config.executor->checkin(this->config.executor, entry);
	}
	else
	{
		begin(this, entry);
	}
	return id;
}

static void do_renew(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_opening_t *this = work->owner;
	coi_session_table_t *sessions = this->config.sessions;
	coi_config_t *config = this->config.config;
	coi_connection_t *conn;

	if (!entry)
	{
		return;
	}
	if (entry->conn->gives)
	{
		DBG1(DBG_IKE, "COI session with %H has a virtual address, it is rekeyed "
			 "from there", entry->other);
		this->config.executor->checkin(this->config.executor, entry);
		return;
	}
	/* as it is configured now; if it is unloaded, there are no new keys */
	conn = config->find(config, entry->me, entry->other);
	if (conn && !sessions->has_flag(sessions, work->id,
									COI_SESSION_SUPERSEDED))
	{
		open_(this, conn, entry->me, entry->other, 1, TRUE, NULL, NULL);
	}
	coi_connection_destroy(conn);
	this->config.executor->checkin(this->config.executor, entry);
}

METHOD(coi_opening_t, renew, void,
	private_coi_opening_t *this, uintptr_t id)
{
	coi_work_queue_t *queue = this->config.queue;

	queue->add(queue, coi_work_create(this, id, do_renew));
}

METHOD(coi_opening_t, wait_, coi_opening_end_t,
	private_coi_opening_t *this, uintptr_t id, host_t *me, host_t *other,
	u_int timeout)
{
	coi_session_table_t *sessions = this->config.sessions;
	uint64_t until = coi_timer_now() + timeout, now;
	uintptr_t next = id;
	coi_opening_end_t result;

	do
	{
		id = next;
		result = sessions->wait(sessions, id, timeout);
		if (result != COI_OPENING_FAILED)
		{
			break;
		}
		/* lost a crossing, or is tried again */
		next = sessions->find_pair(sessions, me, other);
		if (timeout)
		{
			now = coi_timer_now();
			timeout = until > now ? until - now : 1;
		}
	}
	while (next && next != id);
	return result;
}

METHOD(coi_opening_t, destroy, void,
	private_coi_opening_t *this)
{
	free(this);
}

coi_opening_t *coi_opening_create(const coi_opening_config_t *config)
{
	private_coi_opening_t *this;

	INIT(this,
		.public = {
			.open = _open_,
			.renew = _renew,
			.wait = _wait_,
			.destroy = _destroy,
		},
		.config = *config,
	);
	return &this->public;
}
