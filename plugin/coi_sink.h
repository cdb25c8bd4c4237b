/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the sink: SAs that let nothing through, to which policies lead what asks
 * for a tunnel, so that it can be held on the way and is lost if nobody holds
 * it.
 *
 * A packet that a trap catches never reaches netfilter, which could hold it,
 * and one that no policy catches leaves in the clear when netfilter does not
 * hold it. The sink's policy stands above the trap: the packet passes
 * netfilter's OUTPUT with an SA attached by which a rule knows it, and where no
 * rule takes it, it comes to that SA. Its sequence numbers are used up, so the
 * kernel drops the packet; would it not, it would leave to the loopback
 * address, under a key that nobody knows. No moment depends on a rule or on us.
 *
 * The policy is for packets without our mark. One that is let go has the mark
 * and is routed again: through the new tunnel, or if that is not there, to the
 * trap. The rule sees what this host itself sends; what it forwards would be lost
 * here without asking for a tunnel.
 */

#ifndef COI_SINK_H_
#define COI_SINK_H_

#include "coi_config.h"

/** reqid of the sink, which no connection or community gets */
#define COI_REQID_SINK COI_REQID_LAST

/** SPI of its SAs, outside the range of which charon allocates */
#define COI_SPI_SINK 0x0C01FFFF

/**
 * Put the SAs into the kernel, or put new ones in their place.
 *
 * What reaches one of them has passed no rule. The first packet that does makes
 * the kernel report that the SA is about to expire (see kernel_listener_t); the
 * SA does not, and reports it once.
 *
 * @return			FALSE if the kernel refused one for a family that it has
 */
bool coi_sink_install();

/**
 * Lead what matches to the sink, or no longer.
 *
 * @param reqid		of the trap; several may have the same selectors
 * @param local		subnet without protocol and port, borrowed
 * @param remote	likewise
 * @param mark		packets without these bits match
 * @param priority	of the policy, above the trap's; those of one reqid and the
 *					same selectors have different ones
 * @return			FALSE if the kernel refused
 */
bool coi_sink_policy(uint32_t reqid, traffic_selector_t *local,
					 traffic_selector_t *remote, uint32_t mark,
					 uint32_t priority, bool add);

#endif /** COI_SINK_H_ */
