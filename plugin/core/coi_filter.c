/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_filter.h"

/** pairs of services and networks that are looked at: bounds the work */
#define MAX_PAIRS (16 * COI_MAX_FLOWS)

/**
 * Order by address, protocol, port.
 */
static int compare(const void *a, const void *b)
{
	const coi_service_t *x = a, *y = b;
	int diff;

	diff = coi_range_compare(&x->at, &y->at);
	if (diff)
	{
		return diff;
	}
	if (x->proto != y->proto)
	{
		return (int)x->proto - y->proto;
	}
	if (x->from != y->from)
	{
		return (int)x->from - y->from;
	}
	return (int)x->to - y->to;
}

/** Whether one service is all of another one. */
static bool covers(const coi_service_t *a, const coi_service_t *b)
{
	return (!a->proto || a->proto == b->proto) &&
			a->from <= b->from && a->to >= b->to &&
			coi_range_contains(&a->at, &b->at);
}

/**
 * Leave out services that are a part of another one.
 */
static void leave_out_covered(coi_services_t *services)
{
	u_int i, j, used = 0;

	for (i = 0; i < services->count; i++)
	{
		for (j = 0; j < used; j++)
		{
			if (covers(&services->list[j], &services->list[i]))
			{
				break;
			}
		}
		if (j < used)
		{
			continue;
		}
		for (j = i + 1; j < services->count; j++)
		{
			if (covers(&services->list[j], &services->list[i]))
			{
				break;
			}
		}
		if (j == services->count)
		{
			services->list[used++] = services->list[i];
		}
	}
	services->count = used;
}

/**
 * Sort a list and join what overlaps within a protocol and range, so that a
 * peer's long lists cannot multiply with ours. Neighbours stay apart: the kernel
 * knows masks, not ranges, and two ports may fit one where their union does not.
 */
static void join(coi_services_t *services)
{
	coi_service_t *last, *next;
	u_int i, used = 1;

	if (!services->count)
	{
		return;
	}
	qsort(services->list, services->count, sizeof(*services->list), compare);
	for (i = 1; i < services->count; i++)
	{
		last = &services->list[used - 1];
		next = &services->list[i];
		if (next->proto == last->proto && next->from <= last->to &&
			coi_range_equals(&next->at, &last->at))
		{
			last->to = max(last->to, next->to);
		}
		else
		{
			services->list[used++] = *next;
		}
	}
	services->count = used;
	leave_out_covered(services);
}

/**
 * Copy a list, with the host itself replaced by each of its addresses if these
 * are known.
 */
static coi_services_t resolve(const coi_services_t *services,
							  const coi_ranges_t *itself)
{
	coi_services_t resolved = {};
	coi_service_t *service;
	u_int i, j;

	if (!itself->count)
	{
		return coi_services_clone(services);
	}
	resolved.list = calloc(max(services->count * itself->count, 1),
						   sizeof(*resolved.list));
	for (i = 0; i < services->count; i++)
	{
		for (j = 0; j < itself->count; j++)
		{
			service = &resolved.list[resolved.count++];
			*service = services->list[i];
			if (service->at.family != COI_FAMILY_HOST)
			{
				break;
			}
			service->at = itself->list[j];
		}
	}
	return resolved;
}

/**
 * Intersect what one side offers with what the other may use.
 */
static bool intersect(const coi_services_t *offers, const coi_services_t *uses,
					  coi_services_t *both)
{
	const coi_service_t *x, *y;
	coi_service_t *z;
	u_int i, j;

	*both = (coi_services_t){
		.list = calloc(max(offers->count * uses->count, 1),
					   sizeof(*both->list)),
	};
	for (i = 0; both->list && i < offers->count; i++)
	{
		for (j = 0; j < uses->count; j++)
		{
			x = &offers->list[i];
			y = &uses->list[j];
			z = &both->list[both->count];
			if ((!x->proto || !y->proto || x->proto == y->proto) &&
				x->from <= y->to && y->from <= x->to &&
				coi_range_intersect(&x->at, &y->at, &z->at))
			{
				z->proto = x->proto ?: y->proto;
				z->from = max(x->from, y->from);
				z->to = min(x->to, y->to);
				both->count++;
			}
		}
	}
	if (both->list)
	{
		join(both);
	}
	return both->list;
}

