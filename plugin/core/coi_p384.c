/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_p384.h"

#include <openssl/opensslv.h>

#if OPENSSL_VERSION_NUMBER >= 0x30000000L

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

/** octets of a coordinate, and of the order */
#define FIELD 48
#define POINT (2 * FIELD)
/** uncompressed point, SEC 1 section 2.3.3 */
#define UNCOMPRESSED 0x04
/** signature in DER: SEQUENCE of two INTEGERs that may need a leading zero */
#define MAX_DER (3 + 2 * (2 + 1 + FIELD))

#define CURVE "P-384"

typedef struct private_dh_t private_dh_t;

struct private_dh_t {
	key_exchange_t public;
	EVP_PKEY *key;
	/** the peer's, NULL until it is set */
	EVP_PKEY *peer;
	/** kept, as it may be asked for again */
	chunk_t secret;
};

bool coi_p384_available()
{
	return TRUE;
}

/**
 * Load a public key; OpenSSL refuses what is not on the curve.
 */
static EVP_PKEY *load_point(chunk_t point)
{
	uint8_t encoded[1 + POINT] = { UNCOMPRESSED };
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
										 (char*)CURVE, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded,
										  sizeof(encoded)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx;

	if (point.len != POINT)
	{
		return NULL;
	}
	memcpy(encoded + 1, point.ptr, point.len);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
	{
		key = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	return key;
}

bool coi_p384_is_point(chunk_t point)
{
	EVP_PKEY *key = load_point(point);

	EVP_PKEY_free(key);
	return key != NULL;
}

/**
 * Encode r | s as OpenSSL wants it.
 *
 * @return			octets in der, 0 if that failed
 */
static size_t encode_signature(chunk_t signature, uint8_t der[MAX_DER])
{
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	int len = 0;

	if (signature.len != 2 * FIELD)
	{
		return 0;
	}
	sig = ECDSA_SIG_new();
	r = BN_bin2bn(signature.ptr, FIELD, NULL);
	s = BN_bin2bn(chunk_skip(signature, FIELD).ptr, FIELD, NULL);
	if (sig && r && s && ECDSA_SIG_set0(sig, r, s))
	{
		r = s = NULL;
		len = i2d_ECDSA_SIG(sig, NULL);
		len = len > 0 && len <= MAX_DER ? i2d_ECDSA_SIG(sig, &der) : 0;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return max(len, 0);
}

bool coi_p384_verify(chunk_t point, chunk_t data, chunk_t signature)
{
	uint8_t der[MAX_DER];
	bool success = FALSE;
	EVP_MD_CTX *ctx;
	EVP_PKEY *key;
	size_t len;

	len = encode_signature(signature, der);
	key = len ? load_point(point) : NULL;
	if (key)
	{
		ctx = EVP_MD_CTX_new();
		success = ctx &&
				  EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) > 0 &&
				  EVP_DigestVerify(ctx, der, len, data.ptr, data.len) == 1;
		EVP_MD_CTX_free(ctx);
		EVP_PKEY_free(key);
	}
	return success;
}

METHOD(key_exchange_t, set_public_key, bool,
	private_dh_t *this, chunk_t value)
{
	EVP_PKEY *peer = load_point(value);

	if (!peer)
	{
		return FALSE;
	}
	EVP_PKEY_free(this->peer);
	this->peer = peer;
	chunk_clear(&this->secret);
	return TRUE;
}

METHOD(key_exchange_t, get_public_key, bool,
	private_dh_t *this, chunk_t *value)
{
	uint8_t *encoded = NULL;
	bool success;

	success = EVP_PKEY_get1_encoded_public_key(this->key, &encoded) == 1 + POINT &&
			  encoded[0] == UNCOMPRESSED;
	if (success)
	{
		*value = chunk_clone(chunk_create(encoded + 1, POINT));
	}
	OPENSSL_free(encoded);
	return success;
}

/**
 * Agree on the secret, without checking the order of the peer's point.
 */
static bool agree(private_dh_t *this)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, this->key, NULL);
	chunk_t secret = chunk_alloc(FIELD);
	bool success;

	success = ctx && EVP_PKEY_derive_init(ctx) > 0 &&
			  EVP_PKEY_derive_set_peer_ex(ctx, this->peer, 0) > 0 &&
			  EVP_PKEY_derive(ctx, secret.ptr, &secret.len) > 0 &&
			  secret.len == FIELD;
	EVP_PKEY_CTX_free(ctx);
	if (success)
	{
		this->secret = secret;
	}
	else
	{
		secret.len = FIELD;
		chunk_clear(&secret);
	}
	return success;
}

METHOD(key_exchange_t, get_shared_secret, bool,
	private_dh_t *this, chunk_t *secret)
{
	if (!this->peer || (!this->secret.len && !agree(this)))
	{
		return FALSE;
	}
	*secret = chunk_clone(this->secret);
	return TRUE;
}

METHOD(key_exchange_t, get_method, key_exchange_method_t,
	private_dh_t *this)
{
	return ECP_384_BIT;
}

METHOD(key_exchange_t, dh_destroy, void,
	private_dh_t *this)
{
	/* clears the private key */
	EVP_PKEY_free(this->key);
	EVP_PKEY_free(this->peer);
	chunk_clear(&this->secret);
	free(this);
}

key_exchange_t *coi_p384_dh_create()
{
	private_dh_t *this;

	INIT(this,
		.public = {
			.set_public_key = _set_public_key,
			.get_public_key = _get_public_key,
			.get_shared_secret = _get_shared_secret,
			.get_method = _get_method,
			.destroy = _dh_destroy,
		},
		.key = EVP_EC_gen(CURVE),
	);
	if (!this->key)
	{
		dh_destroy(this);
		return NULL;
	}
	return &this->public;
}

#else /* OPENSSL_VERSION_NUMBER */

bool coi_p384_available()
{
	return FALSE;
}

key_exchange_t *coi_p384_dh_create()
{
	return NULL;
}

bool coi_p384_is_point(chunk_t point)
{
	return FALSE;
}

bool coi_p384_verify(chunk_t point, chunk_t data, chunk_t signature)
{
	return FALSE;
}

#endif /* OPENSSL_VERSION_NUMBER */
