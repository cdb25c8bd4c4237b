/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_cursor.h"
#include "core/coi_frame.h"
#include "core/coi_sess0.h"

static coi_token_t token;
static private_key_t *val;
static uint8_t nonce[COI_NONCE_LEN] = { 1 }, addr[COI_ADDR_LEN] = { 0xfe };
static coi_sess0_opening_t opening;

static void setup(void)
{
	coi_test_init();
	val = coi_suite_val_create(coi_test_suite());
	cr_assert(coi_suite_random(token.enc, sizeof(token.enc)));
	cr_assert(coi_suite_val_public(coi_test_suite(), val, token.val));
	opening = (coi_sess0_opening_t){
		.suite = coi_test_suite(),
		.spi_i = 0x1234,
		.time = COI_TEST_WALL,
		.to = chunk_from_thing(addr),
		.nonce = chunk_from_thing(nonce),
		.token = &token,
	};
}

static void teardown(void)
{
	val->destroy(val);
}

TestSuite(sess0, .init = setup, .fini = teardown);

/**
 * Names "k0 k1 ..".
 */
static coi_keyset_t *make_keys(u_int count)
{
	coi_key_t *keys[COI_MAX_KEYS];
	char name[16];
	u_int i;

	for (i = 0; i < count; i++)
	{
		snprintf(name, sizeof(name), "k%u", i);
		keys[i] = coi_test_key(name, 0);
	}
	return coi_keyset_create(keys, count);
}

/**
 * Find one key in a part as a responder does.
 */
static bool find(coi_key_t *key, chunk_t datagram, coi_gate_match_t *match)
{
	uint8_t tag[COI_TAG_LEN];
	coi_sess0_t sess0;
	u_int i;

	cr_assert(coi_sess0_view(SUITE, datagram, &sess0));
	cr_assert(coi_token_tag0(key, &sess0, tag));
	for (i = 0; i < COI_SESS0_PLACES; i++)
	{
		if (memeq(tag, coi_nth(sess0.tags, COI_TAG_LEN, i).ptr, COI_TAG_LEN))
		{
			match->found[match->count].key = key;
			match->found[match->count++].place = i;
			return TRUE;
		}
	}
	return FALSE;
}

Test(sess0, every_key_stands_in_exactly_one_part)
{
	static const u_int counts[] = { 1, 5, 6, 7, 12, 13, 95, 96 };
	chunk_t *datagrams;
	coi_keyset_t *keys;
	coi_header_t header;
	coi_gate_match_t match;
	coi_sess0_t sess0;
	coi_token_t said;
	u_int i, j, k, count, found;

	for (i = 0; i < countof(counts); i++)
	{
		keys = make_keys(counts[i]);
		cr_assert(coi_sess0_make_all(&opening, keys, &datagrams, &count));
		cr_assert_eq(count, (counts[i] + 5) / 6);
		found = 0;
		for (j = 0; j < count; j++)
		{
			cr_assert_eq(coi_header_decode(datagrams[j], &header), COI_OK);
			cr_expect_eq(header.index, j);
			cr_expect_eq(header.count, count);
			cr_expect_eq(header.spi_i, 0x1234);
			cr_assert(coi_sess0_view(SUITE, datagrams[j], &sess0));
			cr_expect_eq(sess0.time, COI_TEST_WALL);
			cr_expect(chunk_equals(sess0.to, chunk_from_thing(addr)));
			cr_expect(chunk_equals(sess0.nonce, chunk_from_thing(nonce)));
			match = (coi_gate_match_t){};
			for (k = 0; k < counts[i]; k++)
			{
				found += find(keys->keys[k], datagrams[j], &match);
			}
			cr_expect_eq(match.count, j == count - 1 && counts[i] % 6 ?
									  counts[i] % 6 : 6);
			cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &match,
										&said, FALSE), COI_OK);
			cr_expect(coi_token_equals(&said, &token));
		}
		cr_expect_eq(found, counts[i]);
		coi_datagrams_clear(&datagrams, &count);
		coi_keyset_destroy(keys);
	}
}

