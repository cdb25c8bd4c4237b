/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Two ends in one process: what works, and what is lost, repeated or comes in
 * another order on the way.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_cursor.h"

TestSuite(exchange, .init = coi_test_init);

/** Names "c00 c01 ..": count of them from the first. */
static const char *names(u_int first, u_int count)
{
	static char ring[4][COI_MAX_KEYS * 5 + 1];
	static u_int next;
	char *buf = ring[next++ % countof(ring)];
	u_int i;

	*buf = '\0';
	for (i = first; i < first + count; i++)
	{
		sprintf(buf + strlen(buf), "c%02u ", i);
	}
	return buf;
}

static u_int used(const coi_end_t *end)
{
	u_int i, count = 0;

	for (i = 0; i < end->in_count; i++)
	{
		count += end->in[i].used;
	}
	return count;
}

static u_int all_refused(const coi_end_t *end)
{
	u_int i, count = 0;

	for (i = 0; i < COI_REASON_MAX; i++)
	{
		count += end->refused[i];
	}
	return count;
}

/** Whether nothing was refused anywhere. */
static bool clean(const coi_pair_t *pair)
{
	return !all_refused(&pair->i) && !all_refused(&pair->r);
}

Test(exchange, plain)
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
	cr_assert(clean(pair));
	cr_assert_eq(pair->i.timer, 0);
	cr_assert_eq(pair->r.timer, 0);
	coi_pair_destroy(pair);
}

Test(exchange, several_communities_and_others)
{
	coi_pair_t *pair = coi_pair_create("a b c only-i", "only-r c b a");
	u_int i, j;

	cr_assert(coi_pair_establish(pair));
	cr_assert_eq(used(&pair->i), 3);
	cr_assert_eq(used(&pair->r), 3);
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
	cr_assert(clean(pair));
	coi_pair_destroy(pair);
}

Test(exchange, no_community_in_common)
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

Test(exchange, generations)
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

/**
 * Segments that 96 places take, without SessionInfo.
 */
static u_int full_segments()
{
	return 96 * (16 + SUITE->entry_len) / COI_MAX_SEGMENT + 1;
}

Test(exchange, more_keys_than_a_sess0_holds)
{
	static const u_int counts[] = { 6, 7, 13, 40, 96 };
	coi_pair_t *pair;
	u_int i, segments;

	for (i = 0; i < countof(counts); i++)
	{
		pair = coi_pair_create(names(0, counts[i]), names(0, counts[i]));
		coi_pair_open(pair);
		cr_expect_eq(pair->sent[TRUE][COI_PDU_SESS0], (counts[i] + 5) / 6);
		coi_pair_run(pair);
		cr_assert(coi_pair_agrees(pair), "%u keys", counts[i]);
		/* 96 of p384 do not fit into a SessionInfo */
		cr_expect_eq(used(&pair->i), used(&pair->r));
		cr_expect(counts[i] == 96 && SUITE->id == 1 ?
				  used(&pair->i) > 40 && used(&pair->i) < 96 :
				  used(&pair->i) == counts[i]);
		segments = pair->sent[FALSE][COI_PDU_SESS1];
		cr_expect_leq(segments, COI_MAX_SEGMENTS);
		cr_expect(counts[i] <= 16 || segments >= full_segments());
		cr_expect(clean(pair));
		coi_pair_destroy(pair);
	}
}

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

Test(exchange, a_part_is_lost)
{
	coi_pair_t *pair = coi_pair_create(names(0, 12), names(0, 12));
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
	cr_expect_eq(used(&pair->i), 6);
	cr_assert(clean(pair));
	coi_pair_destroy(pair);
}

