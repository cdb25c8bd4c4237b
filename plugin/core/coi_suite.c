/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_suite.h"
#include "coi_cursor.h"

#include <plugins/plugin_feature.h>

/** L(label, context): prefix, names, TH2 or ENC and nonces, a community's name */
#define MAX_INFO 256

/** uncompressed point, SEC 1 section 2.3.3 */
#define UNCOMPRESSED 0x04

/** SubjectPublicKeyInfo of an uncompressed P-384 point, up to the point */
static uint8_t spki_p384[] = {
	0x30, 0x76,
		0x30, 0x10,
			/* id-ecPublicKey */
			0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
			/* secp384r1 */
			0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
		0x03, 0x62, 0x00, UNCOMPRESSED,
};

/** The BIT STRING that ends it ends an ECPrivateKey too */
#define SPRI_P384 { spki_p384 + sizeof(spki_p384) - 4, 4 }

/** SubjectPublicKeyInfo of an Ed25519 key, RFC 8410, up to the key */
static uint8_t spki_ed25519[] = {
	0x30, 0x2a,
		0x30, 0x05,
			/* id-Ed25519 */
			0x06, 0x03, 0x2b, 0x65, 0x70,
		0x03, 0x21, 0x00,
};

/** A number that is found to be small enough when this is compiled */
#define AT_MOST(number, limit) \
	((number) + 0 * sizeof(struct { \
		_Static_assert((number) <= (limit), #number " is above " #limit); \
		int fits; \
	}))

/** What there is in message 1 beside SessionInfo, and in message 2 */
#define MESSAGE1(val, sig, dh_r) \
	(COI_SESS1_FIXED + \
	 COI_SESS1_PLACES_MANY * (COI_TAG_LEN + COI_ENC_LEN + (val) + COI_ICV_LEN) + \
	 (dh_r) + COI_ICV_LEN + (sig))
#define MESSAGE2(sig, dh_i) ((dh_i) + COI_ICV_LEN + 2 + COI_ICV_LEN + (sig))

/** Lengths of VAL public key, signature and the key exchange's two values, and what
 * follows */
#define SIZES(val, sig, dh_i, dh_r) \
	.val_len = AT_MOST(val, COI_MAX_VAL), \
	.sig_len = AT_MOST(sig, COI_MAX_SIG), \
	.value_len = { \
		[COI_INITIATOR] = AT_MOST(dh_i, COI_MAX_DH) + \
						  0 * AT_MOST(MESSAGE2(sig, dh_i), \
									  COI_MAX_MESSAGE - COI_INFO_ROOM), \
		[COI_RESPONDER] = AT_MOST(dh_r, COI_MAX_DH) + \
						  0 * AT_MOST(MESSAGE1(val, sig, dh_r), \
									  COI_MAX_MESSAGE - COI_INFO_ROOM), \
	}, \
	.token_len = COI_ENC_LEN + (val), \
	.entry_len = COI_ENC_LEN + (val) + COI_ICV_LEN, \
	.sess0_len = AT_MOST(COI_SESS0_ENTRIES_OFF + \
				 COI_SESS0_PLACES * (COI_ENC_LEN + (val) + COI_ICV_LEN), \
				 COI_MAX_DATAGRAM), \
	.term_min = COI_TERM_FIXED + (sig), \
	.term_max = AT_MOST(COI_TERM_FIXED + (sig) + COI_TERM_VARIABLE, COI_MAX_TERM)

static const coi_suite_t suites[] = {
	{
		.id = 1,
		.name = "p384",
		.hash = HASH_SHA384,
		.mac = AUTH_HMAC_SHA2_384_384,
		.prf = PRF_HMAC_SHA2_384,
		.aead = ENCR_AES_GCM_ICV16,
		.dh = ECP_384_BIT,
		.val = KEY_ECDSA,
		.val_bits = 384,
		.scheme = SIGN_ECDSA_384,
		.spki = { spki_p384, sizeof(spki_p384) },
		.spri = SPRI_P384,
		.direct = TRUE,
		.hash_len = AT_MOST(HASH_SIZE_SHA384, COI_MAX_HASH),
		SIZES(96, 96, 96, 96),
	},
	{
		.id = 2,
		.name = "x25519",
		.hash = HASH_SHA256,
		.mac = AUTH_HMAC_SHA2_256_256,
		.prf = PRF_HMAC_SHA2_256,
		.aead = ENCR_AES_GCM_ICV16,
		.dh = CURVE_25519,
		.val = KEY_ED25519,
		.val_bits = 256,
		.scheme = SIGN_ED25519,
		.spki = { spki_ed25519, sizeof(spki_ed25519) },
		.raw = TRUE,
		.weak_dh = TRUE,
		.hash_len = AT_MOST(HASH_SIZE_SHA256, COI_MAX_HASH),
		SIZES(32, 64, 32, 32),
	},
};

_Static_assert(countof(suites) == COI_SUITES, "COI_SUITES counts the suites");

const coi_suite_t *coi_suite_nth(u_int index)
{
	return index < countof(suites) ? &suites[index] : NULL;
}

const coi_suite_t *coi_suite_get(uint8_t id)
{
	u_int i;

	for (i = 0; i < countof(suites); i++)
	{
		if (suites[i].id == id)
		{
			return &suites[i];
		}
	}
	return NULL;
}

const coi_suite_t *coi_suite_by_name(const char *name)
{
	u_int i;

	for (i = 0; i < countof(suites); i++)
	{
		if (streq(suites[i].name, name))
		{
			return &suites[i];
		}
	}
	return NULL;
}

/**
 * Whether a plugin that is loaded provides something. For public keys, where
 * trying it out would take the time of an exchange.
 */
static bool is_there(plugin_feature_t feature)
{
	return lib->plugins->has_feature(lib->plugins, feature);
}

const char *coi_suite_missing(const coi_suite_t *suite)
{
	uint8_t octets[COI_MAX_HASH] = {}, out[COI_MAX_HASH];
	chunk_t key = chunk_create(octets, suite->hash_len);

	if (!coi_suite_hash(suite, NULL, 0, out))
	{
		return "hash";
	}
	if (!coi_suite_mac16_once(suite, key, key, out))
	{
		return "MAC";
	}
	if (!coi_suite_extract(suite, key, key, out) ||
		!coi_suite_expand(suite, key, "test", NULL, 0, out, key.len))
	{
		return "key derivation";
	}
	if (!coi_suite_seal(suite, octets, key, chunk_empty, out))
	{
		return "encryption";
	}
	if (!is_there(PLUGIN_PROVIDE(KE, suite->dh)))
	{
		return "key exchange";
	}
	if (!is_there(PLUGIN_PROVIDE(PRIVKEY_GEN, suite->val)) ||
		!is_there(PLUGIN_PROVIDE(PRIVKEY_SIGN, suite->scheme)) ||
		!is_there(PLUGIN_PROVIDE(PUBKEY_VERIFY, suite->scheme)))
	{
		return "signature";
	}
	return NULL;
}

chunk_t coi_suite_label(const coi_suite_t *suite, const char *label, bool zero,
						uint8_t buf[COI_LABEL_LEN])
{
	coi_writer_t writer = coi_writer(buf, COI_LABEL_LEN);
	chunk_t written;

	coi_writer_bytes(&writer, chunk_from_str("coi1 "));
	coi_writer_bytes(&writer, chunk_from_str((char*)suite->name));
	coi_writer_bytes(&writer, chunk_from_str(" "));
	coi_writer_bytes(&writer, chunk_from_str((char*)label));
	if (zero)
	{
		coi_writer_u8(&writer, 0);
	}
	return coi_writer_done(&writer, &written) ? written : chunk_empty;
}

bool coi_suite_hash(const coi_suite_t *suite, const chunk_t *parts, u_int count,
					uint8_t *out)
{
	hasher_t *hasher;
	bool success = TRUE;
	u_int i;

	hasher = lib->crypto->create_hasher(lib->crypto, suite->hash);
	if (!hasher)
	{
		return FALSE;
	}
	for (i = 0; i < count && success; i++)
	{
		success = hasher->get_hash(hasher, parts[i], NULL);
	}
	success = success && hasher->get_hash(hasher, chunk_empty, out);
	hasher->destroy(hasher);
	return success;
}

/**
 * Make a keyed prf. charon's KDFs would do the same, but OpenSSL's derives a key to
 * try itself out each time that it is created, and looks for all that it needs in
 * tables twice.
 */
static prf_t *create_prf(const coi_suite_t *suite, chunk_t key)
{
	prf_t *prf;

	prf = lib->crypto->create_prf(lib->crypto, suite->prf);
	if (prf && (prf->get_block_size(prf) != suite->hash_len ||
				!prf->set_key(prf, key)))
	{
		prf->destroy(prf);
		return NULL;
	}
	return prf;
}

bool coi_suite_extract(const coi_suite_t *suite, chunk_t salt, chunk_t ikm,
					   uint8_t *out)
{
	prf_t *prf = create_prf(suite, salt);
	bool success;

	if (!prf)
	{
		return FALSE;
	}
	success = prf->get_bytes(prf, ikm, out);
	prf->destroy(prf);
	return success;
}

/**
 * RFC 5869 section 2.3.
 */
static bool expand(const coi_suite_t *suite, chunk_t prk, chunk_t info,
				   uint8_t *out, size_t len)
{
	prf_t *prf = create_prf(suite, prk);
	uint8_t block[COI_MAX_HASH], counter = 0;
	coi_writer_t writer = coi_writer(out, len);
	chunk_t before = chunk_empty, written;
	bool success;

	success = prf && len <= UINT8_MAX * suite->hash_len;
	while (success && len)
	{
		counter++;
		success = (!before.len || prf->get_bytes(prf, before, NULL)) &&
				  prf->get_bytes(prf, info, NULL) &&
				  prf->get_bytes(prf, chunk_from_thing(counter), block);
		before = chunk_create(block, suite->hash_len);
		coi_writer_bytes(&writer, coi_slice(before, 0, min(len, before.len)));
		len -= min(len, before.len);
	}
	DESTROY_IF(prf);
	memwipe(block, sizeof(block));
	return success && coi_writer_done(&writer, &written);
}

bool coi_suite_expand(const coi_suite_t *suite, chunk_t prk, const char *label,
					  const chunk_t *context, u_int count, uint8_t *out,
					  size_t len)
{
	uint8_t buf[MAX_INFO], name[COI_LABEL_LEN];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));
	chunk_t prefix, info;
	bool success;
	u_int i;

	prefix = coi_suite_label(suite, label, TRUE, name);
	if (!prefix.len)
	{
		return FALSE;
	}
	coi_writer_bytes(&writer, prefix);
	for (i = 0; i < count; i++)
	{
		coi_writer_bytes(&writer, context[i]);
	}
	success = coi_writer_done(&writer, &info) &&
			  expand(suite, prk, info, out, len);
	/* the context may hold ENC */
	memwipe(buf, sizeof(buf));
	return success;
}