coi_ranges_t coi_services_ranges(const coi_services_t *services)
{
	coi_ranges_t ranges;
	u_int i;

	ranges = (coi_ranges_t){
		.list = calloc(max(services->count, 1), sizeof(*ranges.list)),
	};
	if (ranges.list)
	{
		for (i = 0; i < services->count; i++)
		{
			ranges.list[i] = services->list[i].at;
		}
		ranges.count = services->count;
		coi_ranges_join(&ranges);
	}
	return ranges;
}

/**
 * The networks of a side: where it offers, as far as the other may use
 * anything there.
 */
static bool get_networks(const coi_services_t *offers,
						 const coi_services_t *uses, coi_ranges_t *networks)
{
	coi_ranges_t a, b;
	bool success;

	a = coi_services_ranges(offers);
	b = coi_services_ranges(uses);
	success = a.list && b.list && coi_ranges_intersect(&a, &b, networks);
	free(a.list);
	free(b.list);
	return success;
}

/**
 * Whether two flows differ at most in who may begin.
 */
static bool same_traffic(coi_flow_t a, coi_flow_t b)
{
	a.begin = b.begin = COI_BEGIN_BOTH;
	return coi_flow_contains(&a, &b) && coi_flow_contains(&b, &a);
}

/**
 * Add a flow unless one of those before contains it; drop those it contains.
 *
 * @param flow		changed: who may begin the same traffic by those before may
 *					do so by it, too
 */
static void add_flow(coi_flows_t *flows, coi_flow_t *flow)
{
	u_int i, used = 0;

	for (i = 0; i < flows->count; i++)
	{
		if (coi_flow_contains(&flows->list[i], flow))
		{
			return;
		}
		if (same_traffic(flows->list[i], *flow))
		{
			flow->begin |= flows->list[i].begin;
		}
	}
	for (i = 0; i < flows->count; i++)
	{
		if (!coi_flow_contains(flow, &flows->list[i]))
		{
			flows->list[used++] = flows->list[i];
		}
	}
	flows->count = used;
	if (flows->count == COI_MAX_FLOWS)
	{
		flows->excess = TRUE;
		return;
	}
	flows->list[flows->count++] = *flow;
}

/**
 * Add the flows between services and the networks that use them.
 *
 * @param here		TRUE if the services are on this side
 */
static void add_flows(coi_flows_t *flows, const coi_services_t *services,
					  const coi_ranges_t *networks, bool here)
{
	const coi_service_t *service;
	const coi_range_t *network;
	coi_flow_t flow;
	u_int i, j;

	flows->excess |= (uint64_t)services->count * networks->count > MAX_PAIRS;
	for (i = 0; i < services->count; i++)
	{
		for (j = 0; j < networks->count && !flows->excess; j++)
		{
			service = &services->list[i];
			network = &networks->list[j];
			if (service->at.family && network->family &&
				service->at.family != network->family)
			{
				continue;
			}
			flow = (coi_flow_t){
				.proto = service->proto,
				.local_from = here ? service->from : 0,
				.local_to = here ? service->to : UINT16_MAX,
				.remote_from = here ? 0 : service->from,
				.remote_to = here ? UINT16_MAX : service->to,
				.local = here ? service->at : *network,
				.remote = here ? *network : service->at,
				.begin = here ? COI_BEGIN_THERE : COI_BEGIN_HERE,
			};
			add_flow(flows, &flow);
		}
	}
}

