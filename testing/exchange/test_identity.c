/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Exchanges with a Sess3, in which members prove who they are.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(identity, .init = coi_test_init);

/** A pair in which each side demands a proof, or not, and gives one, or not. */
static coi_pair_t *create(bool i_demands, bool r_demands)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	pair->i.profile->demands = i_demands;
	pair->r.profile->demands = r_demands;
	pair->r.profile->third = TRUE;
	pair->i.is = pair->r.wants = "alice";
	pair->r.is = pair->i.wants = "bob";
	return pair;
}

/** Whether an end has installed anything. */
static bool installed(const coi_end_t *end)
{
	return end->count[COI_ACT_INSTALL_IN] || end->count[COI_ACT_INSTALL_OUT];
}

static bool peer_is(const coi_end_t *end, const char *id)
{
	chunk_t data;

	return coi_session_peer_id(end->session, &data) == 2 &&
		   chunk_equals(data, chunk_from_str((char*)id));
}

Test(identity, plain)
{
	coi_pair_t *pair = create(TRUE, TRUE);

	coi_pair_open(pair);
	/* i --> r  Sess0
	 * i <-- r  Sess1 */
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->i.session), COI_PENDING_PROOF);
	cr_assert_not(installed(&pair->i));
	/* i --> r  Sess2 */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->r.session), COI_OPEN);
	cr_assert_not(coi_session_confirmed(pair->r.session));
	cr_assert_eq(pair->r.count[COI_ACT_INSTALL_IN], 1);
	cr_assert_eq(pair->r.count[COI_ACT_INSTALL_OUT], 0, "not before the IDLE");
	cr_assert_eq(pair->r.count[COI_ACT_ESTABLISHED], 0);
	/* i <-- r  Sess3 */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->i.session), COI_OPEN);
	cr_assert(coi_session_confirmed(pair->i.session));
	cr_assert_eq(pair->i.count[COI_ACT_INSTALL_IN], 1);
	cr_assert_eq(pair->i.count[COI_ACT_INSTALL_OUT], 1);
	cr_assert_eq(pair->i.count[COI_ACT_ESTABLISHED], 1);
	/* i ==> r  IDLE */
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_session_confirmed(pair->r.session));
	/* i <== r  IDLE */
	cr_assert(coi_pair_deliver(pair));
	cr_assert_not(coi_pair_deliver(pair));
	cr_assert(coi_pair_agrees(pair));
	cr_assert(peer_is(&pair->i, "bob"));
	cr_assert(peer_is(&pair->r, "alice"));
	cr_assert_eq(pair->i.timer, 0);
	cr_assert_eq(pair->r.timer, 0);
	cr_assert(coi_pair_clean(pair));
	coi_pair_destroy(pair);
}

Test(identity, one_side_or_none_demands_one)
{
	coi_pair_t *pair;
	u_int demands;

	for (demands = 0; demands < 4; demands++)
	{
		pair = create(demands & 1, demands & 2);
		cr_assert(coi_pair_establish(pair));
		/* who is not asked proves nothing */
		cr_expect(peer_is(&pair->i, demands & 1 ? "bob" : "sun.example.org"));
		cr_expect(peer_is(&pair->r, demands & 2 ? "alice"
												: "moon.example.org"));
		coi_pair_destroy(pair);
	}
}

Test(identity, the_initiator_is_refused)
{
	/* somebody else, nobody */
	static const char *const are[] = { "eve", NULL };
	coi_pair_t *pair;
	u_int i;

	for (i = 0; i < countof(are); i++)
	{
		pair = create(TRUE, TRUE);
		pair->i.is = are[i];
		coi_pair_open(pair);
		/* i --> r  Sess0, i <-- r  Sess1, i --> r  Sess2, i <-- r  TERM */
		coi_pair_run(pair);
		cr_expect_null(pair->i.session);
		cr_expect_null(pair->r.session);
		cr_expect_eq(pair->r.reason, COI_IDENTITY);
		cr_expect_eq(pair->i.term, COI_TERM_IDENTITY);
		cr_expect_str_eq(pair->i.text, "");
		cr_expect_eq(pair->sent[FALSE][COI_PDU_SESS3], 0,
					 "nothing is proved to whoever is refused");
		cr_expect_not(installed(&pair->i));
		cr_expect_not(installed(&pair->r));
		coi_pair_destroy(pair);
	}
}

