/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the listing of charon's shunts, what children with mode = pass and mode = drop
 * have become, with the selectors that they have in the kernel.
 */

#ifndef COI_SHUNT_LIST_H_
#define COI_SHUNT_LIST_H_

#include <daemon.h>
#include <collections/array.h>

#include "core/coi_block.h"

typedef struct coi_shunt_t coi_shunt_t;

struct coi_shunt_t {
	/** name of its connection, NULL if it has none */
	char *conn;
	child_cfg_t *cfg;
};

/** List them: coi_shunt_t by value, each to be cleared. */
array_t *coi_shunt_list_list();
void coi_shunt_list_clear(coi_shunt_t *shunt);

/**
 * Make the selectors of one.
 *
 * @param blocks	coi_block_t by value, of this kind, appended to
 */
void coi_shunt_list_select(const coi_shunt_t *shunt, coi_block_kind_t kind,
						   array_t *blocks);

#endif /** COI_SHUNT_LIST_H_ */