bool coi_filter_flows(const coi_side_t *here, const coi_side_t *there,
					  coi_flows_t *flows)
{
	coi_services_t offered_here, used_here, offered_there, used_there;
	coi_services_t in = {}, out = {};
	coi_ranges_t mine = {}, theirs = {};
	bool success;

	offered_here = resolve(here->offers, &here->itself);
	used_there = resolve(there->uses, &here->itself);
	offered_there = resolve(there->offers, &there->itself);
	used_here = resolve(here->uses, &there->itself);
	join(&offered_here);
	join(&used_there);
	join(&offered_there);
	join(&used_here);
	*flows = (coi_flows_t){
		.list = calloc(COI_MAX_FLOWS, sizeof(*flows->list)),
	};
	success = flows->list && intersect(&offered_here, &used_there, &in) &&
			  intersect(&offered_there, &used_here, &out) &&
			  get_networks(&offered_here, &used_there, &mine) &&
			  get_networks(&offered_there, &used_here, &theirs);
	if (success)
	{
		add_flows(flows, &in, &theirs, TRUE);
		add_flows(flows, &out, &mine, FALSE);
	}
	coi_services_clear(&offered_here);
	coi_services_clear(&used_here);
	coi_services_clear(&offered_there);
	coi_services_clear(&used_there);
	coi_services_clear(&in);
	coi_services_clear(&out);
	free(mine.list);
	free(theirs.list);
	if (flows->excess)
	{
		flows->count = 0;
	}
	if (flows->count)
	{	/* only what is needed is kept */
		flows->list = realloc(flows->list, flows->count * sizeof(*flows->list));
	}
	else
	{
		free(flows->list);
		flows->list = NULL;
	}
	return success;
}

bool coi_services_contain(const coi_services_t *services,
						  const coi_range_t *address)
{
	u_int i;

	for (i = 0; i < services->count; i++)
	{
		if (address->family &&
			coi_range_contains(&services->list[i].at, address))
		{
			return TRUE;
		}
	}
	return FALSE;
}

coi_ranges_t coi_itself_choose(const coi_itself_t *itself,
							   const coi_services_t *uses_there)
{
	const coi_range_t *one = &itself->seen;

	if (itself->assigned.count)
	{
		return itself->assigned;
	}
	if (coi_services_contain(uses_there, &itself->announced))
	{
		one = &itself->announced;
	}
	return (coi_ranges_t){
		.list = (coi_range_t*)one,
		.count = 1,
	};
}

coi_services_t coi_services_clone(const coi_services_t *services)
{
	coi_services_t clone = {};

	if (services->count)
	{
		clone.list = malloc(services->count * sizeof(*clone.list));
		clone.count = services->count;
		memcpy(clone.list, services->list,
			   services->count * sizeof(*clone.list));
	}
	return clone;
}

coi_flows_t coi_services_flows(const coi_services_t *offers,
							   const coi_services_t *uses)
{
	coi_services_t used;
	coi_flows_t flows;
	coi_ranges_t mine;

	flows = (coi_flows_t){
		.list = calloc(COI_MAX_FLOWS, sizeof(*flows.list)),
	};
	used = coi_services_clone(uses);
	mine = coi_services_ranges(offers);
	join(&used);
	if (flows.list && mine.list)
	{
		add_flows(&flows, &used, &mine, FALSE);
	}
	coi_services_clear(&used);
	free(mine.list);
	if (flows.excess)
	{
		flows.count = 0;
	}
	return flows;
}

void coi_services_clear(coi_services_t *services)
{
	free(services->list);
	*services = (coi_services_t){};
}

bool coi_services_equals(const coi_services_t *a, const coi_services_t *b)
{
	u_int i;

	if (a->count != b->count)
	{
		return FALSE;
	}
	for (i = 0; i < a->count; i++)
	{
		if (compare(&a->list[i], &b->list[i]) != 0)
		{
			return FALSE;
		}
	}
	return TRUE;
}
