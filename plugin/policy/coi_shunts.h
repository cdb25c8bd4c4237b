/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the children of COI connections that are no communities: what they let
 * pass in the clear or drop, by charon's shunts.
 *
 * A shunt with mode = pass stands above all of ours as it is. One that drops
 * would stand below the traps, where it had no effect: it gets policies of our
 * own that stand above everything.
 */

#ifndef COI_CLEAR_H_
#define COI_CLEAR_H_

#include "coi_policy_store.h"

typedef struct coi_clear_t coi_clear_t;

struct coi_clear_t {

	/** Follow charon's shunts no longer. */
	void (*destroy)(coi_clear_t *this);
};

/** Whether a child is no community but lets pass or drops. */
bool coi_clear_is_one(child_cfg_t *cfg);

/**
 * Whether a shunt gets policies of ours: it drops, is a child of a COI connection
 * and has no priority.
 *
 * @param conn		name of its connection, NULL if it has none
 */
bool coi_clear_wins(char *conn, child_cfg_t *cfg);

/**
 * Follow charon's shunts from now on.
 *
 * @param slots		where policies are installed, borrowed
 */
coi_clear_t *coi_clear_create(coi_slots_t *slots);

#endif /** COI_CLEAR_H_ */
