/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <arpa/inet.h>

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_filter.h"

/** One end: what it offers and uses. */
typedef struct {
	coi_service_t offered[64];
	coi_service_t used[64];
	coi_services_t offers;
	coi_services_t uses;
} side_t;

/** No address. */
static const coi_range_t nowhere;

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
	/* on the wire no list is empty: protocols that are not looked at */
	static coi_service_t reserved[] = {
		{ .proto = 255, .to = UINT16_MAX }, { .proto = 254, .to = UINT16_MAX },
	};
	static const coi_services_t no_offers = { &reserved[0], 1 };
	static const coi_services_t no_uses = { &reserved[1], 1 };
	coi_side_t a = {
		.offers = here->offers.count ? &here->offers : &no_offers,
		.uses = here->uses.count ? &here->uses : &no_uses,
	}, b = {
		.offers = there->offers.count ? &there->offers : &no_offers,
		.uses = there->uses.count ? &there->uses : &no_uses,
	};

	return coi_filter_flows(&a, &b, flows);
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

/**
 * The same for the first packet, if it is from a.
 */
static bool may_begin(const side_t *a, const side_t *b, uint8_t proto,
					  uint16_t port_b)
{
	return has(&b->offers, proto, port_b) && has(&a->uses, proto, port_b);
}

/**
 * Whether one of the flows lets a packet through.
 *
 * @param begin		who has to be free to begin by that
 */
