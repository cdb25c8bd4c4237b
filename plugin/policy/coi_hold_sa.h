/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the hold SAs, which let nothing through and to which policies lead what asks
 * for a tunnel, so that it can be held on the way and is lost if nobody holds
 * it.
 *
 * A packet that a trap catches never reaches netfilter, which could hold it,
 * and one that no policy catches leaves in the clear when netfilter does not
 * hold it. The policy that leads there stands above the trap: the packet passes
 * netfilter's OUTPUT with an SA attached by which a rule knows it, and where no
 * rule takes it, it comes to that SA. Its sequence numbers are used up, so the
 * kernel drops the packet; would it not, it would leave to the loopback
 * address, under a key that nobody knows. No moment depends on a rule or on us.
 *
 * The policy is for packets without our mark. One that is let go has the mark
 * and is routed again: through the new tunnel, or if that is not there, to the
 * trap. The rule sees what this host itself sends; what it forwards would be lost
 * here without asking for a tunnel.
 *
 * A second pair of SAs is the void: what is led there, whatever its mark, no rule
 * holds, and nobody hears of it, see coi_icmp_errors.h.
 */

#ifndef COI_HOLD_SA_H_
#define COI_HOLD_SA_H_

#include "config/coi_reqids.h"
#include "coi_policy_store.h"

#include <linux/xfrm.h>

/** reqids of hold and void SAs, which no connection or community gets */
#define COI_REQID_HOLD COI_REQID_LAST
#define COI_REQID_VOID COI_REQID_DROP

/** SPIs of their SAs, outside the range of which charon allocates */
#define COI_SPI_HOLD 0x0C01FFFF
#define COI_SPI_VOID 0x0C01FFFE

/**
 * Put the SAs into the kernel, or put new ones in their place.
 *
 * What reaches a hold SA has passed no rule. The first packet that does makes
 * the kernel report that the SA is about to expire (see kernel_listener_t); the
 * SA does not, and reports it once.
 *
 * @return			FALSE if the kernel refused one for a family that it has
 */
bool coi_hold_sa_install();

/**
 * Lead what matches to hold or void SA, or no longer.
 *
 * @param policy	that leads
 * @param owner		number that tells it from policies which are the same but others'
 * @return			FALSE if the kernel refused
 */
bool coi_hold_sa_policy(const coi_policy_entry_t *policy, uint32_t owner,
						bool add);

/**
 * Make the selector of such a policy.
 *
 * @return			FALSE if there is none
 */
bool coi_hold_sa_select(const coi_policy_entry_t *policy, uint32_t owner,
						struct xfrm_selector *sel);

#endif /** COI_HOLD_SA_H_ */
