/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the way from the policies of a group that are installed to those that are
 * wanted, and what becomes of those that the kernel refuses.
 */

#ifndef COI_POLICY_APPLY_H_
#define COI_POLICY_APPLY_H_

#include "coi_policy_store.h"

/**
 * Make the installed policies of a group the wanted ones, new before old, blocks
 * last. If the kernel refuses some, the others are installed, nothing is removed,
 * and in the place of a trap's policy there is a block, unless one that was there
 * before has its selector.
 *
 * @param installed		coi_policy_entry_t, changed
 * @param wanted		in the order to install, borrowed
 * @return				FALSE if the kernel refused one
 */
bool coi_policy_apply(const coi_policy_group_t *key, array_t *installed,
					  array_t *wanted);

/** Install as well what the kernel does not refuse. */
void coi_policy_apply_more(const coi_policy_group_t *key, array_t *installed,
						   array_t *more);

/** Number of wanted policies that are not installed. */
u_int coi_policy_apply_missing(array_t *installed, array_t *wanted);

#endif /** COI_POLICY_APPLY_H_ */
