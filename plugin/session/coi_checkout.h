/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns who has a session: one thread at a time, what waits for it, and what was
 * asked of it meanwhile.
 *
 * All functions want the lock of the table that the holder is in.
 */

#ifndef COI_CHECKOUT_H_
#define COI_CHECKOUT_H_

#include <library.h>
#include <threading/condvar.h>
#include <threading/mutex.h>

#include "coi_session_entry.h"
#include "coi_opening_result.h"
#include "coi_work_queue.h"
#include "core/coi_screen.h"

typedef struct coi_checkout_t coi_checkout_t;
typedef enum coi_checkout_turn_t coi_checkout_turn_t;

/**
 * Datagrams that may wait for a session: they have passed all that can be
 * checked without it, so these are the segments of a message, twice.
 */
#define COI_CHECKOUT_MAX (2 * COI_MAX_SEGMENTS)

/** What becomes of a work that wants a session. */
enum coi_checkout_turn_t {
	/** the session is checked out for it */
	COI_CHECKOUT_NOW,
	/** it waits for it, adopted */
	COI_CHECKOUT_LATER,
	/** there is no such session */
	COI_CHECKOUT_GONE,
	/** too much waits already, or the very datagram does */
	COI_CHECKOUT_DROPPED,
};

/** Table's side of an entry; what is not described is the holder's own. */
struct coi_checkout_t {
	coi_session_entry_t *entry;
	/** session id that this host chose, unique here */
	uint64_t own_spi;
	/** session id that the initiator chose */
	uint64_t spi_i;
	/** lowest id of a crossed Sess0 that this opening made us ignore, or 0 */
	uint64_t ignored;
	coi_session_flag_t flags;
	/** a responder's whose peer has not answered; those before and after it,
	 * and whether it is to end for a newer one; owned by coi_half_open_t */
	bool half_open;
	bool excess;
	coi_checkout_t *older;
	coi_checkout_t *newer;
	coi_opening_result_t *result;

	/** what the peer's datagrams are known by, NULL before there can be any */
	coi_screen_t *screen;
	/** own ENC of the exchange, empty if it is not under way */
	chunk_t enc;
	/** where IDLEs come from, NULL before there can be any */
	host_t *idle;

	bool checked_out;
	bool removed;
	/** asked to close while it was busy */
	coi_term_t close;
	/** threads in coi_checkout_checkout() */
	u_int waiting;
	condvar_t *condvar;
	/** works that wait, oldest first, and how many of them are datagrams */
	coi_work_t *first;
	coi_work_t *last;
	u_int datagrams;
};

/** Create a holder for an entry, checked out. */
coi_checkout_t *coi_checkout_create(coi_session_entry_t *entry);

/** Note that an initiator's opening made us ignore a crossed Sess0. */
void coi_checkout_ignore(coi_checkout_t *this, uint64_t spi_i);

/**
 * Name an initiator's next session: below the ids that were ignored, or the
 * peer, whose Sess0 is not taken twice, would ignore ours and both would wait.
 */
void coi_checkout_rename(coi_checkout_t *this, coi_session_t *session);

/**
 * Note how the peer's datagrams are known from now on.
 *
 * @param screen	adopted
 * @param idle		where IDLEs come from, adopted
 */
void coi_checkout_show(coi_checkout_t *this, coi_screen_t *screen,
					   host_t *idle);

/**
 * Whether a datagram may be of this session: steps 2 and 3 of PROTOCOL.md
 * section 14.2.
 *
 * @param src		where it came from
 * @param screen	receives what the rest is to be verified by, a reference, on
 *					COI_OK
 */
coi_reason_t coi_checkout_admits(const coi_checkout_t *this,
								 coi_event_type_t type,
								 const coi_header_t *header, host_t *src,
								 coi_screen_t **screen);

/**
 * Check out for a work, or let that wait.
 *
 * @param work		adopted on COI_CHECKOUT_LATER
 * @param entry		receives the entry on COI_CHECKOUT_NOW
 */
coi_checkout_turn_t coi_checkout_take(coi_checkout_t *this, coi_work_t *work,
							 coi_session_entry_t **entry);

/**
 * Check out, waiting for whoever has it. Nothing that a datagram causes may do so.
 *
 * @param mutex		the table's lock, released while waiting
 * @return			entry, NULL if the holder was destroyed meanwhile
 */
coi_session_entry_t *coi_checkout_checkout(coi_checkout_t *holder,
										   mutex_t *mutex);

/**
 * Check out without waiting.
 *
 * @param why		told at checkin if somebody has it, 0 to ask for nothing
 * @return			entry, NULL if somebody has it
 */
coi_session_entry_t *coi_checkout_try_checkout(coi_checkout_t *holder,
											   coi_term_t why);

/**
 * Give it back.
 *
 * @param next		receives the work whose turn it is, or NULL; then it is
 *					still checked out
 * @return			what it is to be closed for; it is still checked out then
 */
coi_term_t coi_checkout_checkin(coi_checkout_t *holder, coi_work_t **next);

/** Take all works that wait, a list, NULL if none does. */
coi_work_t *coi_checkout_take_all(coi_checkout_t *holder);

/**
 * Destroy a holder that is in no table any more; whoever waits gets nothing, and
 * works that still wait are freed.
 */
void coi_checkout_destroy(coi_checkout_t *holder);

#endif /** COI_CHECKOUT_H_ */
