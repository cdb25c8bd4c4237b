/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * A member who does not keep to the protocol: it has the keys, and so makes tags
 * and entries that are right, around what is not.
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

#include "core/coi_cursor.h"
#include "core/coi_frame.h"
#include "core/coi_sess0.h"
#include "core/coi_session_private.h"
#include "core/coi_own_vals.h"

TestSuite(member, .init = coi_test_init);

/**
 * A segment as somebody makes it who knows the gate key.
 */
static chunk_t make_segment(coi_pair_t *pair, chunk_t like, u_int index,
							u_int count, chunk_t content)
{
	coi_header_t header;
	chunk_t datagram;

	cr_assert_eq(coi_header_decode(like, &header), COI_OK);
	header.index = index;
	header.count = count;
	cr_assert(coi_frame_make(coi_test_suite(), &header,
							 coi_session_gate1(pair->i.session, 0), 0, content,
							 &datagram));
	return datagram;
}

Test(member, a_fellow_member_forges_a_segment)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	chunk_t sess1, forged, half;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	sess1 = chunk_clone(pair->wire->datagram);
	forged = make_segment(pair, sess1, 0, 2, chunk_from_str("forged"));
	half = make_segment(pair, sess1, 1, 2, chunk_from_str("half"));
	/* m --> i  half of a message, before Sess1 */
	chunk_free(&pair->wire->datagram);
	pair->wire->datagram = chunk_clone(forged);
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->i.last, COI_OK, "nobody can tell");
	/* i <-- r  Sess1, of another count */
	coi_pair_inject(pair, FALSE, FALSE, sess1);
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->i.last, COI_SEGMENT, "the stored one stays");
	/* m --> i  the other half: all of it is thrown away */
	coi_pair_inject(pair, FALSE, FALSE, half);
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->i.last, COI_MALFORMED);
	/* i <-- r  Sess1, sent again */
	coi_pair_inject(pair, FALSE, FALSE, sess1);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	chunk_free(&half);
	chunk_free(&forged);
	chunk_free(&sess1);
	coi_pair_destroy(pair);
}

Test(member, session_ids_of_segments_are_those_of_the_first)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	chunk_t sess1, a, b;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	sess1 = chunk_clone(pair->wire->datagram);
	a = make_segment(pair, sess1, 0, 2, chunk_from_str("a"));
	sess1.ptr[23] ^= 1;
	b = make_segment(pair, sess1, 1, 2, chunk_from_str("b"));
	chunk_free(&pair->wire->datagram);
	pair->wire->datagram = a;
	cr_assert(coi_pair_deliver(pair));
	coi_pair_inject(pair, FALSE, FALSE, b);
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->i.last, COI_SEGMENT);
	chunk_free(&b);
	chunk_free(&sess1);
	coi_pair_destroy(pair);
}

Test(member, a_member_of_all_forges_a_sess2)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	chunk_t sess2, forged;
	coi_header_t header;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	cr_assert(coi_pair_deliver(pair));
	sess2 = chunk_clone(pair->wire->datagram);
	cr_assert_eq(coi_header_decode(sess2, &header), COI_OK);
	cr_assert(coi_frame_make(coi_test_suite(), &header,
							 chunk_create(pair->r.session->exchange->
										  keymat.gate2, SUITE->hash_len), 0,
							 chunk_from_str("forged"), &forged));
	chunk_free(&pair->wire->datagram);
	pair->wire->datagram = forged;
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->r.last, COI_MALFORMED);
	cr_expect_eq(coi_session_state(pair->r.session), COI_PENDING_FINAL);
	/* it was thrown away: the real one finds its place free */
	coi_pair_inject(pair, TRUE, FALSE, sess2);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	chunk_free(&sess2);
	coi_pair_destroy(pair);
}

