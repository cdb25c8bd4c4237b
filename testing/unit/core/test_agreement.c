/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_agreement.h"

/** No address. */
static const coi_range_t nowhere;

/** What there is to say beside the profile. */
static const coi_info_t other = {
	.addresses = {
		.seen = { { 0xfe, 0x80 }, 1 }, .own = { { 0xfe, 0x81 }, 2 },
	},
};

TestSuite(agreement, .init = coi_test_init);

/**
 * C with communities that all are in use and have SPIs.
 */
static coi_agreement_t make(const char *names)
{
	coi_keyset_t *keys = coi_test_keys(names);
	coi_agreement_t agreement = {};
	uint32_t spis[COI_MAX_KEYS];
	u_int i;

	for (i = 0; i < keys->count; i++)
	{
		coi_agreement_add(&agreement, keys->keys[i]);
		agreement.list[i].used = TRUE;
		spis[i] = htonl(0x1000 + i);
	}
	coi_keyset_destroy(keys);
	coi_agreement_sort(&agreement);
	cr_assert(coi_agreement_allocate(&agreement, spis));
	return agreement;
}

static coi_community_t *community(coi_profile_t *profile, const char *name)
{
	return (coi_community_t*)coi_profile_find(profile, name);
}

/**
 * What a host with a profile says.
 */
static coi_info_t describe(coi_agreement_t *agreement,
						   const coi_profile_t *profile, bool initiator)
{
	coi_info_t info;
	chunk_t data;

	cr_assert(coi_agreement_describe(agreement, profile, initiator, &other,
									 10000, &data));
	cr_assert(coi_info_decode(data, &info));
	chunk_clear(&data);
	return info;
}

Test(agreement, order_of_c)
{
	/* octet order, a shorter name before a longer one, upper case first */
	static const char *names[] = { "A", "a", "ab", "abc", "b", "z", "\xc3\xa4" };
	coi_agreement_t agreement = make("z abc \xc3\xa4 a b A ab");
	u_int i;

	cr_assert_eq(agreement.count, countof(names));
	for (i = 0; i < countof(names); i++)
	{
		cr_expect_str_eq(agreement.list[i].name, names[i]);
		cr_expect_eq(coi_agreement_find(&agreement, names[i]),
					 &agreement.list[i]);
	}
	cr_expect_null(coi_agreement_find(&agreement, "abcd"));
	coi_agreement_clear(&agreement);
	cr_expect_eq(agreement.count, 0);
	coi_agreement_sort(&agreement);
	cr_expect_null(coi_agreement_find(&agreement, "a"));
}

Test(agreement, uses_others_and_drop)
{
	static const uint16_t all[] = { 0, 1, 2 }, outer[] = { 0, 2 };
	coi_agreement_t agreement = make("a b c");
	u_int i;

	for (i = 0; i < 3; i++)
	{
		agreement.list[i].encr_in = chunk_clone(chunk_from_str("in"));
		agreement.list[i].encr_out = chunk_clone(chunk_from_str("out"));
		agreement.list[i].integ_in = chunk_clone(chunk_from_str("in"));
		agreement.list[i].integ_out = chunk_clone(chunk_from_str("out"));
	}
	cr_expect(coi_agreement_uses_others(&agreement, NULL, 0));
	cr_expect(coi_agreement_uses_others(&agreement, outer, 2));
	cr_expect(coi_agreement_uses_others(&agreement, all, 2));
	cr_expect_not(coi_agreement_uses_others(&agreement, all, 3));
	coi_agreement_drop(&agreement, outer, 2);
	for (i = 0; i < 3; i++)
	{
		cr_expect_eq(agreement.list[i].used, i == 1);
		cr_expect_eq(agreement.list[i].encr_in.len, i == 1 ? 2 : 0);
		cr_expect_eq(agreement.list[i].encr_out.len, i == 1 ? 3 : 0);
		cr_expect_eq(agreement.list[i].integ_in.len, i == 1 ? 2 : 0);
		cr_expect_eq(agreement.list[i].integ_out.len, i == 1 ? 3 : 0);
	}
	cr_expect_not(coi_agreement_uses_others(&agreement, all + 1, 1));
	cr_expect(coi_agreement_uses_others(&agreement, outer, 2));
	coi_agreement_clear(&agreement);
}