Test(identity, the_responder_is_refused)
{
	static const char *const are[] = { "eve", NULL };
	coi_pair_t *pair;
	u_int i;

	for (i = 0; i < countof(are); i++)
	{
		pair = create(TRUE, TRUE);
		pair->r.is = are[i];
		coi_pair_open(pair);
		/* .. i <-- r  Sess3, i --> r  TERM */
		coi_pair_run(pair);
		cr_expect_null(pair->i.session);
		cr_expect_null(pair->r.session);
		cr_expect_eq(pair->i.reason, COI_IDENTITY);
		cr_expect_eq(pair->r.term, COI_TERM_IDENTITY);
		cr_expect_not(installed(&pair->i));
		cr_expect_eq(pair->r.count[COI_ACT_INSTALL_OUT], 0);
		coi_pair_destroy(pair);
	}
}

Test(identity, a_responder_that_proves_nothing_gets_no_sess2)
{
	coi_pair_t *pair = create(TRUE, FALSE);

	pair->r.profile->third = FALSE;
	coi_pair_open(pair);
	coi_pair_run(pair);
	cr_expect_eq(coi_session_state(pair->i.session), COI_PENDING_OPEN);
	cr_expect_eq(pair->i.refused[COI_IDENTITY], 1);
	cr_expect_eq(pair->sent[TRUE][COI_PDU_SESS2], 0);
	cr_expect_not(installed(&pair->i));
	coi_pair_destroy(pair);
}

/** What the wire loses. */
typedef struct {
	coi_pdu_type_t type;
	bool to_r;
	/** how many of them */
	u_int count;
} loss_t;

static coi_verdict_t lose(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	loss_t *loss = data;

	if (packet->type == loss->type && packet->to_r == loss->to_r && loss->count)
	{
		loss->count--;
		return COI_DROP;
	}
	return COI_PASS;
}

Test(identity, what_is_lost_is_repeated)
{
	static const loss_t cases[] = {
		{ COI_PDU_SESS1, FALSE, 1 },
		{ COI_PDU_SESS2, TRUE, 1 },
		{ COI_PDU_SESS2, TRUE, 2 },
		{ COI_PDU_SESS3, FALSE, 1 },
		{ COI_PDU_SESS3, FALSE, 2 },
		{ COI_PDU_IDLE, TRUE, 1 },
		{ COI_PDU_IDLE, TRUE, 2 },
		{ COI_PDU_IDLE, FALSE, 1 },
	};
	coi_pair_t *pair;
	loss_t loss;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		pair = create(TRUE, TRUE);
		loss = cases[i];
		pair->decide = lose;
		pair->data = &loss;
		coi_pair_open(pair);
		coi_pair_pass(pair, 3000);
		cr_expect(coi_pair_agrees(pair), "case %u", i);
		cr_expect_eq(loss.count, 0);
		cr_expect_eq(pair->i.count[COI_ACT_INSTALL_IN], 1);
		cr_expect_eq(pair->r.count[COI_ACT_INSTALL_OUT], 1);
		cr_expect_eq(pair->i.timer, 0);
		cr_expect_eq(pair->r.timer, 0);
		coi_pair_destroy(pair);
	}
}

Test(identity, what_is_lost_for_good_ends_both)
{
	static const loss_t cases[] = {
		{ COI_PDU_SESS2, TRUE, 99 },
		{ COI_PDU_SESS3, FALSE, 99 },
		{ COI_PDU_IDLE, TRUE, 99 },
	};
	coi_pair_t *pair;
	loss_t loss;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		pair = create(TRUE, TRUE);
		loss = cases[i];
		pair->decide = lose;
		pair->data = &loss;
		coi_pair_open(pair);
		coi_pair_pass(pair, 20000);
		cr_expect_null(pair->i.session, "case %u", i);
		cr_expect_null(pair->r.session, "case %u", i);
		cr_expect_eq(pair->r.count[COI_ACT_INSTALL_OUT], 0);
		cr_expect_geq(pair->sent[FALSE][COI_PDU_TERM] +
					  pair->sent[TRUE][COI_PDU_TERM], 1);
		coi_pair_destroy(pair);
	}
}