signer_t *coi_suite_mac_create(const coi_suite_t *suite, chunk_t key)
{
	signer_t *mac;

	mac = lib->crypto->create_signer(lib->crypto, suite->mac);
	if (mac && (mac->get_block_size(mac) != suite->hash_len ||
				!mac->set_key(mac, key)))
	{
		mac->destroy(mac);
		return NULL;
	}
	return mac;
}

bool coi_suite_mac16(signer_t *mac, chunk_t data, uint8_t out[COI_TAG_LEN])
{
	uint8_t full[COI_MAX_HASH];

	if (!mac->get_signature(mac, data, full))
	{
		return FALSE;
	}
	memcpy(out, full, COI_TAG_LEN);
	return TRUE;
}

bool coi_suite_mac16_once(const coi_suite_t *suite, chunk_t key, chunk_t data,
						  uint8_t out[COI_TAG_LEN])
{
	signer_t *mac;
	bool success;

	mac = coi_suite_mac_create(suite, key);
	if (!mac)
	{
		return FALSE;
	}
	success = coi_suite_mac16(mac, data, out);
	mac->destroy(mac);
	return success;
}

/**
 * Make an AEAD from the first octets of kn, which are its key and the implicit
 * part of its nonce, and point at the rest of the nonce.
 */
static aead_t *create_aead(const coi_suite_t *suite,
						   const uint8_t kn[COI_SEAL_KEY_LEN], chunk_t *iv)
{
	chunk_t all = chunk_create((uint8_t*)kn, COI_SEAL_KEY_LEN);
	aead_t *aead;
	size_t key_len;

	aead = lib->crypto->create_aead(lib->crypto, suite->aead, COI_ENC_LEN, 0);
	if (!aead)
	{
		return NULL;
	}
	key_len = aead->get_key_size(aead);
	*iv = coi_slice(all, key_len, all.len);
	if (!iv->len || aead->get_iv_size(aead) != iv->len ||
		aead->get_icv_size(aead) != COI_ICV_LEN ||
		!aead->set_key(aead, coi_slice(all, 0, key_len)))
	{
		aead->destroy(aead);
		return NULL;
	}
	return aead;
}