Test(agreement, reserved_spis_change_nothing)
{
	coi_agreement_t agreement = make("a b");
	uint32_t spis[] = { htonl(256), htonl(255) };

	cr_expect_not(coi_agreement_allocate(&agreement, spis));
	cr_expect_eq(ntohl(agreement.list[0].spi_in), 0x1000);
	cr_expect(agreement.list[1].used);
	/* none at all: goes on without it */
	spis[1] = 0;
	cr_expect(coi_agreement_allocate(&agreement, spis));
	cr_expect_eq(ntohl(agreement.list[0].spi_in), 256);
	cr_expect(agreement.list[0].used);
	cr_expect_not(agreement.list[1].used);
	/* what was not used before is not used because it has an SPI */
	spis[1] = htonl(300);
	cr_expect(coi_agreement_allocate(&agreement, spis));
	cr_expect_not(agreement.list[1].used);
	coi_agreement_clear(&agreement);
}

Test(agreement, both_ends)
{
	coi_agreement_t i = make("a b c"), r = make("a b c");
	coi_profile_t *at_i = coi_test_profile("i", "a b c");
	coi_profile_t *at_r = coi_test_profile("r", "a b c");
	coi_info_t info;
	u_int n;

	/* b differs in mode; the initiator leaves it out and the responder follows */
	community(at_r, "b")->mode = 2;
	info = describe(&r, at_r, FALSE);
	cr_assert_eq(info.count, 3);
	cr_assert_eq(coi_agreement_apply(&i, at_i, TRUE, &info), COI_OK);
	coi_info_clear(&info);
	cr_expect(i.list[0].used && !i.list[1].used && i.list[2].used);
	info = describe(&i, at_i, TRUE);
	cr_assert_eq(info.count, 2);
	cr_expect_eq(info.communities[1].index, 2);
	cr_expect_eq(info.communities[1].proposal_count, 1);
	cr_assert_eq(coi_agreement_apply(&r, at_r, FALSE, &info), COI_OK);
	coi_info_clear(&info);
	for (n = 0; n < 3; n++)
	{
		cr_expect_eq(r.list[n].used, n != 1);
		cr_expect_eq(i.list[n].used, n != 1);
		if (n != 1)
		{
			cr_expect_eq(r.list[n].spi_out, i.list[n].spi_in);
			cr_expect_eq(i.list[n].spi_out, r.list[n].spi_in);
			cr_expect_eq(r.list[n].proposal.encr_len, 36);
			cr_expect(coi_flows_all(&r.list[n].flows, &nowhere, &nowhere, COI_BEGIN_BOTH));
		}
	}
	coi_agreement_clear(&i);
	coi_agreement_clear(&r);
	coi_profile_destroy(at_i);
	coi_profile_destroy(at_r);
}

Test(agreement, the_responders_order_of_proposals_decides)
{
	coi_agreement_t i = make("a"), r = make("a");
	coi_profile_t *at_i = coi_test_profile(NULL, "a");
	coi_profile_t *at_r = coi_test_profile(NULL, "a");
	coi_proposal_t first = { 20, 128, 0, FALSE, 20, 0 };
	coi_proposal_t esn = { 20, 256, 0, TRUE, 36, 0 };
	coi_community_t *c;
	coi_info_t info;

	c = community(at_i, "a");
	c->proposals = realloc(c->proposals, 3 * sizeof(first));
	c->proposals[1] = esn;
	c->proposals[2] = first;
	c->proposal_count = 3;
	c = community(at_r, "a");
	c->proposals = realloc(c->proposals, 3 * sizeof(first));
	c->proposals[2] = c->proposals[0];
	c->proposals[0] = (coi_proposal_t){ 12, 256, 14, FALSE, 32, 64 };
	c->proposals[1] = first;
	c->proposal_count = 3;
	info = describe(&r, at_r, FALSE);
	cr_assert_eq(coi_agreement_apply(&i, at_i, TRUE, &info), COI_OK);
	coi_info_clear(&info);
	cr_expect_eq(i.list[0].proposal.encr_bits, 128);
	cr_expect_eq(i.list[0].proposal.encr_len, 20, "only known here");
	coi_agreement_clear(&i);
	coi_agreement_clear(&r);
	coi_profile_destroy(at_i);
	coi_profile_destroy(at_r);
}

