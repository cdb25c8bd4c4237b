/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_filter.h"

/**
 * Order by protocol, then port.
 */
static int compare(const void *a, const void *b)
{
	const coi_service_t *x = a, *y = b;

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

/**
 * Sort a list and join what overlaps within a protocol, so that a peer's long
 * lists cannot multiply with ours. Neighbours stay apart: the kernel knows masks,
 * not ranges, and two ports may fit one where their union does not.
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
		if (next->proto == last->proto && next->from <= last->to)
		{
			last->to = max(last->to, next->to);
		}
		else
		{
			services->list[used++] = *next;
		}
	}
	services->count = used;
}

/**
 * Intersect what one side offers with what the other may use.
 */
static bool intersect(const coi_services_t *offers, const coi_services_t *uses,
					  coi_services_t *both)
{
	coi_services_t a, b;
	const coi_service_t *x, *y;
	u_int i, j;

	a = coi_services_clone(offers);
	b = coi_services_clone(uses);
	join(&a);
	join(&b);
	*both = (coi_services_t){
		.list = calloc(max(a.count * b.count, 1), sizeof(*both->list)),
	};
	for (i = 0; both->list && i < a.count; i++)
	{
		for (j = 0; j < b.count; j++)
		{
			x = &a.list[i];
			y = &b.list[j];
			if ((!x->proto || !y->proto || x->proto == y->proto) &&
				x->from <= y->to && y->from <= x->to)
			{
				both->list[both->count++] = (coi_service_t){
					.proto = x->proto ?: y->proto,
					.from = max(x->from, y->from),
					.to = min(x->to, y->to),
				};
			}
		}
	}
	coi_services_clear(&a);
	coi_services_clear(&b);
	if (both->list)
	{
		join(both);
	}
	return both->list;
}

/**
 * Whether one flow allows all that another one does.
 */
static bool contains(const coi_flow_t *a, const coi_flow_t *b)
{
	return (!a->proto || a->proto == b->proto) &&
			a->local_from <= b->local_from && a->local_to >= b->local_to &&
			a->remote_from <= b->remote_from && a->remote_to >= b->remote_to;
}

/**
 * Add a flow unless one of those before contains it; drop those it contains.
 */
static void add_flow(coi_flows_t *flows, const coi_flow_t *flow)
{
	u_int i, used = 0;

	for (i = 0; i < flows->count; i++)
	{
		if (contains(&flows->list[i], flow))
		{
			return;
		}
	}
	for (i = 0; i < flows->count; i++)
	{
		if (!contains(flow, &flows->list[i]))
		{
			flows->list[used++] = flows->list[i];
		}
	}
	flows->list[used++] = *flow;
	flows->count = used;
}

bool coi_filter_flows(const coi_services_t *offered_here,
					  const coi_services_t *used_here,
					  const coi_services_t *offered_there,
					  const coi_services_t *used_there,
					  coi_flows_t *flows)
{
	coi_services_t in = {}, out = {};
	coi_flow_t flow;
	bool success;
	u_int i;

	*flows = (coi_flows_t){};
	success = intersect(offered_here, used_there, &in) &&
			  intersect(offered_there, used_here, &out);
	if (success)
	{
		flows->list = calloc(max(in.count + out.count, 1),
							 sizeof(*flows->list));
		success = flows->list;
	}
	for (i = 0; success && i < in.count; i++)
	{
		flow = (coi_flow_t){
			.proto = in.list[i].proto,
			.local_from = in.list[i].from,
			.local_to = in.list[i].to,
			.remote_to = UINT16_MAX,
		};
		add_flow(flows, &flow);
	}
	for (i = 0; success && i < out.count; i++)
	{
		flow = (coi_flow_t){
			.proto = out.list[i].proto,
			.local_to = UINT16_MAX,
			.remote_from = out.list[i].from,
			.remote_to = out.list[i].to,
		};
		add_flow(flows, &flow);
	}
	coi_services_clear(&in);
	coi_services_clear(&out);
	return success;
}

bool coi_flows_all(const coi_flows_t *flows)
{
	static const coi_flow_t all = {
		.local_to = UINT16_MAX,
		.remote_to = UINT16_MAX,
	};

	return flows->count == 1 && contains(&flows->list[0], &all);
}

void coi_flows_clear(coi_flows_t *flows)
{
	free(flows->list);
	*flows = (coi_flows_t){};
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

coi_flows_t coi_flows_clone(const coi_flows_t *flows)
{
	coi_flows_t clone = {};

	if (flows->count)
	{
		clone.list = malloc(flows->count * sizeof(*clone.list));
		clone.count = flows->count;
		memcpy(clone.list, flows->list, flows->count * sizeof(*clone.list));
	}
	return clone;
}

coi_flows_t coi_services_flows(const coi_services_t *uses)
{
	coi_flows_t flows;
	u_int i;

	flows = (coi_flows_t){
		.list = calloc(max(uses->count, 1), sizeof(*flows.list)),
		.count = uses->count,
	};
	for (i = 0; i < uses->count; i++)
	{
		flows.list[i] = (coi_flow_t){
			.proto = uses->list[i].proto,
			.local_to = 0xffff,
			.remote_from = uses->list[i].from,
			.remote_to = uses->list[i].to,
		};
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
