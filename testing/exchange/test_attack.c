/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Two ends and somebody else: an outsider on the path who changes what passes, a
 * fellow member who reads or forges, and two ends that both begin.
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

#include "core/coi_cursor.h"
#include "core/coi_frame.h"
#include "core/coi_session_private.h"

TestSuite(attack, .init = coi_test_init);

/** What one end was like. */
typedef struct {
	coi_session_t *session;
	coi_state_t state;
	uint64_t spi_r;
	bool confirmed;
	size_t size;
	coi_session_t copy;
} look_t;

static look_t look(const coi_end_t *end)
{
	look_t look = { .session = end->session };

	if (end->session)
	{
		look.state = coi_session_state(end->session);
		look.spi_r = coi_session_spi_r(end->session);
		look.confirmed = coi_session_confirmed(end->session);
		look.size = coi_session_size(end->session);
		look.copy = *end->session;
	}
	return look;
}

/**
 * Deliver a datagram that has to be refused, and look that nothing changed.
 *
 * @return		reason
 */
static coi_reason_t refused(coi_pair_t *pair, const coi_packet_t *like,
							chunk_t datagram)
{
	coi_end_t *end = like->to_r ? &pair->r : &pair->i;
	look_t before = look(end), after;
	coi_packet_t *wire = pair->wire;
	u_int sent = pair->sent[!like->to_r][COI_PDU_SESS1] +
				 pair->sent[!like->to_r][COI_PDU_SESS2];

	pair->wire = NULL;
	coi_pair_inject(pair, like->to_r, like->tunnel, datagram);
	coi_pair_run(pair);
	pair->wire = wire;
	after = look(end);
	cr_assert_neq(end->last, COI_OK);
	cr_assert(memeq(&before, &after, sizeof(before)));
	cr_assert_eq(sent, pair->sent[!like->to_r][COI_PDU_SESS1] +
					   pair->sent[!like->to_r][COI_PDU_SESS2], "no reply");
	return end->last;
}

/**
 * Whether an octet is of a tag that this end does not look at: they are in the
 * transcript, so the exchange ends later.
 */
static bool is_foreign_tag(const coi_pair_t *pair, chunk_t datagram, u_int at)
{
	uint8_t tag[COI_TAG_LEN];
	coi_sess0_t sess0;
	u_int i, place = (at - COI_SESS0_TAGS_OFF) / COI_TAG_LEN;

	if (datagram.ptr[5] != COI_PDU_SESS0 || at < COI_SESS0_TAGS_OFF ||
		at >= COI_SESS0_ENTRIES_OFF || 
		!coi_sess0_view(SUITE, datagram, &sess0))
	{
		return FALSE;
	}
	for (i = 0; i < pair->r.keys->count; i++)
	{
		cr_assert(coi_token_tag0(pair->r.keys->keys[i], &sess0, tag));
		if (memeq(tag, coi_nth(sess0.tags, COI_TAG_LEN, place).ptr,
				  sizeof(tag)))
		{
			return FALSE;
		}
	}
	return TRUE;
}

Test(attack, every_octet_of_every_datagram_changed_once)
{
	static const uint8_t flips[] = { 0x01, 0x80 };
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_reason_t reason;
	u_int i, j, count = 0;
	chunk_t changed;

	coi_pair_open(pair);
	while (pair->wire)
	{
		changed = chunk_clone(pair->wire->datagram);
		for (i = 0; i < changed.len; i++)
		{
			for (j = 0; j < countof(flips); j++)
			{
				if (is_foreign_tag(pair, changed, i))
				{
					continue;
				}
				changed.ptr[i] ^= flips[j];
				reason = refused(pair, pair->wire, changed);
				cr_assert(reason < COI_CROSSED, "octet %u: %s", i,
						  enum_to_name(coi_reason_names, reason));
				count++;
				changed.ptr[i] ^= flips[j];
			}
		}
		/* shorter, and longer */
		for (i = 0; i < changed.len; i++)
		{
			refused(pair, pair->wire, chunk_create(changed.ptr, i));
		}
		changed = chunk_cat("mc", changed, chunk_from_str("x"));
		refused(pair, pair->wire, changed);
		chunk_free(&changed);
		/* and here comes the real one */
		cr_assert(coi_pair_deliver(pair));
	}
	cr_assert(coi_pair_agrees(pair));
	cr_assert_gt(count, 3 * SUITE->sess0_len);
	coi_pair_destroy(pair);
}

