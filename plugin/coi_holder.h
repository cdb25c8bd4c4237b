/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns who has a session: one thread at a time, who waits for it, and what was
 * asked of it meanwhile.
 *
 * All functions want the lock of the table that the holder is in.
 */

#ifndef COI_HOLDER_H_
#define COI_HOLDER_H_

#include <library.h>
#include <threading/condvar.h>
#include <threading/mutex.h>

#include "coi_entry.h"
#include "coi_outcome.h"

typedef struct coi_holder_t coi_holder_t;
typedef enum coi_mark_t coi_mark_t;

/** What has become of a session. */
enum coi_mark_t {
	/** the peer has answered: an opening can no longer lose a crossing */
	COI_MARK_ANSWERED = 1,
	/** open at both ends; wakes who waits for it */
	COI_MARK_ESTABLISHED = 2,
	/** charon has destroyed the IKE_SA */
	COI_MARK_GONE = 4,
	/** a newer session has taken its place, it only stays for a while */
	COI_MARK_SUPERSEDED = 8,
	/** charon is about to destroy the IKE_SA: traffic opens another session */
	COI_MARK_ENDING = 16,
};

/** Table's side of an entry; what is not described is the holder's own. */
struct coi_holder_t {
	coi_entry_t *entry;
	/** session id that this host chose, unique here */
	uint64_t own_spi;
	/** session id that the initiator chose */
	uint64_t spi_i;
	/** lowest id of a crossed Sess0 that this opening made us ignore, or 0 */
	uint64_t ignored;
	coi_mark_t marks;
	/** counted as half-open */
	bool half_open;
	coi_outcome_t *outcome;

	bool checked_out;
	bool removed;
	/** asked to close while it was busy */
	coi_term_t close;
	/** threads in coi_holder_checkout() */
	u_int waiting;
	condvar_t *condvar;
};

/** Create a holder for an entry, checked out. */
coi_holder_t *coi_holder_create(coi_entry_t *entry);

/** Note that an initiator's opening made us ignore a crossed Sess0. */
void coi_holder_ignore(coi_holder_t *this, uint64_t spi_i);

/**
 * Name an initiator's next session: below the ids that were ignored, or the peer,
 * whose Sess0 is not taken twice, would ignore ours and both would wait.
 */
void coi_holder_rename(coi_holder_t *this, coi_session_t *session);

/**
 * Check out, waiting for who has it.
 *
 * @param mutex		the table's lock, released while waiting
 * @return			entry, NULL if the holder was destroyed meanwhile
 */
coi_entry_t *coi_holder_checkout(coi_holder_t *holder, mutex_t *mutex);

/**
 * Check out without waiting.
 *
 * @param why		told at checkin if somebody has it, 0 to ask for nothing
 * @return			entry, NULL if somebody has it
 */
coi_entry_t *coi_holder_try_checkout(coi_holder_t *holder, coi_term_t why);

/**
 * Give it back.
 *
 * @return			what it is to be closed for; it is still checked out then
 */
coi_term_t coi_holder_checkin(coi_holder_t *holder);

/**
 * Destroy a holder that is in no table any more; who waits gets nothing.
 */
void coi_holder_destroy(coi_holder_t *holder);

#endif /** COI_HOLDER_H_ */
