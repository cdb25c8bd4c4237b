/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_slots.h"
#include "coi_interfaces.h"
#include "coi_sink.h"

#include <collections/hashtable.h>
#include <threading/condvar.h>
#include <threading/mutex.h>

typedef struct private_coi_slots_t private_coi_slots_t;

/** Policies that are set together. */
typedef struct {
	/** first, so that a key can be looked up */
	coi_slot_key_t key;
	/** what is installed, coi_wanted_t; belongs to who made the slot busy */
	array_t *installed;
	/** number of installed policies when it was last busy */
	u_int count;
	bool busy;
	u_int waiting;
} slot_t;

struct private_coi_slots_t {

	/** Public interface. */
	coi_slots_t public;

	/** slot_t by their coi_slot_key_t */
	hashtable_t *slots;

	/** number of busy slots */
	u_int busy;

	/** exclusive() is waiting or at work: no slot may become busy */
	bool exclusive;

	/** guards all of the above and the slots, except what they have installed;
	 * not held during kernel calls */
	mutex_t *mutex;

	/** signaled when a slot is no longer busy, or exclusive() is done */
	condvar_t *condvar;
};

static u_int key_hash(const coi_slot_key_t *key)
{
	u_int hash;

	hash = chunk_hash(chunk_from_thing(key->kind));
	hash = chunk_hash_inc(chunk_from_thing(key->reqid), hash);
	if (key->me)
	{
		hash = chunk_hash_inc(key->me->get_address(key->me), hash);
		hash = chunk_hash_inc(key->other->get_address(key->other), hash);
	}
	return hash;
}

static bool host_equals(host_t *a, host_t *b)
{
	return a == b || (a && b && a->ip_equals(a, b));
}

static bool key_equals(const coi_slot_key_t *a, const coi_slot_key_t *b)
{
	return a->kind == b->kind && a->reqid == b->reqid &&
		   host_equals(a->me, b->me) && host_equals(a->other, b->other);
}

static bool policy_equals(const coi_wanted_t *a, const coi_wanted_t *b)
{
	return a->dir == b->dir && a->type == b->type && a->prio == b->prio &&
		   a->mode == b->mode && a->reqid == b->reqid &&
		   a->mark.value == b->mark.value && a->mark.mask == b->mark.mask &&
		   a->if_id == b->if_id && a->sink == b->sink &&
		   a->unmarked == b->unmarked &&
		   host_equals(a->peer, b->peer) &&
		   a->local->equals(a->local, b->local) &&
		   a->remote->equals(a->remote, b->remote);
}

static bool has_policy(array_t *list, const coi_wanted_t *policy)
{
	coi_wanted_t *current;
	enumerator_t *enumerator;
	bool found = FALSE;

	enumerator = array_create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = policy_equals(current, policy);
	}
	enumerator->destroy(enumerator);
	return found;
}

static void policy_clear(coi_wanted_t *policy)
{
	policy->local->destroy(policy->local);
	policy->remote->destroy(policy->remote);
	DESTROY_IF(policy->peer);
}

void coi_wanted_destroy(array_t *list)
{
	coi_wanted_t policy;

	while (array_remove(list, ARRAY_TAIL, &policy))
	{
		policy_clear(&policy);
	}
	array_destroy(list);
}

array_t *coi_wanted_create()
{
	return array_create(sizeof(coi_wanted_t), 0);
}

void coi_wanted_add(array_t *list, coi_wanted_t policy, policy_dir_t dir,
					traffic_selector_t *local, traffic_selector_t *remote)
{
	policy.dir = dir;
	policy.local = local->clone(local);
	policy.remote = remote->clone(remote);
	policy.peer = policy.peer ? policy.peer->clone(policy.peer) : NULL;
	array_insert(list, ARRAY_TAIL, &policy);
}

static void slot_destroy(slot_t *slot)
{
	coi_wanted_destroy(slot->installed);
	DESTROY_IF(slot->key.me);
	DESTROY_IF(slot->key.other);
	free(slot);
}

/**
 * Get a slot for oneself, made if there is none.
 */