Test(member, who_puts_a_foreign_val_into_sess0_gets_no_further_than_sess1)
{
	coi_event_t open = { .type = COI_EV_OPEN };
	coi_val_t *val, *victim;
	coi_pair_t *pair;
	u_int no_point;

	for (no_point = 0; no_point < 2; no_point++)
	{
		pair = coi_pair_create("lab", "lab");
		val = coi_val_create(SUITE);
		victim = coi_val_create(SUITE);
		cr_assert(val && victim);
		memcpy(val->public, victim->public, sizeof(val->public));
		val->public[0] ^= no_point;
		pair->i.session = coi_session_create(pair->i.profile, pair->i.keys,
										&pair->timing, &pair->i.addresses);
		coi_session_set_val(pair->i.session, val);
		cr_assert_eq(coi_pair_event(pair, &pair->i, &open), COI_OK);
		cr_assert(coi_pair_deliver(pair));
		cr_expect_eq(coi_session_state(pair->r.session), COI_PENDING_FINAL);
		cr_assert(coi_pair_deliver(pair));
		/* i --> r  Sess2, which only the victim could sign */
		cr_assert(coi_pair_deliver(pair));
		cr_expect_eq(pair->r.last, COI_SIGNATURE);
		cr_expect_eq(coi_session_state(pair->r.session), COI_PENDING_FINAL);
		coi_val_destroy(val);
		coi_val_destroy(victim);
		coi_pair_destroy(pair);
	}
}

Test(member, sess0_with_an_own_val)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_header_t header;
	coi_event_t event = {
		.type = COI_EV_SESS0, .header = &header, .match = &match,
	};
	coi_session_t *session;
	coi_vals_t *own;

	coi_pair_open(pair);
	event.datagram = pair->wire->datagram;
	cr_assert_eq(coi_header_decode(event.datagram, &header), COI_OK);
	cr_assert_eq(coi_gate_check(pair->r.gate, &header, event.datagram,
							(const uint8_t(*)[COI_ADDR_LEN])pair->r.addr, 1,
							COI_TEST_WALL + pair->now, pair->r.keys, &match),
				 COI_OK);
	cr_assert_eq(coi_session_respond(pair->r.profile, &pair->timing,
									 &pair->r.addresses, &event, &actions,
									 &session), COI_OK);
	own = coi_own_vals_create(SUITE, 1000);
	cr_expect_not(coi_own_vals_has(own, coi_session_shown_val(session), 0));
	/* as if this host had lent the same VAL to the opening of its own */
	coi_own_vals_replace(own, pair->i.session->val->public, 0);
	cr_expect(coi_own_vals_has(own, coi_session_shown_val(session), 0));
	/* a while ago */
	coi_own_vals_replace(own, NULL, 0);
	cr_expect(coi_own_vals_has(own, coi_session_shown_val(session), 999));
	/* an initiator was shown none in a Sess0 */
	cr_expect_eq(coi_session_shown_val(pair->i.session).len, 0);
	coi_own_vals_destroy(own);
	coi_session_destroy(session);
	coi_pair_destroy(pair);
}

/**
 * Deliver the responder's Sess1 with another content, which is refused, then as it
 * was.
 */
static coi_reason_t deliver_changed(coi_pair_t *pair, chunk_t content)
{
	chunk_t sess1 = chunk_clone(pair->wire->datagram);
	coi_reason_t reason;

	chunk_free(&pair->wire->datagram);
	pair->wire->datagram = make_segment(pair, sess1, 0, 1, content);
	cr_assert(coi_pair_deliver(pair));
	reason = pair->i.last;
	cr_assert_null(pair->wire);
	coi_pair_inject(pair, FALSE, FALSE, sess1);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	chunk_free(&sess1);
	return reason;
}

