/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Each SessionInfo, also the wrong ones, that the independent implementation in
 * testing/reference/ wrote down.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors.h"

#include "core/coi_info.h"

TestSuite(vectors_info, .init = coi_test_init);

static void check_info_community(const record_t *record, u_int i,
								 const coi_info_community_t *community)
{
	u_int bits[4], j;
	coi_services_t services;
	char name[64];

	cr_assert_eq(community->index, vec_number(record, "community.%u.index", i));
	cr_assert_eq(ntohl(community->spi),
				 vec_number(record, "community.%u.spi", i));
	cr_assert_eq(community->mode, vec_number(record, "community.%u.mode", i));
	cr_assert_eq(community->proposal_count,
				 vec_number(record, "community.%u.proposals", i));
	for (j = 0; j < community->proposal_count; j++)
	{
		cr_assert_eq(sscanf(vec_text(record, "community.%u.proposals.%u", i, j),
							"%u %u %u %u", &bits[0], &bits[1], &bits[2],
							&bits[3]), 4);
		cr_assert_eq(community->proposals[j].encr, bits[0]);
		cr_assert_eq(community->proposals[j].encr_bits, bits[1]);
		cr_assert_eq(community->proposals[j].integ, bits[2]);
		cr_assert_eq(community->proposals[j].esn, bits[3]);
	}
	snprintf(name, sizeof(name), "community.%u.offers", i);
	services = vec_services(record, name);
	cr_assert(coi_services_equals(&services, &community->offers));
	coi_services_clear(&services);
	snprintf(name, sizeof(name), "community.%u.uses", i);
	services = vec_services(record, name);
	cr_assert(coi_services_equals(&services, &community->uses));
	coi_services_clear(&services);
}

static void check_address(const record_t *record, const char *name,
						  const coi_address_t *address)
{
	cr_assert(chunk_equals(chunk_from_thing(address->addr),
						   vec_octets(record, "%s", name)));
	cr_assert_eq(address->port, vec_number(record, "%s.port", name));
}

/**
 * Whether every index is one of C, which the decoder does not know.
 */
static bool in_range(const coi_info_t *info, u_int count)
{
	u_int i;

	for (i = 0; i < info->count; i++)
	{
		if (info->communities[i].index >= count)
		{
			return FALSE;
		}
	}
	return TRUE;
}

Test(vectors_info, info)
{
	vectors_t *vectors = vectors_read("info");
	const record_t *record;
	coi_info_t info;
	chunk_t octets, again;
	u_int i, bad = 0, same = 0;
	bool valid;

	each_record(vectors, record)
	{
		octets = vec_octets(record, "octets");
		valid = coi_info_decode(octets, &info);
		if (!streq(vec_text(record, "result"), "ok"))
		{
			cr_assert(!valid || !in_range(&info, vec_number(record, "C")),
					  "%s", vec_text(record, "case"));
			bad++;
			if (valid)
			{
				coi_info_clear(&info);
			}
			continue;
		}
		cr_assert(valid, "%s", vec_text(record, "case"));
		cr_assert_eq(info.id_type, vec_number(record, "identity.type"));
		cr_assert_eq(info.start, vec_number(record, "start"));
		cr_assert_eq(info.user.since, vec_number(record, "user.since"));
		again = vec_octets(record, "user.name");
		cr_assert_eq(chunk_compare(info.user.name, again), 0);
		check_address(record, "seen", &info.addresses.seen);
		check_address(record, "own", &info.addresses.own);
		cr_assert_eq(info.addresses.encap, vec_number(record, "encap"));
		/* equal, where two empty ones count as such */
		again = vec_octets(record, "identity.data");
		cr_assert_eq(chunk_compare(info.id, again), 0);
		cr_assert_eq(info.count, vec_number(record, "communities"));
		for (i = 0; i < info.count; i++)
		{
			check_info_community(record, i, &info.communities[i]);
		}
		/* ours is the same where the order of elements is ours too */
		cr_assert(coi_info_encode(&info, &again));
		same += chunk_equals(again, octets);
		chunk_free(&again);
		coi_info_clear(&info);
	}
	cr_assert_geq(bad, 20);
	cr_assert_geq(same, vectors->count - bad - 3);
	vectors_destroy(vectors);
}
