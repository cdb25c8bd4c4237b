/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_supersede.h"
#include "coi_peer_match.h"

#include <collections/array.h>

/** An older session stays this long for what is still under way in it, ms. Who
 * answered it waits for the TERM of who opened it, and sends one without that: if
 * the two do not agree on which is older, neither is left with half a session. */
#define GRACE_INITIATOR 5000
#define GRACE_RESPONDER 6000

/** An established session with the peer. */
typedef struct {
	uintptr_t id;
	uintptr_t order;
	host_t *me;
	ike_sa_id_t *tunnel;
	bool initiator;
	bool moving;
} rival_t;

/** All established sessions with a peer, rival_t. */
typedef struct {
	const coi_session_entry_t *entry;
	/** between the same two hosts */
	array_t *same;
	/** from another own address, which is gone or is being left */
	array_t *moved;
} rivals_t;

static void clear(rival_t *rival, int idx, void *user)
{
	rival->me->destroy(rival->me);
	rival->tunnel->destroy(rival->tunnel);
}

static void collect(void *data, const coi_session_entry_t *entry)
{
	rivals_t *rivals = data;
	rival_t rival;

	if (!entry->established || !coi_peer_match_is_peer(entry, rivals->entry))
	{
		return;
	}
	rival = (rival_t){
		.id = entry->id,
		.order = entry->order,
		.me = entry->me->clone(entry->me),
		.tunnel = entry->tunnel->get_id(entry->tunnel),
		.initiator = entry->initiator,
		.moving = entry->moving,
	};
	rival.tunnel = rival.tunnel->clone(rival.tunnel);
	array_insert(entry->me->ip_equals(entry->me, rivals->entry->me) ?
				 rivals->same : rivals->moved, ARRAY_TAIL, &rival);
}

static rivals_t find_rivals(coi_session_table_t *sessions,
							const coi_session_entry_t *entry)
{
	enumerator_t *enumerator;
	rivals_t rivals = {
		.entry = entry,
		.same = array_create(sizeof(rival_t), 0),
		.moved = array_create(sizeof(rival_t), 0),
	};
	rival_t *rival;

	sessions->for_pair(sessions, NULL, entry->other, collect, &rivals);
	enumerator = array_create_enumerator(rivals.moved);
	while (enumerator->enumerate(enumerator, &rival))
	{
		if (!rival->moving &&
			charon->kernel->get_interface(charon->kernel, rival->me, NULL))
		{	/* a host may well use several addresses */
			clear(rival, 0, NULL);
			array_remove_at(rivals.moved, enumerator);
		}
	}
	enumerator->destroy(enumerator);
	return rivals;
}

static void rivals_clear(rivals_t *rivals)
{
	array_destroy_function(rivals->same, (array_callback_t)clear, NULL);
	array_destroy_function(rivals->moved, (array_callback_t)clear, NULL);
}

/** The one of a list that began last, NULL if it is empty. */
static rival_t *find_last(array_t *list)
{
	rival_t *current, *found = NULL;
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(list);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (!found || current->order > found->order)
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

ike_sa_id_t *coi_supersede_find(coi_session_table_t *sessions,
								const coi_session_entry_t *entry, bool *stale)
{
	ike_sa_id_t *tunnel = NULL;
	rivals_t rivals;
	rival_t *last;

	rivals = find_rivals(sessions, entry);
	last = find_last(rivals.same);
	*stale = last && last->order > entry->order;
	last = last ?: find_last(rivals.moved);
	if (last)
	{
		tunnel = last->tunnel->clone(last->tunnel);
	}
	rivals_clear(&rivals);
	return tunnel;
}

/** End all of a list but one. */
static void end(array_t *list, uintptr_t but, coi_session_table_t *sessions,
				coi_timer_cb_t cb, void *data, u_int how)
{
	enumerator_t *enumerator;
	u_int delay = 0;
	rival_t *rival;

	enumerator = array_create_enumerator(list);
	while (enumerator->enumerate(enumerator, &rival))
	{
		if (rival->id != but &&
			!sessions->is_marked(sessions, rival->id, COI_SESSION_SUPERSEDED))
		{
			if (how == COI_SUPERSEDED)
			{
				delay = rival->initiator ? GRACE_INITIATOR : GRACE_RESPONDER;
			}
			sessions->mark(sessions, rival->id, COI_SESSION_SUPERSEDED);
			coi_timer_arm(cb, data, rival->id, how, delay);
		}
	}
	enumerator->destroy(enumerator);
}

void coi_supersede_begin(coi_session_table_t *sessions,
						 const coi_session_entry_t *entry,
						 coi_timer_cb_t cb, void *data)
{
	rivals_t rivals;
	rival_t *last;

	rivals = find_rivals(sessions, entry);
	last = find_last(rivals.same);
	end(rivals.same, last ? last->id : 0, sessions, cb, data, COI_SUPERSEDED);
	end(rivals.moved, 0, sessions, cb, data, COI_MOVED);
	rivals_clear(&rivals);
}
