/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_test.h"
#include "vectors_check.h"

#include "core/coi_keymat.h"
#include "core/coi_pdu.h"
#include "core/coi_sess0.h"
#include "core/coi_token.h"

#include <criterion/criterion.h>

void vectors_check_key(const record_t *record, const char *prefix)
{
	coi_key_t *key = vec_key(record, prefix);
	uint8_t tag[COI_TAG_LEN], expected[COI_TAG_LEN];

	assert_vec(key->base, record, "%sbase", prefix);
	/* gate0 is seen in what it makes */
	cr_assert(coi_suite_mac16(key->gate0, chunk_from_str("x"), tag));
	cr_assert(coi_suite_mac16_once(SUITE, vec_octets(record, "%sgate0", prefix),
								   chunk_from_str("x"), expected));
	cr_assert(memeq(tag, expected, sizeof(tag)));
	coi_key_destroy(key);
}

/**
 * One key at its place in a part.
 */
static void check_entry0(const record_t *record, const char *prefix,
						 const coi_sess0_t *sess0, const coi_token_t *token,
						 coi_gate_match_t *match)
{
	uint8_t entry[MAX_ENTRY], tag[COI_TAG_LEN], kn[COI_SEAL_KEY_LEN];
	u_int place = vec_number(record, "%splace", prefix);
	chunk_t context[2];
	coi_token_t opened;
	coi_key_t *key;

	vectors_check_key(record, prefix);
	key = vec_key(record, prefix);
	context[0] = sess0->nonce;
	context[1] = chunk_from_str(key->name);
	cr_assert(coi_suite_expand(SUITE, key->base, "entry0", context, 2, kn,
							   sizeof(kn)));
	assert_vec(chunk_from_thing(kn), record, "%skn", prefix);
	cr_assert(coi_token_seal0(key, sess0, token, entry));
	assert_vec(chunk_entry(entry), record, "%sentry", prefix);
	cr_assert(chunk_equals(chunk_entry(entry),
						coi_nth(sess0->entries, SUITE->entry_len, place)));
	cr_assert(coi_token_open0(key, sess0, chunk_entry(entry), &opened));
	cr_assert(coi_token_equals(&opened, token));
	cr_assert(coi_token_tag0(key, sess0, tag));
	assert_vec(chunk_from_thing(tag), record, "%stag", prefix);
	cr_assert(memeq(tag, coi_nth(sess0->tags, COI_TAG_LEN, place).ptr,
					sizeof(tag)));
	match->found[match->count].key = key;
	match->found[match->count++].place = place;
}

/**
 * ENC, VAL and private key of a side.
 */
static private_key_t *load_token(const record_t *record, char side,
								 coi_token_t *token)
{
	uint8_t point[COI_MAX_VAL];
	private_key_t *val;

	*token = (coi_token_t){};
	memcpy(token->enc, vec_octets(record, "ENC_%c", side).ptr, COI_ENC_LEN);
	memcpy(token->val, vec_octets(record, "VAL_%c", side).ptr,
		   SUITE->val_len);
	val = coi_suite_val_load(SUITE, vec_octets(record, "VAL_%c.private.der",
											   side));
	cr_assert_not_null(val);
	cr_assert(coi_suite_val_public(SUITE, val, point));
	assert_vec(chunk_val(point), record, "VAL_%c", side);
	return val;
}

void vectors_check_sess0(const record_t *record)
{
	chunk_t parts[COI_SESS0_MAX_PARTS], all[COI_SESS0_MAX_PARTS];
	u_int count = vec_number(record, "sess0.count"), i, j, used = 0, mask;
	coi_keymat_t keymat;
	coi_header_t header;
	coi_sess0_t sess0;
	coi_token_t token, opened;
	private_key_t *val;
	char prefix[32];

	val = load_token(record, 'I', &token);
	mask = vec_has(record, "parts") ? vec_number(record, "parts") : 0xffff;
	for (i = 0; i < count; i++)
	{
		coi_gate_match_t match = {};

		all[i] = vec_octets(record, "sess0.%u.datagram", i);
		if (mask & (1 << i))
		{
			parts[used++] = all[i];
		}
		cr_assert_eq(coi_header_decode(all[i], &header), COI_OK);
		cr_assert_eq(header.index, i);
		cr_assert_eq(header.count, count);
		cr_assert_eq(header.spi_i, vec_spi(record, "spi_i"));
		assert_vec(chunk_from_thing(header.digest), record, "sess0.%u.digest",
				   i);
		cr_assert(coi_sess0_view(SUITE, all[i], &sess0));
		cr_assert_eq(sess0.time, vec_number(record, "time"));
		assert_vec(sess0.to, record, "to");
		assert_vec(sess0.nonce, record, "nonce_i");
		assert_vec(sess0.tags, record, "sess0.%u.tags", i);
		assert_vec(sess0.entries, record, "sess0.%u.entries", i);
		assert_vec(chunk_cata("cc", sess0.ids, sess0.fields), record,
				   "sess0.%u.aad", i);
		for (j = 0; j < vec_number(record, "sess0.%u.n", i); j++)
		{
			snprintf(prefix, sizeof(prefix), "sess0.%u.%u.", i, j);
			check_entry0(record, prefix, &sess0, &token, &match);
		}
		cr_assert_eq(coi_sess0_open(SUITE, &sess0, &match, &opened, FALSE),
					 COI_OK);
		cr_assert(coi_token_equals(&opened, &token));
		while (match.count)
		{
			coi_key_destroy(match.found[--match.count].key);
		}
	}
	cr_assert(coi_keymat_start(&keymat, SUITE, parts, used));
	assert_vec(chunk_hash(keymat.th0), record, "TH0");
	coi_keymat_wipe(&keymat);
	val->destroy(val);
}

void vectors_check_sealed(const record_t *record, const uint8_t *kn,
						  chunk_t context, chunk_t plain, chunk_t sealed)
{
	chunk_t opened, again = chunk_alloca(sealed.len);

	cr_assert_eq(sealed.len, plain.len + COI_ICV_LEN, "%s",
				 vec_text(record, "case"));
	cr_assert(coi_suite_seal(SUITE, kn, context, plain, again.ptr));
	cr_assert(chunk_equals(again, sealed));
	cr_assert(coi_suite_open(SUITE, kn, context, sealed, &opened));
	cr_assert(chunk_equals(opened, plain));
	chunk_clear(&opened);
}

void vectors_check_master(const record_t *record)
{
	chunk_t th2 = vec_octets(record, "TH2");
	uint8_t master[COI_MAX_HASH], kn[COI_SEAL_KEY_LEN];

	if (vec_has(record, "S2"))
	{
		cr_assert(coi_suite_expand(SUITE, vec_octets(record, "S2"), "master",
								   &th2, 1, master, SUITE->hash_len));
		assert_vec(chunk_hash(master), record, "master");
	}
	cr_assert(coi_suite_expand(SUITE, vec_octets(record, "master"), "pdu i2r",
							   NULL, 0, kn, sizeof(kn)));
	assert_vec(chunk_from_thing(kn), record, "pdu_ir");
}
