/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how long things took since charon started: a histogram for each stage of
 * an opening, and one for held packets. Lock-free.
 */

#ifndef COI_HISTOGRAMS_H_
#define COI_HISTOGRAMS_H_

#include <library.h>

typedef struct coi_histograms_t coi_histograms_t;
typedef enum coi_histogram_stage_t coi_histogram_stage_t;

/** What takes time. */
enum coi_histogram_stage_t {
	/** initiator: from the first Sess0 to the answer */
	COI_STAGE_ANSWER,
	/** initiator: from the answer to the confirmation, open */
	COI_STAGE_CONFIRM,
	/** initiator: from the first Sess0 to open */
	COI_STAGE_OPEN,
	/** responder: from a Sess0 to open */
	COI_STAGE_RESPOND,
	/** from the first packet that waits to the release of all */
	COI_STAGE_HOLD,
	COI_STAGES,
};

/** Upper ends of the buckets in ms, ascending; one more has no end. */
#define COI_BUCKETS 14
extern const u_int coi_histogram_buckets[COI_BUCKETS];

extern enum_name_t *coi_histogram_stage_names;

/** A stage's histogram. */
typedef struct {
	/** how many took at most as long as coi_histogram_buckets says, and
	 * longer */
	uint64_t counts[COI_BUCKETS + 1];
	/** of all, ms */
	uint64_t sum;
} coi_histogram_t;

/** Thread-safe. */
struct coi_histograms_t {

	/** Count something that took so many ms. */
	void (*add)(coi_histograms_t *this, coi_histogram_stage_t stage,
				uint64_t ms);

	/** What was counted. */
	void (*get)(coi_histograms_t *this, coi_histogram_stage_t stage,
				coi_histogram_t *histogram);

	void (*destroy)(coi_histograms_t *this);
};

coi_histograms_t *coi_histograms_create();

#endif /** COI_HISTOGRAMS_H_ */
