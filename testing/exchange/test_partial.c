/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Two ends that end communities of a session one by one.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 *   TERM{a b}  ends these communities, TERM the whole session
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(partial, .init = coi_test_init);

static const uint16_t a[] = { 0 }, b[] = { 1 }, c[] = { 2 }, ac[] = { 0, 2 };

/** "ac": the communities that an end uses, by session and as installed. */
static const char *in_use(const coi_end_t *end)
{
	static char ring[4][COI_MAX_KEYS + 1];
	static u_int next;
	char *buf = ring[next++ % countof(ring)], *pos = buf;
	const coi_shared_community_t *common;
	u_int count, i;

	if (!end->session)
	{
		return "closed";
	}
	common = coi_session_common(end->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used)
		{
			*pos++ = *common[i].name;
		}
		cr_assert_eq(common[i].used, end->in[i].used);
		cr_assert(i >= end->out_count || common[i].used == end->out[i].used);
	}
	*pos = '\0';
	return buf;
}

static u_int terms(const coi_pair_t *pair)
{
	return pair->sent[0][COI_PDU_TERM] + pair->sent[1][COI_PDU_TERM];
}

static void drop(coi_pair_t *pair, coi_end_t *end, const uint16_t *indexes,
				 u_int count)
{
	cr_assert_eq(coi_pair_drop(pair, end, indexes, count, COI_TERM_KEY_REMOVED,
							   "key removed"), COI_OK);
}

/** An IDLE from one end to the other. */
static void assert_idle(coi_pair_t *pair, coi_end_t *from)
{
	coi_end_t *to = from == &pair->i ? &pair->r : &pair->i;
	coi_idle_t idle = { .gained = 1 };
	chunk_t datagram;

	cr_assert_eq(coi_session_idle(from->session, &idle, &datagram), COI_OK);
	coi_pair_inject(pair, to == &pair->r, TRUE, datagram);
	coi_pair_run(pair);
	cr_assert_eq(to->last, COI_OK);
	chunk_free(&datagram);
}

Test(partial, one_of_several_in_both_directions)
{
	coi_pair_t *pair;
	coi_end_t *from, *to;
	u_int by_r;

	for (by_r = 0; by_r < 2; by_r++)
	{
		pair = coi_pair_create("a b c", "c b a");
		from = by_r ? &pair->r : &pair->i;
		to = by_r ? &pair->i : &pair->r;
		cr_assert(coi_pair_establish(pair));
		/* from --> to  TERM{b} */
		drop(pair, from, b, 1);
		cr_assert_str_eq(in_use(from), "ac");
		cr_assert_str_eq(in_use(to), "abc");
		cr_expect_eq(from->count[COI_ACT_DROPPED], 1);
		cr_expect_eq(pair->wire->datagram.len, SUITE->term_min + 11 + 2);
		coi_pair_run(pair);
		cr_assert_str_eq(in_use(to), "ac");
		cr_expect_eq(to->count[COI_ACT_DROPPED], 1);
		cr_expect_eq(to->term, COI_TERM_KEY_REMOVED);
		cr_expect_str_eq(to->text, "key removed");
		cr_expect_eq(terms(pair), 1, "never answered");
		/* the others go on, with the keys that they had */
		cr_assert(coi_pair_agrees(pair));
		assert_idle(pair, from);
		assert_idle(pair, to);
		/* to --> from  TERM{a} */
		drop(pair, to, a, 1);
		coi_pair_run(pair);
		cr_assert_str_eq(in_use(from), "c");
		cr_assert_str_eq(in_use(to), "c");
		cr_assert(coi_pair_agrees(pair));
		cr_expect(coi_pair_clean(pair));
		coi_pair_destroy(pair);
	}
}

Test(partial, several_at_once)
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");

	cr_assert(coi_pair_establish(pair));
	drop(pair, &pair->i, ac, 2);
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->i), "b");
	cr_assert_str_eq(in_use(&pair->r), "b");
	cr_assert(coi_pair_agrees(pair));
	coi_pair_destroy(pair);
}

Test(partial, the_last_one_closes)
{
	static const uint16_t all[] = { 0, 1, 2 };
	coi_pair_t *pair;
	coi_end_t *from, *to;
	u_int i;

	for (i = 0; i < 4; i++)
	{
		pair = coi_pair_create("a b c", "a b c");
		from = i % 2 ? &pair->r : &pair->i;
		to = i % 2 ? &pair->i : &pair->r;
		cr_assert(coi_pair_establish(pair));
		if (i < 2)
		{	/* from --> to  TERM{a c}, then TERM */
			drop(pair, from, ac, 2);
			coi_pair_run(pair);
			drop(pair, from, b, 1);
		}
		else
		{	/* from --> to  TERM */
			drop(pair, from, all, 3);
		}
		cr_assert_null(from->session);
		cr_expect_eq(pair->wire->datagram.len, SUITE->term_min + 11, "it names none");
		coi_pair_run(pair);
		cr_assert_null(to->session);
		cr_expect_eq(to->reason, COI_OK);
		cr_expect_eq(to->term, COI_TERM_KEY_REMOVED);
		cr_expect_str_eq(to->text, "key removed");
		cr_expect_eq(to->count[COI_ACT_CLOSED], 1);
		coi_pair_destroy(pair);
	}
}

