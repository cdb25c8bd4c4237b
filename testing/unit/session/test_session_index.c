/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_pair.h"
#include "entries.h"

#include "session/coi_session_index.h"
#include "core/coi_sess0.h"
#include "core/coi_session_private.h"

static coi_session_index_t *holders;

static void setup()
{
	coi_test_init();
	holders = coi_session_index_create();
}

static void teardown()
{
	holders->destroy(holders);
}

TestSuite(holders, .init = setup, .fini = teardown);

/** Expect an enumerator to have these, in this order, and destroy it. */
static void expect(enumerator_t *enumerator, coi_checkout_t *first,
				   coi_checkout_t *second)
{
	coi_checkout_t *wanted[] = { first, second, NULL }, *found;
	u_int i = 0;

	while (enumerator->enumerate(enumerator, &found))
	{
		cr_assert_not_null(wanted[i]);
		cr_expect_eq(found, wanted[i]);
		i++;
	}
	enumerator->destroy(enumerator);
	cr_expect_null(wanted[i]);
}

static void expect_at(const char *addr, coi_checkout_t *first,
					  coi_checkout_t *second)
{
	host_t *host = host_create_from_string((char*)addr, 0);

	expect(holders->at(holders, host), first, second);
	host->destroy(host);
}

static void expect_claiming(const char *addr, coi_checkout_t *first,
							coi_checkout_t *second)
{
	coi_address_t own = entries_address(addr, 0);

	expect(holders->claiming(holders, &own), first, second);
}

static coi_checkout_t *add(const char *other, uint16_t port)
{
	coi_checkout_t *holder = entries_initiator("192.0.2.1", other, port);

	holders->add(holders, holder);
	return holder;
}

static void claim(coi_checkout_t *holder, const char *own, uint16_t port)
{
	coi_address_t address = entries_address(own, port);

	holders->claim(holders, holder, &address);
}

static void drop(coi_checkout_t *holder)
{
	holders->remove(holders, holder);
	entries_destroy(holder);
}

Test(holders, finds_by_ids)
{
	coi_checkout_t *a = add("192.0.2.2", 4570), *b = add("2001:db8::2", 4570);
	uintptr_t id = a->entry->id;
	uint64_t spi = a->own_spi;

	cr_expect_neq(id, b->entry->id);
	cr_expect_eq(holders->get(holders, id), a);
	cr_expect_eq(holders->get(holders, b->entry->id), b);
	cr_expect_eq(holders->get_spi(holders, spi), a);
	drop(a);
	cr_expect_null(holders->get(holders, id));
	cr_expect_null(holders->get_spi(holders, spi));
	expect(holders->all(holders), b, NULL);
	/* an id is never used again */
	a = add("192.0.2.2", 4570);
	cr_expect_gt(a->entry->id, b->entry->id);
	drop(a);
	drop(b);
	expect(holders->all(holders), NULL, NULL);
}

Test(holders, finds_by_where_the_peer_is_seen)
{
	coi_checkout_t *a, *b, *c;
	host_t *moved;

	a = add("192.0.2.2", 4570);
	b = add("192.0.2.2", 1024);
	c = add("2001:db8::2", 4570);
	expect_at("192.0.2.2", a, b);
	expect_at("2001:db8::2", c, NULL);
	expect_at("192.0.2.3", NULL, NULL);

	moved = host_create_from_string("192.0.2.3", 4570);
	holders->relocate(holders, a, moved);
	moved->destroy(moved);
	expect_at("192.0.2.2", b, NULL);
	expect_at("192.0.2.3", a, NULL);
	drop(a);
	expect_at("192.0.2.3", NULL, NULL);
	drop(b);
	drop(c);
	expect_at("192.0.2.2", NULL, NULL);
}

Test(holders, finds_by_what_the_peer_says)
{
	coi_checkout_t *a = add("192.0.2.2", 4570), *b = add("192.0.2.3", 4570);

	expect_claiming("10.0.0.2", NULL, NULL);
	/* who has said nothing claims nothing */
	expect_claiming("::", NULL, NULL);
	claim(a, "10.0.0.2", 4570);
	expect_claiming("10.0.0.2", a, NULL);
	claim(b, "10.0.0.2", 4571);
	expect_claiming("10.0.0.2", a, b);
	cr_expect_eq(a->entry->peer_own.port, 4570);

	/* who says something else does not claim the former any more */
	claim(a, "2001:db8::2", 4570);
	expect_claiming("10.0.0.2", b, NULL);
	expect_claiming("2001:db8::2", a, NULL);
	claim(a, "2001:db8::2", 4572);
	expect_claiming("2001:db8::2", a, NULL);
	drop(a);
	expect_claiming("2001:db8::2", NULL, NULL);
	drop(b);
	expect_claiming("10.0.0.2", NULL, NULL);
}

Test(holders, one_that_waited_begins_when_it_is_started)
{
	coi_checkout_t *a = add("192.0.2.2", 4570);
	coi_checkout_t *b = add("192.0.2.2", 4571);

	cr_expect_lt(a->entry->order, b->entry->order);
	holders->start(holders, a);
	cr_expect_gt(a->entry->order, b->entry->order);
	drop(a);
	drop(b);
}

