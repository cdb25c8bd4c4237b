/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns one counter for each reason, and those of sessions opened and closed.
 * Lock-free.
 */

#ifndef COI_COUNTERS_H_
#define COI_COUNTERS_H_

#include "core/coi_reason.h"

typedef struct coi_counters_t coi_counters_t;
typedef enum coi_counter_t coi_counter_t;

enum coi_counter_t {
	COI_COUNT_RECEIVED,
	COI_COUNT_SENT,
	COI_COUNT_INITIATED,
	COI_COUNT_RESPONDED,
	COI_COUNT_OPENED,
	COI_COUNT_FAILED,
	COI_COUNT_CLOSED,
	/** packets that asked for a tunnel: waited for it, went through it; those
	 * that were not held at a limit are among the dropped ones */
	COI_COUNT_HELD,
	COI_COUNT_RELEASED,
	COI_COUNT_DROPPED,
	/** tries of a part of the set-up that have failed, see coi_obstacles.h */
	COI_COUNT_OBSTRUCTED,
	/** times that another program took or changed policies or SAs of ours, see
	 * coi_kernel_watch.h */
	COI_COUNT_MEDDLED,
	/** errors about what went through tunnels: genuine ones, of which a program
	 * was told, and others, see coi_router_errors.h */
	COI_COUNT_HEARD,
	COI_COUNT_MISQUOTED,
	COI_COUNT_MAX,
};

extern enum_name_t *coi_counter_names;

struct coi_counters_t {

	/** Count a refusal; from a stranger, so logged at level 2 at most. */
	void (*refused)(coi_counters_t *this, coi_reason_t reason);

	void (*count)(coi_counters_t *this, coi_counter_t what);

	uint64_t (*get_refused)(coi_counters_t *this, coi_reason_t reason);

	uint64_t (*get)(coi_counters_t *this, coi_counter_t what);

	/** Log all that are not zero at level 1 in one line (at shutdown). */
	void (*log)(coi_counters_t *this);

	void (*destroy)(coi_counters_t *this);
};

coi_counters_t *coi_counters_create();

#endif /** COI_COUNTERS_H_ */