static bool passes(const coi_flows_t *flows, uint8_t proto, uint16_t local,
				   uint16_t remote, coi_begin_t begin)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if ((!flow->proto || flow->proto == proto) &&
			(flow->begin & begin) == begin &&
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
				cr_assert_eq(passes(&at_a, proto, x, y, 0), expected);
				cr_assert_eq(passes(&at_b, proto, y, x, 0), expected);
				expected = may_begin(a, b, proto, y);
				cr_assert_eq(passes(&at_a, proto, x, y, COI_BEGIN_HERE),
							 expected);
				cr_assert_eq(passes(&at_b, proto, y, x, COI_BEGIN_THERE),
							 expected);
				expected = may_begin(b, a, proto, x);
				cr_assert_eq(passes(&at_a, proto, x, y, COI_BEGIN_THERE),
							 expected);
				cr_assert_eq(passes(&at_b, proto, y, x, COI_BEGIN_HERE),
							 expected);
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
	coi_service_t any = { .proto = 0, .from = 0, .to = UINT16_MAX }, none = { .proto = 255, .from = 0, .to = 0 };
	side_t a = {}, b = {};
	coi_flows_t flows;

	give(&a.offers, &any, 1);
	give(&a.uses, &any, 1);
	give(&b.offers, &any, 1);
	give(&b.uses, &any, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 1);
	cr_assert(coi_flows_all(&flows, &nowhere, &nowhere, COI_BEGIN_BOTH));
	coi_flows_clear(&flows);
	cr_assert_not(coi_flows_all(&flows, &nowhere, &nowhere, 0));
	check_laws(&a, &b);

	/* one direction alone has each packet in it already, but only one side begins */
	give(&a.offers, &none, 1);
	give(&b.uses, &none, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert(coi_flows_all(&flows, &nowhere, &nowhere, 0));
	cr_assert(coi_flows_all(&flows, &nowhere, &nowhere, COI_BEGIN_HERE));
	cr_assert_not(coi_flows_all(&flows, &nowhere, &nowhere, COI_BEGIN_THERE));
	cr_assert_not(coi_flows_all(&flows, &nowhere, &nowhere, COI_BEGIN_BOTH));
	coi_flows_clear(&flows);
	check_laws(&a, &b);
}

Test(filter, who_begins)
{
	coi_service_t any = { .to = UINT16_MAX }, https = { 6, 443, 443, {} };
	coi_service_t web = { 6, 400, 500, {} };
	side_t a = {}, b = {};
	coi_flows_t flows;

	/* offered and used alike: each may begin towards that port alone */
	give(&a.offers, &https, 1);
	give(&a.uses, &https, 1);
	give(&b.offers, &https, 1);
	give(&b.uses, &https, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 2);
	cr_expect(passes(&flows, 6, 443, 9, COI_BEGIN_THERE));
	cr_expect(passes(&flows, 6, 9, 443, COI_BEGIN_HERE));
	cr_expect(passes(&flows, 6, 22, 443, 0));
	cr_expect_not(passes(&flows, 6, 22, 443, COI_BEGIN_THERE));
	coi_flows_clear(&flows);
	check_laws(&a, &b);

	/* what one side may use is no reason to let the other begin: a flow that has
	 * all of another's packets does not stand for it */
	give(&a.uses, &any, 1);
	give(&b.offers, &any, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 2);
	cr_expect(passes(&flows, 6, 443, 9, COI_BEGIN_THERE));
	cr_expect_not(passes(&flows, 6, 22, 443, COI_BEGIN_THERE));
	cr_expect_not(coi_flows_all(&flows, &nowhere, &nowhere, COI_BEGIN_THERE));
	coi_flows_clear(&flows);
	check_laws(&a, &b);

	/* the same packets in both directions are one flow, which has all others */
	give(&a.offers, &any, 1);
	give(&b.uses, &any, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 1);
	cr_expect_eq(flows.list[0].begin, COI_BEGIN_BOTH);
	coi_flows_clear(&flows);
	check_laws(&a, &b);

	/* within one direction what contains another still replaces it */
	give(&a.offers, &web, 1);
	give(&b.uses, (coi_service_t[]){ https, web }, 2);
	give(&a.uses, &https, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 2);
	coi_flows_clear(&flows);
	check_laws(&a, &b);
}

Test(filter, a_flow_contains_another)
{
	coi_flow_t a = {
		.local_to = UINT16_MAX, .remote_to = UINT16_MAX,
		.begin = COI_BEGIN_HERE,
	}, b = a;

	cr_expect(coi_flow_contains(&a, &b));
	b.proto = 6;
	cr_expect(coi_flow_contains(&a, &b));
	cr_expect_not(coi_flow_contains(&b, &a));
	b.begin = 0;
	cr_expect(coi_flow_contains(&a, &b), "nobody begins there");
	b.begin = COI_BEGIN_THERE;
	cr_expect_not(coi_flow_contains(&a, &b));
	a.begin = COI_BEGIN_BOTH;
	cr_expect(coi_flow_contains(&a, &b));
}

Test(filter, no_service_in_common)
{
	coi_service_t http = { .proto = 6, .from = 80, .to = 80 }, https = { .proto = 6, .from = 443, .to = 443 };
	side_t a = {}, b = {};
	coi_flows_t flows;

	give(&a.offers, &http, 1);
	give(&b.uses, &https, 1);
	cr_assert(flows_of(&a, &b, &flows));
	cr_assert_eq(flows.count, 0);
	cr_assert_not(coi_flows_all(&flows, &nowhere, &nowhere, 0));
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
	coi_service_t web[] = { { .proto = 6, .from = 80, .to = 80 }, { .proto = 6, .from = 443, .to = 443 } };
	coi_service_t tcp = { .proto = 6, .from = 1, .to = 100 };
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
		{ .proto = 6, .from = 10, .to = 20 }, { .proto = 6, .from = 15, .to = 30 }, { .proto = 6, .from = 10, .to = 20 }, { .proto = 0, .from = 12, .to = 13 },
	};
	coi_service_t any = { .proto = 0, .from = 0, .to = UINT16_MAX };
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
	coi_service_t offered[] = { { .proto = 6, .from = 65535, .to = 65535 }, { .proto = 6, .from = 0, .to = 0 } };
	coi_service_t any = { .proto = 6, .from = 0, .to = UINT16_MAX };
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
	coi_service_t any = { .proto = 0, .from = 0, .to = UINT16_MAX };
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
					if (passes(&flows, protos[j], ports[k], ports[l], 0))
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
		a.offered[i] = a.used[i] = (coi_service_t){ .proto = 6, .from = i * 1000, .to = i * 1000 + 10 };
		b.offered[i] = b.used[i] = (coi_service_t){ .proto = 6, .from = 0, .to = 63000 + i };
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
	coi_service_t list[] = { { .proto = 6, .from = 80, .to = 80 }, { .proto = 17, .from = 53, .to = 53 } };
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
		{
			.proto = 6, .local_to = 65535, .remote_from = 80, .remote_to = 80,
		}, {
			.proto = 17, .local_from = 53, .local_to = 53, .remote_to = 65535,
		},
	};
	coi_flows_t flows = { .list = list, .count = countof(list) }, empty = {}, clone;

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
		{ .proto = 6, .from = 80, .to = 90 }, { .proto = 0, .from = 0, .to = 65535 },
	};
	coi_services_t uses = { list, 1 }, all = { &list[1], 1 }, none = {};
	coi_flows_t flows;

	flows = coi_services_flows(&all, &uses);
	cr_assert_eq(flows.count, 1);
	cr_assert_eq(flows.list[0].proto, 6);
	cr_assert_eq(flows.list[0].local_from, 0);
	cr_assert_eq(flows.list[0].local_to, 65535);
	cr_assert_eq(flows.list[0].remote_from, 80);
	cr_assert_eq(flows.list[0].remote_to, 90);
	coi_flows_clear(&flows);
	flows = coi_services_flows(&all, &all);
	cr_assert(coi_flows_all(&flows, &nowhere, &nowhere, 0));
	coi_flows_clear(&flows);
	flows = coi_services_flows(&all, &none);
	cr_assert_eq(flows.count, 0);
	coi_flows_clear(&flows);
}

