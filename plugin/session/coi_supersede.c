/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_supersede.h"
#include "coi_peer_match.h"

#include <collections/array.h>

/** An older session stays this long for what is still under way in it, ms. Who
 * answered it waits for the TERM of who opened it, and sends one without that:
 * if the two do not agree on which is older, neither is left with half a
 * session. */
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
} session_t;

/** All established sessions with a peer, session_t. */
typedef struct {
	const coi_session_entry_t *entry;
	/** between the same two hosts */
	array_t *same;
	/** from another own address, which is gone or is being left */
	array_t *moved;
} older_t;

static void clear(session_t *session, int idx, void *user)
{
	session->me->destroy(session->me);
	session->tunnel->destroy(session->tunnel);
}

static void collect(void *data, const coi_session_entry_t *entry)
{
	older_t *older = data;
	session_t session;

	if (!entry->established || !coi_peer_match_is_peer(entry, older->entry))
	{
		return;
	}
	session = (session_t){
		.id = entry->id,
		.order = entry->order,
		.me = entry->me->clone(entry->me),
		.tunnel = entry->tunnel->get_id(entry->tunnel),
		.initiator = entry->initiator,
		.moving = entry->moving,
	};
	session.tunnel = session.tunnel->clone(session.tunnel);
	array_insert(entry->me->ip_equals(entry->me, older->entry->me) ?
				 older->same : older->moved, ARRAY_TAIL, &session);
}

static older_t find_older(coi_session_table_t *sessions,
							const coi_session_entry_t *entry)
{
	enumerator_t *enumerator;
	older_t older = {
		.entry = entry,
		.same = array_create(sizeof(session_t), 0),
		.moved = array_create(sizeof(session_t), 0),
	};
	session_t *session;

	sessions->for_pair(sessions, NULL, entry->other, collect, &older);
	enumerator = array_create_enumerator(older.moved);
	while (enumerator->enumerate(enumerator, &session))
	{
		if (!session->moving &&
			charon->kernel->get_interface(charon->kernel, session->me, NULL))
		{	/* a host may well use several addresses */
			clear(session, 0, NULL);
			array_remove_at(older.moved, enumerator);
		}
	}
	enumerator->destroy(enumerator);
	return older;
}

static void older_clear(older_t *older)
{
	array_destroy_function(older->same, (array_callback_t)clear, NULL);
	array_destroy_function(older->moved, (array_callback_t)clear, NULL);
}

/** The one of a list that began last, NULL if it is empty. */
static session_t *find_last(array_t *list)
{
	session_t *current, *found = NULL;
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
	older_t older;
	session_t *last;

	older = find_older(sessions, entry);
	last = find_last(older.same);
	*stale = last && last->order > entry->order;
	last = last ?: find_last(older.moved);
	if (last)
	{
		tunnel = last->tunnel->clone(last->tunnel);
	}
	older_clear(&older);
	return tunnel;
}

/** End all of a list but one. */
static void end(array_t *list, uintptr_t but, coi_session_table_t *sessions,
				coi_timer_cb_t cb, void *data, u_int how)
{
	enumerator_t *enumerator;
	u_int delay = 0;
	session_t *session;

	enumerator = array_create_enumerator(list);
	while (enumerator->enumerate(enumerator, &session))
	{
		if (session->id != but &&
			!sessions->has_flag(sessions, session->id, COI_SESSION_SUPERSEDED))
		{
			if (how == COI_SUPERSEDED)
			{
				delay = session->initiator ? GRACE_INITIATOR : GRACE_RESPONDER;
			}
			sessions->set_flag(sessions, session->id, COI_SESSION_SUPERSEDED);
			coi_timer_arm(cb, data, session->id, how, delay);
		}
	}
	enumerator->destroy(enumerator);
}

void coi_supersede_begin(coi_session_table_t *sessions,
						 const coi_session_entry_t *entry,
						 coi_timer_cb_t cb, void *data)
{
	older_t older;
	session_t *last;

	older = find_older(sessions, entry);
	last = find_last(older.same);
	end(older.same, last ? last->id : 0, sessions, cb, data, COI_SUPERSEDED);
	end(older.moved, 0, sessions, cb, data, COI_MOVED);
	older_clear(&older);
}
