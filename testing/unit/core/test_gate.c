/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_sess0.h"

#define WINDOW 300
#define NOW (COI_TEST_WALL + 1000)

static coi_token_t token;
static private_key_t *val;
static uint8_t nonce[COI_NONCE_LEN];
static uint8_t addr[2][COI_ADDR_LEN] = { { 0xfe, 0x80 }, { 0x20, 0x01 } };
static coi_sess0_opening_t opening;
static coi_keyset_t *keys;
static coi_gate_t *gate;
static coi_gate_match_t match;
static coi_header_t header;

static void setup(void)
{
	coi_test_init();
	val = coi_suite_val_create(coi_test_suite());
	cr_assert(coi_suite_val_public(coi_test_suite(), val, token.val));
	opening = (coi_sess0_opening_t){
		.suite = coi_test_suite(),
		.spi_i = 0x1234,
		.time = NOW,
		.to = chunk_from_thing(addr[0]),
		.nonce = chunk_from_thing(nonce),
		.token = &token,
	};
	keys = coi_test_keys("lab lab/1 web");
	gate = coi_gate_create(WINDOW, 100, COI_TEST_WALL);
}

static void teardown(void)
{
	coi_gate_destroy(gate);
	coi_keyset_destroy(keys);
	val->destroy(val);
}

TestSuite(gate, .init = setup, .fini = teardown);

/** A new Sess0 with some of the keys. */
static chunk_t make(u_int first, u_int count)
{
	chunk_t datagram;

	opening.spi_i++;
	nonce[0]++;
	cr_assert(coi_sess0_make(&opening, 0, 1, keys->keys + first, count,
							 &datagram));
	return datagram;
}

/** Check at a time. */
static coi_reason_t check_at(chunk_t datagram, uint64_t now)
{
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &header);
	return reason ?: coi_gate_check(gate, &header, datagram,
							(const uint8_t(*)[COI_ADDR_LEN])addr, 1, now,
							keys, &match);
}

/** Check now; what passes is admitted. */
static coi_reason_t admit(chunk_t datagram)
{
	coi_reason_t reason;

	reason = check_at(datagram, NOW);
	reason = reason ?: coi_gate_opens(datagram, &match);
	return reason ?: coi_gate_remember(gate, datagram, &match, NOW);
}

Test(gate, finds_its_keys)
{
	chunk_t datagram = make(1, 2);

	cr_assert_eq(check_at(datagram, NOW), COI_OK);
	cr_assert_eq(match.count, 2);
	cr_expect_eq(match.found[0].key, keys->keys[1]);
	cr_expect_eq(match.found[1].key, keys->keys[2]);
	cr_expect_neq(match.found[0].place, match.found[1].place);
	cr_expect(memeq(match.tag, datagram.ptr + 112 + 16 * match.found[0].place,
					COI_TAG_LEN));
	cr_expect_eq(coi_gate_remembered(gate), 0, "not yet admitted");
	cr_expect_eq(coi_gate_remember(gate, datagram, &match, NOW), COI_OK);
	cr_expect_eq(coi_gate_remembered(gate), 2);
	chunk_free(&datagram);
}

/**
 * Somebody without a key moves tags of a Sess0 on its way and is faster: the genuine
 * one is still taken, once.
 */
Test(gate, a_tag_elsewhere_is_not_remembered)
{
	chunk_t datagram, moved;
	u_int from, to, i;

	for (from = 0; from < COI_SESS0_PLACES; from++)
	{
		for (to = 0; to < COI_SESS0_PLACES; to++)
		{
			datagram = make(1, 2);
			/* a copy of it at another place, or one in the place of the other */
			for (i = 0; i < 2 && from != to; i++)
			{
				moved = chunk_clone(datagram);
				memcpy(moved.ptr + 112 + 16 * to, moved.ptr + 112 + 16 * from, 16);
				if (i)
				{
					memcpy(moved.ptr + 112 + 16 * from,
						   datagram.ptr + 112 + 16 * to, 16);
				}
				if (check_at(moved, NOW) == COI_OK &&
					coi_gate_opens(moved, &match) == COI_OK)
				{	/* none of ours has come to stand elsewhere */
					cr_assert_eq(check_at(datagram, NOW), COI_OK);
					cr_assert_neq(match.found[0].place, from);
				}
				else
				{
					cr_assert_neq(admit(moved), COI_OK);
					cr_assert_eq(admit(moved), COI_ENTRY);
				}
				chunk_free(&moved);
			}
			cr_assert_eq(admit(datagram), COI_OK, "%u to %u", from, to);
			cr_assert_eq(admit(datagram), COI_REPLAY);
			chunk_free(&datagram);
		}
	}
}

