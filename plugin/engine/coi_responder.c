/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_responder.h"
#include "util/coi_event.h"
#include "session/coi_peer_match.h"

typedef struct private_coi_responder_t private_coi_responder_t;

struct private_coi_responder_t {
	coi_responder_t public;
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_session_table_t *sessions;
	coi_counters_t *counters;
	coi_attempts_t *attempts;
	coi_executor_t *executor;
	coi_work_queue_t *queue;
};

/**
 * Drop an own opening that lost a crossing, if it still waits for an answer.
 */
static void do_lose(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_responder_t *this = work->owner;

	if (entry && (coi_session_state(entry->session) == COI_CREATED ||
				  coi_session_state(entry->session) == COI_PENDING_OPEN))
	{
		DBG1(DBG_IKE, "crossed opening with %H, answering instead",
			 entry->other);
		this->counters->refused(this->counters, COI_CROSSED);
		this->executor->finish(this->executor, entry, COI_CROSSED);
	}
	else if (entry)
	{
		this->executor->checkin(this->executor, entry);
	}
}

/** Own openings that may have lost. */
typedef struct {
	const coi_session_entry_t *proved;
	array_t *ids;
} losers_t;

static void find_loser(void *data, const coi_session_entry_t *entry)
{
	losers_t *losers = data;

	if (coi_peer_match_is_loser(entry, losers->proved))
	{
		array_insert(losers->ids, ARRAY_TAIL, (void*)entry->id);
	}
}

METHOD(coi_responder_t, proved, void,
	private_coi_responder_t *this, const coi_session_entry_t *entry)
{
	losers_t losers = {
		.proved = entry,
		.ids = array_create(0, 0),
	};
	void *id;

	this->sessions->for_pair(this->sessions, entry->me, entry->other,
							 find_loser, &losers);
	while (array_remove(losers.ids, ARRAY_HEAD, &id))
	{
		this->queue->add(this->queue, coi_work_create(this, (uintptr_t)id,
													  do_lose));
	}
	array_destroy(losers.ids);
}

/**
 * End a half-open session for a newer one, unless its peer has answered meanwhile.
 */
static void do_excess(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_responder_t *this = work->owner;

	if (entry && !coi_session_is_proved_by(entry->session))
	{
		this->counters->refused(this->counters, COI_HALF_OPEN);
		this->executor->close(this->executor, entry, COI_TERM_FAILED, FALSE,
							  COI_HALF_OPEN);
	}
	else if (entry)
	{
		this->executor->checkin(this->executor, entry);
	}
}

/**
 * Make a responder's session of a Sess0, or give it to the one it belongs to.
 */
static coi_reason_t respond(private_coi_responder_t *this, coi_work_t *work,
							coi_connection_t *conn, uintptr_t *id)
{
	coi_actions_t actions = {};
	coi_session_entry_t *entry;
	coi_session_t *session;
	coi_reason_t reason;
	coi_event_t event;
	uintptr_t excess;

	coi_event_init(&event, COI_EV_SESS0);
	event.datagram = work->datagram;
	event.header = &work->header;
	event.match = &work->match;
	*id = this->sessions->find_responder(this->sessions, work->other,
										 work->header.spi_i);
	if (*id)
	{
		return COI_OK;
	}
	if (conn->profile->wishes)
	{
		DBG1(DBG_IKE, "not answering %H, connection '%s' has vips and only "
			 "opens sessions", work->other, conn->name);
		return COI_NO_ADDRESS;
	}
	reason = this->attempts->respond(this->attempts, conn, work->me,
									 work->other, &event, &actions, &session);
	if (reason != COI_OK)
	{
		return reason;
	}
	entry = coi_session_entry_create(coi_connection_get_ref(conn),
							work->me->clone(work->me),
							work->other->clone(work->other), FALSE, session,
							coi_session_joins_create(conn, this->keyring));
	reason = this->sessions->add_responder(this->sessions, entry,
										   work->datagram, &excess);
	if (reason != COI_OK)
	{
		coi_session_entry_destroy(entry);
		if (reason == COI_REPLAY)
		{	/* another part of the same opening was faster */
			*id = this->sessions->find_responder(this->sessions, work->other,
												 work->header.spi_i);
		}
		return reason;
	}
	this->counters->count(this->counters, COI_COUNT_RESPONDED);
	if (excess)
	{
		this->queue->add(this->queue, coi_work_create(this, excess, do_excess));
	}
	if (this->executor->run(this->executor, entry, &actions))
	{
		this->executor->checkin(this->executor, entry);
	}
	return COI_OK;
}

METHOD(coi_responder_t, answer, coi_reason_t,
	private_coi_responder_t *this, coi_work_t *work, uintptr_t *id)
{
	coi_connection_t *conn;
	coi_reason_t reason;

	*id = 0;
	conn = this->config->find(this->config, work->me, work->other);
	if (!conn)
	{
		return COI_NO_COMMUNITY;
	}
	reason = respond(this, work, conn, id);
	coi_connection_destroy(conn);
	return reason;
}

METHOD(coi_responder_t, destroy, void,
	private_coi_responder_t *this)
{
	free(this);
}

coi_responder_t *coi_responder_create(const coi_responder_config_t *config)
{
	private_coi_responder_t *this;

	INIT(this,
		.public = {
			.answer = _answer,
			.proved = _proved,
			.destroy = _destroy,
		},
		.config = config->config,
		.keyring = config->keyring,
		.sessions = config->sessions,
		.counters = config->counters,
		.attempts = config->attempts,
		.executor = config->executor,
		.queue = config->queue,
	);
	return &this->public;
}