Test(attack, every_octet_of_a_term_changed_once)
{
	static const uint16_t web[] = { 1 };
	coi_pair_t *pair;
	chunk_t changed;
	u_int i, partial;

	for (partial = 0; partial < 2; partial++)
	{
		pair = coi_pair_create("lab web", "lab web");
		cr_assert(coi_pair_establish(pair));
		cr_assert_eq(coi_pair_drop(pair, &pair->r, web, partial,
								   COI_TERM_SHUTDOWN, "bye"), COI_OK);
		changed = chunk_clone(pair->wire->datagram);
		for (i = 0; i < changed.len; i++)
		{
			changed.ptr[i] ^= 0x10;
			refused(pair, pair->wire, changed);
			changed.ptr[i] ^= 0x10;
			refused(pair, pair->wire, chunk_create(changed.ptr, i));
		}
		cr_assert(pair->i.in[1].used);
		coi_pair_run(pair);
		cr_assert_eq(!pair->i.session, !partial);
		cr_assert(!partial || !pair->i.in[1].used);
		chunk_free(&changed);
		coi_pair_destroy(pair);
	}
}

/**
 * A TERM as the peer itself would make it, but for the key of its signature or for
 * what it says.
 */
static chunk_t make_term(const coi_session_t *peer, private_key_t *val,
						 const uint16_t *indexes, u_int count)
{
	coi_header_t header = coi_session_header(peer, COI_PDU_TERM);
	coi_idle_term_t control = peer->control;
	chunk_t datagram;

	cr_assert(coi_idle_term_make_term(&control, &header, val,
									  COI_TERM_TERMINATED,
									  NULL, indexes, count, &datagram));
	return datagram;
}

Test(attack, a_term_with_spoilt_indexes)
{
	static const struct {
		uint16_t indexes[3];
		u_int count;
		bool other_key;
		coi_reason_t reason;
	} cases[] = {
		{ { 1, 0 }, 2, FALSE, COI_MALFORMED },
		{ { 0, 0 }, 2, FALSE, COI_MALFORMED },
		{ { 2 }, 1, FALSE, COI_MALFORMED },
		{ { 0, 1, 2 }, 3, FALSE, COI_MALFORMED },
		{ { 65535 }, 1, FALSE, COI_MALFORMED },
		{ { 0 }, 1, TRUE, COI_SIGNATURE },
		{ { 0, 1 }, 2, TRUE, COI_SIGNATURE },
	};
	coi_pair_t *pair = coi_pair_create("lab web", "lab web");
	coi_end_t *from, *to;
	private_key_t *other;
	coi_packet_t like = {};
	chunk_t datagram;
	u_int i;

	cr_assert(coi_pair_establish(pair));
	other = coi_suite_val_create(coi_test_suite());
	for (i = 0; i < 2 * countof(cases); i++)
	{
		like.to_r = i % 2;
		from = like.to_r ? &pair->i : &pair->r;
		to = like.to_r ? &pair->r : &pair->i;
		datagram = make_term(from->session,
							 cases[i / 2].other_key ? other : from->session->val->key,
							 cases[i / 2].indexes, cases[i / 2].count);
		cr_expect_eq(refused(pair, &like, datagram), cases[i / 2].reason,
					 "case %u", i / 2);
		cr_expect(to->in[0].used && to->in[1].used);
		chunk_free(&datagram);
	}
	cr_assert(coi_pair_agrees(pair));
	other->destroy(other);
	coi_pair_destroy(pair);
}