Test(sess0, two_of_them_share_no_octets_but_header_time_and_address)
{
	coi_keyset_t *keys = make_keys(3);
	coi_sess0_t a, b;
	chunk_t x, y;
	u_int i, j;

	cr_assert(coi_sess0_make(&opening, 0, 1, keys->keys, 3, &x));
	nonce[0]++;
	cr_assert(coi_sess0_make(&opening, 0, 1, keys->keys, 3, &y));
	cr_assert(coi_sess0_view(SUITE, x, &a));
	cr_assert(coi_sess0_view(SUITE, y, &b));
	for (i = 0; i < COI_SESS0_PLACES; i++)
	{
		for (j = 0; j < COI_SESS0_PLACES; j++)
		{
			cr_expect_not(memeq(coi_nth(a.tags, 16, i).ptr,
								coi_nth(b.tags, 16, j).ptr, 16));
			cr_expect_not(memeq(coi_nth(a.entries, SUITE->entry_len, i).ptr,
								coi_nth(b.entries, SUITE->entry_len, j).ptr, 16));
			cr_expect(i == j || !memeq(coi_nth(a.tags, 16, i).ptr,
									   coi_nth(a.tags, 16, j).ptr, 16));
		}
	}
	chunk_free(&x);
	chunk_free(&y);
	coi_keyset_destroy(keys);
}

Test(sess0, places_are_drawn)
{
	coi_keyset_t *keys = make_keys(1);
	u_int i, seen = 0;
	coi_gate_match_t match;
	chunk_t datagram;

	for (i = 0; i < 200; i++)
	{
		match = (coi_gate_match_t){};
		cr_assert(coi_sess0_make(&opening, 0, 1, keys->keys, 1, &datagram));
		cr_assert(find(keys->keys[0], datagram, &match));
		seen |= 1 << match.found[0].place;
		chunk_free(&datagram);
	}
	/* one of six is missed once in 10^15 runs */
	cr_expect_eq(seen, 0x3f);
	coi_keyset_destroy(keys);
}

Test(sess0, no_keys_or_too_many_make_none)
{
	coi_keyset_t *keys = make_keys(7), *none = make_keys(0);
	chunk_t datagram, *datagrams;
	coi_suite_t lame = *coi_test_suite();
	u_int count;

	cr_expect_not(coi_sess0_make(&opening, 0, 1, keys->keys, 7, &datagram));
	cr_expect_eq(datagram.len, 0);
	cr_expect_not(coi_sess0_make_all(&opening, none, &datagrams, &count));
	lame.hash = HASH_UNKNOWN;
	opening.suite = &lame;
	cr_expect_not(coi_sess0_make_all(&opening, keys, &datagrams, &count));
	cr_expect_null(datagrams);
	cr_expect_eq(count, 0);
	coi_keyset_destroy(keys);
	coi_keyset_destroy(none);
}

Test(sess0, what_does_not_open)
{
	coi_keyset_t *keys = make_keys(2);
	coi_gate_match_t match = {}, none = {};
	coi_token_t said, other, untouched;
	coi_sess0_t sess0;
	chunk_t datagram, entry;

	cr_assert(coi_sess0_make(&opening, 0, 1, keys->keys, 2, &datagram));
	cr_assert(coi_sess0_view(SUITE, datagram, &sess0));
	cr_assert(find(keys->keys[0], datagram, &match));
	cr_assert(find(keys->keys[1], datagram, &match));
	memset(&said, 0xaa, sizeof(said));
	untouched = said;
	cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &none, &said, FALSE),
				 COI_ENTRY);
	/* the second entry does not open */
	entry = coi_nth(sess0.entries, SUITE->entry_len, match.found[1].place);
	entry.ptr[9] ^= 1;
	cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &match, &said,
								FALSE), COI_ENTRY);
	/* it opens and says something else */
	other = token;
	other.enc[31] ^= 1;
	cr_assert(coi_token_seal0(keys->keys[1], &sess0, &other, entry.ptr));
	cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &match, &said,
								FALSE), COI_ENTRY);
	cr_expect(memeq(&said, &untouched, sizeof(said)));
	/* sealing is deterministic: as it was */
	cr_assert(coi_token_seal0(keys->keys[1], &sess0, &token, entry.ptr));
	cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &match, &said,
								FALSE), COI_OK);
	/* another part said something else */
	other = token;
	other.val[0] ^= 1;
	said = other;
	cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &match, &said, TRUE),
				 COI_ENTRY);
	cr_expect(coi_token_equals(&said, &other));
	said = token;
	cr_expect_eq(coi_sess0_open(coi_test_suite(), &sess0, &match, &said, TRUE),
				 COI_OK);
	chunk_free(&datagram);
	coi_keyset_destroy(keys);
}
