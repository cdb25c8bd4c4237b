/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_shadow.h"

#include <collections/hashtable.h>
#include <threading/rwlock.h>

/** records by address of charon's object */
static hashtable_t *records;

/** guards the table, not the records; innermost, nothing is called under it */
static rwlock_t *lock;

void coi_shadow_init()
{
	records = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 64);
	lock = rwlock_create(RWLOCK_TYPE_DEFAULT);
}

void coi_shadow_deinit()
{
	records->destroy(records);
	records = NULL;
	lock->destroy(lock);
	lock = NULL;
}

void coi_shadow_put(const void *object, void *record)
{
	lock->write_lock(lock);
	records->put(records, object, record);
	lock->unlock(lock);
}

void *coi_shadow_get(const void *object)
{
	void *record;

	lock->read_lock(lock);
	record = records->get(records, object);
	lock->unlock(lock);
	return record;
}

void *coi_shadow_remove(const void *object)
{
	void *record;

	lock->write_lock(lock);
	record = records->remove(records, object);
	lock->unlock(lock);
	return record;
}
