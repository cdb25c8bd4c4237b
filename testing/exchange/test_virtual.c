/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Exchanges in which a host asks for virtual addresses.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(virtual, .init = coi_test_init);

static const coi_range_t any = { .family = 4 };

static const coi_range_t vip = {
	.family = 4, .first = { 10, 3, 0, 1 }, .last = { 10, 3, 0, 1 },
};

static coi_wish_t wish;
static coi_grant_t grant;

/** A pair of which the initiator wishes an address, and the responder gives one. */
static coi_pair_t *create()
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	wish = (coi_wish_t){
		.addresses = { .ticket = "lease", .list = { any }, .count = 1 },
		.types = { 3 },
		.type_count = 1,
	};
	grant = (coi_grant_t){
		.addresses = { .ticket = "other", .list = { vip }, .count = 1 },
	};
	cr_assert(coi_grant_add(&grant, 3, chunk_from_str("dns!")));
	pair->i.profile->wishes = TRUE;
	pair->r.profile->third = TRUE;
	pair->i.wish = &wish;
	pair->r.grant = &grant;
	return pair;
}

static void destroy(coi_pair_t *pair)
{
	coi_pair_destroy(pair);
	coi_grant_clear(&grant);
}

/** Whether addresses and ticket are the same; there may be octets in between. */
static bool equals(const coi_virtual_t *a, const coi_virtual_t *b)
{
	return a->count == b->count && coi_range_equals(&a->list[0], &b->list[0]) &&
		   memeq(a->ticket, b->ticket, sizeof(a->ticket));
}

Test(virtual, plain)
{
	coi_pair_t *pair = create();
	const coi_grant_t *given;
	const coi_wish_t *asked;
	u_int i;

	coi_pair_open(pair);
	/* i --> r  Sess0
	 * i <-- r  Sess1 */
	cr_assert(coi_pair_deliver(pair));
	cr_expect_null(coi_session_wish(pair->r.session));
	cr_assert(coi_pair_deliver(pair));
	asked = coi_session_wish(pair->i.session);
	cr_assert_not_null(asked);
	cr_expect(equals(&asked->addresses, &wish.addresses));
	cr_assert_eq(asked->type_count, 1);
	cr_expect_eq(asked->types[0], 3);
	/* i --> r  Sess2, i <-- r  Sess3, IDLEs */
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	for (i = 0; i < 2; i++)
	{
		given = coi_session_grant(i ? pair->i.session : pair->r.session);
		cr_expect(equals(&given->addresses, &grant.addresses));
		cr_assert_eq(given->attribute_count, 1);
		cr_expect_eq(given->attributes[0].type, 3);
		cr_expect(chunk_equals(given->attributes[0].value,
							   chunk_from_str("dns!")));
		cr_expect_null(coi_session_wish(i ? pair->i.session
										  : pair->r.session));
	}
	destroy(pair);
}

Test(virtual, with_proofs)
{
	coi_pair_t *pair = create();

	pair->i.profile->demands = pair->r.profile->demands = TRUE;
	pair->i.is = pair->r.wants = "alice";
	pair->r.is = pair->i.wants = "bob";
	cr_assert(coi_pair_establish(pair));
	cr_expect_eq(coi_session_grant(pair->i.session)->addresses.count, 1);
	destroy(pair);
	/* who proves nothing gets no address */
	pair = create();
	pair->r.profile->demands = TRUE;
	pair->i.is = "eve";
	pair->r.wants = "alice";
	cr_expect_not(coi_pair_establish(pair));
	cr_expect_eq(pair->r.reason, COI_IDENTITY);
	cr_expect_eq(pair->sent[FALSE][COI_PDU_SESS3], 0);
	destroy(pair);
}

Test(virtual, the_responder_has_none)
{
	coi_pair_t *pair = create();

	/* says so: i <-- r  TERM */
	pair->r.no_address = TRUE;
	cr_expect_not(coi_pair_establish(pair));
	cr_expect_eq(pair->r.reason, COI_NO_ADDRESS);
	cr_expect_eq(pair->i.term, COI_TERM_ADDRESS);
	cr_expect_eq(pair->i.count[COI_ACT_INSTALL_IN], 0);
	destroy(pair);
	/* gives nothing: i --> r  TERM */
	pair = create();
	pair->r.grant = NULL;
	cr_expect_not(coi_pair_establish(pair));
	cr_expect_eq(pair->i.reason, COI_NO_ADDRESS);
	cr_expect_eq(pair->r.term, COI_TERM_ADDRESS);
	cr_expect_eq(pair->i.count[COI_ACT_INSTALL_IN], 0);
	destroy(pair);
	/* does not even announce a Sess3: no answer */
	pair = create();
	pair->r.profile->third = FALSE;
	cr_expect_not(coi_pair_establish(pair));
	cr_expect_gt(pair->i.refused[COI_NO_ADDRESS], 0);
	cr_expect_eq(pair->sent[TRUE][COI_PDU_SESS2], 0);
	destroy(pair);
}

Test(virtual, the_initiator_cannot_use_it)
{
	coi_pair_t *pair = create();

	pair->i.no_address = TRUE;
	cr_expect_not(coi_pair_establish(pair));
	cr_expect_eq(pair->i.reason, COI_NO_ADDRESS);
	cr_expect_eq(pair->r.term, COI_TERM_ADDRESS);
	destroy(pair);
}

Test(virtual, a_responder_answers_what_was_asked)
{
	static const coi_range_t six = {
		.family = 6, .first = { 0xfe, 0xc3 }, .last = { 0xfe, 0xc3 },
	};
	coi_pair_t *pair;
	u_int i;

	for (i = 0; i < 4; i++)
	{
		pair = create();
		switch (i)
		{
			case 0:	/* another family */
				grant.addresses.list[0] = six;
				break;
			case 1:	/* more than was asked for */
				grant.addresses.list[grant.addresses.count++] = six;
				break;
			case 2:	/* another attribute */
				grant.attributes[0].type = 10;
				break;
			case 3:	/* to nobody who asks */
				pair->i.wish = NULL;
				break;
		}
		cr_expect_not(coi_pair_establish(pair));
		cr_expect_eq(pair->r.reason, COI_INTERNAL);
		cr_expect_eq(pair->sent[FALSE][COI_PDU_SESS3], 0);
		destroy(pair);
	}
}

/** Lose one packet. */
static coi_verdict_t lose(coi_pair_t *pair, coi_packet_t *packet, void *data)
{
	int *left = data;

	return (*left)-- ? COI_PASS : COI_DROP;
}

Test(virtual, losses_change_nothing)
{
	coi_pair_t *pair;
	int lost, left;

	for (lost = 0; lost < 6; lost++)
	{
		pair = create();
		left = lost;
		pair->decide = lose;
		pair->data = &left;
		coi_pair_open(pair);
		coi_pair_run(pair);
		coi_pair_pass(pair, 1600);
		cr_expect(coi_pair_agrees(pair), "%d", lost);
		cr_expect_eq(coi_session_grant(pair->i.session)->addresses.count, 1);
		destroy(pair);
	}
}
