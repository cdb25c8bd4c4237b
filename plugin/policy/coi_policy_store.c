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
	coi_slot_key_t key;
	/** what is installed, coi_policy_entry_t; belongs to who made the slot busy */
	array_t *installed;
	/** what is wanted, if the kernel refused some of that, else NULL; likewise */
	array_t *pending;
	/** number of policies that are refused when it was last busy */
	u_int refused;
	/** number of installed policies when it was last busy */
	u_int count;
	bool busy;
	u_int waiting;
} slot_t;

struct private_coi_policy_store_t {

	/** Public interface. */
	coi_policy_store_t public;

	/** slot_t by their coi_slot_key_t */
	hashtable_t *slots;

	/** changes to other slots than pairs and refusals */
	u_int changes;

	/** number of busy slots */
	u_int busy;

	/** refused policies are to be tried again after that many ms, 0 if there are
	 * none */
	u_int retry;

	/** exclusive() is waiting or at work: no slot may become busy */
	bool exclusive;

	/** guards all of the above and the slots, except what they have installed;
	 * not held during kernel calls */
	mutex_t *mutex;

	/** signaled when a slot is no longer busy, or exclusive() is done */
	condvar_t *condvar;
};

static bool key_equals(const coi_slot_key_t *a, const coi_slot_key_t *b)
{
	return a->kind == b->kind && a->reqid == b->reqid &&
		   coi_policy_entry_same_host(a->me, b->me) && coi_policy_entry_same_host(a->other, b->other);
}

static void slot_destroy(slot_t *slot)
{
	coi_policy_entry_destroy(slot->installed);
	if (slot->pending)
	{
		coi_policy_entry_destroy(slot->pending);
	}
	DESTROY_IF(slot->key.me);
	DESTROY_IF(slot->key.other);
	free(slot);
}

/**
 * Get a slot for oneself, made if there is none.
 */
static slot_t *get_slot(private_coi_policy_store_t *this,
						const coi_slot_key_t *key)
{
	slot_t *slot;

	this->mutex->lock(this->mutex);
	slot = this->slots->get(this->slots, key);
	if (!slot)
	{
		INIT(slot,
			.key = {
				.kind = key->kind,
				.me = key->me ? key->me->clone(key->me) : NULL,
				.other = key->other ? key->other->clone(key->other) : NULL,
				.reqid = key->reqid,
			},
			.installed = array_create(sizeof(coi_policy_entry_t), 0),
		);
		this->slots->put(this->slots, &slot->key, slot);
	}
	slot->waiting++;
	while (slot->busy || this->exclusive)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	slot->waiting--;
	slot->busy = TRUE;
	this->busy++;
	this->mutex->unlock(this->mutex);
	return slot;
}

/**
 * Let others have a slot; it goes if nothing is installed, nor to be.
 */
