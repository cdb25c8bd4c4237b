/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What two ends in one process open when nothing is lost.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(open, .init = coi_test_init);

Test(open, plain)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	coi_pair_open(pair);
	cr_assert_eq(coi_session_state(pair->i.session), COI_PENDING_OPEN);
	/* i --> r  Sess0 */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_FINAL);
	/* i <-- r  Sess1 */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->i.session), COI_OPEN);
	cr_assert_not(coi_session_confirmed(pair->i.session));
	cr_assert_eq(pair->i.count[COI_ACT_INSTALL_IN], 1);
	cr_assert_eq(pair->i.count[COI_ACT_INSTALL_OUT], 0, "not before the IDLE");
	/* i --> r  Sess2 */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->r.session), COI_OPEN);
	cr_assert_eq(pair->r.count[COI_ACT_ESTABLISHED], 1);
	/* i <== r  IDLE */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_not(coi_pair_deliver(pair));
	cr_assert(coi_pair_agrees(pair));
	cr_assert(coi_pair_clean(pair));
	cr_assert_eq(pair->i.timer, 0);
	cr_assert_eq(pair->r.timer, 0);
	coi_pair_destroy(pair);
}

Test(open, several_communities_and_others)
{
	coi_pair_t *pair = coi_pair_create("a b c only-i", "only-r c b a");
	u_int i, j;

	cr_assert(coi_pair_establish(pair));
	cr_assert_eq(coi_pair_used(&pair->i), 3);
	cr_assert_eq(coi_pair_used(&pair->r), 3);
	for (i = 0; i < 3; i++)
	{
		cr_expect_str_eq(pair->i.in[i].name, pair->r.out[i].name);
		/* no key is used twice */
		cr_expect_not(chunk_equals(pair->i.in[i].encr_in,
								   pair->i.out[i].encr_out));
		for (j = 0; j < i; j++)
		{
			cr_expect_not(chunk_equals(pair->i.in[i].encr_in,
									   pair->i.in[j].encr_in));
		}
	}
	cr_assert(coi_pair_clean(pair));
	coi_pair_destroy(pair);
}

Test(open, no_community_in_common)
{
	coi_pair_t *pair = coi_pair_create("a b", "c d");

	cr_assert_not(coi_pair_establish(pair));
	cr_expect_eq(pair->r.refused[COI_NO_COMMUNITY], 1);
	cr_expect_null(pair->r.session);
	/* nothing is heard of the other one */
	cr_expect_eq(pair->sent[FALSE][COI_PDU_SESS1], 0);
	coi_pair_pass(pair, 20000);
	cr_expect_null(pair->i.session);
	cr_expect_eq(pair->i.reason, COI_TIMEOUT);
	coi_pair_destroy(pair);
}

/** The generation of the only community. */
static u_int generation(coi_session_t *session)
{
	u_int count;

	return coi_session_common(session, &count)->key->generation;
}

Test(open, generations)
{
	static const struct {
		const char *i;
		const char *r;
		u_int picked;
	} cases[] = {
		/* both have both: the newest */
		{ "lab/1 lab/2", "lab/1 lab/2", 2 },
		/* one side has the new one already */
		{ "lab/1 lab/2", "lab/1", 1 },
		{ "lab/1", "lab/1 lab/2", 1 },
		/* one side has dropped the old one */
		{ "lab/2", "lab/1 lab/2", 2 },
		{ "lab/1 lab/2 lab/3", "lab/2 lab/3 lab/4", 3 },
		/* only an older one in common */
		{ "lab/1 lab/5", "lab/1 lab/7", 1 },
	};
	coi_pair_t *pair;
	u_int i, count;

	for (i = 0; i < countof(cases); i++)
	{
		pair = coi_pair_create(cases[i].i, cases[i].r);
		cr_assert(coi_pair_establish(pair), "case %u", i);
		cr_expect_eq(generation(pair->i.session), cases[i].picked);
		cr_expect_eq(generation(pair->r.session), cases[i].picked);
		coi_session_common(pair->i.session, &count);
		cr_expect_eq(count, 1, "one community, however many keys");
		coi_pair_destroy(pair);
	}
	pair = coi_pair_create("lab/1", "lab/2");
	cr_assert_not(coi_pair_establish(pair));
	cr_expect_eq(pair->r.refused[COI_NO_COMMUNITY], 1);
	coi_pair_destroy(pair);
}

