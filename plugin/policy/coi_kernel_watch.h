/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the watch over the kernel's policies and SAs: the kernel tells of each change,
 * and what another program has taken out or changed of ours is put back at once, see
 * coi_kernel_restore.h.
 *
 * What this process did itself is told by a filter of the socket, which costs little
 * and wakes nobody. Two programs that fight over policies get a comparison ten times
 * a second at most, and less where it takes long.
 */

#ifndef COI_KERNEL_WATCH_H_
#define COI_KERNEL_WATCH_H_

#include "events/coi_counters.h"
#include "coi_kernel_restore.h"

typedef struct coi_kernel_watch_t coi_kernel_watch_t;

/** Thread-safe. */
struct coi_kernel_watch_t {

	/**
	 * Compare now, and put back what is missing.
	 *
	 * @param restored	receives what was done
	 * @return			FALSE if the kernel could not be asked
	 */
	bool (*check)(coi_kernel_watch_t *this, coi_kernel_restored_t *restored);

	/** Watch no longer. */
	void (*destroy)(coi_kernel_watch_t *this);
};

/**
 * Watch from now on.
 *
 * @param store		what is to be there, borrowed
 * @param counters	to count, borrowed
 */
coi_kernel_watch_t *coi_kernel_watch_create(coi_policy_store_t *store,
											coi_counters_t *counters);

#endif /** COI_KERNEL_WATCH_H_ */
