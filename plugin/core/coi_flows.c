/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_filter.h"

bool coi_flow_contains(const coi_flow_t *a, const coi_flow_t *b)
{
	return (a->begin & b->begin) == b->begin &&
			(!a->proto || a->proto == b->proto) &&
			a->local_from <= b->local_from && a->local_to >= b->local_to &&
			a->remote_from <= b->remote_from && a->remote_to >= b->remote_to &&
			coi_range_contains(&a->local, &b->local) &&
			coi_range_contains(&a->remote, &b->remote);
}

/** Whether a range is a host itself, or contains its address. */
static bool contains_host(const coi_range_t *range, const coi_range_t *itself)
{
	return range->family == COI_FAMILY_HOST ||
		   coi_range_contains(range, itself);
}

bool coi_flows_all(const coi_flows_t *flows, const coi_range_t *here,
				   const coi_range_t *there, coi_begin_t begin)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if (!flow->proto && (flow->begin & begin) == begin &&
			flow->local_from == 0 && flow->local_to == UINT16_MAX &&
			flow->remote_from == 0 && flow->remote_to == UINT16_MAX &&
			contains_host(&flow->local, here) &&
			contains_host(&flow->remote, there))
		{
			return TRUE;
		}
	}
	return FALSE;
}

void coi_flows_clear(coi_flows_t *flows)
{
	free(flows->list);
	*flows = (coi_flows_t){};
}

coi_flows_t coi_flows_clone(const coi_flows_t *flows)
{
	coi_flows_t clone = {
		.excess = flows->excess,
	};

	if (flows->count)
	{
		clone.list = malloc(flows->count * sizeof(*clone.list));
		clone.count = flows->count;
		memcpy(clone.list, flows->list, flows->count * sizeof(*clone.list));
	}
	return clone;
}