Test(member, entries_of_sess1_that_do_not_open)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_message1_t message;
	chunk_t content;
	u_int i;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	content = chunk_clone(coi_slice(pair->wire->datagram, COI_SEGMENT_OFF,
									pair->wire->datagram.len));
	cr_assert(coi_message1_decode(SUITE, content, &message));
	for (i = 0; i < message.entries.len; i += SUITE->entry_len)
	{
		message.entries.ptr[i] ^= 1;
	}
	cr_expect_eq(deliver_changed(pair, content), COI_ENTRY);
	chunk_free(&content);
	coi_pair_destroy(pair);
}

Test(member, entries_of_sess1_that_differ)
{
	coi_pair_t *pair = coi_pair_create("lab web", "lab web");
	coi_exchange_t *exchange;
	coi_message1_t message;
	coi_header_t header;
	uint8_t context[COI_CONTEXT_LEN], etag[COI_TAG_LEN];
	coi_sess1_keys_t keys = { .context = chunk_from_thing(context) };
	coi_token_t token;
	chunk_t content;
	u_int i;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	content = chunk_clone(coi_slice(pair->wire->datagram, COI_SEGMENT_OFF,
									pair->wire->datagram.len));
	cr_assert(coi_message1_decode(SUITE, content, &message));
	cr_assert_eq(coi_header_decode(pair->wire->datagram, &header), COI_OK);
	coi_context_encode(&header, context);
	exchange = pair->r.session->exchange;
	token = exchange->token_r;
	token.enc[0] ^= 1;
	keys.enc_i = chunk_from_thing(exchange->token_i.enc);
	keys.nonce_i = chunk_from_thing(pair->r.session->nonce_i);
	keys.nonce_r = message.nonce;
	/* the place of the second key says something else */
	cr_assert(coi_token_etag(coi_test_suite(),
							 coi_session_gate1(pair->i.session, 1),
							 header.spi_r, message.nonce, etag));
	for (i = 0; i < message.places; i++)
	{
		if (memeq(etag, coi_nth(message.etags, COI_TAG_LEN, i).ptr,
				  sizeof(etag)))
		{
			cr_assert(coi_token_seal1(pair->i.keys->keys[1], &keys,
									  chunk_from_thing(etag), &token,
									  coi_nth(message.entries, SUITE->entry_len,
											  i).ptr));
			break;
		}
	}
	cr_assert_lt(i, message.places);
	cr_expect_eq(deliver_changed(pair, content), COI_ENTRY);
	chunk_free(&content);
	coi_pair_destroy(pair);
}

Test(member, two_entries_of_sess1_for_one_name)
{
	coi_pair_t *pair = coi_pair_create("lab/1 lab/2", "lab/1 lab/2");
	uint32_t spis[] = { htonl(0x1000), htonl(0x1001) };
	coi_event_t event = {
		.type = COI_EV_ALLOCATED, .spis = spis, .spi_count = 2,
	};
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_header_t header;
	coi_agreement_t *agreement;

	coi_pair_open(pair);
	event.type = COI_EV_SESS0;
	event.datagram = pair->wire->datagram;
	event.header = &header;
	event.match = &match;
	cr_assert_eq(coi_header_decode(event.datagram, &header), COI_OK);
	cr_assert_eq(coi_gate_check(pair->r.gate, &header, event.datagram,
							(const uint8_t(*)[COI_ADDR_LEN])pair->r.addr, 1,
							COI_TEST_WALL + pair->now, pair->r.keys, &match),
				 COI_OK);
	cr_assert_eq(coi_session_respond(pair->r.profile, &pair->timing,
									 &pair->r.addresses, &event, &actions,
									 &pair->r.session), COI_OK);
	/* r offers the older generation as well */
	agreement = &pair->r.session->agreement;
	cr_assert_eq(agreement->count, 1);
	coi_agreement_add(agreement, pair->r.keys->keys[0]);
	agreement->list[1].used = TRUE;
	event.type = COI_EV_ALLOCATED;
	cr_assert_eq(coi_session_step(pair->r.session, &event, &actions), COI_OK);
	cr_assert_eq(actions.list[0].type, COI_ACT_SEND);
	chunk_free(&pair->wire->datagram);
	pair->wire->datagram = chunk_clone(actions.list[0].datagrams[0]);
	pair->wire->to_r = FALSE;
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->i.last, COI_ENTRY);
	cr_expect_eq(coi_session_state(pair->i.session), COI_PENDING_OPEN);
	coi_pair_destroy(pair);
}

