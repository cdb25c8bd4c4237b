/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the children of COI connections that are no communities: what they let
 * pass in the clear or drop, by charon's shunts.
 *
 * A shunt with mode = pass stands above all of ours as it is. One that drops
 * would stand below the traps, where it had no effect: it gets policies of our
 * own that stand above everything.
 */

#ifndef COI_SHUNTS_H_
#define COI_SHUNTS_H_

#include "coi_policy_store.h"

typedef struct coi_shunts_t coi_shunts_t;

struct coi_shunts_t {

	/** Follow charon's shunts no longer. */
	void (*destroy)(coi_shunts_t *this);
};

/**
 * Whether a shunt gets policies of ours: it drops, is a child of a COI connection
 * and has no priority.
 *
 * @param conn		name of its connection, NULL if it has none
 */
bool coi_shunts_wins(char *conn, child_cfg_t *cfg);

/**
 * Follow charon's shunts from now on.
 *
 * @param store		where policies are installed, borrowed
 */
coi_shunts_t *coi_shunts_create(coi_policy_store_t *store);

#endif /** COI_SHUNTS_H_ */
