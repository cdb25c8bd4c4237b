/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_keepalive.h"
#include "coi_liveness.h"
#include "util/coi_event.h"
#include "session/coi_session_log.h"

/** ms between two looks whether what a session sends is answered */
#define LOOK 2000

typedef struct private_coi_keepalive_t private_coi_keepalive_t;

struct private_coi_keepalive_t {
	coi_keepalive_t public;
	const coi_options_t *options;
	coi_session_table_t *sessions;
	coi_socket_t *socket;
	coi_counters_t *counters;
	coi_executor_t *executor;
	coi_liveness_t *liveness;
};

/** Seconds between two looks at a session, 0 for none. */
static u_int get_delay(private_coi_keepalive_t *this,
					   coi_session_entry_t *entry)
{
	peer_cfg_t *peer = entry->conn->peer;

	return peer->get_dpd(peer) ?: this->options->dpd_delay;
}

/** Seconds of silence after which a peer is given up, 0 for never. */
static u_int get_timeout(private_coi_keepalive_t *this,
						 coi_session_entry_t *entry)
{
	peer_cfg_t *peer = entry->conn->peer;

	return peer->get_dpd_timeout(peer) ?: this->options->dpd_timeout;
}

/** Seconds after which the last of its communities ends, 0 for never. */
static u_int get_lifetime(coi_session_entry_t *entry)
{
	lifetime_cfg_t *lifetime;
	child_cfg_t *cfg;
	u_int longest = 0, i;

	for (i = 0; i < entry->conn->count; i++)
	{
		cfg = entry->conn->children[i].cfg;
		lifetime = cfg->get_lifetime(cfg, FALSE);
		if (!lifetime->time.life)
		{
			longest = 0;
			free(lifetime);
			break;
		}
		longest = max(longest, lifetime->time.life);
		free(lifetime);
	}
	return longest;
}

static void on_timer(void *data, uintptr_t id, u_int generation);

static void arm(private_coi_keepalive_t *this, coi_session_entry_t *entry)
{
	u_int delay = get_delay(this, entry) * 1000, pace;

	if (delay)
	{
		/* of many sessions each is looked at less often */
		pace = max(LOOK, coi_liveness_pace(this->counters));
		coi_timer_arm(on_timer, this, entry->id, 0, min(delay, pace));
	}
}

/**
 * Look at what has come and gone since the last time; what has come only if it
 * counts, as each question costs.
 *
 * @param all		FALSE if it counts only whether what was sent is answered
 * @return			TRUE if something was sent, and nothing has come
 */
static bool look(coi_session_entry_t *entry, uint64_t now, bool all)
{
	uint64_t in, out;
	bool sent, heard = FALSE;

	out = entry->tunnel->get_packets(entry->tunnel, FALSE);
	sent = out != entry->packets_out;
	entry->packets_out = out;
	entry->busy |= sent;
	if (sent || all)
	{
		in = entry->tunnel->get_packets(entry->tunnel, TRUE);
		heard = in != entry->packets_in;
		if (heard)
		{
			entry->alive = now;
			entry->heard = TRUE;
		}
		entry->packets_in = in;
	}
	return sent && !heard;
}

/** Send an IDLE, a coi_liveness_send_t. */
static void send_idle(void *data, coi_session_entry_t *entry, bool answer)
{
	private_coi_keepalive_t *this = data;
	coi_idle_t idle = {
		.age = (coi_timer_now() - entry->established) / 1000,
		.lifetime = get_lifetime(entry),
		.ttl = get_timeout(this, entry),
		.answer = answer,
		.gained = entry->joins->get_gained(entry->joins),
	};
	chunk_t datagram;
	host_t *from, *to;

	if (coi_session_idle(entry->session, &idle, &datagram) != COI_OK)
	{
		return;
	}
	to = coi_session_entry_idle_host(entry);
	from = coi_session_entry_idle_source(entry);
	if (this->socket->send(this->socket, TRUE, from ?: entry->me, to,
						   coi_session_entry_idle_via(entry), datagram))
	{
		this->counters->count(this->counters, COI_COUNT_SENT);
		coi_session_entry_note_idle(entry, FALSE);
	}
	to->destroy(to);
	DESTROY_IF(from);
	chunk_free(&datagram);
}

METHOD(coi_keepalive_t, send_, void,
	private_coi_keepalive_t *this, coi_session_entry_t *entry)
{
	send_idle(this, entry, FALSE);
}

METHOD(coi_keepalive_t, roamed, void,
	private_coi_keepalive_t *this, coi_session_entry_t *entry)
{
	this->liveness->ask_soon(this->liveness, entry);
}

