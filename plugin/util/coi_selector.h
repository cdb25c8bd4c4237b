/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the translation of flows and address lists to what the kernel can
 * match: subnets, and ports with a mask.
 *
 * kernel-netlink widens whatever does not fit into a mask to the smallest one
 * that covers it. Ranges are therefore cut here, so that nothing beyond them
 * is matched.
 */

#ifndef COI_SELECTOR_H_
#define COI_SELECTOR_H_

#include <collections/array.h>
#include <selectors/traffic_selector.h>

#include "core/coi_filter.h"

typedef struct coi_selector_t coi_selector_t;

/** Most pairs of selectors that a flow is cut into; what needs more is left out,
 * as the kernel looks at them one by one. */
#define COI_SELECTOR_MAX 4096

/** A pair of traffic selectors, of one protocol and address family. */
struct coi_selector_t {
	traffic_selector_t *local;
	traffic_selector_t *remote;
};

/**
 * Make the selectors of a flow, for the kernel. The hosts stand where it has
 * no addresses.
 *
 * Protocol 0 with limited ports becomes TCP, UDP and SCTP. Of ICMP all types
 * are let through. Limited ports of another protocol that has none yield
 * nothing. So does a flow between two address families.
 *
 * @param array		coi_selector_t by value, appended to
 * @return			FALSE if there were too many, some or all are left out then
 */
bool coi_selector_add_flow(array_t *array, host_t *me, host_t *other,
						   const coi_flow_t *flow);

/**
 * The same for one type of ICMP or ICMPv6, whichever the flow is of.
 *
 * @param type		not 0
 */
bool coi_selector_add_type(array_t *array, host_t *me, host_t *other,
						   const coi_flow_t *flow, uint8_t type);

/**
 * Make one pair for a flow as it is, for people.
 */
coi_selector_t coi_selector_show_flow(host_t *me, host_t *other,
									  const coi_flow_t *flow);

/**
 * Make the selectors for all traffic between two lists of addresses.
 *
 * @param local		comma separated addresses, subnets, ranges, %any, %any4 or
 * @param remote	%any6, as coi_host_list_expand() writes them
 * @param array		coi_selector_t by value, appended to
 * @return			FALSE if an element was not understood (said at level 1); there
 *					are selectors for the others all the same
 */
bool coi_selector_add_lists(array_t *array, char *local, char *remote);

/** Write a range as an element of coi_selector_add_lists(), not the host itself. */
void coi_selector_print(const coi_range_t *range, char *buf, size_t len);

/** The range that is one host's address alone. */
coi_range_t coi_selector_range(host_t *host);

/** Create an array for selectors, and free one with what is in it. */
array_t *coi_selectors_create();
void coi_selectors_destroy(array_t *array);

#endif /** COI_SELECTOR_H_ */