Test(exchange, a_part_comes_twice_and_late)
{
	coi_pair_t *pair;
	rule_t rule = { TRUE, COI_PDU_SESS0, 0, COI_DUPLICATE, 0 };
	u_int late;

	for (late = 0; late < 2; late++)
	{
		for (rule.nth = 0; rule.nth < 3; rule.nth++)
		{
			pair = coi_pair_create(names(0, 18), names(0, 18));
			rule.verdict = late ? COI_LATE : COI_DUPLICATE;
			pair->decide = apply_rule;
			pair->data = &rule;
			coi_pair_open(pair);
			coi_pair_run(pair);
			cr_assert(coi_pair_agrees(pair));
			cr_expect_eq(used(&pair->i), 18);
			/* the repeat of the last part is known for what it is as well */
			cr_expect(clean(pair));
			coi_pair_destroy(pair);
		}
	}
	cr_assert_eq(rule.hits, 6);
}

Test(exchange, a_part_comes_when_it_is_too_late)
{
	coi_pair_t *pair = coi_pair_create(names(0, 12), names(0, 12));
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
	cr_expect_eq(all_refused(&pair->r), 1);
	cr_expect_eq(pair->r.refused[COI_ENTRY], 1);
	cr_assert(coi_pair_agrees(pair));
	cr_expect_eq(used(&pair->i), 6);
	coi_pair_destroy(pair);
}

/** A shuffle, duplication and loss that differs from round to round. */
static coi_verdict_t shake(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	u_int *count = data, draw = random() % 10;

	(*count)++;
	return draw < 2 ? COI_DROP : draw < 4 ? COI_DUPLICATE :
		   draw < 7 ? COI_LATE : COI_PASS;
}

Test(exchange, segments_in_another_order_and_twice)
{
	static const coi_verdict_t verdicts[] = { COI_DUPLICATE, COI_LATE };
	rule_t rule = { .to_r = FALSE, .type = COI_PDU_SESS1 };
	coi_pair_t *pair;
	u_int i;

	for (rule.nth = 0; rule.nth < full_segments(); rule.nth += 3)
	{
		for (i = 0; i < countof(verdicts); i++)
		{
			pair = coi_pair_create(names(0, 17), names(0, 17));
			rule.verdict = verdicts[i];
			rule.hits = 0;
			pair->decide = apply_rule;
			pair->data = &rule;
			cr_assert(coi_pair_establish(pair));
			cr_assert_eq(rule.hits, 1);
			cr_expect_geq(pair->sent[FALSE][COI_PDU_SESS1], full_segments());
			cr_expect_eq(used(&pair->r), 17);
			cr_expect(clean(pair));
			coi_pair_destroy(pair);
		}
	}
}

