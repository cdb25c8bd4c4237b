/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_policy_store.h"
#include "coi_policy_apply.h"
#include "util/coi_timer.h"

#include <collections/hashtable.h>
#include <threading/condvar.h>
#include <threading/mutex.h>

/** ms until refused policies are tried again; doubled each time */
#define RETRY_FIRST 1000
#define RETRY_LAST 30000

typedef struct private_coi_policy_store_t private_coi_policy_store_t;

/** Policies that are set together. */
typedef struct {
	/** first, so that a key can be looked up */
	coi_policy_group_t key;
	/** what is installed, coi_policy_entry_t; belongs to whoever made the group busy */
	array_t *installed;
	/** what is wanted, if the kernel refused some of that, else NULL; likewise */
	array_t *pending;
	/** number of policies that are refused when it was last busy */
	u_int refused;
	/** number of installed policies when it was last busy */
	u_int count;
	bool busy;
	u_int waiting;
} group_t;

struct private_coi_policy_store_t {

	/** Public interface. */
	coi_policy_store_t public;

	/** group_t by their coi_policy_group_t */
	hashtable_t *groups;

	/** changes to other groups than pairs and refusals */
	u_int changes;

	/** number of busy groups */
	u_int busy;

	/** refused policies are to be tried again after that many ms, 0 if there are
	 * none */
	u_int retry;

	/** exclusive() is waiting or at work: no group may become busy */
	bool exclusive;

	/** guards all of the above and the groups, except what they have installed;
	 * not held during kernel calls */
	mutex_t *mutex;

	/** signaled when a group is no longer busy, or exclusive() is done */
	condvar_t *condvar;
};

static void group_destroy(group_t *group)
{
	coi_policy_entry_destroy(group->installed);
	if (group->pending)
	{
		coi_policy_entry_destroy(group->pending);
	}
	DESTROY_IF(group->key.me);
	DESTROY_IF(group->key.other);
	free(group);
}

/**
 * Get a group for oneself, made if there is none.
 */
static group_t *get_group(private_coi_policy_store_t *this,
						const coi_policy_group_t *key)
{
	group_t *group;

	this->mutex->lock(this->mutex);
	group = this->groups->get(this->groups, key);
	if (!group)
	{
		INIT(group,
			.key = {
				.kind = key->kind,
				.me = key->me ? key->me->clone(key->me) : NULL,
				.other = key->other ? key->other->clone(key->other) : NULL,
				.reqid = key->reqid,
			},
			.installed = array_create(sizeof(coi_policy_entry_t), 0),
		);
		this->groups->put(this->groups, &group->key, group);
	}
	group->waiting++;
	while (group->busy || this->exclusive)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	group->waiting--;
	group->busy = TRUE;
	this->busy++;
	this->mutex->unlock(this->mutex);
	return group;
}

/**
 * Let others have a group; it goes if nothing is installed, nor to be.
 */
static void put_group(private_coi_policy_store_t *this, group_t *group)
{
	this->mutex->lock(this->mutex);
	group->busy = FALSE;
	this->changes += group->key.kind != COI_POLICY_GROUP_PAIR &&
					 group->key.kind != COI_POLICY_GROUP_REFUSE;
	group->count = array_count(group->installed);
	group->refused = group->pending ?
					coi_policy_apply_missing(group->installed,
											 group->pending) : 0;
	this->busy--;
	if (!group->count && !group->pending && !group->waiting)
	{
		this->groups->remove(this->groups, &group->key);
		group_destroy(group);
	}
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
}

static void on_retry(void *data, uintptr_t id, u_int generation);

/**
 * Have refused policies tried again; sooner than planned if some are new.
 */
static void arm_retry(private_coi_policy_store_t *this)
{
	bool arm;

	this->mutex->lock(this->mutex);
	arm = !this->retry;
	this->retry = RETRY_FIRST;
	this->mutex->unlock(this->mutex);
	if (arm)
	{
		coi_timer_arm(on_retry, this, 0, 0, RETRY_FIRST);
	}
}

/** A group in which something is pending. */
typedef struct {
	coi_policy_group_t key;
} pending_t;

