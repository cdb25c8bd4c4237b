/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how an opening ended, for those who wait for it longer than the session
 * may live.
 */

#ifndef COI_OUTCOME_H_
#define COI_OUTCOME_H_

#include <library.h>

typedef struct coi_outcome_t coi_outcome_t;
typedef enum coi_wait_t coi_wait_t;

/** How an opening ended. */
enum coi_wait_t {
	COI_WAIT_PENDING,
	COI_WAIT_OPENED,
	COI_WAIT_FAILED,
	COI_WAIT_TIMEOUT,
};

/** Thread-safe. */
coi_outcome_t *coi_outcome_create();

coi_outcome_t *coi_outcome_get_ref(coi_outcome_t *outcome);

/** Say how it ended; what is said later does not count. */
void coi_outcome_set(coi_outcome_t *outcome, coi_wait_t result);

/**
 * Wait until it has ended. The thread may be cancelled meanwhile.
 *
 * @param outcome	reference adopted
 * @param timeout	ms, 0 to wait as long as it takes
 */
coi_wait_t coi_outcome_wait(coi_outcome_t *outcome, u_int timeout);

/** Drop a reference. */
void coi_outcome_destroy(coi_outcome_t *outcome);

#endif /** COI_OUTCOME_H_ */
