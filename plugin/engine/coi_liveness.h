/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the doubt whether a peer is there: IDLEs that want an answer, and what
 * follows if none comes. PROTOCOL.md sections 9 and 11.
 *
 * A session from which nothing has ever come through its tunnel is one through
 * which ESP does not get; it ends, and the next one has ESP in UDP. One that has
 * fallen silent is opened anew if there is traffic for it, long before its peer would
 * be given up.
 */

#ifndef COI_LIVENESS_H_
#define COI_LIVENESS_H_

#include "coi_opening.h"

typedef struct coi_liveness_t coi_liveness_t;
typedef struct coi_liveness_config_t coi_liveness_config_t;

/** Send an IDLE; the entry is checked out. */
typedef void (*coi_liveness_send_t)(void *data, coi_session_entry_t *entry,
									bool answer);

/** What it works with; all borrowed. */
struct coi_liveness_config_t {
	coi_session_table_t *sessions;
	coi_counters_t *counters;
	coi_negative_cache_t *negative_cache;
	/** remembers who needs ESP in UDP */
	coi_attempts_t *attempts;
	/** ends sessions */
	coi_executor_t *executor;
	/** opens them anew */
	coi_opening_t *opening;
	/** sends IDLEs, called with data */
	coi_liveness_send_t send;
	void *data;
};

/** Each wants the entry checked out. */
struct coi_liveness_t {

	/** A session was just established: hear soon whether ESP gets through. */
	void (*start)(coi_liveness_t *this, coi_session_entry_t *entry);

	/**
	 * Ask the peer now, unless it is asked already.
	 *
	 * @param missed	what was sent has not been answered
	 */
	void (*ask)(coi_liveness_t *this, coi_session_entry_t *entry, bool missed);

	/**
	 * Ask it soon: the network has changed, maybe for all sessions, which are not to
	 * ask at once.
	 */
	void (*ask_soon)(coi_liveness_t *this, coi_session_entry_t *entry);

	/** Ask it now if this host has slept since it was asked about last. */
	void (*woken)(coi_liveness_t *this, coi_session_entry_t *entry);

	void (*destroy)(coi_liveness_t *this);
};

/** ms between two looks at one of many sessions, so that a fixed number is looked at
 * each second. */
u_int coi_liveness_pace(coi_counters_t *counters);

/**
 * @param config	copied
 */
coi_liveness_t *coi_liveness_create(const coi_liveness_config_t *config);

#endif /** COI_LIVENESS_H_ */
