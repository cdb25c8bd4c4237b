/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_name_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <collections/hashtable.h>
#include <networking/host.h>
#include <processing/jobs/callback_job.h>
#include <threading/condvar.h>
#include <threading/mutex.h>
#include <threading/thread.h>

/** seconds that an address stays which is not answered any more */
#define KEEP 3600

/** seconds that a name stays which nobody has asked about */
#define FORGET 7200

/** names asked at the same time: each takes a worker for as long as it takes */
#define PARALLEL 3

/** ms between looks whether a name is due */
#define TICK 500

/** ms that the first answer is waited for */
#define PATIENCE 2000

/** seconds that nobody waits after somebody has in vain */
#define IMPATIENCE 30

/** An address of a name. */
typedef struct {
	host_t *host;
	/** when it was last answered */
	time_t seen;
} address_t;

/** A name. */
typedef struct {
	char *name;
	/** address_t */
	array_t *addresses;
	/** when it is to be asked; seconds until then the next time it fails */
	time_t due;
	u_int pause;
	/** somebody has used it then */
	time_t used;
	bool asking;
	/** there was an answer, be it that there is none */
	bool asked;
	/** what was said last is that there is none */
	bool failed;
} name_t;

static struct {
	/** name_t by name; nobody but the tick removes any */
	hashtable_t *names;
	u_int interval;
	u_int asking;
	/** somebody waited in vain then */
	time_t vain;
	bool changed;
	/** guards all of the above; not held while the DNS is asked */
	mutex_t *mutex;
	/** signaled when there is an answer */
	condvar_t *condvar;
} lookup;

static void name_destroy(name_t *name)
{
	address_t address;

	while (array_remove(name->addresses, ARRAY_TAIL, &address))
	{
		address.host->destroy(address.host);
	}
	array_destroy(name->addresses);
	free(name->name);
	free(name);
}

/** Find or make a name; the mutex is held. */
static name_t *get_name(const char *str)
{
	name_t *name;

	name = lookup.names->get(lookup.names, str);
	if (!name)
	{
		INIT(name,
			.name = strdup(str),
			.addresses = array_create(sizeof(address_t), 0),
			.pause = 1,
		);
		lookup.names->put(lookup.names, name->name, name);
	}
	name->used = time_monotonic(NULL);
	return name;
}

/** Note an address that was answered; the mutex is held. */
static void note_address(name_t *name, host_t *host, time_t now)
{
	address_t address = {
		.host = host,
		.seen = now,
	}, *current;
	enumerator_t *enumerator;
	bool found = FALSE;

	enumerator = array_create_enumerator(name->addresses);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (current->host->ip_equals(current->host, host))
		{
			current->seen = now;
			found = TRUE;
		}
	}
	enumerator->destroy(enumerator);
	if (found)
	{
		return;
	}
	if (array_count(name->addresses) >= COI_NAME_LOOKUP_MAX)
	{
		DBG1(DBG_CFG, "'%s' has more than %d addresses, %H is left out",
			 name->name, COI_NAME_LOOKUP_MAX, host);
		return;
	}
	DBG1(DBG_CFG, "'%s' has address %H", name->name, host);
	address.host = host->clone(host);
	array_insert(name->addresses, ARRAY_TAIL, &address);
	lookup.changed = TRUE;
}

/** Forget addresses that were not answered for long; the mutex is held. */
static void forget_addresses(name_t *name, time_t now)
{
	enumerator_t *enumerator;
	address_t *address;

	enumerator = array_create_enumerator(name->addresses);
	while (enumerator->enumerate(enumerator, &address))
	{
		if (now - address->seen > KEEP)
		{
			DBG1(DBG_CFG, "'%s' does not have address %H any more", name->name,
				 address->host);
			address->host->destroy(address->host);
			array_remove_at(name->addresses, enumerator);
			lookup.changed = TRUE;
		}
	}
	enumerator->destroy(enumerator);
}

/** Take an answer in; the mutex is held. */
static void take_answer(name_t *name, int error, struct addrinfo *answer)
{
	time_t now = time_monotonic(NULL);
	struct addrinfo *info;
	address_t *address;
	bool any = FALSE;
	host_t *host;
	int i;

	for (info = error ? NULL : answer; info; info = info->ai_next)
	{
		host = host_create_from_sockaddr(info->ai_addr);
		/* that would stand for all hosts */
		if (host && !host->is_anyaddr(host))
		{
			host->set_port(host, 0);
			note_address(name, host, now);
			any = TRUE;
		}
		DESTROY_IF(host);
	}
	name->asked = TRUE;
	if (any)
	{
		forget_addresses(name, now);
		name->failed = FALSE;
		name->pause = 1;
		name->due = now + lookup.interval;
		return;
	}
	/* silence is no reason to forget */
	for (i = 0; i < array_count(name->addresses); i++)
	{
		array_get(name->addresses, i, &address);
		address->seen = now;
	}
	if (!name->failed)
	{
		DBG1(DBG_CFG, "'%s' has no address: %s; it is asked again, and what it "
			 "had before stays", name->name,
			 error ? gai_strerror(error) : "none that can be used");
	}
	name->failed = TRUE;
	name->due = now + name->pause;
	name->pause = min(name->pause * 2, lookup.interval);
}

