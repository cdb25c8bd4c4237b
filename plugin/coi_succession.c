/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_succession.h"

#include <collections/array.h>

/** An older session stays this long for what is still under way in it, ms. */
#define GRACE 5000

/** A session that may have to go. */
typedef struct {
	uintptr_t id;
	host_t *me;
	ike_sa_id_t *tunnel;
	bool moving;
	/** monotonic ms */
	uint64_t established;
} older_t;

struct coi_succession_t {
	const coi_entry_t *entry;
	/** older_t */
	array_t *same;
	array_t *moved;
};

static void clear(older_t *older)
{
	older->me->destroy(older->me);
	older->tunnel->destroy(older->tunnel);
}

static void collect(void *data, const coi_entry_t *entry)
{
	coi_succession_t *this = data;
	older_t older;

	if (!entry->established || entry->id == this->entry->id)
	{
		return;
	}
	older = (older_t){
		.id = entry->id,
		.me = entry->me->clone(entry->me),
		.tunnel = entry->tunnel->get_id(entry->tunnel),
		.moving = entry->moving,
		.established = entry->established,
	};
	older.tunnel = older.tunnel->clone(older.tunnel);
	array_insert(entry->me->ip_equals(entry->me, this->entry->me) ?
				 this->same : this->moved, ARRAY_TAIL, &older);
}

coi_succession_t *coi_succession_create(coi_sessions_t *sessions,
										const coi_entry_t *entry)
{
	enumerator_t *enumerator;
	coi_succession_t *this;
	older_t *older;

	INIT(this,
		.entry = entry,
		.same = array_create(sizeof(older_t), 0),
		.moved = array_create(sizeof(older_t), 0),
	);
	sessions->for_pair(sessions, NULL, entry->other, collect, this);
	enumerator = array_create_enumerator(this->moved);
	while (enumerator->enumerate(enumerator, &older))
	{
		if (!older->moving &&
			charon->kernel->get_interface(charon->kernel, older->me, NULL))
		{	/* a host may well use several addresses */
			clear(older);
			array_remove_at(this->moved, enumerator);
		}
	}
	enumerator->destroy(enumerator);
	return this;
}

/** The newest of a list, NULL if it is empty. */
static older_t *newest(array_t *list)
{
	older_t *current, *found = NULL;
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(list);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (!found || current->established >= found->established)
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

ike_sa_id_t *coi_succession_replaced(coi_succession_t *this)
{
	older_t *older;

	older = newest(this->same) ?: newest(this->moved);
	return older ? older->tunnel : NULL;
}

/** End all of a list in one way. */
static void end(array_t *list, coi_sessions_t *sessions, coi_timer_cb_t cb,
				void *data, u_int how, u_int delay)
{
	enumerator_t *enumerator;
	older_t *older;

	enumerator = array_create_enumerator(list);
	while (enumerator->enumerate(enumerator, &older))
	{
		sessions->mark(sessions, older->id, COI_MARK_SUPERSEDED);
		coi_timer_arm(cb, data, older->id, how, delay);
	}
	enumerator->destroy(enumerator);
}

void coi_succession_begin(coi_succession_t *this, coi_sessions_t *sessions,
						  coi_timer_cb_t cb, void *data)
{
	end(this->same, sessions, cb, data, COI_SUPERSEDED, GRACE);
	end(this->moved, sessions, cb, data, COI_MOVED, 0);
	coi_succession_destroy(this);
}

static void clear_item(void *older, int idx, void *user)
{
	clear(older);
}

void coi_succession_destroy(coi_succession_t *this)
{
	array_destroy_function(this->same, clear_item, NULL);
	array_destroy_function(this->moved, clear_item, NULL);
	free(this);
}