bool coi_suite_seal(const coi_suite_t *suite,
					const uint8_t kn[COI_SEAL_KEY_LEN], chunk_t aad,
					chunk_t plain, uint8_t *out)
{
	aead_t *aead;
	chunk_t iv;
	bool success;

	aead = create_aead(suite, kn, &iv);
	if (!aead)
	{
		return FALSE;
	}
	memcpy(out, plain.ptr, plain.len);
	success = aead->encrypt(aead, chunk_create(out, plain.len), aad, iv, NULL);
	aead->destroy(aead);
	if (!success)
	{
		memwipe(out, plain.len);
	}
	return success;
}

bool coi_suite_open(const coi_suite_t *suite,
					const uint8_t kn[COI_SEAL_KEY_LEN], chunk_t aad,
					chunk_t sealed, chunk_t *plain)
{
	chunk_t clone, iv;
	aead_t *aead;
	bool success;

	*plain = chunk_empty;
	if (sealed.len < COI_ICV_LEN)
	{
		return FALSE;
	}
	aead = create_aead(suite, kn, &iv);
	if (!aead)
	{
		return FALSE;
	}
	/* in place, because an AEAD leaves it open what it returns on failure */
	clone = chunk_clone(sealed);
	success = aead->decrypt(aead, clone, aad, iv, NULL);
	aead->destroy(aead);
	if (!success)
	{
		chunk_clear(&clone);
		return FALSE;
	}
	*plain = coi_slice(clone, 0, clone.len - COI_ICV_LEN);
	return TRUE;
}

bool coi_suite_random(uint8_t *out, size_t len)
{
	rng_t *rng;
	bool success;

	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	if (!rng)
	{
		return FALSE;
	}
	success = rng->get_bytes(rng, len, out);
	rng->destroy(rng);
	return success;
}

bool coi_suite_shuffle(uint8_t *places, u_int count)
{
	uint32_t draws[UINT8_MAX];
	uint8_t swap;
	u_int i, j;

	if (count > countof(draws) ||
		!coi_suite_random((uint8_t*)draws, count * sizeof(*draws)))
	{
		return FALSE;
	}
	for (i = 0; i < count; i++)
	{
		places[i] = i;
	}
	for (i = count; i > 1; i--)
	{
		/* scaled, not reduced: a bias below 2^-24 for counts below 2^8 */
		j = ((uint64_t)draws[i - 1] * i) >> 32;
		swap = places[i - 1];
		places[i - 1] = places[j];
		places[j] = swap;
	}
	memwipe(draws, sizeof(draws));
	return TRUE;
}