/** A range from two addresses as text. */
static coi_range_t range(const char *first, const char *last)
{
	uint8_t from[16], to[16];
	coi_range_t made;
	int family = strchr(first, ':') ? AF_INET6 : AF_INET;

	cr_assert_eq(inet_pton(family, first, from), 1);
	cr_assert_eq(inet_pton(family, last, to), 1);
	cr_assert(coi_range_set(&made, family == AF_INET ? 4 : 6, from, to));
	return made;
}

Test(filter, ranges)
{
	coi_range_t all = range("0.0.0.0", "255.255.255.255"), bad;
	coi_range_t left = range("10.1.0.0", "10.1.255.255"), both;
	coi_range_t over = range("10.1.128.0", "10.2.0.255"), host = {};
	coi_range_t v6 = range("::", "ffff:ffff::");

	cr_expect(coi_range_contains(&all, &left));
	cr_expect_not(coi_range_contains(&left, &all));
	cr_expect_not(coi_range_contains(&left, &over));
	cr_expect_not(coi_range_contains(&v6, &left));
	cr_expect_not(coi_range_contains(&all, &host));
	cr_expect(coi_range_contains(&host, &host));
	cr_expect(coi_range_intersect(&left, &over, &both));
	cr_expect(coi_range_equals(&both, &(coi_range_t){
		4, { 10, 1, 128 }, { 10, 1, 255, 255 },
	}));
	cr_expect(coi_range_intersect(&host, &host, &both));
	cr_expect_not(coi_range_intersect(&host, &left, &both));
	cr_expect_not(coi_range_intersect(&v6, &left, &both));
	over = range("10.2.0.0", "10.2.0.0");
	cr_expect_not(coi_range_intersect(&left, &over, &both));
	cr_expect_not(coi_range_set(&bad, 4, all.last, all.first));
	cr_expect_not(coi_range_set(&bad, 5, all.first, all.last));
	cr_expect_not(coi_range_set(&bad, 0, all.first, all.last));
}

Test(filter, networks_and_the_hosts_themselves)
{
	coi_range_t left = range("10.1.0.0", "10.1.255.255");
	coi_range_t here = range("192.168.0.1", "192.168.0.1");
	coi_range_t there = range("192.168.0.2", "192.168.0.2");
	coi_service_t any = { .to = 65535 }, net = { .to = 65535, .at = left };
	coi_services_t own = { &any, 1 }, behind = { &net, 1 };
	coi_ranges_t at_here = { &here, 1 }, at_there = { &there, 1 };
	coi_side_t a = { &behind, &own, at_here }, b = { &own, &behind, at_there };
	coi_flows_t flows;

	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_assert_eq(flows.count, 1);
	cr_expect(coi_range_equals(&flows.list[0].local, &left));
	cr_expect(coi_range_equals(&flows.list[0].remote, &there));
	cr_expect_not(coi_flows_all(&flows, &here, &there, 0));
	coi_flows_clear(&flows);

	/* the host itself is no part of a network while its address is open */
	b.itself = (coi_ranges_t){};
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_assert_eq(flows.count, 1);
	cr_expect_eq(flows.list[0].remote.family, COI_FAMILY_HOST);
	coi_flows_clear(&flows);
	a.offers = a.uses = b.offers = b.uses = &own;
	b.itself = at_there;
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_expect(coi_flows_all(&flows, &here, &there, 0));
	cr_expect_not(coi_flows_all(&flows, &there, &here, 0));
	coi_flows_clear(&flows);
	b.offers = b.uses = &behind;
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_expect_eq(flows.count, 0, "not in the network");
	coi_flows_clear(&flows);
}

Test(filter, families_do_not_mix)
{
	coi_service_t four = {
		.to = 65535, .at = range("10.0.0.0", "10.255.255.255"),
	}, six = {
		.to = 65535, .at = range("fec0::", "feff::"),
	}, lists[] = { four, six };
	coi_services_t both = { lists, 2 }, v4 = { &four, 1 }, v6 = { &six, 1 };
	coi_side_t a = { &v4, &v6, {} }, b = { &v6, &v4, {} };
	coi_flows_t flows;

	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_expect_eq(flows.count, 0);
	coi_flows_clear(&flows);
	a = b = (coi_side_t){ &both, &both, {} };
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_expect_eq(flows.count, 2);
	coi_flows_clear(&flows);
}

/** Whether a list is one range. */
static bool is_one(coi_ranges_t list, const coi_range_t *one)
{
	return list.count == 1 && coi_range_equals(list.list, one);
}