Test(attack, a_foreign_tag_changed_ends_at_sess1)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	u_int i;

	coi_pair_open(pair);
	for (i = COI_SESS0_TAGS_OFF;
		 !is_foreign_tag(pair, pair->wire->datagram, i); i++);
	/* i --> r  Sess0, changed where r cannot see it
	 * i <-- r  Sess1, over another transcript */
	pair->wire->datagram.ptr[i] ^= 1;
	cr_assert(coi_pair_deliver(pair));
	cr_assert_not_null(pair->r.session);
	cr_assert(coi_pair_deliver(pair));
	cr_expect_eq(pair->i.last, COI_SIGNATURE);
	cr_expect_eq(coi_session_state(pair->i.session), COI_PENDING_OPEN);
	cr_expect_null(pair->wire);
	coi_pair_destroy(pair);
}

Test(attack, a_recorded_exchange_opens_nothing)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_packet_t recorded[4];
	u_int i;

	coi_pair_open(pair);
	for (i = 0; i < countof(recorded); i++)
	{
		recorded[i] = *pair->wire;
		recorded[i].datagram = chunk_clone(pair->wire->datagram);
		cr_assert(coi_pair_deliver(pair));
	}
	cr_assert(coi_pair_agrees(pair));
	coi_pair_close(pair, &pair->i, COI_TERM_TERMINATED, NULL);
	coi_pair_run(pair);
	for (i = 0; i < countof(recorded); i++)
	{
		cr_expect_eq(refused(pair, &recorded[i], recorded[i].datagram),
					 i ? COI_UNKNOWN_SESSION : COI_REPLAY);
	}
	/* and not into another one */
	coi_pair_open(pair);
	for (i = 1; i < countof(recorded); i++)
	{
		cr_expect_eq(refused(pair, &recorded[i], recorded[i].datagram),
					 COI_UNKNOWN_SESSION);
	}
	for (i = 0; i < countof(recorded); i++)
	{
		chunk_free(&recorded[i].datagram);
	}
	coi_pair_destroy(pair);
}

/** What somebody with keys reads off the wire. */
typedef struct {
	coi_keyset_t *keys;
	chunk_t datagrams[COI_PDU_MAX];
	coi_token_t token_i;
	coi_token_t token_r;
	coi_message1_t message1;
	coi_message2_t message2;
	coi_keymat_t keymat;
	chunk_t dh_r;
	chunk_t dh_i;
	bool opened_info1;
	bool opened_key2;
} eve_t;

static coi_verdict_t overhear(coi_pair_t *pair, coi_packet_t *packet,
							  void *data)
{
	eve_t *eve = data;

	eve->datagrams[packet->type] = chunk_clone(packet->datagram);
	return COI_PASS;
}

/**
 * Open the first entry of Sess0 for which there is a key.
 */
static bool read_sess0(eve_t *eve)
{
	uint8_t tag[COI_TAG_LEN];
	coi_sess0_t sess0;
	u_int i, place;

	cr_assert(coi_sess0_view(SUITE, eve->datagrams[COI_PDU_SESS0], &sess0));
	for (i = 0; i < eve->keys->count; i++)
	{
		cr_assert(coi_token_tag0(eve->keys->keys[i], &sess0, tag));
		for (place = 0; place < COI_SESS0_PLACES; place++)
		{
			if (memeq(tag, coi_nth(sess0.tags, 16, place).ptr, 16) &&
				coi_token_open0(eve->keys->keys[i], &sess0,
								coi_nth(sess0.entries, SUITE->entry_len,
										place),
								&eve->token_i))
			{
				return TRUE;
			}
		}
	}
	return FALSE;
}

/**
 * Open what there is a key for in Sess1 and Sess2, with the keys held as C.
 */
