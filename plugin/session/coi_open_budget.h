/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the limits of own openings: how many sessions this host may be opening
 * at a time, and how many it may begin in a second, in all and for each origin.
 *
 * Without them whoever may send a packet makes a session of each address that
 * he thinks of.
 */

#ifndef COI_OPEN_BUDGET_H_
#define COI_OPEN_BUDGET_H_

#include <networking/host.h>

#include "util/coi_origin.h"
#include "core/coi_reason.h"

typedef struct coi_open_budget_t coi_open_budget_t;
typedef struct coi_open_budget_limits_t coi_open_budget_limits_t;

/** A host whose packets are forwarded; two of them may be taken for one. */
coi_origin_t coi_open_budget_origin(host_t *host);

/** See conf.d/coi.opt. */
struct coi_open_budget_limits_t {
	/** sessions that are being opened at a time */
	u_int half_open;
	/** that may be begun in a second, after a burst */
	u_int rate;
	u_int burst;
	/** percent of each that a user may have, see coi_origin_share() */
	u_int share;
};

/** Thread-safe. */
struct coi_open_budget_t {

	/**
	 * Begin an opening. It ends with end(), or with cancel() if it has not
	 * begun after all.
	 *
	 * @param now		monotonic ms
	 * @return			COI_OK, COI_OWN_HALF_OPEN, COI_OWN_RATE
	 */
	coi_reason_t (*begin)(coi_open_budget_t *this, coi_origin_t origin,
						  uint64_t now);

	/** An opening has ended: the session is open, or there will be none. */
	void (*end)(coi_open_budget_t *this, coi_origin_t origin);

	/** Take back a begin(). */
	void (*cancel)(coi_open_budget_t *this, coi_origin_t origin);

	/** How many sessions are being opened, but for those of SELF. */
	u_int (*count)(coi_open_budget_t *this);

	/** How many origins are remembered, for tests. */
	u_int (*origins)(coi_open_budget_t *this);

	void (*destroy)(coi_open_budget_t *this);
};

coi_open_budget_t *coi_open_budget_create(
									const coi_open_budget_limits_t *limits);

#endif /** COI_OPEN_BUDGET_H_ */
