/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What passes between two ends by their services, as the independent
 * implementation in testing/reference/ wrote it down.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors.h"

#include "core/coi_filter.h"

TestSuite(vectors_filter, .init = coi_test_init);

/** One end of a packet. */
typedef struct {
	coi_range_t address;
	u_int port;
} end_t;

static bool passes(const coi_flows_t *flows, u_int proto, const end_t *local,
				   const end_t *remote)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if ((!flow->proto || flow->proto == proto) &&
			flow->local_from <= local->port &&
			local->port <= flow->local_to &&
			flow->remote_from <= remote->port &&
			remote->port <= flow->remote_to &&
			coi_range_contains(&flow->local, &local->address) &&
			coi_range_contains(&flow->remote, &remote->address))
		{
			return TRUE;
		}
	}
	return FALSE;
}

static bool read_packet(const char *text, u_int *proto, end_t *a, end_t *b)
{
	char verdict[8], from[33], to[33];

	*a = *b = (end_t){};
	if (sscanf(text, "%u %u %u %7s", proto, &a->port, &b->port, verdict) != 4)
	{
		cr_assert_eq(sscanf(text, "%u %32s %u %32s %u %7s", proto, from,
							&a->port, to, &b->port, verdict), 6, "%s", text);
		a->address = vec_range(from, from);
		b->address = vec_range(to, to);
	}
	return streq(verdict, "allow");
}

/**
 * Read what a host itself may stand for, nothing if the record has none of it.
 */
static coi_ranges_t read_itself(const record_t *record, char side,
								const coi_services_t *uses,
								coi_itself_t *itself, coi_range_t *assigned)
{
	struct {
		const char *name;
		coi_range_t *range;
	} kinds[] = {
		{ "assigned", assigned },
		{ "announced", &itself->announced },
		{ "seen", &itself->seen },
	};
	const char *text;
	char name[32];
	u_int i;

	*itself = (coi_itself_t){
		.assigned = { assigned, vec_has(record, "assigned_%c", side) },
	};
	for (i = 0; i < countof(kinds); i++)
	{
		snprintf(name, sizeof(name), "%s_%c", kinds[i].name, side);
		if (vec_has(record, "%s", name))
		{
			text = vec_text(record, "%s", name);
			*kinds[i].range = vec_range(text, text);
		}
	}
	return itself->seen.family ? coi_itself_choose(itself, uses)
							   : (coi_ranges_t){};
}

Test(vectors_filter, filter)
{
	vectors_t *vectors = vectors_read("filter");
	coi_services_t oa, ua, ob, ub;
	coi_itself_t at_a, at_b;
	coi_range_t assigned_a, assigned_b;
	const record_t *record;
	coi_side_t left, right;
	coi_flows_t a, b;
	u_int i, proto, networks = 0;
	end_t x, y;
	bool allowed;

	each_record(vectors, record)
	{
		oa = vec_services(record, "offers_A");
		ua = vec_services(record, "uses_A");
		ob = vec_services(record, "offers_B");
		ub = vec_services(record, "uses_B");
		left = (coi_side_t){ &oa, &ua, read_itself(record, 'A', &ub, &at_a,
											  &assigned_a) };
		right = (coi_side_t){ &ob, &ub, read_itself(record, 'B', &ua, &at_b,
											   &assigned_b) };
		networks += left.itself.count;
		cr_assert(coi_filter_flows(&left, &right, &a));
		cr_assert(coi_filter_flows(&right, &left, &b));
		for (i = 0; i < vec_number(record, "packets"); i++)
		{
			allowed = read_packet(vec_text(record, "packet.%u", i), &proto,
								  &x, &y);
			cr_assert_eq(passes(&a, proto, &x, &y), allowed, "%s %s",
						 vec_text(record, "case"),
						 vec_text(record, "packet.%u", i));
			cr_assert_eq(passes(&b, proto, &y, &x), allowed);
		}
		coi_flows_clear(&a);
		coi_flows_clear(&b);
		coi_services_clear(&oa);
		coi_services_clear(&ua);
		coi_services_clear(&ob);
		coi_services_clear(&ub);
	}
	cr_assert_geq(networks, 10);
	vectors_destroy(vectors);
}