static bool read_sess1(eve_t *eve)
{
	chunk_t sess1 = eve->datagrams[COI_PDU_SESS1];
	chunk_t sess2 = eve->datagrams[COI_PDU_SESS2], nonces, encs, plain, none;
	uint8_t gate1[COI_MAX_HASH], etag[16], context[COI_CONTEXT_LEN];
	coi_sess1_keys_t keys = { .context = chunk_from_thing(context) };
	coi_shared_community_t common[COI_MAX_KEYS] = {};
	coi_header_t header;
	coi_sess0_t sess0;
	u_int i, place, found = 0;

	cr_assert_eq(coi_header_decode(sess1, &header), COI_OK);
	cr_assert(coi_message1_decode(SUITE, coi_slice(sess1, 72, sess1.len),
								  &eve->message1));
	cr_assert(coi_sess0_view(SUITE, eve->datagrams[COI_PDU_SESS0], &sess0));
	coi_context_encode(&header, context);
	keys.enc_i = chunk_from_thing(eve->token_i.enc);
	keys.nonce_i = sess0.nonce;
	keys.nonce_r = eve->message1.nonce;
	for (i = 0; i < eve->keys->count; i++)
	{
		cr_assert(coi_token_gate1(eve->keys->keys[i], keys.enc_i, keys.nonce_i,
								  gate1));
		cr_assert(coi_token_etag(coi_test_suite(), chunk_hash(gate1),
								 header.spi_r, keys.nonce_r, etag));
		for (place = 0; place < eve->message1.places; place++)
		{
			if (coi_token_open1(eve->keys->keys[i], &keys,
								chunk_from_thing(etag),
								coi_nth(eve->message1.entries,
										SUITE->entry_len, place), &eve->token_r))
			{
				common[found++].key = eve->keys->keys[i];
			}
		}
	}
	if (!found)
	{
		return FALSE;
	}
	nonces = chunk_cata("cc", keys.nonce_i, keys.nonce_r);
	encs = chunk_cata("cc", keys.enc_i, chunk_from_thing(eve->token_r.enc));
	cr_assert(coi_keymat_start(&eve->keymat, coi_test_suite(),
							   &eve->datagrams[COI_PDU_SESS0], 1));
	cr_assert(coi_keymat_agree(&eve->keymat, nonces, encs, common, found));
	eve->opened_info1 = coi_suite_open(coi_test_suite(), eve->keymat.info1,
									   keys.context, eve->message1.info,
									   &plain);
	eve->dh_r = chunk_clone(coi_slice(plain, 0,
										SUITE->value_len[COI_RESPONDER]));
	chunk_free(&plain);
	cr_assert_eq(coi_keymat_verify(&eve->keymat, &header, eve->message1.body,
								   chunk_val(eve->token_r.val),
								   eve->message1.signature), COI_OK);
	cr_assert(coi_keymat_key2(&eve->keymat));
	cr_assert_eq(coi_header_decode(sess2, &header), COI_OK);
	cr_assert(coi_message2_decode(SUITE, coi_slice(sess2, 72, sess2.len),
								  &eve->message2));
	coi_context_encode(&header, context);
	eve->opened_key2 = coi_suite_open(coi_test_suite(), eve->keymat.key2,
									  keys.context, eve->message2.key,
									  &eve->dh_i);
	/* whatever is guessed for Z: DH values, nothing, zeros */
	none = chunk_alloca(SUITE->hash_len);
	memset(none.ptr, 0, none.len);
	for (i = 0; i < 4; i++)
	{
		coi_keymat_t guess = eve->keymat;
		chunk_t z[] = { chunk_empty, none, eve->dh_r, eve->dh_i };

		cr_assert(coi_keymat_shared(&guess, z[i]));
		cr_expect_not(coi_suite_open(coi_test_suite(), guess.info2,
									 keys.context, eve->message2.info,
									 &plain));
	}
	return TRUE;
}

static void clear_eve(eve_t *eve)
{
	u_int i;

	for (i = 0; i < COI_PDU_MAX; i++)
	{
		chunk_free(&eve->datagrams[i]);
	}
	chunk_free(&eve->dh_r);
	chunk_free(&eve->dh_i);
	coi_keyset_destroy(eve->keys);
}

