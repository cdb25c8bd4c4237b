/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what waits for one of charon's workers: datagrams, a bounded number of
 * them, and things to do for a session.
 *
 * No worker waits for a session that somebody else has: the work waits in the
 * table of sessions, and is done when the session is given back.
 */

#ifndef COI_WORK_QUEUE_H_
#define COI_WORK_QUEUE_H_

#include <networking/host.h>

#include "coi_session_entry.h"

typedef struct coi_work_t coi_work_t;
typedef struct coi_work_queue_t coi_work_queue_t;
typedef struct coi_session_table_t coi_session_table_t;

/**
 * Called by a worker.
 *
 * @param entry		the work's session, checked out, to be checked in; NULL if
 *					it has none, if that is gone, or if the work is dropped
 */
typedef void (*coi_work_cb_t)(coi_work_t *work, coi_session_entry_t *entry);

/** Something to be done; owns copies of everything. */
struct coi_work_t {
	/** closure, must outlive charon's workers */
	void *owner;
	coi_work_cb_t cb;
	/** session, or 0 */
	uintptr_t id;
	/** set by the callback, with another one or another id: it is to be done
	 * again */
	bool again;
	/** too much waits for the session already */
	bool dropped;
	/** the next one that waits for the session; the table's own */
	coi_work_t *next;
	/* a datagram */
	coi_event_type_t type;
	chunk_t datagram;
	coi_header_t header;
	coi_gate_match_t match;
	host_t *me;
	host_t *other;
	/** a community, adopted */
	char *name;
	/** and what it ends for */
	coi_term_t why;
	/** that it waits in */
	coi_work_queue_t *queue;
	/** strangers can cause it, so there is a bound */
	bool counted;
};

coi_work_t *coi_work_create(void *owner, uintptr_t id, coi_work_cb_t cb);

/** Add a datagram, its header and where it came from; cloned. */
void coi_work_set_datagram(coi_work_t *work, coi_event_type_t type,
						   host_t *other, chunk_t datagram,
						   const coi_header_t *header);

/** Add what the gate found; takes references to the keys. */
void coi_work_set_match(coi_work_t *work, const coi_gate_match_t *match);

/** Whether two works hold the same datagram. */
bool coi_work_equals(const coi_work_t *a, const coi_work_t *b);

/** Tell the owner of a work that its session is gone, and free it. */
void coi_work_abandon(coi_work_t *work);

void coi_work_destroy(coi_work_t *work);

/** Thread-safe. */
struct coi_work_queue_t {

	/**
	 * Add a work that strangers can cause, if there is room.
	 *
	 * @param work		adopted
	 * @return			FALSE if it was dropped
	 */
	bool (*offer)(coi_work_queue_t *this, coi_work_t *work);

	/** Add a work whatever waits already; adopted. */
	void (*add)(coi_work_queue_t *this, coi_work_t *work);

	/** Go on with a work whose turn it is: its session is checked out for it;
	 * both adopted. */
	void (*resume)(coi_work_queue_t *this, coi_work_t *work,
				   coi_session_entry_t *entry);

	void (*destroy)(coi_work_queue_t *this);
};

/**
 * @param sessions	table of sessions, borrowed
 * @param max		works of offer() that may wait
 */
coi_work_queue_t *coi_work_queue_create(coi_session_table_t *sessions,
										u_int max);

#endif /** COI_WORK_QUEUE_H_ */