Test(gate, a_stranger_finds_none)
{
	coi_key_t *other = coi_test_key("lab", 9);
	chunk_t datagram;

	cr_assert(coi_sess0_make(&opening, 0, 1, &other, 1, &datagram));
	cr_expect_eq(check_at(datagram, NOW), COI_NO_COMMUNITY);
	cr_expect_eq(match.count, 0);
	cr_expect_eq(coi_gate_remembered(gate), 0);
	chunk_free(&datagram);
	coi_key_destroy(other);
}

Test(gate, type_length_suite)
{
	chunk_t datagram = make(0, 1);
	coi_keyset_t *none = coi_test_keys("");

	cr_assert_eq(coi_header_decode(datagram, &header), COI_OK);
	header.type = COI_PDU_SESS1;
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 1, NOW, keys,
					&match), COI_TYPE);
	header.type = COI_PDU_SESS0;
	cr_expect_eq(coi_gate_check(gate, &header, chunk_create(datagram.ptr, 700),
					(const uint8_t(*)[COI_ADDR_LEN])addr, 1, NOW, keys,
					&match), COI_LENGTH);
	/* known, but nobody here uses it */
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 1, NOW, none,
					&match), COI_SUITE);
	header.suite = COI_SUITES + 1;
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 1, NOW, keys,
					&match), COI_SUITE);
	cr_expect_eq(coi_gate_remember(gate, chunk_create(datagram.ptr, 1), &match,
								   NOW), COI_LENGTH);
	coi_keyset_destroy(none);
	chunk_free(&datagram);
}

Test(gate, keys_of_another_suite_are_not_tried)
{
	uint8_t secret[COI_KEY_LEN] = { 1 };
	coi_key_t *all[COI_SUITES + 1];
	coi_keyset_t *mixed, *others;
	chunk_t datagram;
	u_int i;

	/* the same community and secret in each suite: on the wire they are
	 * communities of their own */
	for (i = 0; i < COI_SUITES; i++)
	{
		all[i] = coi_key_create(coi_suite_nth(i), "lab", 1,
								chunk_from_thing(secret));
		cr_assert_not_null(all[i]);
	}
	mixed = coi_keyset_create(all, COI_SUITES);
	i = SUITE->id - 1;
	cr_assert(coi_sess0_make(&opening, 0, 1, &all[i], 1, &datagram));
	cr_assert_eq(coi_header_decode(datagram, &header), COI_OK);
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 1, NOW, mixed,
					&match), COI_OK);
	cr_expect_eq(match.count, 1);
	cr_expect_eq(match.found[0].key, all[i]);
	others = coi_keyset_create((coi_key_t*[]){ coi_key_get_ref(all[!i]) }, 1);
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 1, NOW, others,
					&match), COI_SUITE);
	coi_keyset_destroy(others);
	coi_keyset_destroy(mixed);
	chunk_free(&datagram);
}

Test(gate, destination)
{
	chunk_t datagram;

	opening.to = chunk_from_thing(addr[1]);
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, NOW), COI_DESTINATION);
	/* an external address of ours */
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 2, NOW, keys,
					&match), COI_OK);
	cr_expect_eq(coi_gate_check(gate, &header, datagram,
					(const uint8_t(*)[COI_ADDR_LEN])addr, 0, NOW, keys,
					&match), COI_DESTINATION);
	chunk_free(&datagram);
}