Test(attack, what_a_fellow_member_reads)
{
	static const struct {
		const char *common;
		const char *held;
		bool sess0;
		bool sess1;
		bool info;
	} cases[] = {
		/* outsider, and former member with the old key only */
		{ "lab/2", "web", FALSE, FALSE, FALSE },
		{ "lab/2", "lab/1", FALSE, FALSE, FALSE },
		/* member of the only community in common: all but what needs Z */
		{ "lab", "lab", TRUE, TRUE, TRUE },
		/* member of one of two in common */
		{ "lab web", "lab", TRUE, TRUE, FALSE },
		{ "lab web", "web", TRUE, TRUE, FALSE },
		/* of both of them */
		{ "lab web", "lab web", TRUE, TRUE, TRUE },
	};
	coi_pair_t *pair;
	eve_t eve;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		eve = (eve_t){ .keys = coi_test_keys(cases[i].held) };
		pair = coi_pair_create(cases[i].common, cases[i].common);
		pair->decide = overhear;
		pair->data = &eve;
		cr_assert(coi_pair_establish(pair));
		cr_expect_eq(read_sess0(&eve), cases[i].sess0, "case %u", i);
		if (cases[i].sess0)
		{
			cr_expect_eq(read_sess1(&eve), cases[i].sess1, "case %u", i);
			cr_expect_eq(eve.opened_info1, cases[i].info, "case %u", i);
			cr_expect_eq(eve.opened_key2, cases[i].info, "case %u", i);
		}
		clear_eve(&eve);
		coi_pair_destroy(pair);
	}
}

Test(attack, member_of_a_community_not_in_common)
{
	coi_pair_t *pair = coi_pair_create("lab web", "lab else");
	eve_t eve = { .keys = coi_test_keys("web") };

	pair->decide = overhear;
	pair->data = &eve;
	cr_assert(coi_pair_establish(pair));
	cr_expect(read_sess0(&eve), "the initiator is a member of it");
	cr_expect_not(read_sess1(&eve));
	clear_eve(&eve);
	coi_pair_destroy(pair);
}

/** A host in a crossed opening: what it began and what it answers. */
typedef struct {
	coi_end_t *end;
	coi_session_t *own;
	coi_session_t *answer;
	chunk_t sess0;
	chunk_t out;
} host_side_t;

static void open_side(coi_pair_t *pair, host_side_t *this, coi_end_t *end,
					  coi_end_t *peer)
{
	coi_event_t event = {
		.type = COI_EV_OPEN, .wall = COI_TEST_WALL + pair->now,
	};
	coi_actions_t actions;

	*this = (host_side_t){ .end = end };
	this->own = coi_session_create(end->profile, end->keys, &pair->timing,
								   &end->addresses);
	cr_assert_eq(coi_session_step(this->own, &event, &actions), COI_OK);
	this->sess0 = chunk_clone(actions.list[0].datagrams[0]);
}

/**
 * Section 13, Crossing: whether the arriving one is to be followed.
 */
static bool yields(const host_side_t *this, const coi_header_t *arriving)
{
	return arriving->spi_i < coi_session_spi_i(this->own);
}

/** Step, and keep what is sent. */
static coi_reason_t side_step(host_side_t *this, coi_session_t *session,
							  coi_event_t *event)
{
	uint32_t spis[] = { htonl(0x1000) };
	coi_event_t allocated = {
		.type = COI_EV_ALLOCATED, .spis = spis, .spi_count = 1,
	};
	coi_actions_t actions;
	coi_reason_t reason;
	u_int i;

	reason = coi_session_step(session, event, &actions);
	for (i = 0; reason == COI_OK && i < actions.count; i++)
	{
		switch (actions.list[i].type)
		{
			case COI_ACT_SEND:
			case COI_ACT_SEND_TUNNEL:
				chunk_free(&this->out);
				this->out = chunk_clone(actions.list[i].datagrams[0]);
				break;
			case COI_ACT_ALLOCATE:
				return side_step(this, session, &allocated);
			default:
				break;
		}
	}
	return reason;
}

