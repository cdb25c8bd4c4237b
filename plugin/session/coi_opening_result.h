/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how an opening ended, for those who wait for it longer than the session
 * may live.
 */

#ifndef COI_OPENING_RESULT_H_
#define COI_OPENING_RESULT_H_

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
coi_outcome_t *coi_opening_result_create();

coi_outcome_t *coi_opening_result_get_ref(coi_outcome_t *outcome);

/** Say how it ended; what is said later does not count. */
void coi_opening_result_set(coi_outcome_t *outcome, coi_wait_t result);

/**
 * Wait until it has ended. The thread may be cancelled meanwhile.
 *
 * @param outcome	reference adopted
 * @param timeout	ms, 0 to wait as long as it takes
 */
coi_wait_t coi_opening_result_wait(coi_outcome_t *outcome, u_int timeout);

/** Drop a reference. */
void coi_opening_result_destroy(coi_outcome_t *outcome);

#endif /** COI_OPENING_RESULT_H_ */