Test(open, more_keys_than_a_sess0_holds)
{
	static const u_int counts[] = { 6, 7, 13, 40, 96 };
	coi_pair_t *pair;
	u_int i, segments;

	for (i = 0; i < countof(counts); i++)
	{
		pair = coi_pair_create(coi_test_names(0, counts[i]),
							   coi_test_names(0, counts[i]));
		coi_pair_open(pair);
		cr_expect_eq(pair->sent[TRUE][COI_PDU_SESS0], (counts[i] + 5) / 6);
		coi_pair_run(pair);
		cr_assert(coi_pair_agrees(pair), "%u keys", counts[i]);
		/* 96 of p384 do not fit into a SessionInfo */
		cr_expect_eq(coi_pair_used(&pair->i), coi_pair_used(&pair->r));
		cr_expect(counts[i] == 96 && SUITE->id == 1 ?
				  coi_pair_used(&pair->i) > 40 && coi_pair_used(&pair->i) < 96 :
				  coi_pair_used(&pair->i) == counts[i]);
		segments = pair->sent[FALSE][COI_PDU_SESS1];
		cr_expect_leq(segments, COI_MAX_SEGMENTS);
		cr_expect(counts[i] <= 16 || segments >= coi_pair_full_segments());
		cr_expect(coi_pair_clean(pair));
		coi_pair_destroy(pair);
	}
}

Test(open, communities_without_spi_are_left_out)
{
	coi_pair_t *pair;
	u_int at_r;

	for (at_r = 0; at_r < 2; at_r++)
	{
		pair = coi_pair_create("a b c", "a b c");
		*(at_r ? &pair->r.no_spi : &pair->i.no_spi) = 2;
		cr_assert(coi_pair_establish(pair));
		cr_expect_eq(coi_pair_used(&pair->i), 2);
		cr_expect_eq(coi_pair_used(&pair->r), 2);
		cr_expect_not(pair->i.in[1].used);
		cr_expect_not(pair->r.in[1].used);
		coi_pair_destroy(pair);
	}
}

Test(open, the_filter_is_the_same_at_both_ends)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	const coi_shared_community_t *i, *r;
	u_int count;

	coi_test_services(pair->i.profile, "lab", "6/80-80", "17/53-53");
	coi_test_services(pair->r.profile, "lab", "17/1-100", "6/1-1000");
	cr_assert(coi_pair_establish(pair));
	i = coi_session_common(pair->i.session, &count);
	r = coi_session_common(pair->r.session, &count);
	cr_assert_eq(i->flows.count, 2);
	cr_assert_eq(r->flows.count, 2);
	cr_expect_eq(i->flows.list[0].proto, 6);
	cr_expect_eq(i->flows.list[0].local_from, 80);
	cr_expect_eq(i->flows.list[1].proto, 17);
	cr_expect_eq(i->flows.list[1].remote_from, 53);
	cr_expect_eq(i->flows.list[1].remote_to, 53);
	coi_pair_destroy(pair);
}

Test(open, a_community_that_the_profile_lacks)
{
	coi_pair_t *pair = coi_pair_create("a b", "a b");

	/* a key is held, but this host takes no part in b */
	coi_profile_destroy(pair->r.profile);
	pair->r.profile = coi_test_profile("r", "a");
	cr_assert(coi_pair_establish(pair));
	cr_expect_eq(coi_pair_used(&pair->i), 1);
	coi_pair_destroy(pair);
}

Test(open, with_separate_integrity_keys)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_proposal_t cbc = { 12, 256, 14, TRUE, 32, 64 };
	const coi_shared_community_t *common;
	coi_end_t *ends[] = { &pair->i, &pair->r };
	u_int count, i;

	for (i = 0; i < 2; i++)
	{
		ends[i]->profile->communities[0].proposals[0] = cbc;
	}
	cr_assert(coi_pair_establish(pair));
	for (i = 0; i < 2; i++)
	{
		cr_expect_eq(ends[i]->in[0].encr_in.len, 32);
		cr_expect_eq(ends[i]->in[0].integ_in.len, 64);
		cr_expect_eq(ends[i]->out[0].integ_out.len, 64);
		cr_expect(ends[i]->in[0].proposal.esn);
		cr_expect_not(chunk_equals(ends[i]->in[0].integ_in,
								   ends[i]->out[0].integ_out));
		/* wiped once installed */
		common = coi_session_common(ends[i]->session, &count);
		cr_expect_eq(common->encr_in.len + common->encr_out.len, 0);
		cr_expect_eq(common->integ_in.len + common->integ_out.len, 0);
	}
	coi_pair_destroy(pair);
}

Test(open, session_size_is_reported)
{
	coi_pair_t *pair;
	size_t one, many;

	pair = coi_pair_create("lab", "lab");
	cr_assert(coi_pair_establish(pair));
	one = coi_session_size(pair->i.session);
	coi_pair_destroy(pair);
	pair = coi_pair_create(coi_test_names(0, 20), coi_test_names(0, 20));
	cr_assert(coi_pair_establish(pair));
	many = coi_session_size(pair->i.session);
	coi_pair_destroy(pair);
	cr_log_info("an open session keeps %zu octets, %zu with 20 communities\n",
				one, many);
	cr_expect_lt(one, 4096);
	cr_expect_lt(many, one + 20 * 512);
}
