/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What is lost, comes twice or in another order on the way of an opening.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(loss, .init = coi_test_init);

/** Decide about the nth packet of a type in a direction. */
typedef struct {
	bool to_r;
	coi_pdu_type_t type;
	u_int nth;
	coi_verdict_t verdict;
	u_int hits;
} rule_t;

static coi_verdict_t apply_rule(coi_pair_t *pair, coi_packet_t *packet,
								void *data)
{
	rule_t *rule = data;

	if (packet->to_r == rule->to_r && packet->type == rule->type &&
		packet->nth == rule->nth)
	{
		rule->hits++;
		return rule->verdict;
	}
	return COI_PASS;
}

Test(loss, a_part_is_lost)
{
	coi_pair_t *pair = coi_pair_create(coi_test_names(0, 12),
									   coi_test_names(0, 12));
	rule_t rule = { TRUE, COI_PDU_SESS0, 1, COI_DROP, 0 };

	pair->decide = apply_rule;
	pair->data = &rule;
	coi_pair_open(pair);
	/* i --> r  Sess0 1 of 2
	 * i --x r  Sess0 2 of 2 */
	coi_pair_run(pair);
	cr_assert_eq(rule.hits, 1);
	cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_OPEN);
	/* r waits, then goes on with what it has */
	coi_pair_pass(pair, COI_COLLECT_TIME - 1);
	cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_OPEN);
	coi_pair_pass(pair, 1);
	cr_assert(coi_pair_agrees(pair));
	cr_expect_eq(coi_pair_used(&pair->i), 6);
	cr_assert(coi_pair_clean(pair));
	coi_pair_destroy(pair);
}

Test(loss, a_part_comes_twice_and_late)
{
	coi_pair_t *pair;
	rule_t rule = { TRUE, COI_PDU_SESS0, 0, COI_DUPLICATE, 0 };
	u_int late;

	for (late = 0; late < 2; late++)
	{
		for (rule.nth = 0; rule.nth < 3; rule.nth++)
		{
			pair = coi_pair_create(coi_test_names(0, 18),
								   coi_test_names(0, 18));
			rule.verdict = late ? COI_LATE : COI_DUPLICATE;
			pair->decide = apply_rule;
			pair->data = &rule;
			coi_pair_open(pair);
			coi_pair_run(pair);
			cr_assert(coi_pair_agrees(pair));
			cr_expect_eq(coi_pair_used(&pair->i), 18);
			/* the repeat of the last part is known for what it is as well */
			cr_expect(coi_pair_clean(pair));
			coi_pair_destroy(pair);
		}
	}
	cr_assert_eq(rule.hits, 6);
}

Test(loss, a_part_comes_when_it_is_too_late)
{
	coi_pair_t *pair = coi_pair_create(coi_test_names(0, 12),
									   coi_test_names(0, 12));
	rule_t rule = { TRUE, COI_PDU_SESS0, 1, COI_DROP, 0 };

	pair->decide = apply_rule;
	pair->data = &rule;
	coi_pair_open(pair);
	/* i --> r  Sess0 1 of 2
	 * i --x r  Sess0 2 of 2 */
	coi_pair_run(pair);
	rule = (rule_t){ FALSE, COI_PDU_SESS1, 0, COI_DROP, 0 };
	coi_pair_pass(pair, COI_COLLECT_TIME);
	cr_assert_eq(rule.hits, 1);
	cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_FINAL);
	/* i --> r  Sess0 1 and 2, again: the first is a repeat, the second comes
	 *          too late; i --> r  Sess1, again */
	coi_pair_pass(pair, 500);
	cr_expect_eq(coi_pair_refused(&pair->r), 1);
	cr_expect_eq(pair->r.refused[COI_ENTRY], 1);
	cr_assert(coi_pair_agrees(pair));
	cr_expect_eq(coi_pair_used(&pair->i), 6);
	coi_pair_destroy(pair);
}

Test(loss, segments_in_another_order_and_twice)
{
	static const coi_verdict_t verdicts[] = { COI_DUPLICATE, COI_LATE };
	rule_t rule = { .to_r = FALSE, .type = COI_PDU_SESS1 };
	coi_pair_t *pair;
	u_int i;

	for (rule.nth = 0; rule.nth < coi_pair_full_segments(); rule.nth += 3)
	{
		for (i = 0; i < countof(verdicts); i++)
		{
			pair = coi_pair_create(coi_test_names(0, 17),
								   coi_test_names(0, 17));
			rule.verdict = verdicts[i];
			rule.hits = 0;
			pair->decide = apply_rule;
			pair->data = &rule;
			cr_assert(coi_pair_establish(pair));
			cr_assert_eq(rule.hits, 1);
			cr_expect_geq(pair->sent[FALSE][COI_PDU_SESS1],
						  coi_pair_full_segments());
			cr_expect_eq(coi_pair_used(&pair->r), 17);
			cr_expect(coi_pair_clean(pair));
			coi_pair_destroy(pair);
		}
	}
}

/** A shuffle, duplication and loss that differs from round to round. */
static coi_verdict_t shake(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	u_int *count = data, draw = random() % 10;

	(*count)++;
	return draw < 2 ? COI_DROP : draw < 4 ? COI_DUPLICATE :
		   draw < 7 ? COI_LATE : COI_PASS;
}

