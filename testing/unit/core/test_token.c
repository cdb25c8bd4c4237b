/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_cursor.h"
#include "core/coi_sess0.h"
#include "core/coi_token.h"

static uint8_t buf[COI_MAX_DATAGRAM];
static coi_sess0_t sess0;
static coi_key_t *lab, *other;
static coi_token_t token;
static private_key_t *val;

static void setup(void)
{
	coi_header_t header = {
		.type = COI_PDU_SESS0, .suite = SUITE->id, .count = 1, .spi_i = 77,
	};

	coi_test_init();
	cr_assert(coi_suite_random(buf, sizeof(buf)));
	coi_header_encode(&header, buf);
	cr_assert(coi_sess0_view(SUITE, chunk_sess0(buf), &sess0));
	lab = coi_test_key("lab", 1);
	other = coi_test_key("lab", 2);
	val = coi_suite_val_create(coi_test_suite());
	cr_assert(coi_suite_random(token.enc, sizeof(token.enc)));
	cr_assert(coi_suite_val_public(coi_test_suite(), val, token.val));
}

static void teardown(void)
{
	val->destroy(val);
	coi_key_destroy(lab);
	coi_key_destroy(other);
}

TestSuite(token, .init = setup, .fini = teardown);

Test(token, compares_all_of_it)
{
	coi_token_t a = token, b = token;
	size_t i;

	cr_expect(coi_token_equals(&a, &b));
	for (i = 0; i < sizeof(b); i++)
	{
		((uint8_t*)&b)[i] ^= 1;
		cr_expect_not(coi_token_equals(&a, &b));
		((uint8_t*)&b)[i] ^= 1;
	}
}

Test(token, sess0_entry_round_trip)
{
	uint8_t entry[MAX_ENTRY], again[MAX_ENTRY];
	coi_token_t opened;

	cr_assert(coi_token_seal0(lab, &sess0, &token, entry));
	cr_assert(coi_token_open0(lab, &sess0, chunk_entry(entry), &opened));
	cr_expect(coi_token_equals(&token, &opened));
	cr_assert(coi_token_seal0(lab, &sess0, &token, again));
	cr_expect(memeq(entry, again, SUITE->entry_len));
	cr_assert(coi_token_seal0(other, &sess0, &token, again));
	cr_expect_not(memeq(entry, again, COI_ICV_LEN));
}

Test(token, sess0_entry_changed_does_not_open)
{
	uint8_t entry[MAX_ENTRY];
	coi_token_t opened, untouched;
	size_t i;

	memset(&opened, 0xaa, sizeof(opened));
	untouched = opened;
	cr_assert(coi_token_seal0(lab, &sess0, &token, entry));
	for (i = 0; i < SUITE->entry_len; i++)
	{
		entry[i] ^= 1;
		cr_expect_not(coi_token_open0(lab, &sess0, chunk_entry(entry),
									  &opened));
		entry[i] ^= 1;
		cr_expect_not(coi_token_open0(lab, &sess0, chunk_create(entry, i),
									  &opened));
	}
	cr_expect_not(coi_token_open0(other, &sess0, chunk_entry(entry),
								  &opened), "another generation");
	/* all that it goes with: session ids and fields, not digest and tags */
	for (i = 4; i < COI_SESS0_ENTRIES_OFF; i++)
	{
		buf[i] ^= 1;
		cr_expect_eq(coi_token_open0(lab, &sess0, chunk_entry(entry),
									 &opened),
					 (i >= 24 && i < 56) || i >= 112, "octet %zu", i);
		if ((i >= 24 && i < 56) || i >= 112)
		{
			memset(&opened, 0xaa, sizeof(opened));
		}
		buf[i] ^= 1;
	}
	cr_expect(memeq(&opened, &untouched, sizeof(opened)));
}

Test(token, sess0_entry_of_another_length)
{
	uint8_t longer[MAX_ENTRY + 1] = {};
	coi_token_t opened;

	cr_assert(coi_token_seal0(lab, &sess0, &token, longer));
	cr_expect_not(coi_token_open0(lab, &sess0,
						chunk_create(longer, SUITE->entry_len + 1), &opened));
}

