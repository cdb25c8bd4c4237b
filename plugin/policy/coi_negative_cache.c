/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_negative_cache.h"
#include "util/coi_host_multimap.h"
#include "util/coi_timer.h"

#include <collections/linked_list.h>
#include <threading/mutex.h>

typedef struct private_coi_negative_cache_t private_coi_negative_cache_t;
typedef struct refused_t refused_t;

struct private_coi_negative_cache_t {
	coi_negative_cache_t public;
	coi_pair_policy_t *policy;
	const coi_options_t *options;

	/** guards all below; not held during kernel calls */
	mutex_t *mutex;

	/** refused_t, the oldest first: all last as long */
	linked_list_t *list;
	/** the same by the peer's address */
	coi_host_multimap_t *peers;
	/** the one timer is armed, for the first of the list */
	bool armed;
};

/** A peer that did not answer. */
struct refused_t {
	host_t *me;
	host_t *other;
	coi_origin_t origin;
	/** when it ends, monotonic ms */
	uint64_t until;
};

static void refused_destroy(refused_t *refused)
{
	refused->me->destroy(refused->me);
	refused->other->destroy(refused->other);
	free(refused);
}

/**
 * Find one between two hosts; each may be NULL for any. The mutex is held.
 */
static refused_t *search(private_coi_negative_cache_t *this, host_t *me,
						 host_t *other)
{
	refused_t *current = NULL, *found = NULL;
	enumerator_t *enumerator;

	enumerator = other ? this->peers->create_enumerator(this->peers, other)
					   : this->list->create_enumerator(this->list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (!me || me->ip_equals(me, current->me))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Find one that has to make room: the oldest of an origin that has more than its
 * share, or of all. The mutex is held.
 */
static refused_t *search_excess(private_coi_negative_cache_t *this,
								coi_origin_t origin)
{
	u_int size = this->options->negative_cache_size, count = 0;
	refused_t *current, *oldest = NULL;
	enumerator_t *enumerator;

	enumerator = this->list->create_enumerator(this->list);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (current->origin == origin)
		{
			oldest = oldest ?: current;
			count++;
		}
	}
	enumerator->destroy(enumerator);
	if (origin != COI_ORIGIN_SELF &&
		count > coi_origin_share(origin, size, this->options->own_share))
	{
		return oldest;
	}
	current = NULL;
	if (this->list->get_count(this->list) > (int)size)
	{
		this->list->get_first(this->list, (void**)&current);
	}
	return current;
}

/** Take one out of the list. The mutex is held. */
static void take_out(private_coi_negative_cache_t *this, refused_t *refused)
{
	this->list->remove(this->list, refused, NULL);
	this->peers->remove(this->peers, refused->other, refused);
}

/** Stop refusing traffic to a peer that is in the list no more. */
static void stop_refusing(private_coi_negative_cache_t *this,
						  refused_t *refused)
{
	this->policy->refuse(this->policy, refused->me, refused->other, FALSE);
	refused_destroy(refused);
}

/**
 * Stop refusing traffic between two hosts; each may be NULL for any.
 *
 * @return			FALSE if there is none
 */
static bool stop(private_coi_negative_cache_t *this, host_t *me, host_t *other)
{
	refused_t *found;

	this->mutex->lock(this->mutex);
	found = search(this, me, other);
	if (found)
	{
		take_out(this, found);
	}
	this->mutex->unlock(this->mutex);
	if (found)
	{
		stop_refusing(this, found);
	}
	return found != NULL;
}

static void on_timer(void *data, uintptr_t id, u_int generation);

/** Be woken when the first one ends. The mutex is held. */
static void arm(private_coi_negative_cache_t *this, uint64_t now)
{
	refused_t *first;

	if (!this->armed &&
		this->list->get_first(this->list, (void**)&first) == SUCCESS)
	{
		this->armed = TRUE;
		coi_timer_arm(on_timer, this, 0, 0,
					  first->until > now ? first->until - now : 0);
	}
}

/** Stop refusing those whose time is over. */
static void on_timer(void *data, uintptr_t id, u_int generation)
{
	private_coi_negative_cache_t *this = data;
	uint64_t now = coi_timer_now();
	refused_t *first;

	do
	{
		this->mutex->lock(this->mutex);
		if (this->list->get_first(this->list, (void**)&first) != SUCCESS ||
			first->until > now)
		{
			this->armed = FALSE;
			arm(this, now);
			first = NULL;
		}
		else
		{
			take_out(this, first);
		}
		this->mutex->unlock(this->mutex);
		if (first)
		{
			stop_refusing(this, first);
		}
	}
	while (first);
}

METHOD(coi_negative_cache_t, add, void,
	private_coi_negative_cache_t *this, host_t *me, host_t *other,
	   coi_origin_t origin)
{
	refused_t *refused, *excess, *old;
	uint64_t now = coi_timer_now();

	if (!this->options->negative_cache)
	{
		return;
	}
	this->mutex->lock(this->mutex);
	old = search(this, me, other);
	if (old)
	{
		take_out(this, old);
	}
	this->mutex->unlock(this->mutex);
	/* what refused it so far stays, also if the kernel takes nothing new */
	if (this->policy->refuse(this->policy, me, other, TRUE) || old)
	{
		INIT(refused,
			.me = me->clone(me),
			.other = other->clone(other),
			.origin = origin,
			.until = now + this->options->negative_cache * 1000,
		);
		this->mutex->lock(this->mutex);
		this->list->insert_last(this->list, refused);
		this->peers->add(this->peers, refused->other, refused);
		excess = search_excess(this, origin);
		if (excess)
		{
			take_out(this, excess);
		}
		arm(this, now);
		this->mutex->unlock(this->mutex);
		if (excess)
		{
			stop_refusing(this, excess);
		}
	}
	if (old)
	{
		refused_destroy(old);
	}
}

METHOD(coi_negative_cache_t, remove_, void,
	private_coi_negative_cache_t *this, host_t *me, host_t *other)
{
	stop(this, me, other);
}

METHOD(coi_negative_cache_t, forget, u_int,
	private_coi_negative_cache_t *this, host_t *other)
{
	u_int count = 0;

	while (stop(this, NULL, other))
	{
		count++;
	}
	return count;
}

/** Seconds that are left of a time. */
static u_int seconds_to(uint64_t until, uint64_t now)
{
	return until > now ? (until - now + 999) / 1000 : 0;
}

METHOD(coi_negative_cache_t, find, bool,
	private_coi_negative_cache_t *this, host_t *me, host_t *other, u_int *left)
{
	uint64_t now = coi_timer_now();
	refused_t *found;

	this->mutex->lock(this->mutex);
	found = search(this, me, other);
	if (found && left)
	{
		*left = seconds_to(found->until, now);
	}
	this->mutex->unlock(this->mutex);
	return found != NULL;
}

METHOD(coi_negative_cache_t, for_all, void,
	private_coi_negative_cache_t *this, coi_negative_cache_cb_t cb, void *data)
{
	uint64_t now = coi_timer_now();
	enumerator_t *enumerator;
	refused_t *current;

	this->mutex->lock(this->mutex);
	enumerator = this->list->create_enumerator(this->list);
	while (enumerator->enumerate(enumerator, &current))
	{
		cb(data, current->me, current->other, seconds_to(current->until, now));
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_negative_cache_t, destroy, void,
	private_coi_negative_cache_t *this)
{
	refused_t *current;

	while ((current = search(this, NULL, NULL)))
	{
		take_out(this, current);
		refused_destroy(current);
	}
	this->list->destroy(this->list);
	this->peers->destroy(this->peers);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_negative_cache_t *coi_negative_cache_create(coi_pair_policy_t *policy,
												const coi_options_t *options)
{
	private_coi_negative_cache_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.forget = _forget,
			.find = _find,
			.for_all = _for_all,
			.destroy = _destroy,
		},
		.policy = policy,
		.options = options,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.list = linked_list_create(),
		.peers = coi_host_multimap_create(),
	);
	return &this->public;
}