Test(loss, on_a_wire_that_shakes)
{
	u_int round, count, done = 0;
	coi_pair_t *pair;

	srandom(3);
	for (round = 0; round < 40; round++)
	{
		pair = coi_pair_create(coi_test_names(0, 10), coi_test_names(5, 10));
		pair->timing.tries = 10;
		count = 0;
		pair->decide = shake;
		pair->data = &count;
		coi_pair_open(pair);
		coi_pair_pass(pair, 200000);
		cr_assert_gt(count, 4);
		/* both are there, or both are gone in the end */
		if (pair->i.session && pair->r.session)
		{
			cr_assert(coi_pair_agrees(pair));
			done++;
		}
		coi_pair_destroy(pair);
	}
	cr_assert_geq(done, 30);
}

Test(loss, every_single_datagram_lost_once)
{
	static const u_int sizes[] = { 1, 13 };
	u_int to_r, type, total, i, tried;
	rule_t rule;
	coi_pair_t *pair;

	for (i = 0; i < countof(sizes); i++)
	{
		tried = 0;
		for (to_r = 0; to_r < 2; to_r++)
		{
			for (type = 0; type <= COI_PDU_IDLE; type++)
			{
				total = 1;
				for (rule = (rule_t){ to_r, type, 0, COI_DROP, 0 };
					 rule.nth < total; rule.nth++)
				{
					pair = coi_pair_create(coi_test_names(0, sizes[i]),
										   coi_test_names(0, sizes[i]));
					rule.hits = 0;
					pair->decide = apply_rule;
					pair->data = &rule;
					coi_pair_open(pair);
					coi_pair_pass(pair, 3000);
					if (rule.hits)
					{
						tried++;
						cr_assert(coi_pair_agrees(pair), "%s %u lost",
								  enum_to_name(coi_pdu_names, type), rule.nth);
						if (!rule.nth && type < COI_PDU_IDLE)
						{	/* each is sent twice: half of them are new */
							total = pair->sent[to_r][type] /
									(type == COI_PDU_SESS0 && sizes[i] > 6
									 ? 1 : 2);
						}
					}
					coi_pair_destroy(pair);
				}
			}
		}
		/* Sess0, Sess1, Sess2, IDLE; 3 parts, 3 segments */
		cr_assert_geq(tried, i ? 7 : 4);
	}
}

/** Nothing passes. */
static coi_verdict_t cut_off(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	return COI_DROP;
}

Test(loss, who_hears_nothing_gives_up)
{
	/* after 0.5 and 1 s it is sent again, 2 s after the last it is over */
	static const u_int times[] = { 500, 1500, 3500 };
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	u_int i;

	pair->decide = cut_off;
	coi_pair_open(pair);
	for (i = 0; i < countof(times); i++)
	{
		coi_pair_pass(pair, 1000 + times[i] - 1 - pair->now);
		cr_assert_eq(pair->sent[TRUE][COI_PDU_SESS0], i + 1);
		cr_assert_not_null(pair->i.session);
		coi_pair_pass(pair, 1);
	}
	cr_assert_null(pair->i.session);
	cr_expect_eq(pair->i.reason, COI_TIMEOUT);
	cr_expect_eq(pair->sent[TRUE][COI_PDU_SESS0], 3);
	coi_pair_destroy(pair);

	/* the responder, and an initiator whose Sess2 gets no IDLE */
	pair = coi_pair_create("lab", "lab");
	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	pair->decide = cut_off;
	coi_pair_run(pair);
	coi_pair_pass(pair, 3500);
	cr_assert_null(pair->r.session);
	cr_expect_eq(pair->r.reason, COI_TIMEOUT);
	cr_expect_eq(pair->sent[FALSE][COI_PDU_SESS1], 3);
	cr_assert_null(pair->i.session);
	cr_expect_eq(pair->i.reason, COI_NO_ESP, "it was answered");
	cr_expect_eq(pair->sent[TRUE][COI_PDU_SESS2], 3);
	cr_expect_eq(pair->sent[TRUE][COI_PDU_TERM], 1);
	cr_expect_eq(pair->sent[FALSE][COI_PDU_TERM], 0);
	coi_pair_destroy(pair);
}

/** No IDLE passes. */
static coi_verdict_t no_idle(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	return packet->type == COI_PDU_IDLE ? COI_DROP : COI_PASS;
}

Test(loss, an_initiator_that_gives_up_tells_an_open_responder)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	pair->decide = no_idle;
	coi_pair_open(pair);
	coi_pair_pass(pair, 1000);
	cr_assert_eq(coi_session_state(pair->r.session), COI_OPEN);
	cr_assert_not(coi_session_confirmed(pair->i.session));
	/* i --> r  TERM */
	coi_pair_pass(pair, 3000);
	cr_assert_null(pair->i.session);
	cr_expect_eq(pair->i.reason, COI_NO_ESP);
	cr_assert_null(pair->r.session);
	cr_expect_eq(pair->sent[TRUE][COI_PDU_TERM], 1);
	coi_pair_destroy(pair);
}
