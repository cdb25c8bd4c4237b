/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "coi_filter.h"

/** One end: what it offers and uses. */
typedef struct {
	coi_service_t offered[64];
	coi_service_t used[64];
	coi_services_t offers;
	coi_services_t uses;
} side_t;

/** Protocols and ports at which the rules are looked at. */
static const uint8_t protos[] = { 1, 6, 17, 47 };
static const uint16_t ports[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 79, 80, 81, 442,
	443, 444, 32768, 65534, 65535,
};

static void give(coi_services_t *services, coi_service_t *list, u_int count)
{
	*services = (coi_services_t){ list, count };
}

static bool flows_of(const side_t *here, const side_t *there,
					 coi_flows_t *flows)
{
	return coi_filter_flows(&here->offers, &here->uses, &there->offers,
							&there->uses, flows);
}

static bool has(const coi_services_t *services, uint8_t proto, uint16_t port)
{
	const coi_service_t *service;
	u_int i;

	for (i = 0; i < services->count; i++)
	{
		service = &services->list[i];
		if ((!service->proto || service->proto == proto) &&
			service->from <= port && port <= service->to)
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * PROTOCOL.md section 11 word for word, for one packet.
 */
static bool may_pass(const side_t *a, const side_t *b, uint8_t proto,
					 uint16_t port_a, uint16_t port_b)
{
	return (has(&a->offers, proto, port_a) && has(&b->uses, proto, port_a)) ||
		   (has(&b->offers, proto, port_b) && has(&a->uses, proto, port_b));
}

static bool passes(const coi_flows_t *flows, uint8_t proto, uint16_t local,
				   uint16_t remote)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if ((!flow->proto || flow->proto == proto) &&
			flow->local_from <= local && local <= flow->local_to &&
			flow->remote_from <= remote && remote <= flow->remote_to)
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Compare flows with the definition for all protocols and ports of interest,
 * and both ends with each other.
 */
static void check_laws(const side_t *a, const side_t *b)
{
	coi_flows_t at_a, at_b;
	uint16_t x, y;
	uint8_t proto;
	u_int i, j, k;
	bool expected;

	cr_assert(flows_of(a, b, &at_a));
	cr_assert(flows_of(b, a, &at_b));
	for (i = 0; i < countof(protos); i++)
	{
		proto = protos[i];
		for (j = 0; j < countof(ports); j++)
		{
			for (k = 0; k < countof(ports); k++)
			{
				x = ports[j];
				y = ports[k];
				expected = may_pass(a, b, proto, x, y);
				cr_assert_eq(passes(&at_a, proto, x, y), expected);
				cr_assert_eq(passes(&at_b, proto, y, x), expected);
			}
		}
	}
	/* symmetry flow by flow, in whatever order */
	cr_assert_eq(at_a.count, at_b.count);
	for (i = 0; i < at_a.count; i++)
	{
		for (j = 0; j < at_b.count; j++)
		{
			if (at_a.list[i].proto == at_b.list[j].proto &&
				at_a.list[i].local_from == at_b.list[j].remote_from &&
				at_a.list[i].local_to == at_b.list[j].remote_to &&
				at_a.list[i].remote_from == at_b.list[j].local_from &&
				at_a.list[i].remote_to == at_b.list[j].local_to)
			{
				break;
			}
		}
		cr_assert_lt(j, at_b.count, "a flow is missing on the other side");
	}
	coi_flows_clear(&at_a);
	coi_flows_clear(&at_b);
	cr_assert_eq(at_a.count, 0);
	cr_assert_null(at_a.list);
}

Test(filter, all)
{
	coi_service_t any = { 0, 0, UINT16_MAX }, none = { 255, 0, 0 };
	side_t a = {}, b = {};
	coi_flows_t flows;

	give(&a.offers, &any, 1);
	give(&a.uses, &any, 1);
	give(&b.offers, &any, 1);
	give(&b.uses, &any, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 1);
	cr_assert(coi_flows_all(&flows));
	coi_flows_clear(&flows);
	cr_assert_not(coi_flows_all(&flows));
	check_laws(&a, &b);

	/* one direction alone has each packet in it already */
	give(&a.offers, &none, 1);
	give(&b.uses, &none, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert(coi_flows_all(&flows));
	coi_flows_clear(&flows);
	check_laws(&a, &b);
}

Test(filter, no_service_in_common)
{
	coi_service_t http = { 6, 80, 80 }, https = { 6, 443, 443 };
	side_t a = {}, b = {};
	coi_flows_t flows;

	give(&a.offers, &http, 1);
	give(&b.uses, &https, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 0);
	cr_assert_not(coi_flows_all(&flows));
	coi_flows_clear(&flows);
	check_laws(&a, &b);

	give(&b.uses, NULL, 0);
	give(&a.offers, NULL, 0);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 0);
	coi_flows_clear(&flows);
}

Test(filter, provider_and_user)
{
	coi_service_t web[] = { { 6, 80, 80 }, { 6, 443, 443 } };
	coi_service_t tcp = { 6, 1, 100 };
	side_t server = {}, client = {};
	coi_flows_t flows;

	give(&server.offers, web, 2);
	give(&client.uses, &tcp, 1);
	cr_assert(flows_of(&server, &client, &flows));
	cr_assert_eq(flows.count, 1);
	cr_expect_eq(flows.list[0].proto, 6);
	cr_expect_eq(flows.list[0].local_from, 80);
	cr_expect_eq(flows.list[0].local_to, 80);
	cr_expect_eq(flows.list[0].remote_from, 0);
	cr_expect_eq(flows.list[0].remote_to, UINT16_MAX);
	coi_flows_clear(&flows);
	check_laws(&server, &client);
}

Test(filter, contained_flows_are_left_out)
{
	coi_service_t offered[] = {
		{ 6, 10, 20 }, { 6, 15, 30 }, { 6, 10, 20 }, { 0, 12, 13 },
	};
	coi_service_t any = { 0, 0, UINT16_MAX };
	side_t a = {}, b = {};
	coi_flows_t flows;

	give(&a.offers, offered, countof(offered));
	give(&b.uses, &any, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 2, "10 to 30 of TCP, and 12 to 13 of any");
	coi_flows_clear(&flows);
	check_laws(&a, &b);
}

Test(filter, ports_at_the_edges)
{
	coi_service_t offered[] = { { 6, 65535, 65535 }, { 6, 0, 0 } };
	coi_service_t any = { 6, 0, UINT16_MAX };
	side_t a = {}, b = {};

	give(&a.offers, offered, countof(offered));
	give(&b.uses, &any, 1);
	check_laws(&a, &b);
}

/**
 * A random list of services, dense enough to overlap.
 */
static void random_services(coi_services_t *services, coi_service_t *list)
{
	static const uint8_t some[] = { 0, 6, 6, 17, 1 };
	u_int i, count = random() % 8;

	for (i = 0; i < count; i++)
	{
		list[i].proto = some[random() % countof(some)];
		list[i].from = ports[random() % countof(ports)];
		list[i].to = random() % 3 ? list[i].from
								  : ports[random() % countof(ports)];
		if (list[i].to < list[i].from)
		{
			list[i].to = list[i].from;
		}
	}
	give(services, list, count);
}

Test(filter, laws_hold_for_any_lists)
{
	static side_t a, b;
	u_int i;

	srandom(7);
	for (i = 0; i < 400; i++)
	{
		random_services(&a.offers, a.offered);
		random_services(&a.uses, a.used);
		random_services(&b.offers, b.offered);
		random_services(&b.uses, b.used);
		check_laws(&a, &b);
	}
}

Test(filter, the_other_end_cannot_widen)
{
	static side_t a, b;
	coi_service_t any = { 0, 0, UINT16_MAX };
	coi_flows_t flows;
	u_int i, j, k, l;

	srandom(11);
	for (i = 0; i < 100; i++)
	{
		random_services(&a.offers, a.offered);
		random_services(&a.uses, a.used);
		/* a peer that claims everything gets what we said and no more */
		give(&b.offers, &any, 1);
		give(&b.uses, &any, 1);
		cr_assert(flows_of(&a, &b, &flows));
		for (j = 0; j < countof(protos); j++)
		{
			for (k = 0; k < countof(ports); k++)
			{
				for (l = 0; l < countof(ports); l++)
				{
					if (passes(&flows, protos[j], ports[k], ports[l]))
					{
						cr_assert(has(&a.offers, protos[j], ports[k]) ||
								  has(&a.uses, protos[j], ports[l]));
					}
				}
			}
		}
		coi_flows_clear(&flows);
	}
}

Test(filter, long_lists_do_not_multiply)
{
	static side_t a, b;
	coi_flows_t flows;
	u_int i;

	for (i = 0; i < 64; i++)
	{
		a.offered[i] = a.used[i] = (coi_service_t){ 6, i * 1000, i * 1000 + 10 };
		b.offered[i] = b.used[i] = (coi_service_t){ 6, 0, 63000 + i };
	}
	give(&a.offers, a.offered, 64);
	give(&a.uses, a.used, 64);
	give(&b.offers, b.offered, 64);
	give(&b.uses, b.used, 64);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_leq(flows.count, 128);
	coi_flows_clear(&flows);
}

Test(filter, lists_clone_and_compare)
{
	coi_service_t list[] = { { 6, 80, 80 }, { 17, 53, 53 } };
	coi_services_t a = { list, 2 }, clone, empty = {};

	clone = coi_services_clone(&a);
	cr_assert_neq(clone.list, a.list);
	cr_assert(coi_services_equals(&a, &clone));
	clone.list[1].to++;
	cr_assert_not(coi_services_equals(&a, &clone));
	clone.list[1].to--;
	clone.list[1].from--;
	cr_assert_not(coi_services_equals(&a, &clone));
	clone.list[1].from++;
	clone.list[0].proto++;
	cr_assert_not(coi_services_equals(&a, &clone));
	clone.list[0].proto--;
	clone.count--;
	cr_assert_not(coi_services_equals(&a, &clone));
	coi_services_clear(&clone);
	cr_assert_eq(clone.count, 0);
	clone = coi_services_clone(&empty);
	cr_assert(coi_services_equals(&clone, &empty));
	cr_assert_null(clone.list);
}

Test(filter, flows_are_cloned)
{
	coi_flow_t list[] = {
		{ 6, 0, 65535, 80, 80 }, { 17, 53, 53, 0, 65535 },
	};
	coi_flows_t flows = { list, countof(list) }, empty = {}, clone;

	clone = coi_flows_clone(&flows);
	cr_assert_eq(clone.count, 2);
	cr_assert_neq(clone.list, flows.list);
	cr_assert_arr_eq(clone.list, list, sizeof(list));
	coi_flows_clear(&clone);
	clone = coi_flows_clone(&empty);
	cr_assert_eq(clone.count, 0);
	coi_flows_clear(&clone);
}

Test(filter, used_services_are_flows_to_the_peer)
{
	coi_service_t list[] = {
		{ 6, 80, 90 }, { 0, 0, 65535 },
	};
	coi_services_t uses = { list, 1 }, all = { &list[1], 1 }, none = {};
	coi_flows_t flows;

	flows = coi_services_flows(&uses);
	cr_assert_eq(flows.count, 1);
	cr_assert_eq(flows.list[0].proto, 6);
	cr_assert_eq(flows.list[0].local_from, 0);
	cr_assert_eq(flows.list[0].local_to, 65535);
	cr_assert_eq(flows.list[0].remote_from, 80);
	cr_assert_eq(flows.list[0].remote_to, 90);
	coi_flows_clear(&flows);
	flows = coi_services_flows(&all);
	cr_assert(coi_flows_all(&flows));
	coi_flows_clear(&flows);
	flows = coi_services_flows(&none);
	cr_assert_eq(flows.count, 0);
	coi_flows_clear(&flows);
}
