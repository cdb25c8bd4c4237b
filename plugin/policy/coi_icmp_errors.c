/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_icmp_errors.h"
#include "coi_hold_sa.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

/** Types of ICMP that are made for somebody else's packet: they differ in their
 * last bits, so that each row is one policy. */
static const struct {
	ts_type_t family;
	uint8_t proto;
	uint8_t from;
	uint8_t to;
} errors[] = {
	/* besides errors an answer, that of an echo */
	{ TS_IPV4_ADDR_RANGE, IPPROTO_ICMP, ICMP_ECHOREPLY, 7 },
	{ TS_IPV4_ADDR_RANGE, IPPROTO_ICMP, ICMP_TIME_EXCEEDED, ICMP_TIME_EXCEEDED },
	{ TS_IPV4_ADDR_RANGE, IPPROTO_ICMP, ICMP_PARAMETERPROB, ICMP_PARAMETERPROB },
	{ TS_IPV6_ADDR_RANGE, IPPROTO_ICMPV6, 0, ICMP6_ECHO_REQUEST - 1 },
	{ TS_IPV6_ADDR_RANGE, IPPROTO_ICMPV6, ND_REDIRECT, ND_REDIRECT },
};

/** The same addresses, but for types of ICMP. */
static traffic_selector_t *limit(traffic_selector_t *ts, uint8_t proto,
								 uint8_t from, uint8_t to)
{
	return traffic_selector_create_from_bytes(proto, ts->get_type(ts),
							ts->get_from_address(ts), from << 8,
							ts->get_to_address(ts), to << 8 | 0xff);
}

void coi_icmp_errors_want(array_t *wanted, coi_policy_entry_t policy,
						  traffic_selector_t *local, traffic_selector_t *remote)
{
	traffic_selector_t *mine, *theirs;
	u_int i;

	policy.leads_to = COI_REQID_VOID;
	policy.unmarked = 0;
	for (i = 0; i < countof(errors); i++)
	{
		if (local->get_type(local) == errors[i].family)
		{
			mine = limit(local, errors[i].proto, errors[i].from, errors[i].to);
			theirs = limit(remote, errors[i].proto, errors[i].from, errors[i].to);
			coi_policy_entry_add(wanted, policy, POLICY_OUT, mine, theirs);
			mine->destroy(mine);
			theirs->destroy(theirs);
		}
	}
}
