/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_liveness.h"
#include "util/coi_timer.h"
#include "session/coi_session_log.h"

#include <time.h>

/** ms that an answer may take, and how often it is asked for */
#define ANSWER_TIME 500
#define ASKS 3

/** sessions that are looked at in a second */
#define PACE 500

/** ms after which the peer may be asked about the network once more */
#define PAUSE 2000

typedef struct private_coi_liveness_t private_coi_liveness_t;

struct private_coi_liveness_t {
	coi_liveness_t public;
	coi_liveness_config_t config;
};

/** Sessions that are open. */
static uint64_t count_open(coi_counters_t *counters)
{
	uint64_t opened = counters->get(counters, COI_COUNT_OPENED),
			 closed = counters->get(counters, COI_COUNT_CLOSED);

	return opened > closed ? opened - closed : 0;
}

u_int coi_liveness_pace(coi_counters_t *counters)
{
	return count_open(counters) * 1000 / PACE;
}

/** Seconds that this host has slept since it was booted. */
static u_int get_slept()
{
	struct timespec boot = {}, awake = {};

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_MONOTONIC, &awake);
	return max(boot.tv_sec - awake.tv_sec, 0);
}

/** Whether the session is one that ends by itself, as a newer one is there. */
static bool is_old(private_coi_liveness_t *this, coi_session_entry_t *entry)
{
	coi_session_table_t *sessions = this->config.sessions;

	return sessions->has_flag(sessions, entry->id, COI_SESSION_SUPERSEDED);
}

/** Whether something has come through the tunnel since the peer is doubted. */
static bool is_heard(coi_session_entry_t *entry)
{
	uint64_t in;

	if (entry->alive <= entry->doubted)
	{	/* an IDLE would have told */
		in = entry->tunnel->get_packets(entry->tunnel, TRUE);
		if (in == entry->packets_in)
		{
			return FALSE;
		}
		entry->packets_in = in;
		entry->alive = coi_timer_now();
	}
	entry->heard = TRUE;
	return TRUE;
}

/**
 * The peer does not answer. Gives the entry back.
 */
static void give_up(private_coi_liveness_t *this, coi_session_entry_t *entry)
{
	coi_negative_cache_t *cache = this->config.negative_cache;
	coi_attempts_t *attempts = this->config.attempts;
	coi_executor_t *executor = this->config.executor;
	coi_opening_t *opening = this->config.opening;

	if (!entry->heard)
	{
		attempts->encap(attempts, entry);
		if (!coi_nat_encap(coi_session_nat(entry->session)))
		{
			coi_session_log_why(entry, COI_TERM_NO_ESP, FALSE,
								"ESP does not get through");
			executor->close(executor, entry, COI_TERM_NO_ESP, TRUE, COI_NO_ESP);
			return;
		}
	}
	else if ((entry->missed || entry->tunnel->get_packets(entry->tunnel, FALSE) !=
			  entry->packets_out) &&
			 !cache->find(cache, entry->me, entry->other, NULL))
	{
		DBG1(DBG_IKE, "no answer from %H through its tunnel, opening another "
			 "COI session", entry->other);
		opening->renew(opening, entry->id);
	}
	executor->checkin(executor, entry);
}

static void on_timer(void *data, uintptr_t id, u_int generation)
{
	private_coi_liveness_t *this = data;
	coi_session_table_t *sessions = this->config.sessions;
	coi_executor_t *executor = this->config.executor;
	coi_session_entry_t *entry;

	entry = sessions->checkout(sessions, id);
	if (!entry)
	{
		return;
	}
	if (!entry->probes || !entry->tunnel || is_old(this, entry) ||
		is_heard(entry))
	{
		entry->probes = 0;
		executor->checkin(executor, entry);
		return;
	}
	if (entry->probes > ASKS)
	{
		entry->probes = 0;
		give_up(this, entry);
		return;
	}
	entry->probes++;
	this->config.send(this->config.data, entry, TRUE);
	coi_timer_arm(on_timer, this, id, 0, ANSWER_TIME);
	executor->checkin(executor, entry);
}

/** Begin to doubt. */
static void doubt(private_coi_liveness_t *this, coi_session_entry_t *entry)
{
	entry->probes = 1;
	entry->doubted = coi_timer_now();
	coi_timer_arm(on_timer, this, entry->id, 0, ANSWER_TIME);
}

METHOD(coi_liveness_t, start, void,
	private_coi_liveness_t *this, coi_session_entry_t *entry)
{
	entry->slept = get_slept();
	if (!entry->heard)
	{	/* the peer's first IDLE is under way */
		doubt(this, entry);
	}
}

METHOD(coi_liveness_t, ask, void,
	private_coi_liveness_t *this, coi_session_entry_t *entry, bool missed)
{
	if (!entry->probes && !is_old(this, entry))
	{
		entry->missed = missed;
		doubt(this, entry);
		entry->probes++;
		this->config.send(this->config.data, entry, TRUE);
	}
}

static void on_soon(void *data, uintptr_t id, u_int generation)
{
	private_coi_liveness_t *this = data;
	coi_session_table_t *sessions = this->config.sessions;
	coi_executor_t *executor = this->config.executor;
	coi_session_entry_t *entry;

	entry = sessions->checkout(sessions, id);
	if (entry)
	{
		if (entry->probes > 1)
		{	/* what it was asked before may not have left */
			entry->probes = 1;
			entry->doubted = coi_timer_now();
		}
		else if (entry->established && coi_timer_now() > entry->doubted + PAUSE)
		{
			ask(this, entry, FALSE);
		}
		executor->checkin(executor, entry);
	}
}

METHOD(coi_liveness_t, ask_soon, void,
	private_coi_liveness_t *this, coi_session_entry_t *entry)
{
	coi_timer_arm(on_soon, this, entry->id, 0, entry->id * 1000 / PACE %
				  (coi_liveness_pace(this->config.counters) + 1));
}

METHOD(coi_liveness_t, woken, void,
	private_coi_liveness_t *this, coi_session_entry_t *entry)
{
	u_int slept = get_slept();

	/* the two clocks are read one after the other */
	if (slept > entry->slept + 1)
	{
		entry->slept = slept;
		ask(this, entry, FALSE);
	}
}

METHOD(coi_liveness_t, destroy, void,
	private_coi_liveness_t *this)
{
	free(this);
}

coi_liveness_t *coi_liveness_create(const coi_liveness_config_t *config)
{
	private_coi_liveness_t *this;

	INIT(this,
		.public = {
			.start = _start,
			.ask = _ask,
			.ask_soon = _ask_soon,
			.woken = _woken,
			.destroy = _destroy,
		},
		.config = *config,
	);
	return &this->public;
}
