/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_suite.h"
#include "coi_cursor.h"
#include "coi_p384.h"

/**
 * Whether coi_p384 does what charon's plugins could do, too.
 */
static bool is_direct(const coi_suite_t *suite)
{
	return suite->direct && coi_p384_available();
}

private_key_t *coi_suite_val_create(const coi_suite_t *suite)
{
	return lib->creds->create(lib->creds, CRED_PRIVATE_KEY, suite->val,
							  BUILD_KEY_SIZE, suite->val_bits, BUILD_END);
}

private_key_t *coi_suite_val_load(const coi_suite_t *suite, chunk_t der)
{
	return lib->creds->create(lib->creds, CRED_PRIVATE_KEY, suite->val,
							  BUILD_BLOB_ASN1_DER, der, BUILD_END);
}

/**
 * Take the point from the end of an encoding, if what precedes it is right.
 */
static bool take_point(const coi_suite_t *suite, chunk_t encoding,
					   chunk_t before, uint8_t *out)
{
	size_t len = before.len + suite->val_len;
	chunk_t end;

	end = coi_slice(encoding, encoding.len - min(len, encoding.len),
					encoding.len);
	if (end.len != len || !chunk_equals(coi_slice(end, 0, before.len), before))
	{
		return FALSE;
	}
	memcpy(out, coi_slice(end, before.len, len).ptr, suite->val_len);
	return TRUE;
}

bool coi_suite_val_public(const coi_suite_t *suite, private_key_t *val,
						  uint8_t *out)
{
	public_key_t *public;
	chunk_t encoding;
	bool success;

	/* OpenSSL 3 takes a third of a signature's time to make a public key object */
	if (suite->spri.len && val->get_encoding(val, PRIVKEY_ASN1_DER, &encoding))
	{
		success = take_point(suite, encoding, suite->spri, out);
		chunk_clear(&encoding);
		if (success)
		{
			return TRUE;
		}
	}
	public = val->get_public_key(val);
	if (!public)
	{
		return FALSE;
	}
	success = public->get_encoding(public, PUBKEY_SPKI_ASN1_DER, &encoding);
	public->destroy(public);
	if (success)
	{
		success = encoding.len == suite->spki.len + suite->val_len &&
				  take_point(suite, encoding, suite->spki, out);
		chunk_free(&encoding);
	}
	return success;
}

bool coi_suite_sign(const coi_suite_t *suite, private_key_t *val, chunk_t data,
					uint8_t *out)
{
	chunk_t signature;
	bool success;

	if (!val->sign(val, suite->scheme, NULL, data, &signature))
	{
		return FALSE;
	}
	success = signature.len == suite->sig_len;
	if (success)
	{
		memcpy(out, signature.ptr, signature.len);
	}
	chunk_free(&signature);
	return success;
}

/**
 * Load a VAL public key, NULL if it cannot be one.
 */
static public_key_t *load_public(const coi_suite_t *suite, chunk_t val)
{
	chunk_t spki;

	if (val.len != suite->val_len)
	{
		return NULL;
	}
	if (suite->raw)
	{
		return lib->creds->create(lib->creds, CRED_PUBLIC_KEY, suite->val,
								  BUILD_EDDSA_PUB, val, BUILD_END);
	}
	spki = chunk_cata("cc", suite->spki, val);
	return lib->creds->create(lib->creds, CRED_PUBLIC_KEY, suite->val,
							  BUILD_BLOB_ASN1_DER, spki, BUILD_END);
}

bool coi_suite_val_valid(const coi_suite_t *suite, chunk_t val)
{
	public_key_t *public;

	if (is_direct(suite))
	{
		return coi_p384_is_point(val);
	}
	public = load_public(suite, val);
	if (!public)
	{
		return FALSE;
	}
	public->destroy(public);
	return TRUE;
}

bool coi_suite_verify(const coi_suite_t *suite, chunk_t val, chunk_t data,
					  chunk_t signature)
{
	public_key_t *public;
	bool success;

	if (signature.len != suite->sig_len)
	{
		return FALSE;
	}
	if (is_direct(suite))
	{
		return coi_p384_verify(val, data, signature);
	}
	public = load_public(suite, val);
	if (!public)
	{
		return FALSE;
	}
	success = public->verify(public, suite->scheme, NULL, data, signature);
	public->destroy(public);
	return success;
}

key_exchange_t *coi_suite_ke_create(const coi_suite_t *suite)
{
	return is_direct(suite) ? coi_p384_dh_create()
							: lib->crypto->create_ke(lib->crypto, suite->dh);
}

/**
 * Get the own value, of the length that the own role's has.
 */
static bool get_value(key_exchange_t *ke, size_t len, uint8_t *out)
{
	chunk_t value;
	bool success;

	if (!ke->get_public_key(ke, &value))
	{
		return FALSE;
	}
	success = value.len == len;
	if (success)
	{
		memcpy(out, value.ptr, value.len);
	}
	chunk_free(&value);
	return success;
}

/**
 * Whether a secret is 0, which a point of small order makes of any private key.
 */
static bool is_zero(chunk_t z)
{
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < z.len; i++)
	{
		any |= z.ptr[i];
	}
	return !any;
}

/**
 * Set the peer's value, of the length that its role's has, and get the secret.
 */
static bool agree(const coi_suite_t *suite, key_exchange_t *ke, chunk_t value,
				  size_t len, chunk_t *z)
{
	if (value.len != len || !ke->set_public_key(ke, value) ||
		!ke->get_shared_secret(ke, z))
	{
		*z = chunk_empty;
		return FALSE;
	}
	if (suite->weak_dh && is_zero(*z))
	{
		chunk_clear(z);
		return FALSE;
	}
	return TRUE;
}

bool coi_suite_ke_make(const coi_suite_t *suite, key_exchange_t *ke,
					   uint8_t *out)
{
	return get_value(ke, suite->value_len[COI_RESPONDER], out);
}

coi_reason_t coi_suite_ke_answer(const coi_suite_t *suite, key_exchange_t *ke,
								 chunk_t value, uint8_t *out, chunk_t *z)
{
	if (!agree(suite, ke, value, suite->value_len[COI_RESPONDER], z))
	{
		return COI_DH;
	}
	/* behind it, as a KEM has its ciphertext only then */
	if (!get_value(ke, suite->value_len[COI_INITIATOR], out))
	{
		chunk_clear(z);
		return COI_INTERNAL;
	}
	return COI_OK;
}

bool coi_suite_ke_take(const coi_suite_t *suite, key_exchange_t *ke,
					   chunk_t value, chunk_t *z)
{
	return agree(suite, ke, value, suite->value_len[COI_INITIATOR], z);
}