/** List the keys of groups in which something is pending. */
static array_t *list_pending(private_coi_policy_store_t *this)
{
	enumerator_t *enumerator;
	array_t *list;
	pending_t pending;
	group_t *group;

	list = array_create(sizeof(pending_t), 0);
	this->mutex->lock(this->mutex);
	enumerator = this->groups->create_enumerator(this->groups);
	while (enumerator->enumerate(enumerator, NULL, &group))
	{
		if (group->refused)
		{
			pending.key = group->key;
			pending.key.me = group->key.me ?
							 group->key.me->clone(group->key.me) : NULL;
			pending.key.other = group->key.other ?
								group->key.other->clone(group->key.other) : NULL;
			array_insert(list, ARRAY_TAIL, &pending);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return list;
}

/** Try again what is pending in a group, if it still is. */
static bool try_again(private_coi_policy_store_t *this,
					  const coi_policy_group_t *key)
{
	bool success = TRUE;
	group_t *group;

	group = get_group(this, key);
	if (group->pending)
	{
		success = coi_policy_apply(&group->key, group->installed, group->pending);
		if (success)
		{
			DBG1(DBG_KNL, "COI policies that the kernel has refused are "
				 "installed now");
			coi_policy_entry_destroy(group->pending);
			group->pending = NULL;
		}
	}
	put_group(this, group);
	return success;
}

/** Time to try refused policies again. */
static void on_retry(void *data, uintptr_t id, u_int generation)
{
	private_coi_policy_store_t *this = data;
	bool success = TRUE;
	pending_t pending;
	array_t *list;
	u_int delay;

	list = list_pending(this);
	while (array_remove(list, ARRAY_HEAD, &pending))
	{
		success &= try_again(this, &pending.key);
		DESTROY_IF(pending.key.me);
		DESTROY_IF(pending.key.other);
	}
	array_destroy(list);
	this->mutex->lock(this->mutex);
	this->retry = success ? 0 : min(this->retry * 2, RETRY_LAST);
	delay = this->retry;
	this->mutex->unlock(this->mutex);
	if (delay)
	{
		coi_timer_arm(on_retry, this, 0, 0, delay);
	}
}

METHOD(coi_policy_store_t, set, bool,
	private_coi_policy_store_t *this, const coi_policy_group_t *key,
	   array_t *wanted,
	array_t *instead)
{
	group_t *group;
	bool success, pending = FALSE;

	group = get_group(this, key);
	if (group->pending)
	{
		coi_policy_entry_destroy(group->pending);
		group->pending = NULL;
	}
	success = coi_policy_apply(&group->key, group->installed, wanted);
	if (!success)
	{
		coi_policy_apply_more(&group->key, group->installed, instead);
		/* who refuses a peer asks again by itself, and nobody would end that */
		pending = key->kind != COI_POLICY_GROUP_REFUSE;
		if (pending)
		{
			group->pending = wanted;
		}
	}
	put_group(this, group);
	if (pending)
	{
		arm_retry(this);
	}
	else
	{
		coi_policy_entry_destroy(wanted);
	}
	coi_policy_entry_destroy(instead);
	return success;
}

METHOD(coi_policy_store_t, count_refused_, u_int,
	private_coi_policy_store_t *this, coi_policy_group_kind_t kind)
{
	enumerator_t *enumerator;
	group_t *group;
	u_int count = 0;

	this->mutex->lock(this->mutex);
	enumerator = this->groups->create_enumerator(this->groups);
	while (enumerator->enumerate(enumerator, NULL, &group))
	{
		if (kind == group->key.kind || kind == COI_POLICY_GROUP_KINDS)
		{
			count += group->refused;
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return count;
}

METHOD(coi_policy_store_t, is_set, bool,
	private_coi_policy_store_t *this, const coi_policy_group_t *key)
{
	group_t *group;
	bool set;

	this->mutex->lock(this->mutex);
	group = this->groups->get(this->groups, key);
	set = group && group->count;
	this->mutex->unlock(this->mutex);
	return set;
}

METHOD(coi_policy_store_t, exclusive_, void,
	private_coi_policy_store_t *this, void (*cb)(void *data), void *data)
{
	this->mutex->lock(this->mutex);
	while (this->exclusive)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	this->exclusive = TRUE;
	while (this->busy)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	this->mutex->unlock(this->mutex);

	cb(data);

	this->mutex->lock(this->mutex);
	this->exclusive = FALSE;
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_policy_store_t, get_changes, u_int,
	private_coi_policy_store_t *this)
{
	u_int changes;

	this->mutex->lock(this->mutex);
	changes = this->changes;
	this->mutex->unlock(this->mutex);
	return changes;
}

/** What visit() is for. */
typedef struct {
	private_coi_policy_store_t *store;
	coi_policy_store_cb_t cb;
	void *data;
} visit_t;

/** Call back for the policies of a group. */
static void visit_group(visit_t *visit, group_t *group)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *policy;

	enumerator = array_create_enumerator(group->installed);
	while (enumerator->enumerate(enumerator, &policy))
	{
		visit->cb(visit->data, &group->key, policy);
	}
	enumerator->destroy(enumerator);
}

/**
 * Call back for all policies. Nobody else is at work on the groups, so none goes;
 * some may be added that are empty.
 */
static void visit_all(void *data)
{
	static const coi_policy_group_kind_t kinds[] = {
		COI_POLICY_GROUP_TRAP, COI_POLICY_GROUP_CLOSED, COI_POLICY_GROUP_DROP,
		COI_POLICY_GROUP_OPEN, COI_POLICY_GROUP_GUEST, COI_POLICY_GROUP_PAIR,
		COI_POLICY_GROUP_REFUSE,
	};
	visit_t *visit = data;
	enumerator_t *enumerator;
	array_t *groups;
	group_t *group;
	u_int i;
	int j;

	groups = array_create(0, 0);
	visit->store->mutex->lock(visit->store->mutex);
	enumerator = visit->store->groups->create_enumerator(visit->store->groups);
	while (enumerator->enumerate(enumerator, NULL, &group))
	{
		array_insert(groups, ARRAY_TAIL, group);
	}
	enumerator->destroy(enumerator);
	visit->store->mutex->unlock(visit->store->mutex);
	for (i = 0; i < countof(kinds); i++)
	{
		for (j = 0; j < array_count(groups); j++)
		{
			array_get(groups, j, &group);
			if (group->key.kind == kinds[i])
			{
				visit_group(visit, group);
			}
		}
	}
	array_destroy(groups);
}

METHOD(coi_policy_store_t, visit, void,
	private_coi_policy_store_t *this, coi_policy_store_cb_t cb, void *data)
{
	visit_t visit = {
		.store = this,
		.cb = cb,
		.data = data,
	};

	exclusive_(this, visit_all, &visit);
}

METHOD(coi_policy_store_t, destroy, void,
	private_coi_policy_store_t *this)
{
	coi_policy_group_kind_t kind;
	enumerator_t *enumerator;
	array_t *none;
	group_t *group;

	none = coi_policy_entry_create();
	for (kind = 0; kind < COI_POLICY_GROUP_KINDS; kind++)
	{
		enumerator = this->groups->create_enumerator(this->groups);
		while (enumerator->enumerate(enumerator, NULL, &group))
		{
			if (group->key.kind == kind)
			{
				coi_policy_apply(&group->key, group->installed, none);
			}
		}
		enumerator->destroy(enumerator);
	}
	enumerator = this->groups->create_enumerator(this->groups);
	while (enumerator->enumerate(enumerator, NULL, &group))
	{
		this->groups->remove_at(this->groups, enumerator);
		group_destroy(group);
	}
	enumerator->destroy(enumerator);
	array_destroy(none);
	this->groups->destroy(this->groups);
	this->condvar->destroy(this->condvar);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_policy_store_t *coi_policy_store_create()
{
	private_coi_policy_store_t *this;

	INIT(this,
		.public = {
			.set = _set,
			.is_set = _is_set,
			.count_refused = _count_refused_,
			.get_changes = _get_changes,
			.visit = _visit,
			.exclusive = _exclusive_,
			.destroy = _destroy,
		},
		.groups = hashtable_create((hashtable_hash_t)coi_policy_group_hash,
								  (hashtable_equals_t)coi_policy_group_equals, 64),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);

	return &this->public;
}
