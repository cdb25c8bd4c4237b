/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_traffic_totals.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

/** A community's. */
typedef struct {
	char *name;
	/** of SAs that are gone */
	coi_traffic_total_t gone;
	/** returned last */
	coi_traffic_total_t said;
} record_t;

/** guards the table and what is in it */
static mutex_t *mutex;

/** record_t by name */
static hashtable_t *table;

void coi_traffic_totals_init()
{
	mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	table = hashtable_create(hashtable_hash_str, hashtable_equals_str, 8);
}

void coi_traffic_totals_deinit()
{
	enumerator_t *enumerator;
	record_t *record;

	enumerator = table->create_enumerator(table);
	while (enumerator->enumerate(enumerator, NULL, &record))
	{
		free(record->name);
		free(record);
	}
	enumerator->destroy(enumerator);
	table->destroy(table);
	mutex->destroy(mutex);
	table = NULL;
	mutex = NULL;
}

/** Find a record, or make one; the mutex is held. */
static record_t *get_record(const char *name)
{
	record_t *record;

	record = table->get(table, name);
	if (!record)
	{
		INIT(record,
			.name = strdup(name),
		);
		table->put(table, record->name, record);
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

void coi_traffic_totals_add(const char *name, const coi_traffic_total_t *total)
{
	if (mutex)
	{
		mutex->lock(mutex);
		sum(&get_record(name)->gone, total);
		mutex->unlock(mutex);
	}
}

coi_traffic_total_t coi_traffic_totals_get(const char *name,
										   const coi_traffic_total_t *open)
{
	coi_traffic_total_t total, *said;
	record_t *record;

	mutex->lock(mutex);
	record = get_record(name);
	total = record->gone;
	sum(&total, open);
	said = &record->said;
	said->octets_in = max(said->octets_in, total.octets_in);
	said->octets_out = max(said->octets_out, total.octets_out);
	said->packets_in = max(said->packets_in, total.packets_in);
	said->packets_out = max(said->packets_out, total.packets_out);
	total = *said;
	mutex->unlock(mutex);
	return total;
}
