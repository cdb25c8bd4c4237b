/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how an opening ended, for those who wait for it longer than the session
 * may live.
 */

#ifndef COI_OPENING_RESULT_H_
#define COI_OPENING_RESULT_H_

#include <library.h>

typedef struct coi_opening_result_t coi_opening_result_t;
typedef enum coi_opening_end_t coi_opening_end_t;

/** How an opening ended. */
enum coi_opening_end_t {
	COI_OPENING_PENDING,
	COI_OPENING_OPENED,
	COI_OPENING_FAILED,
	COI_OPENING_TIMEOUT,
};

/** Create one that is pending. Thread-safe. */
coi_opening_result_t *coi_opening_result_create();

/** Get another reference, to be dropped by coi_opening_result_destroy(). */
coi_opening_result_t *coi_opening_result_get_ref(coi_opening_result_t *this);

/** Say how it ended; what is said later does not count. */
void coi_opening_result_set(coi_opening_result_t *this, coi_opening_end_t end);

/**
 * Wait until it has ended. The thread may be cancelled meanwhile.
 *
 * @param this		reference adopted
 * @param timeout	ms, 0 to wait as long as it takes
 */
coi_opening_end_t coi_opening_result_wait(coi_opening_result_t *this,
										  u_int timeout);

/** Drop a reference. */
void coi_opening_result_destroy(coi_opening_result_t *this);

#endif /** COI_OPENING_RESULT_H_ */