static slot_t *get_slot(private_coi_slots_t *this,
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
			.installed = array_create(sizeof(coi_wanted_t), 0),
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
 * Let others have a slot; it goes if nothing is installed.
 */
static void put_slot(private_coi_slots_t *this, slot_t *slot)
{
	this->mutex->lock(this->mutex);
	slot->busy = FALSE;
	slot->count = array_count(slot->installed);
	this->busy--;
	if (!slot->count && !slot->waiting)
	{
		this->slots->remove(this->slots, &slot->key);
		slot_destroy(slot);
	}
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
}

/**
 * Put a policy into the kernel or take it out.
 */
static bool change(const coi_slot_key_t *key, const coi_wanted_t *policy,
				   bool add)
{
	bool out = policy->dir == POLICY_OUT;
	int family = policy->local->get_type(policy->local) == TS_IPV4_ADDR_RANGE ?
				 AF_INET : AF_INET6;
	host_t *me, *other, *peer;
	ipsec_sa_cfg_t sa = {
		.mode = policy->mode,
		.reqid = policy->reqid,
		.esp = {
			/* no SPI: any SA of the reqid will do */
			.use = policy->reqid != 0,
		},
	};
	kernel_ipsec_policy_id_t id = {
		.dir = policy->dir,
		.src_ts = out ? policy->local : policy->remote,
		.dst_ts = out ? policy->remote : policy->local,
		.mark = policy->mark,
		.if_id = policy->if_id,
	};
	kernel_ipsec_manage_policy_t data = {
		.type = policy->type,
		.prio = POLICY_PRIORITY_DEFAULT,
		.manual_prio = policy->prio,
		.sa = &sa,
	};
	bool success = TRUE;

	if (policy->sink)
	{
		return coi_sink_policy(policy, key_hash(key), add);
	}
	peer = policy->peer ?: key->other;
	if (peer)
	{	/* of a mixed tunnel the ends count, not what is in it */
		family = peer->get_family(peer);
	}
	me = key->me ? key->me->clone(key->me) : host_create_any(family);
	other = peer ? peer->clone(peer) : host_create_any(family);
	data.src = out ? me : other;
	data.dst = out ? other : me;
	if (!add)
	{
		charon->kernel->del_policy(charon->kernel, &id, &data);
	}
	else if (charon->kernel->add_policy(charon->kernel, &id, &data) != SUCCESS)
	{
		DBG1(DBG_KNL, "COI policy %R === %R %N refused by the kernel",
			 id.src_ts, id.dst_ts, policy_dir_names, policy->dir);
		/* kernel-netlink remembers even what the kernel has refused */
		charon->kernel->del_policy(charon->kernel, &id, &data);
		success = FALSE;
	}
	if (success && out && policy->if_id)
	{
		coi_interfaces_use(policy->if_id, add);
	}
	me->destroy(me);
	other->destroy(other);
	return success;
}

/** The order in which policies are removed. */
typedef enum {
	/** let pass or call out */
	STEP_FLOWS,
	STEP_BLOCKS,
	/** while the others stand they are needed, see coi_errors.h */
	STEP_VOID,
	STEPS,
} step_t;

static step_t get_step(const coi_wanted_t *policy)
{
	if (policy->sink == COI_REQID_VOID)
	{
		return STEP_VOID;
	}
	return policy->type == POLICY_DROP ? STEP_BLOCKS : STEP_FLOWS;
}

/**
 * Remove what is installed and not wanted, one step.
 */
static void remove_unwanted(slot_t *slot, array_t *wanted, step_t step)
{
	enumerator_t *enumerator;
	coi_wanted_t *policy;

	enumerator = array_create_enumerator(slot->installed);
	while (enumerator->enumerate(enumerator, &policy))
	{
		if (get_step(policy) == step && !has_policy(wanted, policy))
		{
			change(&slot->key, policy, FALSE);
			policy_clear(policy);
			array_remove_at(slot->installed, enumerator);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Make a slot's installed policies the wanted ones, new before old.
 *
 * @return			FALSE if the kernel refused one, nothing is removed then
 */
static bool apply(slot_t *slot, array_t *wanted)
{
	enumerator_t *enumerator;
	coi_wanted_t *policy;
	bool success = TRUE;
	step_t step;

	enumerator = array_create_enumerator(wanted);
	while (success && enumerator->enumerate(enumerator, &policy))
	{
		if (has_policy(slot->installed, policy))
		{
			continue;
		}
		success = change(&slot->key, policy, TRUE);
		if (success)
		{
			coi_wanted_add(slot->installed, *policy, policy->dir,
						   policy->local, policy->remote);
		}
	}
	enumerator->destroy(enumerator);
	if (success)
	{
		for (step = 0; step < STEPS; step++)
		{
			remove_unwanted(slot, wanted, step);
		}
	}
	return success;
}

METHOD(coi_slots_t, set, bool,
	private_coi_slots_t *this, const coi_slot_key_t *key, array_t *wanted,
	array_t *instead)
{
	slot_t *slot;
	bool success;

	slot = get_slot(this, key);
	success = apply(slot, wanted);
	if (!success)
	{
		apply(slot, instead);
	}
	put_slot(this, slot);
	coi_wanted_destroy(wanted);
	coi_wanted_destroy(instead);
	return success;
}

METHOD(coi_slots_t, is_set, bool,
	private_coi_slots_t *this, const coi_slot_key_t *key)
{
	slot_t *slot;
	bool set;

	this->mutex->lock(this->mutex);
	slot = this->slots->get(this->slots, key);
	set = slot && slot->count;
	this->mutex->unlock(this->mutex);
	return set;
}

METHOD(coi_slots_t, exclusive, void,
	private_coi_slots_t *this, void (*cb)(void *data), void *data)
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

METHOD(coi_slots_t, destroy, void,
	private_coi_slots_t *this)
{
	coi_slot_kind_t kind;
	enumerator_t *enumerator;
	array_t *none;
	slot_t *slot;

	none = coi_wanted_create();
	for (kind = 0; kind < COI_SLOT_KINDS; kind++)
	{
		enumerator = this->slots->create_enumerator(this->slots);
		while (enumerator->enumerate(enumerator, NULL, &slot))
		{
			if (slot->key.kind == kind)
			{
				apply(slot, none);
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

coi_slots_t *coi_slots_create()
{
	private_coi_slots_t *this;

	INIT(this,
		.public = {
			.set = _set,
			.is_set = _is_set,
			.exclusive = _exclusive,
			.destroy = _destroy,
		},
		.slots = hashtable_create((hashtable_hash_t)key_hash,
								  (hashtable_equals_t)key_equals, 64),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);

	return &this->public;
}
