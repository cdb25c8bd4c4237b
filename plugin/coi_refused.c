/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_refused.h"
#include "coi_peers.h"
#include "coi_timer.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

typedef struct private_coi_refused_t private_coi_refused_t;
typedef struct refused_t refused_t;

struct private_coi_refused_t {
	coi_refused_t public;
	coi_policy_t *policy;
	u_int seconds;

	/** guards all below */
	mutex_t *mutex;

	/** id -> refused_t */
	hashtable_t *ids;
	/** the same by the peer's address */
	coi_peers_t *peers;
	uintptr_t last_id;
};

/** A peer that did not answer. */
struct refused_t {
	/** what the timer knows it by */
	uintptr_t id;
	host_t *me;
	host_t *other;
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
static refused_t *search(private_coi_refused_t *this, host_t *me, host_t *other)
{
	refused_t *current = NULL, *found = NULL;
	enumerator_t *enumerator;

	enumerator = other ? this->peers->create_enumerator(this->peers, other)
					   : this->ids->create_enumerator(this->ids);
	while (!found && (other ? enumerator->enumerate(enumerator, &current)
							: enumerator->enumerate(enumerator, NULL, &current)))
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
 * Stop refusing traffic to the peer with an id, or if that is 0, between two
 * hosts; each may be NULL for any.
 *
 * @return			FALSE if there is none
 */
static bool stop(private_coi_refused_t *this, uintptr_t id, host_t *me,
				 host_t *other)
{
	refused_t *found;

	this->mutex->lock(this->mutex);
	found = id ? this->ids->get(this->ids, (void*)id) : search(this, me, other);
	if (found)
	{
		this->ids->remove(this->ids, (void*)found->id);
		this->peers->remove(this->peers, found->other, found);
	}
	this->mutex->unlock(this->mutex);
	if (found)
	{
		this->policy->refuse(this->policy, found->me, found->other, FALSE);
		refused_destroy(found);
	}
	return found != NULL;
}

static void on_timer(void *data, uintptr_t id, u_int generation)
{
	stop(data, id, NULL, NULL);
}

METHOD(coi_refused_t, add, void,
	private_coi_refused_t *this, host_t *me, host_t *other)
{
	refused_t *refused;

	if (!this->seconds)
	{
		return;
	}
	stop(this, 0, me, other);
	if (this->policy->refuse(this->policy, me, other, TRUE))
	{
		INIT(refused,
			.me = me->clone(me),
			.other = other->clone(other),
		);
		this->mutex->lock(this->mutex);
		refused->id = ++this->last_id;
		refused->until = coi_timer_now() + this->seconds * 1000;
		this->ids->put(this->ids, (void*)refused->id, refused);
		this->peers->add(this->peers, refused->other, refused);
		this->mutex->unlock(this->mutex);
		coi_timer_arm(on_timer, this, refused->id, 0, this->seconds * 1000);
	}
}

METHOD(coi_refused_t, remove_, void,
	private_coi_refused_t *this, host_t *me, host_t *other)
{
	stop(this, 0, me, other);
}

METHOD(coi_refused_t, forget, u_int,
	private_coi_refused_t *this, host_t *other)
{
	u_int count = 0;

	while (stop(this, 0, NULL, other))
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

METHOD(coi_refused_t, find, bool,
	private_coi_refused_t *this, host_t *me, host_t *other, u_int *left)
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

METHOD(coi_refused_t, for_all, void,
	private_coi_refused_t *this, coi_refused_cb_t cb, void *data)
{
	uint64_t now = coi_timer_now();
	enumerator_t *enumerator;
	refused_t *current;

	this->mutex->lock(this->mutex);
	enumerator = this->ids->create_enumerator(this->ids);
	while (enumerator->enumerate(enumerator, NULL, &current))
	{
		cb(data, current->me, current->other, seconds_to(current->until, now));
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_refused_t, destroy, void,
	private_coi_refused_t *this)
{
	refused_t *current;

	while ((current = search(this, NULL, NULL)))
	{
		this->ids->remove(this->ids, (void*)current->id);
		this->peers->remove(this->peers, current->other, current);
		refused_destroy(current);
	}
	this->ids->destroy(this->ids);
	this->peers->destroy(this->peers);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_refused_t *coi_refused_create(coi_policy_t *policy, u_int seconds)
{
	private_coi_refused_t *this;

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
		.seconds = seconds,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.ids = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 8),
		.peers = coi_peers_create(),
	);
	return &this->public;
}