/** The other one's Sess0 arrives. */
static void cross(coi_pair_t *pair, host_side_t *this, chunk_t sess0)
{
	uint32_t spis[] = { htonl(0x1000) };
	coi_event_t allocated = {
		.type = COI_EV_ALLOCATED, .spis = spis, .spi_count = 1,
	};
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_header_t header;
	coi_event_t event = {
		.type = COI_EV_SESS0, .datagram = sess0, .header = &header,
		.match = &match, .wall = COI_TEST_WALL + pair->now,
	};

	cr_assert_eq(coi_header_decode(sess0, &header), COI_OK);
	cr_assert_eq(coi_gate_check(this->end->gate, &header, sess0,
							(const uint8_t(*)[COI_ADDR_LEN])this->end->addr, 1,
							event.wall, this->end->keys, &match), COI_OK);
	cr_assert_not(coi_session_is_own(this->own, sess0));
	if (yields(this, &header))
	{
		coi_session_destroy(this->own);
		this->own = NULL;
		cr_assert_eq(coi_session_respond(this->end->profile, &pair->timing,
										 &this->end->addresses, &event, &actions, &this->answer),
					 COI_OK);
		cr_assert_eq(side_step(this, this->answer, &allocated), COI_OK);
	}
}

static coi_reason_t feed(host_side_t *this, coi_session_t *session,
						 chunk_t datagram)
{
	coi_header_t header;
	coi_event_t event = { .datagram = datagram, .header = &header };

	cr_assert_eq(coi_header_decode(datagram, &header), COI_OK);
	event.type = COI_EV_SESS0 + header.type;
	return side_step(this, session, &event);
}

Test(attack, crossed_openings_in_each_order)
{
	host_side_t a, b, *low, *high;
	coi_pair_t *pair;
	u_int order;

	for (order = 0; order < 8; order++)
	{
		pair = coi_pair_create("lab", "lab");
		open_side(pair, &a, &pair->i, &pair->r);
		open_side(pair, &b, &pair->r, &pair->i);
		/* a --> b and b --> a  Sess0, one first or the other */
		cross(pair, order % 2 ? &a : &b, order % 2 ? b.sess0 : a.sess0);
		cross(pair, order % 2 ? &b : &a, order % 2 ? a.sess0 : b.sess0);
		/* exactly one opening is left, that of the lower id */
		cr_assert_neq(!a.own, !b.own);
		low = a.own ? &a : &b;
		high = a.own ? &b : &a;
		cr_assert_null(low->answer);
		cr_assert_not_null(high->answer);
		cr_assert_eq(coi_session_spi_i(low->own),
					 coi_session_spi_i(high->answer));
		/* low <-- high  Sess1, low --> high  Sess2, low <== high  IDLE */
		cr_assert_eq(feed(low, low->own, high->out), COI_OK);
		cr_assert_eq(feed(high, high->answer, low->out), COI_OK);
		cr_assert_eq(feed(low, low->own, high->out), COI_OK);
		cr_assert(coi_session_confirmed(low->own));
		cr_assert_eq(coi_session_state(high->answer), COI_OPEN);
		coi_session_destroy(low->own);
		coi_session_destroy(high->answer);
		chunk_free(&a.sess0);
		chunk_free(&b.sess0);
		chunk_free(&a.out);
		chunk_free(&b.out);
		coi_pair_destroy(pair);
	}
}

Test(attack, keys_are_gone_once_installed)
{
	coi_pair_t *pair = coi_pair_create("lab web", "lab web");
	const coi_shared_community_t *common;
	coi_end_t *ends[] = { &pair->i, &pair->r };
	u_int i, j, k, count;
	chunk_t key;

	cr_assert(coi_pair_establish(pair));
	for (i = 0; i < 2; i++)
	{
		common = coi_session_common(ends[i]->session, &count);
		for (j = 0; j < count; j++)
		{
			cr_expect_eq(common[j].encr_in.len + common[j].encr_out.len, 0);
			/* nor do they stand anywhere else in the session itself */
			key = ends[i]->in[j].encr_in;
			for (k = 0; k + 16 <= sizeof(coi_session_t); k++)
			{
				cr_assert_not(memeq((uint8_t*)ends[i]->session + k, key.ptr,
									16));
			}
		}
		cr_expect_null(ends[i]->session->exchange, "wiped and freed");
	}
	coi_pair_destroy(pair);
}