Test(exchange, on_a_wire_that_shakes)
{
	u_int round, count, done = 0;
	coi_pair_t *pair;

	srandom(3);
	for (round = 0; round < 40; round++)
	{
		pair = coi_pair_create(names(0, 10), names(5, 10));
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

Test(exchange, every_single_datagram_lost_once)
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
					pair = coi_pair_create(names(0, sizes[i]),
										   names(0, sizes[i]));
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

Test(exchange, who_hears_nothing_gives_up)
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

Test(exchange, an_initiator_that_gives_up_tells_an_open_responder)
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

/** Keep a copy of each datagram of a type. */
typedef struct {
	coi_pdu_type_t type;
	chunk_t copies[40];
	u_int count;
	bool drop;
} tap_t;

static coi_verdict_t tap(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	tap_t *this = data;

	if (packet->type == this->type)
	{
		cr_assert_lt(this->count, countof(this->copies));
		this->copies[this->count++] = chunk_clone(packet->datagram);
		if (this->drop)
		{
			return COI_DROP;
		}
	}
	return COI_PASS;
}

static void clear_tap(tap_t *this)
{
	while (this->count)
	{
		chunk_free(&this->copies[--this->count]);
	}
}

Test(exchange, repeats_of_sess0_are_answered_the_same_but_seldom)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	tap_t sess1 = { .type = COI_PDU_SESS1, .drop = TRUE };
	chunk_t sess0;
	u_int i;

	pair->decide = tap;
	pair->data = &sess1;
	coi_pair_open(pair);
	sess0 = chunk_clone(pair->wire->datagram);
	/* i --> r  Sess0
	 * i x-- r  Sess1 */
	coi_pair_run(pair);
	cr_assert_eq(sess1.count, 1);
	for (i = 0; i < 100; i++)
	{
		/* i --> r  Sess0, the same, each 10 ms
		 * i x-- r  Sess1, each 100 ms at most */
		coi_pair_inject(pair, TRUE, FALSE, sess0);
		coi_pair_run(pair);
		pair->now += 10;
	}
	cr_assert_geq(sess1.count, 10);
	cr_assert_leq(sess1.count, 11);
	for (i = 1; i < sess1.count; i++)
	{
		cr_assert(chunk_equals(sess1.copies[i], sess1.copies[0]));
	}
	cr_expect(clean(pair));
	/* i <-- r  Sess1, and all goes on as if nothing had been */
	pair->decide = NULL;
	coi_pair_inject(pair, FALSE, FALSE, sess1.copies[5]);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	clear_tap(&sess1);
	chunk_free(&sess0);
	coi_pair_destroy(pair);
}

Test(exchange, repeats_of_sess1_are_answered_the_same_but_seldom)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	tap_t sess2 = { .type = COI_PDU_SESS2, .drop = TRUE };
	chunk_t sess1;
	u_int i;

	pair->decide = tap;
	pair->data = &sess2;
	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	sess1 = chunk_clone(pair->wire->datagram);
	/* i <-- r  Sess1
	 * i --x r  Sess2 */
	coi_pair_run(pair);
	cr_assert_eq(sess2.count, 1);
	for (i = 0; i < 100; i++)
	{
		coi_pair_inject(pair, FALSE, FALSE, sess1);
		coi_pair_run(pair);
		pair->now += 10;
	}
	cr_assert_geq(sess2.count, 10);
	cr_assert_leq(sess2.count, 11);
	for (i = 1; i < sess2.count; i++)
	{
		cr_assert(chunk_equals(sess2.copies[i], sess2.copies[0]));
	}
	cr_assert_eq(pair->i.count[COI_ACT_INSTALL_IN], 1, "once and no more");
	pair->decide = NULL;
	coi_pair_inject(pair, TRUE, FALSE, sess2.copies[1]);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	/* once confirmed, i has forgotten it */
	coi_pair_inject(pair, FALSE, FALSE, sess1);
	coi_pair_run(pair);
	cr_expect_eq(pair->i.refused[COI_STATE], 1);
	clear_tap(&sess2);
	chunk_free(&sess1);
	coi_pair_destroy(pair);
}

Test(exchange, repeats_of_sess2_are_answered_by_new_idles_but_seldom)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	tap_t idle = { .type = COI_PDU_IDLE, .drop = TRUE };
	coi_idle_t nothing = {};
	chunk_t sess2, own;
	u_int i, j;

	pair->decide = tap;
	pair->data = &idle;
	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	sess2 = chunk_clone(pair->wire->datagram);
	/* i --> r  Sess2
	 * i x== r  IDLE */
	coi_pair_run(pair);
	for (i = 0; i < 100; i++)
	{
		coi_pair_inject(pair, TRUE, FALSE, sess2);
		coi_pair_run(pair);
		pair->now += 10;
	}
	cr_assert_geq(idle.count, 10);
	cr_assert_leq(idle.count, 12);
	for (i = 0; i < idle.count; i++)
	{
		for (j = 0; j < i; j++)
		{	/* a nonce must never come again */
			cr_assert_not(chunk_equals(idle.copies[i], idle.copies[j]));
		}
	}
	cr_assert_eq(pair->r.count[COI_ACT_INSTALL_IN], 1);
	cr_assert_eq(pair->r.count[COI_ACT_INSTALL_OUT], 1);
	pair->decide = NULL;
	/* i <== r  the last IDLE, then one before */
	coi_pair_inject(pair, FALSE, TRUE, idle.copies[idle.count - 1]);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	coi_pair_inject(pair, FALSE, TRUE, idle.copies[0]);
	coi_pair_run(pair);
	cr_expect_eq(pair->i.refused[COI_REPLAY], 1);
	/* i ==> r  IDLE: r has no need of Sess2 any more */
	cr_assert_eq(coi_session_idle(pair->i.session, &nothing, &own), COI_OK);
	coi_pair_inject(pair, TRUE, TRUE, own);
	coi_pair_inject(pair, TRUE, FALSE, sess2);
	coi_pair_run(pair);
	cr_expect_eq(pair->r.refused[COI_STATE], 1);
	chunk_free(&own);
	chunk_free(&sess2);
	clear_tap(&idle);
	coi_pair_destroy(pair);
}