Test(partial, crossing_terms_of_the_same)
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");

	cr_assert(coi_pair_establish(pair));
	/* i --> r  TERM{b}, i <-- r  TERM{b} */
	drop(pair, &pair->i, b, 1);
	drop(pair, &pair->r, b, 1);
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->i), "ac");
	cr_assert_str_eq(in_use(&pair->r), "ac");
	cr_assert(coi_pair_agrees(pair));
	cr_expect_eq(terms(pair), 2);
	cr_expect(coi_pair_clean(pair));
	assert_idle(pair, &pair->i);
	assert_idle(pair, &pair->r);
	coi_pair_destroy(pair);
}

Test(partial, crossing_terms_of_different_ones)
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");

	cr_assert(coi_pair_establish(pair));
	/* i --> r  TERM{a}, i <-- r  TERM{c} */
	drop(pair, &pair->i, a, 1);
	drop(pair, &pair->r, c, 1);
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->i), "b");
	cr_assert_str_eq(in_use(&pair->r), "b");
	cr_assert(coi_pair_agrees(pair));
	assert_idle(pair, &pair->i);
	assert_idle(pair, &pair->r);
	coi_pair_destroy(pair);

	/* each names what is the other's last: nothing is left, at both */
	pair = coi_pair_create("a b", "a b");
	cr_assert(coi_pair_establish(pair));
	drop(pair, &pair->i, a, 1);
	drop(pair, &pair->r, b, 1);
	coi_pair_run(pair);
	cr_assert_null(pair->i.session);
	cr_assert_null(pair->r.session);
	cr_expect_eq(pair->i.term, COI_TERM_KEY_REMOVED);
	cr_expect_eq(pair->r.term, COI_TERM_KEY_REMOVED);
	cr_expect_str_eq(pair->i.text, "key removed");
	cr_expect_eq(terms(pair), 2);
	coi_pair_destroy(pair);
}

Test(partial, crossing_with_the_end_of_the_session)
{
	coi_pair_t *pair = coi_pair_create("a b", "a b");

	cr_assert(coi_pair_establish(pair));
	/* i --> r  TERM{a}, i <-- r  TERM */
	drop(pair, &pair->i, a, 1);
	coi_pair_close(pair, &pair->r, COI_TERM_SHUTDOWN, NULL);
	coi_pair_run(pair);
	cr_assert_null(pair->i.session);
	cr_expect_eq(pair->i.term, COI_TERM_SHUTDOWN);
	cr_expect_eq(pair->r.refused[COI_UNKNOWN_SESSION], 1);
	coi_pair_destroy(pair);
}

/** TERMs are lost. */
static coi_verdict_t lose_terms(coi_pair_t *pair, coi_packet_t *packet,
								void *data)
{
	return packet->type == COI_PDU_TERM ? COI_DROP : COI_PASS;
}

Test(partial, a_lost_term_may_be_said_again)
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");

	cr_assert(coi_pair_establish(pair));
	pair->decide = lose_terms;
	/* i --x r  TERM{a} */
	drop(pair, &pair->i, a, 1);
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->i), "bc");
	cr_assert_str_eq(in_use(&pair->r), "abc");
	assert_idle(pair, &pair->i);
	assert_idle(pair, &pair->r);
	/* i --> r  TERM{a} */
	pair->decide = NULL;
	drop(pair, &pair->i, a, 1);
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->i), "bc");
	cr_assert_str_eq(in_use(&pair->r), "bc");
	/* i --x r  TERM{b}, i --> r  TERM: what was lost does not matter */
	pair->decide = lose_terms;
	drop(pair, &pair->i, b, 1);
	pair->decide = NULL;
	drop(pair, &pair->i, c, 1);
	coi_pair_run(pair);
	cr_assert_null(pair->i.session);
	cr_assert_null(pair->r.session);
	coi_pair_destroy(pair);
}

Test(partial, a_term_is_taken_once)
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");
	chunk_t first;

	cr_assert(coi_pair_establish(pair));
	drop(pair, &pair->i, a, 1);
	first = chunk_clone(pair->wire->datagram);
	coi_pair_run(pair);
	drop(pair, &pair->i, b, 1);
	coi_pair_run(pair);
	coi_pair_inject(pair, TRUE, FALSE, first);
	coi_pair_run(pair);
	cr_expect_eq(pair->r.refused[COI_REPLAY], 1);
	cr_assert_str_eq(in_use(&pair->r), "c");
	chunk_free(&first);
	coi_pair_destroy(pair);
}

