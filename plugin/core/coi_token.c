/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_token.h"
#include "coi_cursor.h"

/** "entry" | spi_r | nonce_r */
#define ETAG_INPUT (5 + 8 + COI_NONCE_LEN)

bool coi_token_equals(const coi_token_t *a, const coi_token_t *b)
{
	return memeq_const(a, b, sizeof(*a));
}

/**
 * Seal a token with a derived key, which is wiped.
 */
static bool seal(const coi_suite_t *suite, uint8_t kn[COI_SEAL_KEY_LEN],
				 chunk_t aad, const coi_token_t *token, uint8_t *entry)
{
	chunk_t plain = chunk_create((uint8_t*)token, suite->token_len);
	bool success;

	success = coi_suite_seal(suite, kn, aad, plain, entry);
	memwipe(kn, COI_SEAL_KEY_LEN);
	return success;
}

/**
 * Open a token with a derived key, which is wiped.
 */
static bool open_entry(const coi_suite_t *suite, uint8_t kn[COI_SEAL_KEY_LEN],
					   chunk_t aad, chunk_t entry, coi_token_t *token)
{
	chunk_t plain;
	bool success;

	success = coi_suite_open(suite, kn, aad, entry, &plain) &&
			  plain.len == suite->token_len;
	if (success)
	{
		*token = (coi_token_t){};
		memcpy(token, plain.ptr, plain.len);
	}
	chunk_clear(&plain);
	memwipe(kn, COI_SEAL_KEY_LEN);
	return success;
}

/**
 * The key of a Sess0 entry.
 */
static bool derive0(const coi_key_t *key, const coi_sess0_t *sess0,
					uint8_t kn[COI_SEAL_KEY_LEN])
{
	chunk_t context[] = { sess0->nonce, chunk_from_str(key->name) };

	return coi_suite_expand(key->suite, key->base, "entry0", context,
							countof(context), kn, COI_SEAL_KEY_LEN);
}

bool coi_token_seal0(const coi_key_t *key, const coi_sess0_t *sess0,
					 const coi_token_t *token, uint8_t *entry)
{
	chunk_t aad = chunk_cata("cc", sess0->ids, sess0->fields);
	uint8_t kn[COI_SEAL_KEY_LEN];

	return derive0(key, sess0, kn) && seal(key->suite, kn, aad, token, entry);
}

bool coi_token_open0(const coi_key_t *key, const coi_sess0_t *sess0,
					 chunk_t entry, coi_token_t *token)
{
	chunk_t aad = chunk_cata("cc", sess0->ids, sess0->fields);
	uint8_t kn[COI_SEAL_KEY_LEN];

	return derive0(key, sess0, kn) &&
		   open_entry(key->suite, kn, aad, entry, token);
}

bool coi_token_tag0(const coi_key_t *key, const coi_sess0_t *sess0,
					uint8_t tag[COI_TAG_LEN])
{
	chunk_t name = chunk_from_str(key->name);
	uint8_t gate0[COI_MAX_HASH];
	bool success;

	success = coi_suite_expand(key->suite, key->base, "gate0", &name, 1, gate0,
							   key->suite->hash_len) &&
			  coi_suite_mac16_once(key->suite,
								   chunk_create(gate0, key->suite->hash_len),
								   sess0->tagged, tag);
	memwipe(gate0, sizeof(gate0));
	return success;
}

bool coi_token_gate1(const coi_key_t *key, chunk_t enc_i, chunk_t nonce_i,
					 uint8_t *gate1)
{
	chunk_t context[] = { enc_i, nonce_i, chunk_from_str(key->name) };

	return coi_suite_expand(key->suite, key->base, "gate1", context,
							countof(context), gate1, key->suite->hash_len);
}

bool coi_token_etag(const coi_suite_t *suite, chunk_t gate1, uint64_t spi_r,
					chunk_t nonce_r, uint8_t etag[COI_TAG_LEN])
{
	uint8_t buf[ETAG_INPUT];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));
	chunk_t data;

	coi_writer_bytes(&writer, chunk_from_str("entry"));
	coi_writer_u64(&writer, spi_r);
	coi_writer_bytes(&writer, nonce_r);
	return coi_writer_done(&writer, &data) &&
		   coi_suite_mac16_once(suite, gate1, data, etag);
}

/**
 * The key of a Sess1 entry.
 */
static bool derive1(const coi_key_t *key, const coi_sess1_keys_t *keys,
					uint8_t kn[COI_SEAL_KEY_LEN])
{
	chunk_t context[] = { keys->enc_i, keys->nonce_i, keys->nonce_r,
						  chunk_from_str(key->name) };

	return coi_suite_expand(key->suite, key->base, "entry1", context,
							countof(context), kn, COI_SEAL_KEY_LEN);
}

bool coi_token_seal1(const coi_key_t *key, const coi_sess1_keys_t *keys,
					 chunk_t etag, const coi_token_t *token,
					 uint8_t *entry)
{
	chunk_t aad = chunk_cata("cc", keys->context, etag);
	uint8_t kn[COI_SEAL_KEY_LEN];

	return derive1(key, keys, kn) && seal(key->suite, kn, aad, token, entry);
}

bool coi_token_open1(const coi_key_t *key, const coi_sess1_keys_t *keys,
					 chunk_t etag, chunk_t entry, coi_token_t *token)
{
	chunk_t aad = chunk_cata("cc", keys->context, etag);
	uint8_t kn[COI_SEAL_KEY_LEN];

	return derive1(key, keys, kn) &&
		   open_entry(key->suite, kn, aad, entry, token);
}