Test(exchange, term)
{
	static const coi_term_t terms[] = {
		COI_TERM_TERMINATED, COI_TERM_SHUTDOWN, COI_TERM_IDLE,
		COI_TERM_KEY_REMOVED, COI_TERM_IDENTITY, COI_TERM_SUPERSEDED,
		COI_TERM_FAILED,
	};
	coi_pair_t *pair;
	coi_end_t *from, *to;
	u_int i;

	for (i = 0; i < countof(terms); i++)
	{
		pair = coi_pair_create("lab", "lab");
		from = i % 2 ? &pair->i : &pair->r;
		to = i % 2 ? &pair->r : &pair->i;
		cr_assert(coi_pair_establish(pair));
		coi_pair_close(pair, from, terms[i], "bye");
		cr_assert_null(from->session);
		cr_assert_not_null(to->session);
		coi_pair_run(pair);
		cr_assert_null(to->session);
		cr_expect_eq(to->reason, COI_OK);
		cr_expect_eq(to->term, terms[i]);
		cr_expect_str_eq(to->text, "bye");
		/* never answered */
		cr_expect_eq(pair->sent[0][COI_PDU_TERM] + pair->sent[1][COI_PDU_TERM],
					 1);
		coi_pair_destroy(pair);
	}
}

Test(exchange, closing_before_it_is_open_tells_nobody)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	coi_pair_close(pair, &pair->i, COI_TERM_TERMINATED, NULL);
	coi_pair_close(pair, &pair->r, COI_TERM_TERMINATED, NULL);
	coi_pair_run(pair);
	cr_expect_eq(pair->sent[0][COI_PDU_TERM] + pair->sent[1][COI_PDU_TERM], 0);
	cr_expect_eq(pair->i.refused[COI_UNKNOWN_SESSION], 1, "the Sess1");
	coi_pair_destroy(pair);
}

Test(exchange, communities_without_spi_are_left_out)
{
	coi_pair_t *pair;
	u_int at_r;

	for (at_r = 0; at_r < 2; at_r++)
	{
		pair = coi_pair_create("a b c", "a b c");
		*(at_r ? &pair->r.no_spi : &pair->i.no_spi) = 2;
		cr_assert(coi_pair_establish(pair));
		cr_expect_eq(used(&pair->i), 2);
		cr_expect_eq(used(&pair->r), 2);
		cr_expect_not(pair->i.in[1].used);
		cr_expect_not(pair->r.in[1].used);
		coi_pair_destroy(pair);
	}
}

Test(exchange, the_filter_is_the_same_at_both_ends)
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

Test(exchange, a_community_that_the_profile_lacks)
{
	coi_pair_t *pair = coi_pair_create("a b", "a b");

	/* a key is held, but this host takes no part in b */
	coi_profile_destroy(pair->r.profile);
	pair->r.profile = coi_test_profile("r", "a");
	cr_assert(coi_pair_establish(pair));
	cr_expect_eq(used(&pair->i), 1);
	coi_pair_destroy(pair);
}

Test(exchange, with_separate_integrity_keys)
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

Test(exchange, session_size_is_reported)
{
	coi_pair_t *pair;
	size_t one, many;

	pair = coi_pair_create("lab", "lab");
	cr_assert(coi_pair_establish(pair));
	one = coi_session_size(pair->i.session);
	coi_pair_destroy(pair);
	pair = coi_pair_create(names(0, 20), names(0, 20));
	cr_assert(coi_pair_establish(pair));
	many = coi_session_size(pair->i.session);
	coi_pair_destroy(pair);
	cr_log_info("an open session keeps %zu octets, %zu with 20 communities\n",
				one, many);
	cr_expect_lt(one, 4096);
	cr_expect_lt(many, one + 20 * 512);
}
