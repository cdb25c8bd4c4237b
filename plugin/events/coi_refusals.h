/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the last refusals of openings, a few and each with its source, for
 * people who want to know why a peer is not heard: it has another key, or
 * another time. Sources may be forged, so nothing but words follows from it.
 */

#ifndef COI_REFUSALS_H_
#define COI_REFUSALS_H_

#include <library.h>
#include <networking/host.h>

#include "core/coi_reason.h"

typedef struct coi_refusals_t coi_refusals_t;
typedef struct coi_refusals_item_t coi_refusals_item_t;

/** A refusal. */
struct coi_refusals_item_t {
	coi_reason_t reason;
	/** seconds since then */
	u_int age;
	/** seconds by which the peer's clock was ahead of ours, as it said */
	int64_t ahead;
};

/** Thread-safe. */
struct coi_refusals_t {

	/** Take note, in place of the oldest one. */
	void (*note)(coi_refusals_t *this, host_t *source, coi_reason_t reason,
				 int64_t ahead);

	/**
	 * Find the last refusal of a source.
	 *
	 * @return			FALSE if none is known
	 */
	bool (*find)(coi_refusals_t *this, host_t *source,
				 coi_refusals_item_t *item);

	void (*destroy)(coi_refusals_t *this);
};

coi_refusals_t *coi_refusals_create();

#endif /** COI_REFUSALS_H_ */