Test(holders, follows_another_session)
{
	coi_checkout_t *a = add("192.0.2.2", 4570);
	coi_checkout_t *other = entries_initiator("192.0.2.1", "192.0.2.2", 4570);
	uint64_t before = a->own_spi, after = other->own_spi;
	coi_session_t *old = a->entry->session;

	holders->rename(holders, a, other->entry->session);
	other->entry->session = old;
	entries_destroy(other);
	cr_expect_null(holders->get_spi(holders, before));
	cr_expect_eq(holders->get_spi(holders, after), a);
	cr_expect_eq(a->spi_i, after);
	drop(a);
	cr_expect_null(holders->get_spi(holders, after));
}

/**
 * A responder's session of a Sess0 that a member of the community has made.
 *
 * @param part		index of the one part of two that it is made of
 */
static coi_session_t *respond(coi_pair_t *pair, uint64_t spi_i,
							  const coi_token_t *token, u_int part,
							  chunk_t *datagram)
{
	uint8_t nonce[COI_NONCE_LEN] = { 7 };
	coi_sess0_opening_t opening = {
		.suite = SUITE,
		.spi_i = spi_i,
		.time = COI_TEST_WALL + pair->now,
		.to = chunk_from_thing(pair->r.addr),
		.nonce = chunk_from_thing(nonce),
		.token = token,
	};
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_session_t *session;
	coi_header_t header;
	coi_event_t event = {
		.type = COI_EV_SESS0, .header = &header, .match = &match,
	};

	cr_assert(coi_sess0_make(&opening, part, 2, pair->i.keys->keys, 1, datagram));
	event.datagram = *datagram;
	cr_assert_eq(coi_header_decode(*datagram, &header), COI_OK);
	cr_assert_eq(coi_gate_check(pair->r.gate, &header, *datagram,
							(const uint8_t(*)[COI_ADDR_LEN])pair->r.addr, 1,
							COI_TEST_WALL + pair->now, pair->r.keys, &match),
				 COI_OK);
	cr_assert_eq(coi_session_respond(pair->r.profile, &pair->timing,
									 &pair->r.addresses, &event, &actions,
									 &session), COI_OK);
	return session;
}

Test(holders, knows_own_enc_in_a_members_hands)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_checkout_t *own = add("192.0.2.2", 4570);
	coi_token_t token = {}, other = {};
	const uint64_t ids[] = { 1, UINT64_MAX };
	coi_session_t *session;
	chunk_t sess0, enc;
	u_int i, part;

	/* the opening is under way */
	pair->i.session = own->entry->session;
	cr_expect_eq(coi_session_own_enc(pair->i.session).len, 0);
	cr_assert_eq(coi_pair_event(pair, &pair->i, &(coi_event_t){
					.type = COI_EV_OPEN, .wall = COI_TEST_WALL }), COI_OK);
	enc = coi_session_own_enc(pair->i.session);
	cr_assert_eq(enc.len, COI_ENC_LEN);
	holders->set_enc(holders, own, enc);
	memcpy(token.enc, enc.ptr, enc.len);
	/* any VAL; it is known by itself */
	memset(token.val, 3, SUITE->val_len);
	other = token;
	other.enc[31] ^= 1;
	/* whatever the id, and whichever part comes */
	for (i = 0; i < countof(ids); i++)
	{
		for (part = 0; part < 2; part++)
		{
			session = respond(pair, ids[i], &token, part, &sess0);
			cr_expect(holders->is_own(holders, session, sess0));
			coi_session_destroy(session);
			chunk_free(&sess0);
			session = respond(pair, ids[i], &other, part, &sess0);
			cr_expect_not(holders->is_own(holders, session, sess0));
			coi_session_destroy(session);
			chunk_free(&sess0);
		}
	}
	/* once it is over, there is nothing to be mistaken for it */
	holders->set_enc(holders, own, chunk_empty);
	session = respond(pair, 1, &token, 0, &sess0);
	cr_expect_not(holders->is_own(holders, session, sess0));
	coi_session_destroy(session);
	chunk_free(&sess0);
	/* nor is it known when the holder is gone */
	holders->set_enc(holders, own, enc);
	pair->i.session = NULL;
	drop(own);
	session = respond(pair, 2, &token, 0, &sess0);
	cr_expect_not(holders->is_own(holders, session, sess0));
	coi_session_destroy(session);
	chunk_free(&sess0);
	coi_pair_destroy(pair);
}

Test(holders, knows_own_enc_of_a_responder)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_FINAL);
	cr_expect(chunk_equals(coi_session_own_enc(pair->r.session),
						   chunk_create(pair->r.session->exchange->token_r.enc,
										COI_ENC_LEN)));
	coi_pair_run(pair);
	cr_expect_eq(coi_session_own_enc(pair->r.session).len, 0);
	cr_expect_eq(coi_session_own_enc(pair->i.session).len, 0);
	coi_pair_destroy(pair);
}

/** More than there were buckets for. */
Test(holders, grows)
{
	coi_checkout_t *list[300];
	char addr[32];
	u_int i;

	for (i = 0; i < countof(list); i++)
	{
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i / 100, i % 100 + 1);
		list[i] = add(addr, 4570);
		claim(list[i], addr, 4570);
	}
	for (i = 0; i < countof(list); i++)
	{
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i / 100, i % 100 + 1);
		expect_at(addr, list[i], NULL);
		expect_claiming(addr, list[i], NULL);
		drop(list[i]);
	}
}
