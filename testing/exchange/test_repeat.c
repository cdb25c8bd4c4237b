/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * How ends answer what is repeated.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(repeat, .init = coi_test_init);

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

Test(repeat, repeats_of_sess0_are_answered_the_same_but_seldom)
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
	cr_expect(coi_pair_clean(pair));
	/* i <-- r  Sess1, and all goes on as if nothing had been */
	pair->decide = NULL;
	coi_pair_inject(pair, FALSE, FALSE, sess1.copies[5]);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	clear_tap(&sess1);
	chunk_free(&sess0);
	coi_pair_destroy(pair);
}

Test(repeat, repeats_of_sess1_are_answered_the_same_but_seldom)
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

Test(repeat, repeats_of_sess2_are_answered_by_new_idles_but_seldom)
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