/** Looks after which the peer has been told often enough what ended alone. */
#define DROPPED_LONG_AGO 64

/**
 * Say again what has ended alone, ever more seldom: a TERM may get lost, and
 * nothing else would tell the peer, whose packets would be lost until the next
 * rekeying. The session has dropped it already.
 */
static void repeat_term(private_coi_keepalive_t *this,
						coi_session_entry_t *entry)
{
	uint16_t indexes[COI_MAX_KEYS];
	const coi_shared_community_t *common;
	coi_event_t event;
	u_int count, i;

	coi_event_init(&event, COI_EV_CLOSE);
	event.term = entry->why;
	event.tell = TRUE;
	event.indexes = indexes;
	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		if (!common[i].used)
		{
			indexes[event.index_count++] = i;
		}
	}
	if (event.index_count)
	{
		this->executor->tell(this->executor, entry, &event);
	}
}

/** Keep a session alive. */
static void look_after(private_coi_keepalive_t *this,
					   coi_session_entry_t *entry,
					   uint64_t now)
{
	if (entry->dropped_since && entry->dropped_since < DROPPED_LONG_AGO)
	{
		if (!(entry->dropped_since & (entry->dropped_since - 1)))
		{
			repeat_term(this, entry);
		}
		entry->dropped_since++;
	}
	if (!entry->busy)
	{
		send_idle(this, entry, FALSE);
	}
	entry->busy = FALSE;
	entry->next_look = now + get_delay(this, entry) * 1000;
}

static void on_timer(void *data, uintptr_t id, u_int generation)
{
	private_coi_keepalive_t *this = data;
	uint64_t now, silence;
	coi_session_entry_t *entry;
	u_int timeout;
	bool all, unanswered;

	entry = this->sessions->checkout(this->sessions, id);
	if (!entry)
	{
		return;
	}
	if (this->sessions->has_flag(this->sessions, id, COI_SESSION_SUPERSEDED))
	{	/* it ends by itself, and the newer one is looked after */
		this->executor->checkin(this->executor, entry);
		return;
	}
	/* not before: whoever had it may have heard of the peer meanwhile */
	now = coi_timer_now();
	all = now >= entry->next_look;
	unanswered = look(entry, now, all);
	timeout = get_timeout(this, entry);
	silence = (now - entry->alive) / 1000;
	if (timeout && silence >= timeout && all)
	{
		DBG1(DBG_IKE, "no sign of life from %H for %u s, closing its COI "
			 "session", entry->other, (u_int)silence);
		coi_session_log_why(entry, COI_TERM_IDLE, FALSE, "no sign of life");
		this->executor->close(this->executor, entry, COI_TERM_IDLE, TRUE, COI_OK);
		return;
	}
	if (all)
	{
		look_after(this, entry, now);
	}
	this->liveness->woken(this->liveness, entry);
	if (unanswered)
	{
		this->liveness->ask(this->liveness, entry, TRUE);
	}
	arm(this, entry);
	this->executor->checkin(this->executor, entry);
}

METHOD(coi_keepalive_t, start, void,
	private_coi_keepalive_t *this, coi_session_entry_t *entry)
{
	entry->alive = coi_timer_now();
	entry->next_look = entry->alive + get_delay(this, entry) * 1000;
	arm(this, entry);
	if (entry->initiator && entry->heard)
	{	/* so the responder knows that ESP gets through */
		send_idle(this, entry, FALSE);
	}
	this->liveness->start(this->liveness, entry);
}

METHOD(coi_keepalive_t, destroy, void,
	private_coi_keepalive_t *this)
{
	this->liveness->destroy(this->liveness);
	free(this);
}

coi_keepalive_t *coi_keepalive_create(const coi_keepalive_config_t *config)
{
	private_coi_keepalive_t *this;
	coi_liveness_config_t liveness;

	INIT(this,
		.public = {
			.start = _start,
			.send = _send_,
			.roamed = _roamed,
			.destroy = _destroy,
		},
		.options = config->options,
		.sessions = config->sessions,
		.socket = config->socket,
		.counters = config->counters,
		.executor = config->executor,
	);
	liveness = (coi_liveness_config_t){
		.sessions = config->sessions,
		.counters = config->counters,
		.negative_cache = config->negative_cache,
		.attempts = config->attempts,
		.executor = config->executor,
		.opening = config->opening,
		.send = send_idle,
		.data = this,
	};
	this->liveness = coi_liveness_create(&liveness);
	return &this->public;
}
