/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the installing, removing and finding of the policies that stay in the kernel
 * when no charon runs (see core/coi_block.h), which charon's kernel interface does
 * not know.
 */

#ifndef COI_PLAIN_H_
#define COI_PLAIN_H_

#include "util/coi_netlink.h"

#include <ipsec/ipsec_types.h>
#include <selectors/traffic_selector.h>

#include "core/coi_block.h"

/** Put one into the kernel, or put it there again. */
bool coi_plain_set(coi_xfrm_t *xfrm, const coi_block_t *block);

/** Take one out. */
bool coi_plain_unset(coi_xfrm_t *xfrm, const coi_block_t *block);

/**
 * Make one of the selector of a policy.
 *
 * @param mark		NULL for none
 */
coi_block_t coi_plain_of(coi_block_kind_t kind,
						 const struct xfrm_userpolicy_info *info,
						 const struct xfrm_mark *mark, uint32_t if_id);

/**
 * Make one of the selector that charon's kernel-netlink makes of others, without
 * mark and interface.
 *
 * @param src		of the packets, borrowed
 * @param dst		likewise
 */
coi_block_t coi_plain_select(coi_block_kind_t kind, policy_dir_t dir,
							 traffic_selector_t *src, traffic_selector_t *dst);

/** Make the selector of one. */
void coi_plain_fill(struct xfrm_selector *sel, const coi_block_t *block);

/** Collect them as coi_block_t by value, a coi_xfrm_cb_t for policies. */
void coi_plain_collect(array_t *found, struct nlmsghdr *hdr);

#endif /** COI_PLAIN_H_ */