Test(token, sess0_tag_is_the_gates)
{
	uint8_t tag[COI_TAG_LEN], gates[COI_TAG_LEN];

	cr_assert(coi_token_tag0(lab, &sess0, tag));
	cr_assert(coi_suite_mac16(lab->gate0, sess0.tagged, gates));
	cr_expect(memeq(tag, gates, sizeof(tag)));
	cr_assert(coi_token_tag0(other, &sess0, tag));
	cr_expect_not(memeq(tag, gates, sizeof(tag)));
}

Test(token, sess1_entry_round_trip_and_changes)
{
	uint8_t enc[COI_ENC_LEN] = { 1 }, nonce_i[32] = { 2 }, nonce_r[32] = { 3 };
	uint8_t context[COI_CONTEXT_LEN] = { 4 }, etag[COI_TAG_LEN], gate1[COI_MAX_HASH];
	uint8_t entry[MAX_ENTRY];
	uint8_t *inputs[] = { enc, nonce_i, nonce_r, context, etag, entry };
	coi_sess1_keys_t keys = {
		.enc_i = chunk_from_thing(enc),
		.nonce_i = chunk_from_thing(nonce_i),
		.nonce_r = chunk_from_thing(nonce_r),
		.context = chunk_from_thing(context),
	};
	chunk_t tag = chunk_from_thing(etag);
	coi_token_t opened;
	u_int i;

	cr_assert(coi_token_gate1(lab, keys.enc_i, keys.nonce_i, gate1));
	cr_assert(coi_token_etag(coi_test_suite(), chunk_hash(gate1), 9,
							 keys.nonce_r, etag));
	cr_assert(coi_token_seal1(lab, &keys, tag, &token, entry));
	cr_assert(coi_token_open1(lab, &keys, tag, chunk_entry(entry),
							  &opened));
	cr_expect(coi_token_equals(&token, &opened));
	cr_expect_not(coi_token_open1(other, &keys, tag, chunk_entry(entry),
								  &opened));
	for (i = 0; i < countof(inputs); i++)
	{
		inputs[i][7] ^= 1;
		cr_expect_not(coi_token_open1(lab, &keys, tag, chunk_entry(entry),
									  &opened), "input %u", i);
		inputs[i][7] ^= 1;
	}
	for (i = 0; i < SUITE->entry_len; i++)
	{
		cr_expect_not(coi_token_open1(lab, &keys, tag, chunk_create(entry, i),
									  &opened));
	}
}

Test(token, etag_depends_on_all_it_is_given)
{
	uint8_t enc[COI_ENC_LEN] = { 1 }, nonce[32] = { 2 }, gate1[COI_MAX_HASH], gate[COI_MAX_HASH];
	uint8_t etag[COI_TAG_LEN], changed[COI_TAG_LEN];

	cr_assert(coi_token_gate1(lab, chunk_from_thing(enc),
							  chunk_from_thing(nonce), gate1));
	cr_assert(coi_token_gate1(other, chunk_from_thing(enc),
							  chunk_from_thing(nonce), gate));
	cr_expect_not(memeq(gate, gate1, 16));
	enc[31] ^= 1;
	cr_assert(coi_token_gate1(lab, chunk_from_thing(enc),
							  chunk_from_thing(nonce), gate));
	cr_expect_not(memeq(gate, gate1, 16));
	cr_assert(coi_token_etag(coi_test_suite(), chunk_hash(gate1), 9,
							 chunk_from_thing(nonce), etag));
	cr_assert(coi_token_etag(coi_test_suite(), chunk_hash(gate1), 8,
							 chunk_from_thing(nonce), changed));
	cr_expect_not(memeq(etag, changed, sizeof(etag)));
	cr_assert(coi_token_etag(coi_test_suite(), chunk_hash(gate), 9,
							 chunk_from_thing(nonce), changed));
	cr_expect_not(memeq(etag, changed, sizeof(etag)));
	nonce[31] ^= 1;
	cr_assert(coi_token_etag(coi_test_suite(), chunk_hash(gate1), 9,
							 chunk_from_thing(nonce), changed));
	cr_expect_not(memeq(etag, changed, sizeof(etag)));
	cr_expect_not(coi_token_etag(coi_test_suite(), chunk_hash(gate1), 9,
								 chunk_from_thing(buf), changed));
}