Test(agreement, a_proposal_is_the_same_in_all_it_says)
{
	coi_agreement_t i = make("a"), r = make("a");
	coi_profile_t *at_i = coi_test_profile(NULL, "a");
	coi_profile_t *at_r = coi_test_profile(NULL, "a");
	coi_proposal_t *ours = community(at_i, "a")->proposals;
	coi_info_t info;
	u_int round;

	for (round = 0; round < 5; round++)
	{
		coi_proposal_t saved = *ours;

		ours->encr += round == 1;
		ours->encr_bits += round == 2;
		ours->integ += round == 3;
		ours->esn = round == 4;
		info = describe(&r, at_r, FALSE);
		cr_expect_eq(coi_agreement_apply(&i, at_i, TRUE, &info),
					 round ? COI_NO_PROPOSAL : COI_OK, "case %u", round);
		coi_info_clear(&info);
		*ours = saved;
	}
	coi_agreement_clear(&i);
	coi_agreement_clear(&r);
	coi_profile_destroy(at_i);
	coi_profile_destroy(at_r);
}

Test(agreement, nothing_left_is_no_proposal)
{
	coi_agreement_t i = make("a b"), r = make("a b");
	coi_profile_t *at_i = coi_test_profile(NULL, "a");
	coi_profile_t *at_r = coi_test_profile(NULL, "a b");
	coi_info_t info, none = { .id_type = 0 };

	/* mode, proposal, and a community that is not in the profile any more */
	community(at_r, "a")->mode = 2;
	info = describe(&r, at_r, FALSE);
	cr_expect_eq(coi_agreement_apply(&i, at_i, TRUE, &info), COI_NO_PROPOSAL);
	coi_info_clear(&info);
	community(at_r, "a")->mode = 1;
	community(at_r, "a")->proposals[0].encr_bits = 192;
	info = describe(&r, at_r, FALSE);
	cr_expect_eq(coi_agreement_apply(&i, at_i, TRUE, &info), COI_NO_PROPOSAL);
	coi_info_clear(&info);
	cr_expect_eq(coi_agreement_apply(&r, at_r, FALSE, &none), COI_NO_PROPOSAL);
	coi_agreement_clear(&i);
	coi_agreement_clear(&r);
	coi_profile_destroy(at_i);
	coi_profile_destroy(at_r);
}

Test(agreement, what_an_initiator_must_not_say)
{
	coi_profile_t *profile = coi_test_profile(NULL, "a b");
	coi_agreement_t i = make("a b"), r;
	coi_proposal_t two[2];
	coi_info_t info;
	u_int round;

	i.list[0].proposal = i.list[1].proposal =
		community(profile, "a")->proposals[0];
	info = describe(&i, profile, TRUE);
	two[0] = two[1] = info.communities[0].proposals[0];
	for (round = 0; round < 6; round++)
	{
		coi_info_community_t *first = &info.communities[0], saved = *first;

		r = make("a b");
		switch (round)
		{
			case 1:
				first->mode = 2;
				break;
			case 2:
				two[0].encr_bits = 128;
				first->proposals = two;
				break;
			case 3:
				two[0] = two[1];
				first->proposals = two;
				first->proposal_count = 2;
				break;
			case 4:
				first->index = 2;
				break;
			case 5:
				/* Sess1 had left it out */
				r.list[0].used = FALSE;
				break;
		}
		cr_expect_eq(coi_agreement_apply(&r, profile, FALSE, &info),
					 round ? COI_INFO : COI_OK, "case %u", round);
		*first = saved;
		coi_agreement_clear(&r);
	}
	coi_info_clear(&info);
	coi_agreement_clear(&i);
	coi_profile_destroy(profile);
}

Test(agreement, communities_that_do_not_fit_are_left_out)
{
	coi_agreement_t agreement = make("a b c d");
	coi_profile_t *profile = coi_test_profile(NULL, "a b c d");
	coi_info_t info;
	chunk_t data;
	size_t room;

	/* identity, start, addresses, three communities of 34 octets: 59 + 102 +
	 * padding */
	room = coi_info_size(&(coi_info_t){}, 3 * 34);
	cr_assert(coi_agreement_describe(&agreement, profile, FALSE, &other, room,
									 &data));
	cr_expect_leq(data.len, room);
	cr_assert(coi_info_decode(data, &info));
	cr_expect_eq(info.count, 3);
	cr_expect(agreement.list[0].used && agreement.list[2].used);
	cr_expect_not(agreement.list[3].used, "from the end of C");
	coi_info_clear(&info);
	chunk_clear(&data);
	cr_expect_not(coi_agreement_describe(&agreement, profile, FALSE, &other,
										 20, &data));
	cr_expect_eq(data.len, 0);
	coi_agreement_clear(&agreement);
	coi_profile_destroy(profile);
}