Test(partial, naming_one_that_is_not_in_use)
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");
	u_int by_r;

	/* the exchange went on without it */
	pair->i.no_spi = 2;
	cr_assert(coi_pair_establish(pair));
	cr_assert_str_eq(in_use(&pair->i), "ac");
	for (by_r = 0; by_r < 2; by_r++)
	{
		drop(pair, by_r ? &pair->r : &pair->i, b, 1);
		coi_pair_run(pair);
		cr_assert_str_eq(in_use(&pair->i), "ac");
		cr_assert_str_eq(in_use(&pair->r), "ac");
		cr_assert(coi_pair_agrees(pair));
	}
	/* those that are in use all end, though one more is in C */
	drop(pair, &pair->i, ac, 2);
	coi_pair_run(pair);
	cr_assert_null(pair->i.session);
	cr_assert_null(pair->r.session);
	coi_pair_destroy(pair);
}

Test(partial, a_refused_close_changes_nothing)
{
	static const uint16_t unordered[] = { 1, 0 }, equal[] = { 1, 1 };
	static const uint16_t beyond[] = { 0, 3 };
	static const uint16_t *lists[] = { unordered, equal, beyond };
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");
	u_int i;

	cr_assert(coi_pair_establish(pair));
	for (i = 0; i < countof(lists); i++)
	{
		cr_expect_eq(coi_pair_drop(pair, &pair->i, lists[i], 2,
								   COI_TERM_KEY_REMOVED, NULL), COI_INTERNAL);
	}
	cr_expect_eq(terms(pair), 0);
	cr_assert_str_eq(in_use(&pair->i), "abc");
	cr_assert(coi_pair_agrees(pair));
	coi_pair_destroy(pair);
}

/** Deliver until the initiator is OPEN and its Sess2 is under way. */
static coi_pair_t *until_sess2()
{
	coi_pair_t *pair = coi_pair_create("a b c", "a b c");

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->i.session), COI_OPEN);
	cr_assert_not(coi_session_confirmed(pair->i.session));
	cr_assert_eq(pair->wire->type, COI_PDU_SESS2);
	return pair;
}

Test(partial, by_an_initiator_that_is_not_yet_confirmed)
{
	coi_pair_t *pair = until_sess2();
	const coi_shared_community_t *common;
	u_int count;

	common = coi_session_common(pair->i.session, &count);
	cr_assert_eq(common[1].encr_out.len, 36);
	/* i --> r  Sess2, then TERM{b}, before the IDLE */
	drop(pair, &pair->i, b, 1);
	cr_assert_str_eq(in_use(&pair->i), "ac");
	cr_expect_eq(common[1].encr_out.len, 0, "wiped");
	cr_expect_eq(common[0].encr_out.len, 36, "still to be installed");
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->i), "ac");
	cr_assert_str_eq(in_use(&pair->r), "ac");
	cr_assert(coi_pair_agrees(pair));
	cr_expect_not(pair->i.out[1].used);
	cr_expect_eq(pair->i.out[1].encr_out.len, 0);
	cr_expect(coi_pair_clean(pair));
	coi_pair_destroy(pair);
}

Test(partial, a_term_before_sess2_comes_too_early)
{
	coi_pair_t *pair = until_sess2();

	/* i --x r  Sess2, i --> r  TERM{b}: r has no session that is open */
	pair->wire->datagram.ptr[60] ^= 1;
	drop(pair, &pair->i, b, 1);
	coi_pair_run(pair);
	cr_expect_eq(pair->r.refused[COI_TAG], 1);
	cr_expect_eq(pair->r.refused[COI_STATE], 1);
	/* i --> r  Sess2, again */
	coi_pair_pass(pair, 500);
	cr_assert(coi_session_confirmed(pair->i.session));
	cr_assert_str_eq(in_use(&pair->i), "ac");
	cr_assert_str_eq(in_use(&pair->r), "abc");
	drop(pair, &pair->i, b, 1);
	coi_pair_run(pair);
	cr_assert_str_eq(in_use(&pair->r), "ac");
	cr_assert(coi_pair_agrees(pair));
	coi_pair_destroy(pair);
}

/** The first IDLE is late. */
static coi_verdict_t first_idle_late(coi_pair_t *pair, coi_packet_t *packet,
									 void *data)
{
	return packet->type == COI_PDU_IDLE && !packet->nth ? COI_LATE : COI_PASS;
}

