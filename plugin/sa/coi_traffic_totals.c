/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_traffic_totals.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

typedef struct private_coi_traffic_totals_t private_coi_traffic_totals_t;

/** A community's. */
typedef struct {
	char *name;
	/** of SAs that are gone */
	coi_traffic_total_t gone;
	/** returned last */
	coi_traffic_total_t said;
} record_t;

struct private_coi_traffic_totals_t {
	coi_traffic_totals_t public;
	/** guards the table and what is in it */
	mutex_t *mutex;
	/** record_t by name */
	hashtable_t *table;
	refcount_t refcount;
};

/** Find a record, or make one; the mutex is held. */
static record_t *get_record(private_coi_traffic_totals_t *this,
							const char *name)
{
	record_t *record;

	record = this->table->get(this->table, name);
	if (!record)
	{
		INIT(record,
			.name = strdup(name),
		);
		this->table->put(this->table, record->name, record);
	}
	return record;
}

static void sum(coi_traffic_total_t *to, const coi_traffic_total_t *more)
{
	to->octets_in += more->octets_in;
	to->octets_out += more->octets_out;
	to->packets_in += more->packets_in;
	to->packets_out += more->packets_out;
}

METHOD(coi_traffic_totals_t, add, void,
	private_coi_traffic_totals_t *this, const char *name,
	const coi_traffic_total_t *total)
{
	this->mutex->lock(this->mutex);
	sum(&get_record(this, name)->gone, total);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_traffic_totals_t, get, coi_traffic_total_t,
	private_coi_traffic_totals_t *this, const char *name,
	const coi_traffic_total_t *open)
{
	coi_traffic_total_t total, *said;
	record_t *record;

	this->mutex->lock(this->mutex);
	record = get_record(this, name);
	total = record->gone;
	sum(&total, open);
	said = &record->said;
	said->octets_in = max(said->octets_in, total.octets_in);
	said->octets_out = max(said->octets_out, total.octets_out);
	said->packets_in = max(said->packets_in, total.packets_in);
	said->packets_out = max(said->packets_out, total.packets_out);
	total = *said;
	this->mutex->unlock(this->mutex);
	return total;
}

METHOD(coi_traffic_totals_t, get_ref, coi_traffic_totals_t*,
	private_coi_traffic_totals_t *this)
{
	ref_get(&this->refcount);
	return &this->public;
}

METHOD(coi_traffic_totals_t, destroy, void,
	private_coi_traffic_totals_t *this)
{
	enumerator_t *enumerator;
	record_t *record;

	if (!ref_put(&this->refcount))
	{
		return;
	}
	enumerator = this->table->create_enumerator(this->table);
	while (enumerator->enumerate(enumerator, NULL, &record))
	{
		free(record->name);
		free(record);
	}
	enumerator->destroy(enumerator);
	this->table->destroy(this->table);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_traffic_totals_t *coi_traffic_totals_create()
{
	private_coi_traffic_totals_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.get = _get,
			.get_ref = _get_ref,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.table = hashtable_create(hashtable_hash_str, hashtable_equals_str, 8),
		.refcount = 1,
	);
	return &this->public;
}