Test(gate, time_window)
{
	static const struct {
		int64_t off;
		coi_reason_t reason;
	} cases[] = {
		{ WINDOW * 1000 + 1, COI_TIME }, { WINDOW * 1000, COI_OK },
		{ 0, COI_OK }, { -WINDOW * 1000, COI_OK },
		{ -WINDOW * 1000 - 1, COI_TIME },
	};
	uint64_t now = NOW + 10 * WINDOW * 1000;
	chunk_t datagram;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		opening.time = now + cases[i].off;
		datagram = make(0, 1);
		cr_expect_eq(check_at(datagram, now), cases[i].reason, "case %u", i);
		chunk_free(&datagram);
	}
	/* the ends of what a clock can say do not wrap */
	opening.time = UINT64_MAX;
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, now), COI_TIME);
	chunk_free(&datagram);
	opening.time = 0;
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, now), COI_TIME);
	cr_expect_eq(check_at(datagram, UINT64_MAX), COI_TIME);
	chunk_free(&datagram);
}

Test(gate, nothing_from_before_the_start)
{
	chunk_t datagram;

	opening.time = COI_TEST_WALL - 1;
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, NOW), COI_TIME);
	chunk_free(&datagram);
	/* later than the floor, not at it */
	opening.time = COI_TEST_WALL;
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, NOW), COI_TIME);
	chunk_free(&datagram);
	opening.time = COI_TEST_WALL + 1;
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, NOW), COI_OK);
	chunk_free(&datagram);
}

Test(gate, a_clock_that_was_wrong_at_the_start_shuts_out_nobody)
{
	uint64_t day = 24 * 3600 * 1000;
	chunk_t datagram;

	opening.time = NOW - day;
	datagram = make(0, 1);
	cr_expect_eq(check_at(datagram, NOW), COI_TIME);
	cr_expect_eq(check_at(datagram, NOW - day - 1), COI_OK);
	chunk_free(&datagram);
}

Test(gate, replay_is_told_which)
{
	chunk_t datagram = make(0, 2), other = make(0, 2);
	uint8_t tag[COI_TAG_LEN];

	cr_assert_eq(admit(datagram), COI_OK);
	memcpy(tag, match.tag, sizeof(tag));
	cr_expect_eq(check_at(datagram, NOW), COI_REPLAY);
	cr_expect_eq(match.count, 2);
	cr_expect(memeq(match.tag, tag, sizeof(tag)));
	cr_expect_eq(admit(other), COI_OK, "another one is no replay");
	cr_expect_eq(coi_gate_remembered(gate), 4);
	chunk_free(&datagram);
	chunk_free(&other);
}

Test(gate, replay_is_known_by_any_of_its_tags)
{
	chunk_t datagram = make(0, 3);
	u_int i;

	cr_assert_eq(admit(datagram), COI_OK);
	/* somebody on the path spoils one tag or two */
	for (i = 0; i < 3; i++)
	{
		datagram.ptr[112 + 16 * match.found[0].place] ^= 1;
		cr_expect_eq(check_at(datagram, NOW),
					 i == 2 ? COI_NO_COMMUNITY : COI_REPLAY);
	}
	chunk_free(&datagram);
}

Test(gate, what_was_not_admitted_may_come_again)
{
	chunk_t datagram = make(0, 1);

	cr_expect_eq(check_at(datagram, NOW), COI_OK);
	cr_expect_eq(check_at(datagram, NOW), COI_OK);
	chunk_free(&datagram);
}

Test(gate, every_octet_changed_has_its_reason)
{
	chunk_t datagram = make(0, 1);
	coi_reason_t reason, expected;
	u_int i, place;

	cr_assert_eq(check_at(datagram, NOW), COI_OK);
	place = 112 + 16 * match.found[0].place;
	for (i = 0; i < datagram.len; i++)
	{
		datagram.ptr[i] ^= 0x80;
		reason = check_at(datagram, NOW);
		expected = i < 4 ? COI_MARKER : i == 4 ? COI_BAD_VERSION :
				   i == 5 ? COI_TYPE : i == 6 ? COI_SUITE :
				   i == 7 ? COI_SEGMENT : i < 16 ? COI_NO_COMMUNITY :
				   i < 24 ? COI_SPI : i < 56 ? COI_NO_COMMUNITY :
				   i < 63 ? COI_TIME : i < 64 ? COI_NO_COMMUNITY :
				   i < 80 ? COI_DESTINATION : i < 112 ? COI_NO_COMMUNITY :
				   i < 208 ? (i >= place && i < place + 16 ?
							  COI_NO_COMMUNITY : COI_OK) : COI_DIGEST;
		if (i == 61 || i == 62)
		{	/* a time that is a little off is still within the window */
			expected = reason == COI_TIME ? COI_TIME : COI_NO_COMMUNITY;
		}
		cr_expect_eq(reason, expected, "octet %u: %s", i,
					 enum_to_name(coi_reason_names, reason));
		datagram.ptr[i] ^= 0x80;
	}
	cr_expect_eq(coi_gate_remembered(gate), 0);
	chunk_free(&datagram);
}