Test(identity, repeats_of_sess3_are_answered_by_new_idles_but_seldom)
{
	coi_pair_t *pair = create(TRUE, TRUE);
	loss_t loss = { COI_PDU_IDLE, TRUE, 99 };
	chunk_t sess3;
	u_int i;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(pair->wire->type, COI_PDU_SESS3);
	sess3 = chunk_clone(pair->wire->datagram);
	pair->decide = lose;
	pair->data = &loss;
	coi_pair_run(pair);
	for (i = 0; i < 100; i++)
	{
		coi_pair_inject(pair, FALSE, FALSE, sess3);
		coi_pair_run(pair);
		pair->now += 10;
	}
	cr_assert_geq(pair->sent[TRUE][COI_PDU_IDLE], 11);
	cr_assert_leq(pair->sent[TRUE][COI_PDU_IDLE], 12);
	cr_expect_eq(pair->i.count[COI_ACT_INSTALL_IN], 1, "once and no more");
	/* once the responder is confirmed, it is forgotten */
	pair->decide = NULL;
	coi_pair_inject(pair, FALSE, FALSE, sess3);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	coi_pair_inject(pair, FALSE, FALSE, sess3);
	coi_pair_run(pair);
	cr_expect_eq(pair->i.refused[COI_STATE], 1);
	chunk_free(&sess3);
	coi_pair_destroy(pair);
}

Test(identity, a_changed_sess3_changes_nothing)
{
	static const struct {
		/** from the front, or from behind if negative */
		int at;
		coi_reason_t reason;
	} cases[] = {
		{ 25, COI_TAG },
		{ 60, COI_TAG },
		{ 80, COI_DIGEST },
		{ -1, COI_DIGEST },
	};
	coi_pair_t *pair = create(TRUE, TRUE);
	chunk_t sess3, changed;
	u_int i;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	sess3 = chunk_clone(pair->wire->datagram);
	pair->wire->datagram.ptr[30] ^= 1;
	coi_pair_run(pair);
	cr_assert_eq(pair->i.refused[COI_TAG], 1);
	for (i = 0; i < countof(cases); i++)
	{
		changed = chunk_clone(sess3);
		changed.ptr[cases[i].at < 0 ? (int)changed.len + cases[i].at
									: cases[i].at] ^= 1;
		coi_pair_inject(pair, FALSE, FALSE, changed);
		coi_pair_run(pair);
		cr_expect_eq(pair->i.last, cases[i].reason, "case %u", i);
		chunk_free(&changed);
	}
	cr_assert_eq(coi_session_state(pair->i.session), COI_PENDING_PROOF);
	cr_assert_not(installed(&pair->i));
	coi_pair_inject(pair, FALSE, FALSE, sess3);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	chunk_free(&sess3);
	coi_pair_destroy(pair);
}

Test(identity, closing_while_a_proof_is_awaited)
{
	coi_pair_t *pair = create(TRUE, TRUE);
	loss_t loss = { COI_PDU_SESS3, FALSE, 99 };

	pair->decide = lose;
	pair->data = &loss;
	coi_pair_open(pair);
	coi_pair_run(pair);
	cr_assert_eq(coi_session_state(pair->i.session), COI_PENDING_PROOF);
	/* i --> r  TERM */
	coi_pair_close(pair, &pair->i, COI_TERM_TERMINATED, "enough");
	coi_pair_run(pair);
	cr_expect_null(pair->i.session);
	cr_expect_null(pair->r.session);
	cr_expect_eq(pair->r.term, COI_TERM_TERMINATED);
	cr_expect_str_eq(pair->r.text, "enough");
	coi_pair_destroy(pair);
}

Test(identity, large_proofs_travel_in_segments)
{
	static char large[500];
	coi_pair_t *pair = create(TRUE, TRUE);
	u_int i;

	memset(large, 'x', sizeof(large) - 1);
	/* once as identity, once as certificate, and twice in what is signed */
	pair->i.is = pair->r.wants = large;
	pair->r.is = pair->i.wants = large;
	cr_assert(coi_pair_establish(pair));
	for (i = 0; i < 2; i++)
	{
		cr_expect_geq(pair->sent[i][i ? COI_PDU_SESS2 : COI_PDU_SESS3], 2);
	}
	cr_expect(peer_is(&pair->i, large));
	coi_pair_destroy(pair);
}
