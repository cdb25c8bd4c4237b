/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the installing, removing and finding of the policies that stay in the kernel
 * when no charon runs (see core/coi_block.h), which charon's kernel interface does
 * not know.
 */

#ifndef COI_KEPT_POLICY_H_
#define COI_KEPT_POLICY_H_

#include "util/coi_netlink.h"

#include <ipsec/ipsec_types.h>
#include <selectors/traffic_selector.h>

#include "core/coi_block.h"

/** Put one into the kernel, or put it there again. */
bool coi_kept_policy_set(coi_netlink_t *xfrm, const coi_block_t *block);

/** Take one out. */
bool coi_kept_policy_unset(coi_netlink_t *xfrm, const coi_block_t *block);

/**
 * Make one of the selector of a policy.
 *
 * @param mark		NULL for none
 */
coi_block_t coi_kept_policy_of(coi_block_kind_t kind,
							   const struct xfrm_userpolicy_info *info,
							   const struct xfrm_mark *mark, uint32_t if_id);

/**
 * Make one of the selector that charon's kernel-netlink makes of others, without
 * mark and interface.
 *
 * @param src		of the packets, borrowed
 * @param dst		likewise
 */
coi_block_t coi_kept_policy_select(coi_block_kind_t kind, policy_dir_t dir,
								   traffic_selector_t *src,
								   traffic_selector_t *dst);

/** Make the selector of one. */
void coi_kept_policy_fill(struct xfrm_selector *sel, const coi_block_t *block);

/** Collect them in an array_t as coi_block_t by value, a coi_netlink_cb_t. */
void coi_kept_policy_collect(void *found, struct nlmsghdr *hdr);

#endif /** COI_KEPT_POLICY_H_ */