Test(filter, what_the_host_itself_stands_for)
{
	coi_range_t seen = range("192.168.0.9", "192.168.0.9");
	coi_range_t own = range("10.3.0.9", "10.3.0.9");
	coi_range_t vip = range("10.9.0.1", "10.9.0.1");
	coi_service_t any = { .to = 65535 };
	coi_service_t net = { .to = 65535, .at = range("10.3.0.0", "10.3.0.9") };
	coi_services_t itself = { &any, 1 }, within = { &net, 1 };
	coi_itself_t host = { .seen = seen };

	cr_expect(is_one(coi_itself_choose(&host, &within), &seen));
	host.announced = own;
	cr_expect(is_one(coi_itself_choose(&host, &within), &own));
	cr_expect(is_one(coi_itself_choose(&host, &itself), &seen));
	net.at = range("10.3.0.0", "10.3.0.8");
	cr_expect(is_one(coi_itself_choose(&host, &within), &seen));
	host.assigned = (coi_ranges_t){ &vip, 1 };
	cr_expect(is_one(coi_itself_choose(&host, &within), &vip));
}

Test(filter, a_host_may_have_several_addresses)
{
	coi_range_t vips[] = {
		range("10.3.0.1", "10.3.0.1"), range("fec3::1", "fec3::1"),
	};
	coi_range_t four = range("10.1.0.0", "10.1.255.255");
	coi_range_t six = range("fec1::", "fec1::ffff");
	coi_service_t any = { .to = 65535 }, web = { 6, 80, 80, {} };
	coi_service_t nets[] = {
		{ .to = 65535, .at = four }, { .to = 65535, .at = six },
	};
	coi_services_t own = { &any, 1 }, behind = { nets, 2 }, site = { &web, 1 };
	coi_side_t a = { &site, &behind, { vips, 2 } }, b = { &behind, &own, {} };
	coi_flows_t flows;
	u_int i;

	b.uses = &site;
	/* each address with the network of its family: from there its web server may be
	 * asked, and it may ask for everything */
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_assert_eq(flows.count, 4);
	for (i = 0; i < flows.count; i++)
	{
		cr_expect(coi_range_equals(&flows.list[i].local, &vips[i % 2]));
		cr_expect(coi_range_equals(&flows.list[i].remote,
								   i % 2 ? &six : &four));
		cr_expect_eq(flows.list[i].proto, i < 2 ? 6 : 0);
		cr_expect_eq(flows.list[i].begin, i < 2 ? COI_BEGIN_THERE
												: COI_BEGIN_HERE);
	}
	coi_flows_clear(&flows);
	/* with one address, only its family */
	a.itself.count = 1;
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_assert_eq(flows.count, 2);
	cr_expect(coi_range_equals(&flows.list[0].local, &vips[0]));
	cr_expect(coi_range_equals(&flows.list[1].local, &vips[0]));
	coi_flows_clear(&flows);
}

/** Make 64 services of one port each, at networks that overlap. */
static void many_networks(coi_service_t *list, uint8_t octet)
{
	u_int i;

	for (i = 0; i < 64; i++)
	{
		list[i] = (coi_service_t){
			.proto = 6, .from = i, .to = i + 100,
			.at = { 4, { 10, octet, i }, { 10, octet, i, i } },
		};
	}
}

Test(filter, too_many_flows_are_none)
{
	static coi_service_t here[64], there[64];
	coi_service_t any = { .to = 65535 };
	coi_services_t mine = { here, 64 }, theirs = { there, 64 };
	coi_side_t a = { &mine, &theirs, {} }, b = { &theirs, &mine, {} };
	coi_flows_t flows, clone;

	many_networks(here, 1);
	many_networks(there, 2);
	/* 64 networks on each side, every one with every other */
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_expect(flows.excess);
	cr_expect_eq(flows.count, 0);
	clone = coi_flows_clone(&flows);
	cr_expect(clone.excess);
	coi_flows_clear(&clone);
	coi_flows_clear(&flows);
	cr_expect_not(flows.excess);
	flows = coi_services_flows(&mine, &theirs);
	cr_expect(flows.excess);
	cr_expect_eq(flows.count, 0);
	coi_flows_clear(&flows);
	/* 64 with 8 are not too many */
	mine.count = 8;
	cr_assert(coi_filter_flows(&a, &b, &flows));
	cr_expect_not(flows.excess);
	cr_expect_eq(flows.count, 1024);
	coi_flows_clear(&flows);
	mine = (coi_services_t){ &any, 1 };
	flows = coi_services_flows(&mine, &theirs);
	cr_expect_eq(flows.count, 64);
	coi_flows_clear(&flows);
}
