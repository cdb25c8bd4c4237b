/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_icmp_related.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

/** each list ends with 0, which is no error */
static const uint8_t errors4[] = {
	ICMP_UNREACH, ICMP_SOURCEQUENCH, ICMP_TIMXCEED, ICMP_PARAMPROB, 0,
}, errors6[] = {
	ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED,
	ICMP6_PARAM_PROB, 0,
};

static uint8_t get_family(const coi_range_t *range, host_t *itself)
{
	return range->family == COI_FAMILY_HOST ? coi_selector_range(itself).family
											: range->family;
}

static bool is_listed(array_t *list, const coi_flow_t *flow)
{
	coi_flow_t *current;
	enumerator_t *enumerator;
	bool listed = FALSE;

	enumerator = array_create_enumerator(list);
	while (!listed && enumerator->enumerate(enumerator, &current))
	{
		listed = coi_flow_contains(current, flow);
	}
	enumerator->destroy(enumerator);
	return listed;
}

/**
 * Add a pair, unless its errors pass already.
 */
static void add(array_t *list, const coi_flows_t *flows, host_t *me,
				host_t *other, const coi_range_t *local,
				const coi_range_t *remote)
{
	uint8_t family = get_family(local, me);
	coi_flow_t flow = {
		.proto = family == COI_FAMILY_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		.local_to = UINT16_MAX,
		.remote_to = UINT16_MAX,
		.local = *local,
		.remote = *remote,
	};
	u_int i;

	if (family != get_family(remote, other) || is_listed(list, &flow))
	{
		return;
	}
	for (i = 0; i < flows->count; i++)
	{
		if (coi_flow_contains(&flows->list[i], &flow))
		{
			return;
		}
	}
	array_insert(list, ARRAY_TAIL, &flow);
}

array_t *coi_icmp_related_flows(const coi_flows_t *flows, host_t *me,
								host_t *other,
						  bool gateways)
{
	static const coi_range_t itself = {
		.family = COI_FAMILY_HOST,
	};
	const coi_flow_t *flow;
	array_t *list;
	u_int i;

	list = array_create(sizeof(coi_flow_t), 0);
	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		add(list, flows, me, other, &flow->local, &flow->remote);
		if (gateways)
		{
			add(list, flows, me, other, &itself, &flow->remote);
			add(list, flows, me, other, &flow->local, &itself);
		}
	}
	return list;
}

bool coi_icmp_related_add(array_t *array, host_t *me, host_t *other,
					const coi_flow_t *flow)
{
	const uint8_t *type = flow->proto == IPPROTO_ICMP ? errors4 : errors6;
	bool success = TRUE;

	for (; *type && success; type++)
	{
		success = coi_selector_add_type(array, me, other, flow, *type);
	}
	return success;
}