/**
 * A part as a member makes it who knows what the initiator said.
 */
static chunk_t make_part(coi_pair_t *pair, const coi_sess0_t *first,
						 uint64_t time, chunk_t nonce, u_int index, u_int count,
						 bool other_token)
{
	coi_token_t token = pair->i.session->exchange->token_i;
	coi_sess0_opening_t opening = {
		.suite = coi_test_suite(),
		.spi_i = coi_session_spi_i(pair->i.session),
		.time = time,
		.to = first->to,
		.nonce = nonce,
		.token = &token,
	};
	chunk_t datagram;

	token.enc[5] ^= other_token;
	cr_assert(coi_sess0_make(&opening, index, count, pair->i.keys->keys, 3,
							 &datagram));
	return datagram;
}

Test(member, parts_of_sess0_that_disagree)
{
	uint8_t nonce[COI_NONCE_LEN] = { 1 };
	coi_pair_t *pair = coi_pair_create("a b c d e f g", "a b c d e f g");
	chunk_t first, bad[6], last;
	coi_sess0_t sess0;
	coi_packet_t *second;
	u_int i;

	coi_pair_open(pair);
	first = chunk_clone(pair->wire->datagram);
	second = pair->wire->next;
	last = chunk_clone(second->datagram);
	cr_assert(coi_sess0_view(SUITE, first, &sess0));
	bad[0] = make_part(pair, &sess0, sess0.time + 1, sess0.nonce, 1, 2, FALSE);
	bad[1] = make_part(pair, &sess0, sess0.time, chunk_from_thing(nonce), 1, 2,
					   FALSE);
	bad[2] = make_part(pair, &sess0, sess0.time, sess0.nonce, 1, 3, FALSE);
	bad[3] = make_part(pair, &sess0, sess0.time, sess0.nonce, 0, 2, FALSE);
	bad[4] = make_part(pair, &sess0, sess0.time, sess0.nonce, 1, 2, TRUE);
	bad[5] = make_part(pair, &sess0, sess0.time, sess0.nonce, 1, 2, FALSE);
	/* right but for an entry */
	bad[5].ptr[bad[5].len - 1] ^= 1;
	cr_assert(coi_pair_deliver(pair));
	cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_OPEN);
	pair->wire = NULL;
	for (i = 0; i < countof(bad); i++)
	{
		coi_pair_inject(pair, TRUE, FALSE, bad[i]);
		cr_assert(coi_pair_deliver(pair));
		cr_expect_eq(pair->r.last, i == 5 ? COI_DIGEST : COI_ENTRY, "part %u",
					 i);
		cr_assert_eq(coi_session_state(pair->r.session), COI_PENDING_OPEN);
		chunk_free(&bad[i]);
	}
	/* i --> r  the second part, as it was: goes on with all seven */
	pair->wire = second;
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	cr_expect_eq(pair->i.in_count, 7);
	chunk_free(&first);
	chunk_free(&last);
	coi_pair_destroy(pair);
}

Test(member, no_spis_while_parts_are_missing)
{
	coi_pair_t *pair = coi_pair_create("a b c d e f g", "a b c d e f g");
	uint32_t spis[COI_MAX_KEYS] = {};
	coi_event_t event = { .type = COI_EV_ALLOCATED, .spis = spis };

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	coi_session_common(pair->r.session, &event.spi_count);
	cr_expect_eq(coi_pair_event(pair, &pair->r, &event), COI_STATE);
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	coi_pair_destroy(pair);
}
