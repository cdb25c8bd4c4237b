/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_visit.h"

#include <collections/array.h>

static void collect_id(void *data, const coi_session_entry_t *entry)
{
	uintptr_t id = entry->id;

	array_insert(data, ARRAY_TAIL, &id);
}

static int compare_ids(const void *a, const void *b, void *user)
{
	uintptr_t left = *(const uintptr_t*)a, right = *(const uintptr_t*)b;

	return left < right ? -1 : left > right;
}

void coi_visit_sessions(coi_session_table_t *sessions, coi_engine_t *engine,
						bool wait, coi_session_table_cb_t look,
						void (*after)(void *data), void *data)
{
	array_t *ids;
	uintptr_t id;

	ids = array_create(sizeof(uintptr_t), 0);
	sessions->for_all(sessions, collect_id, ids);
	array_sort(ids, compare_ids, NULL);
	while (array_remove(ids, ARRAY_HEAD, &id))
	{
		if (engine->visit(engine, id, wait, look, data) && after)
		{
			after(data);
		}
	}
	array_destroy(ids);
}