Test(gate, every_truncation_and_excess)
{
	chunk_t datagram = make(0, 1), longer;
	u_int len;

	longer = chunk_cat("cc", datagram, chunk_from_str("x"));
	for (len = 0; len <= longer.len; len++)
	{
		cr_expect_eq(check_at(chunk_create(longer.ptr, len), NOW),
					 len < 56 ? COI_SHORT : len == datagram.len ? COI_OK : COI_LENGTH);
	}
	chunk_free(&datagram);
	chunk_free(&longer);
}

Test(gate, the_same_tag_at_two_places_matches_twice)
{
	chunk_t datagram = make(0, 1);
	u_int place;

	cr_assert_eq(check_at(datagram, NOW), COI_OK);
	place = match.found[0].place;
	memcpy(datagram.ptr + 112 + 16 * ((place + 1) % 6),
		   datagram.ptr + 112 + 16 * place, 16);
	cr_expect_eq(admit(datagram), COI_ENTRY);
	cr_expect_eq(match.count, 2, "so both entries have to open");
	cr_expect_eq(coi_gate_remembered(gate), 0);
	/* and no more than there are places, whatever is sent */
	memcpy(datagram.ptr + 112 + 16 * ((place + 2) % 6),
		   datagram.ptr + 112 + 16 * place, 16);
	memcpy(datagram.ptr + 112 + 16 * ((place + 3) % 6),
		   datagram.ptr + 112 + 16 * place, 16);
	memcpy(datagram.ptr + 112 + 16 * ((place + 4) % 6),
		   datagram.ptr + 112 + 16 * place, 16);
	memcpy(datagram.ptr + 112 + 16 * ((place + 5) % 6),
		   datagram.ptr + 112 + 16 * place, 16);
	cr_expect_eq(admit(datagram), COI_ENTRY);
	cr_expect_eq(match.count, COI_SESS0_PLACES);
	chunk_free(&datagram);
}

Test(gate, a_clock_ahead_costs_its_member_alone)
{
	chunk_t datagram;
	u_int i;

	coi_gate_destroy(gate);
	gate = coi_gate_create(WINDOW, COI_SESS0_PLACES, COI_TEST_WALL);
	/* five from a member 200 s ahead, the sixth place stays for others */
	for (i = 0; i < 5; i++)
	{
		opening.time = NOW + 200000 + i;
		datagram = make(0, 1);
		cr_assert_eq(admit(datagram), COI_OK);
		chunk_free(&datagram);
	}
	for (i = 0; i < 20; i++)
	{
		opening.time = COI_TEST_WALL + 10 + i;
		datagram = make(0, 1);
		cr_assert_eq(admit(datagram), COI_OK);
		chunk_free(&datagram);
	}
	/* what was forgotten is not taken again */
	opening.time = COI_TEST_WALL + 15;
	datagram = make(0, 1);
	cr_expect_eq(admit(datagram), COI_TIME);
	chunk_free(&datagram);
	cr_expect_eq(coi_gate_remembered(gate), 6);
}

Test(gate, no_room_is_a_replay)
{
	chunk_t datagram;
	u_int i;

	coi_gate_destroy(gate);
	gate = coi_gate_create(WINDOW, COI_SESS0_PLACES, COI_TEST_WALL);
	for (i = 0; i < COI_SESS0_PLACES; i++)
	{
		opening.time = NOW + 200000 + i;
		datagram = make(0, 1);
		cr_assert_eq(admit(datagram), COI_OK);
		chunk_free(&datagram);
	}
	opening.time = NOW;
	datagram = make(0, 1);
	cr_expect_eq(admit(datagram), COI_REPLAY);
	chunk_free(&datagram);
}