static void put_slot(private_coi_policy_store_t *this, slot_t *slot)
{
	this->mutex->lock(this->mutex);
	slot->busy = FALSE;
	this->changes += slot->key.kind != COI_SLOT_PAIR &&
					 slot->key.kind != COI_SLOT_REFUSE;
	slot->count = array_count(slot->installed);
	slot->refused = slot->pending ?
					coi_policy_apply_missing(slot->installed,
											 slot->pending) : 0;
	this->busy--;
	if (!slot->count && !slot->pending && !slot->waiting)
	{
		this->slots->remove(this->slots, &slot->key);
		slot_destroy(slot);
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

/** A slot in which something is pending. */
typedef struct {
	coi_slot_key_t key;
} pending_t;

/** List the keys of slots in which something is pending. */
static array_t *list_pending(private_coi_policy_store_t *this)
{
	enumerator_t *enumerator;
	array_t *list;
	pending_t pending;
	slot_t *slot;

	list = array_create(sizeof(pending_t), 0);
	this->mutex->lock(this->mutex);
	enumerator = this->slots->create_enumerator(this->slots);
	while (enumerator->enumerate(enumerator, NULL, &slot))
	{
		if (slot->refused)
		{
			pending.key = slot->key;
			pending.key.me = slot->key.me ?
							 slot->key.me->clone(slot->key.me) : NULL;
			pending.key.other = slot->key.other ?
								slot->key.other->clone(slot->key.other) : NULL;
			array_insert(list, ARRAY_TAIL, &pending);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return list;
}

/** Try again what is pending in a slot, if it still is. */
static bool try_again(private_coi_policy_store_t *this,
					  const coi_slot_key_t *key)
{
	bool success = TRUE;
	slot_t *slot;

	slot = get_slot(this, key);
	if (slot->pending)
	{
		success = coi_policy_apply(&slot->key, slot->installed, slot->pending);
		if (success)
		{
			DBG1(DBG_KNL, "COI policies that the kernel has refused are "
				 "installed now");
			coi_policy_entry_destroy(slot->pending);
			slot->pending = NULL;
		}
	}
	put_slot(this, slot);
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
	private_coi_policy_store_t *this, const coi_slot_key_t *key,
	   array_t *wanted,
	array_t *instead)
{
	slot_t *slot;
	bool success, pending = FALSE;

	slot = get_slot(this, key);
	if (slot->pending)
	{
		coi_policy_entry_destroy(slot->pending);
		slot->pending = NULL;
	}
	success = coi_policy_apply(&slot->key, slot->installed, wanted);
	if (!success)
	{
		coi_policy_apply_more(&slot->key, slot->installed, instead);
		/* who refuses a peer asks again by itself, and nobody would end that */
		pending = key->kind != COI_SLOT_REFUSE;
		if (pending)
		{
			slot->pending = wanted;
		}
	}
	put_slot(this, slot);
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
	private_coi_policy_store_t *this)
{
	enumerator_t *enumerator;
	slot_t *slot;
	u_int count = 0;

	this->mutex->lock(this->mutex);
	enumerator = this->slots->create_enumerator(this->slots);
	while (enumerator->enumerate(enumerator, NULL, &slot))
	{
		count += slot->refused;
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return count;
}

METHOD(coi_policy_store_t, is_set, bool,
	private_coi_policy_store_t *this, const coi_slot_key_t *key)
{
	slot_t *slot;
	bool set;

	this->mutex->lock(this->mutex);
	slot = this->slots->get(this->slots, key);
	set = slot && slot->count;
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
	private_coi_policy_store_t *slots;
	coi_policy_store_cb_t cb;
	void *data;
} visit_t;

/** Call back for the policies of a slot. */
static void visit_slot(visit_t *visit, slot_t *slot)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *policy;

	enumerator = array_create_enumerator(slot->installed);
	while (enumerator->enumerate(enumerator, &policy))
	{
		visit->cb(visit->data, &slot->key, policy);
	}
	enumerator->destroy(enumerator);
}

/**
 * Call back for all policies. Nobody else is at work on the slots, so none goes;
 * some may be added that are empty.
 */
static void visit_all(void *data)
{
	static const coi_slot_kind_t kinds[] = {
		COI_SLOT_TRAP, COI_SLOT_CLOSED, COI_SLOT_DROP, COI_SLOT_OPEN,
		COI_SLOT_GUEST, COI_SLOT_PAIR, COI_SLOT_REFUSE,
	};
	visit_t *visit = data;
	enumerator_t *enumerator;
	array_t *slots;
	slot_t *slot;
	u_int i;
	int j;

	slots = array_create(0, 0);
	visit->slots->mutex->lock(visit->slots->mutex);
	enumerator = visit->slots->slots->create_enumerator(visit->slots->slots);
	while (enumerator->enumerate(enumerator, NULL, &slot))
	{
		array_insert(slots, ARRAY_TAIL, slot);
	}
	enumerator->destroy(enumerator);
	visit->slots->mutex->unlock(visit->slots->mutex);
	for (i = 0; i < countof(kinds); i++)
	{
		for (j = 0; j < array_count(slots); j++)
		{
			array_get(slots, j, &slot);
			if (slot->key.kind == kinds[i])
			{
				visit_slot(visit, slot);
			}
		}
	}
	array_destroy(slots);
}

METHOD(coi_policy_store_t, visit, void,
	private_coi_policy_store_t *this, coi_policy_store_cb_t cb, void *data)
{
	visit_t visit = {
		.slots = this,
		.cb = cb,
		.data = data,
	};

	exclusive_(this, visit_all, &visit);
}

METHOD(coi_policy_store_t, destroy, void,
	private_coi_policy_store_t *this)
{
	coi_slot_kind_t kind;
	enumerator_t *enumerator;
	array_t *none;
	slot_t *slot;

	none = coi_policy_entry_create();
	for (kind = 0; kind < COI_SLOT_KINDS; kind++)
	{
		enumerator = this->slots->create_enumerator(this->slots);
		while (enumerator->enumerate(enumerator, NULL, &slot))
		{
			if (slot->key.kind == kind)
			{
				coi_policy_apply(&slot->key, slot->installed, none);
			}
		}
		enumerator->destroy(enumerator);
	}
	enumerator = this->slots->create_enumerator(this->slots);
	while (enumerator->enumerate(enumerator, NULL, &slot))
	{
		this->slots->remove_at(this->slots, enumerator);
		slot_destroy(slot);
	}
	enumerator->destroy(enumerator);
	array_destroy(none);
	this->slots->destroy(this->slots);
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
		.slots = hashtable_create((hashtable_hash_t)coi_policy_entry_hash_key,
								  (hashtable_equals_t)key_equals, 64),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);

	return &this->public;
}
