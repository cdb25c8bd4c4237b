/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which errors of ICMP and ICMPv6 go along with what a community allows:
 * unreachable, too big, time exceeded, bad parameter and source quench, in both
 * directions. Without them nobody hears that a port is closed, or a packet too big
 * for what is behind the tunnel.
 */

#ifndef COI_ICMP_RELATED_H_
#define COI_ICMP_RELATED_H_

#include <collections/array.h>

#include "util/coi_selector.h"

/**
 * List the pairs of ends between which errors are to pass.
 *
 * @param flows		what is allowed
 * @param me		address of this host
 * @param other		address of the peer
 * @param gateways	TRUE if the hosts themselves may have to say something about
 *					what they forward
 * @return			coi_flow_t by value, of the protocol of their family, that
 *					nobody may begin; to be destroyed
 */
array_t *coi_icmp_related_flows(const coi_flows_t *flows, host_t *me,
								host_t *other,
						  bool gateways);

/**
 * Make the selectors of one of them: errors alone, in either direction.
 *
 * @param array		coi_selector_t by value, appended to
 * @return			FALSE if there were too many, some or all are left out then
 */
bool coi_icmp_related_add(array_t *array, host_t *me, host_t *other,
					const coi_flow_t *flow);

#endif /** COI_ICMP_RELATED_H_ */