Test(agreement, a_clone_has_no_key_material)
{
	coi_agreement_t agreement = make("a b"), clone;
	coi_flow_t flow = { .proto = 6, .local_to = 9 };

	agreement.list[0].encr_in = chunk_clone(chunk_from_str("secret"));
	agreement.list[0].flows.list = malloc(sizeof(flow));
	agreement.list[0].flows.list[0] = flow;
	agreement.list[0].flows.count = 1;
	clone = coi_agreement_clone(&agreement);
	cr_expect_eq(clone.count, 2);
	cr_expect_eq(clone.list[0].encr_in.len, 0);
	cr_expect_eq(clone.list[0].spi_in, agreement.list[0].spi_in);
	cr_expect_eq(clone.list[0].flows.count, 1);
	cr_expect_neq(clone.list[0].flows.list, agreement.list[0].flows.list);
	cr_expect_eq(clone.list[0].flows.list[0].local_to, 9);
	coi_agreement_clear(&agreement);
	cr_expect_str_eq(clone.list[1].name, "b", "its own reference to the key");
	coi_agreement_clear(&clone);
}

Test(agreement, the_hosts_themselves_in_a_tunnel)
{
	coi_agreement_t i = make("a b"), clone;
	coi_profile_t *at_i = coi_test_profile("i", "a b");
	coi_service_t net = {
		.to = 65535, .at = { 4, { 10, 1 }, { 10, 1, 255, 255 } },
	};
	coi_services_t behind = { &net, 1 };
	coi_itself_t here = {
		.seen = { 4, { 192, 168, 0, 1 }, { 192, 168, 0, 1 } },
	}, there = {
		.announced = { 4, { 10, 1, 0, 9 }, { 10, 1, 0, 9 } },
		.seen = { 4, { 192, 168, 0, 2 }, { 192, 168, 0, 2 } },
	};
	coi_info_t info;
	u_int n;

	/* a in transport mode, b with the peer in a network behind it */
	community(at_i, "b")->mode = COI_MODE_TUNNEL;
	coi_services_clear(&community(at_i, "b")->uses);
	community(at_i, "b")->uses = coi_services_clone(&behind);
	info = describe(&i, at_i, FALSE);
	coi_services_clear(&info.communities[1].uses);
	info.communities[1].uses = coi_services_clone(
											&community(at_i, "b")->offers);
	cr_assert_eq(coi_agreement_apply(&i, at_i, TRUE, &info), COI_OK);
	coi_info_clear(&info);
	cr_expect(coi_flows_all(&i.list[0].flows, &nowhere, &nowhere, COI_BEGIN_BOTH));
	cr_expect_eq(i.list[1].flows.count, 0, "it is open where the peer is");

	cr_assert(coi_agreement_resolve(&i, at_i, &here, &there));
	for (n = 0; n < 2; n++)
	{
		cr_expect(coi_flows_all(&i.list[0].flows, &nowhere, &nowhere, COI_BEGIN_BOTH));
		cr_assert_eq(i.list[1].flows.count, 1);
		cr_expect(coi_range_equals(&i.list[1].flows.list[0].local,
								   &here.seen));
		cr_expect(coi_range_equals(&i.list[1].flows.list[0].remote,
								   &there.announced));
		/* again, and of a copy */
		clone = coi_agreement_clone(&i);
		coi_agreement_clear(&i);
		i = clone;
		cr_assert(coi_agreement_resolve(&i, at_i, &here, &there));
	}
	/* what it announces does not matter elsewhere */
	there.announced = (coi_range_t){ 4, { 10, 2, 0, 9 }, { 10, 2, 0, 9 } };
	cr_assert(coi_agreement_resolve(&i, at_i, &here, &there));
	cr_expect_eq(i.list[1].flows.count, 0);
	coi_agreement_clear(&i);
	coi_profile_destroy(at_i);
}