/** Ask for one name, in a worker. */
static job_requeue_t ask(name_t *name)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
	}, *answer = NULL;
	int error;
	bool old;

	/* only here, where it may take long, charon may end us */
	old = thread_cancelability(TRUE);
	error = getaddrinfo(name->name, NULL, &hints, &answer);
	thread_cancelability(old);

	lookup.mutex->lock(lookup.mutex);
	take_answer(name, error, answer);
	name->asking = FALSE;
	lookup.asking--;
	lookup.condvar->broadcast(lookup.condvar);
	lookup.mutex->unlock(lookup.mutex);
	if (!error)
	{
		freeaddrinfo(answer);
	}
	return JOB_REQUEUE_NONE;
}

/** Ask names that are due, forget those nobody uses; the mutex is held. */
static void ask_due()
{
	time_t now = time_monotonic(NULL);
	enumerator_t *enumerator;
	name_t *name;

	enumerator = lookup.names->create_enumerator(lookup.names);
	while (enumerator->enumerate(enumerator, NULL, &name))
	{
		if (name->asking)
		{
			continue;
		}
		if (now - name->used > FORGET)
		{
			lookup.names->remove_at(lookup.names, enumerator);
			name_destroy(name);
		}
		else if (now >= name->due && lookup.asking < PARALLEL)
		{
			name->asking = TRUE;
			lookup.asking++;
			lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create_with_prio(
									(callback_job_cb_t)ask, name, NULL,
									(callback_job_cancel_t)return_false,
									JOB_PRIO_LOW));
		}
	}
	enumerator->destroy(enumerator);
}

static job_requeue_t tick(void *data)
{
	lookup.mutex->lock(lookup.mutex);
	ask_due();
	lookup.mutex->unlock(lookup.mutex);
	return JOB_RESCHEDULE_MS(TICK);
}

u_int coi_name_lookup_get(const char *str, array_t *hosts)
{
	address_t address;
	name_t *name;
	host_t *host;
	u_int count;
	int i;

	lookup.mutex->lock(lookup.mutex);
	name = get_name(str);
	count = array_count(name->addresses);
	for (i = 0; hosts && i < array_count(name->addresses); i++)
	{
		array_get(name->addresses, i, &address);
		host = address.host->clone(address.host);
		array_insert(hosts, ARRAY_TAIL, host);
	}
	lookup.mutex->unlock(lookup.mutex);
	return count;
}

void coi_name_lookup_wait(const char *str)
{
	timeval_t until, patience = {
		.tv_sec = PATIENCE / 1000,
	};
	name_t *name;

	time_monotonic(&until);
	timeradd(&until, &patience, &until);
	lookup.mutex->lock(lookup.mutex);
	name = get_name(str);
	if (!name->asked && (!lookup.vain ||
						 time_monotonic(NULL) - lookup.vain > IMPATIENCE))
	{
		ask_due();
		/* it was just used, so it is not forgotten meanwhile */
		while (!name->asked)
		{
			if (lookup.condvar->timed_wait_abs(lookup.condvar, lookup.mutex,
											   until))
			{
				lookup.vain = time_monotonic(NULL);
				break;
			}
			ask_due();
		}
	}
	lookup.mutex->unlock(lookup.mutex);
}

void coi_name_lookup_again()
{
	enumerator_t *enumerator;
	name_t *name;

	lookup.mutex->lock(lookup.mutex);
	enumerator = lookup.names->create_enumerator(lookup.names);
	while (enumerator->enumerate(enumerator, NULL, &name))
	{
		name->due = 0;
		name->pause = 1;
	}
	enumerator->destroy(enumerator);
	lookup.mutex->unlock(lookup.mutex);
}

bool coi_name_lookup_changed()
{
	bool changed;

	lookup.mutex->lock(lookup.mutex);
	changed = lookup.changed;
	lookup.changed = FALSE;
	lookup.mutex->unlock(lookup.mutex);
	return changed;
}

void coi_name_lookup_init(u_int interval)
{
	lookup.names = hashtable_create(hashtable_hash_str, hashtable_equals_str,
									8);
	lookup.mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	lookup.condvar = condvar_create(CONDVAR_TYPE_DEFAULT);
	lookup.interval = interval;
	lookup.asking = 0;
	lookup.vain = 0;
	lookup.changed = FALSE;
	lib->scheduler->schedule_job_ms(lib->scheduler,
					(job_t*)callback_job_create_with_prio(tick, NULL, NULL,
									(callback_job_cancel_t)return_false,
									JOB_PRIO_HIGH), TICK);
}

void coi_name_lookup_deinit()
{
	enumerator_t *enumerator;
	name_t *name;

	enumerator = lookup.names->create_enumerator(lookup.names);
	while (enumerator->enumerate(enumerator, NULL, &name))
	{
		lookup.names->remove_at(lookup.names, enumerator);
		name_destroy(name);
	}
	enumerator->destroy(enumerator);
	lookup.names->destroy(lookup.names);
	lookup.mutex->destroy(lookup.mutex);
	lookup.condvar->destroy(lookup.condvar);
}