Test(partial, to_an_initiator_that_is_not_yet_confirmed)
{
	coi_pair_t *pair = until_sess2();

	pair->decide = first_idle_late;
	/* i --> r  Sess2
	 * i <-- r  TERM{b}, and only then the IDLE, whose sequence is lower */
	cr_assert(coi_pair_deliver(pair));
	drop(pair, &pair->r, b, 1);
	coi_pair_run(pair);
	cr_expect_eq(pair->i.refused[COI_REPLAY], 1);
	cr_assert_str_eq(in_use(&pair->i), "ac");
	cr_assert_not(coi_session_confirmed(pair->i.session), "that takes an IDLE");
	cr_expect_eq(pair->i.count[COI_ACT_INSTALL_OUT], 0);
	/* i --> r  Sess2, again; i <== r  IDLE */
	coi_pair_pass(pair, 500);
	cr_assert(coi_session_confirmed(pair->i.session));
	cr_assert_str_eq(in_use(&pair->i), "ac");
	cr_assert_str_eq(in_use(&pair->r), "ac");
	cr_assert(coi_pair_agrees(pair));
	coi_pair_destroy(pair);
}

Test(partial, all_of_an_initiator_that_is_not_yet_confirmed)
{
	coi_pair_t *pair = until_sess2();

	/* i --> r  Sess2, TERM{a c}, TERM */
	drop(pair, &pair->i, ac, 2);
	drop(pair, &pair->i, b, 1);
	cr_assert_null(pair->i.session);
	coi_pair_run(pair);
	cr_assert_null(pair->r.session);
	cr_expect_eq(pair->r.term, COI_TERM_KEY_REMOVED);
	coi_pair_destroy(pair);
}

/** Ask for an answer; how many IDLEs have left the other end then. */
static u_int ask(coi_pair_t *pair, coi_end_t *from, bool answer)
{
	coi_idle_t idle = { .ttl = 60, .answer = answer };
	bool to_r = from == &pair->i;
	chunk_t datagram;

	cr_assert_eq(coi_session_idle(from->session, &idle, &datagram), COI_OK);
	coi_pair_inject(pair, to_r, TRUE, datagram);
	coi_pair_run(pair);
	chunk_free(&datagram);
	return pair->sent[!to_r][COI_PDU_IDLE];
}

Test(partial, an_idle_is_answered_if_it_asks_for_that)
{
	coi_pair_t *pair = coi_pair_create("a b", "b a");
	coi_end_t *ends[] = { &pair->i, &pair->r };
	coi_idle_t heard;
	u_int i, before, own;

	cr_assert(coi_pair_establish(pair));
	for (i = 0; i < countof(ends); i++)
	{
		coi_pair_pass(pair, 1000);
		own = pair->sent[ends[i] == &pair->i][COI_PDU_IDLE];
		before = pair->sent[ends[i] != &pair->i][COI_PDU_IDLE];
		/* from <==> to  IDLE */
		cr_expect_eq(ask(pair, ends[i], FALSE), before);
		cr_expect_eq(ask(pair, ends[i], TRUE), before + 1);
		coi_session_peer_idle(ends[i]->session, &heard);
		cr_expect_not(heard.answer, "or it would never end");
		/* the two that were put there */
		cr_expect_eq(pair->sent[ends[i] == &pair->i][COI_PDU_IDLE], own + 2);
		/* not more often than repeats */
		cr_expect_eq(ask(pair, ends[i], TRUE), before + 1);
		coi_pair_pass(pair, 100);
		cr_expect_eq(ask(pair, ends[i], TRUE), before + 2);
	}
	coi_pair_destroy(pair);
}

Test(partial, a_repeated_idle_says_what_was_said_last)
{
	coi_pair_t *pair = until_sess2();
	coi_idle_t told = { .lifetime = 3600, .ttl = 60, .gained = 2 }, heard;
	chunk_t own;

	pair->decide = first_idle_late;
	cr_assert(coi_pair_deliver(pair));
	chunk_clear(&pair->wire->datagram);
	pair->wire->datagram = chunk_clone(chunk_from_str("lost"));
	cr_assert_eq(coi_session_idle(pair->r.session, &told, &own), COI_OK);
	/* i x== r  IDLE, twice; i --> r  Sess2, again; i <== r  IDLE */
	coi_pair_pass(pair, 500);
	cr_assert(coi_pair_agrees(pair));
	coi_session_peer_idle(pair->i.session, &heard);
	cr_expect_eq(heard.age, told.age);
	cr_expect_eq(heard.lifetime, told.lifetime);
	cr_expect_eq(heard.ttl, told.ttl);
	cr_expect_eq(heard.gained, told.gained);
	cr_expect_not(heard.answer);
	chunk_free(&own);
	coi_pair_destroy(pair);
}
