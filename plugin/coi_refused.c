/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_refused.h"
#include "coi_timer.h"

#include <collections/array.h>
#include <threading/mutex.h>

typedef struct private_coi_refused_t private_coi_refused_t;
typedef struct refused_t refused_t;

struct private_coi_refused_t {
	coi_refused_t public;
	coi_policy_t *policy;
	u_int seconds;

	/** guards list and last_id */
	mutex_t *mutex;

	/** refused_t */
	array_t *list;
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

/** Whether it is between two hosts; each may be NULL for any. */
static bool is_between(const refused_t *refused, host_t *me, host_t *other)
{
	return (!me || me->ip_equals(me, refused->me)) &&
		   (!other || other->ip_equals(other, refused->other));
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
	refused_t *current, *found = NULL;
	enumerator_t *enumerator;

	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->list);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (id ? current->id == id : is_between(current, me, other))
		{
			array_remove_at(this->list, enumerator);
			found = current;
			break;
		}
	}
	enumerator->destroy(enumerator);
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
		array_insert(this->list, ARRAY_TAIL, refused);
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
	enumerator_t *enumerator;
	refused_t *current;
	bool found = FALSE;

	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = is_between(current, me, other);
		if (found && left)
		{
			*left = seconds_to(current->until, now);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(coi_refused_t, for_all, void,
	private_coi_refused_t *this, coi_refused_cb_t cb, void *data)
{
	uint64_t now = coi_timer_now();
	enumerator_t *enumerator;
	refused_t *current;

	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->list);
	while (enumerator->enumerate(enumerator, &current))
	{
		cb(data, current->me, current->other, seconds_to(current->until, now));
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_refused_t, destroy, void,
	private_coi_refused_t *this)
{
	array_destroy_function(this->list, (void*)refused_destroy, NULL);
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
		.list = array_create(0, 0),
	);
	return &this->public;
}
