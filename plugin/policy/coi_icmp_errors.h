/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the policies that lead away what the kernel itself says to others: ICMP
 * errors and redirects.
 *
 * It makes one when it cannot handle a packet, for an option, an extension header
 * or a lone fragment, say, and before it looks whether a policy lets that packet
 * in. So anybody draws one with a single packet from an address that need not be
 * his. On the way out it would ask for a tunnel, as other packets do. Where a
 * policy blocks it, the kernel looks once more, for what an answer to the packet
 * would be, and that would ask instead. Led to the void (coi_hold_sa.h) it is lost
 * and asks for nothing.
 *
 * Where a tunnel's flows allow them they go through that, as these stand above.
 */

#ifndef COI_ICMP_ERRORS_H_
#define COI_ICMP_ERRORS_H_

#include "coi_policy_store.h"

/**
 * Want the errors led away that this host sends from some addresses to others.
 *
 * @param wanted	coi_policy_entry_t, appended to; they come before what would ask
 * @param policy	reqid, interface, and the priority, above what asks or blocks
 * @param local		its addresses count, borrowed
 * @param remote	likewise
 */
void coi_icmp_errors_want(array_t *wanted, coi_policy_entry_t policy,
						  traffic_selector_t *local,
						  traffic_selector_t *remote);

#endif /** COI_ICMP_ERRORS_H_ */
