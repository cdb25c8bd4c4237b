/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_cursor.h"
#include "core/coi_suite.h"

static const coi_suite_t *suite;

static void setup(void)
{
	coi_test_init();
	suite = coi_test_suite();
}

TestSuite(suite, .init = setup);

Test(suite, is_found)
{
	static const char *names[] = { "p384", "x25519" };
	u_int i;

	for (i = 0; i < countof(names); i++)
	{
		suite = coi_suite_by_name(names[i]);
		cr_assert_not_null(suite);
		cr_expect_str_eq(suite->name, names[i]);
		cr_expect_eq(suite->id, i + 1);
		cr_expect_eq(coi_suite_nth(i), suite);
		cr_expect_eq(coi_suite_get(i + 1), suite);
	}
	cr_expect_eq(i, COI_SUITES);
	cr_expect_null(coi_suite_nth(2));
	cr_expect_null(coi_suite_get(0));
	cr_expect_null(coi_suite_get(3));
	cr_expect_null(coi_suite_get(255));
	cr_expect_null(coi_suite_by_name("p256"));
	cr_expect_null(coi_suite_by_name(""));
}

Test(suite, label)
{
	uint8_t buf[COI_LABEL_LEN];
	char longest[COI_LABEL_LEN] = {}, longer[COI_LABEL_LEN] = {};
	size_t before = strlen("coi1 ") + strlen(suite->name) + strlen(" ");
	bool p384 = suite->id == 1;
	chunk_t expected;

	expected = p384 ? chunk_from_str("coi1 p384 gate0")
					: chunk_from_str("coi1 x25519 gate0");
	cr_expect(chunk_equals(coi_suite_label(suite, "gate0", FALSE, buf),
						   expected));
	expected.len++;
	cr_expect(chunk_equals(coi_suite_label(suite, "gate0", TRUE, buf),
						   expected), "and the zero at the end");
	memset(longest, 'x', sizeof(longest) - before);
	memset(longer, 'x', sizeof(longer) - before + 1);
	cr_expect_eq(coi_suite_label(suite, longest, FALSE, buf).len,
				 COI_LABEL_LEN);
	cr_expect_eq(coi_suite_label(suite, longest, TRUE, buf).len, 0);
	cr_expect_eq(coi_suite_label(suite, longer, FALSE, buf).len, 0);
}

Test(suite, hash_of_pieces)
{
	/* FIPS 180-2, D.2 and B.1: "abc" */
	chunk_t sha256 = chunk_from_chars(
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde,
		0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad);
	chunk_t expected = chunk_from_chars(
		0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b, 0xb5, 0xa0, 0x3d, 0x69,
		0x9a, 0xc6, 0x50, 0x07, 0x27, 0x2c, 0x32, 0xab, 0x0e, 0xde, 0xd1, 0x63,
		0x1a, 0x8b, 0x60, 0x5a, 0x43, 0xff, 0x5b, 0xed, 0x80, 0x86, 0x07, 0x2b,
		0xa1, 0xe7, 0xcc, 0x23, 0x58, 0xba, 0xec, 0xa1, 0x34, 0xc8, 0x25, 0xa7);
	chunk_t pieces[] = {
		chunk_from_str("a"), chunk_empty, chunk_from_str("bc"),
	};
	uint8_t out[COI_MAX_HASH], again[COI_MAX_HASH];

	cr_assert(coi_suite_hash(suite, pieces, countof(pieces), out));
	cr_expect(chunk_equals(chunk_hash(out), suite->id == 1 ? expected : sha256));
	cr_assert(coi_suite_hash(suite, NULL, 0, out));
	pieces[0] = chunk_empty;
	cr_assert(coi_suite_hash(suite, pieces, 1, again));
	cr_expect(memeq(out, again, suite->hash_len));
}

Test(suite, mac_is_hmac_cut_to_sixteen)
{
	/* RFC 4231, test case 2 */
	chunk_t sha384 = chunk_from_chars(
		0xaf, 0x45, 0xd2, 0xe3, 0x76, 0x48, 0x40, 0x31, 0x61, 0x7f, 0x78, 0xd2,
		0xb5, 0x8a, 0x6b, 0x1b);
	chunk_t sha256 = chunk_from_chars(
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26,
		0x08, 0x95, 0x75, 0xc7);
	chunk_t expected = suite->id == 1 ? sha384 : sha256;
	chunk_t data = chunk_from_str("what do ya want for nothing?");
	uint8_t out[COI_TAG_LEN];
	signer_t *mac;
	u_int i;

	cr_assert(coi_suite_mac16_once(suite, chunk_from_str("Jefe"), data, out));
	cr_expect(chunk_equals(chunk_from_thing(out), expected));
	mac = coi_suite_mac_create(suite, chunk_from_str("Jefe"));
	cr_assert_not_null(mac);
	for (i = 0; i < 2; i++)
	{
		memset(out, 0, sizeof(out));
		cr_assert(coi_suite_mac16(mac, data, out));
		cr_expect(chunk_equals(chunk_from_thing(out), expected));
	}
	mac->destroy(mac);
}

Test(suite, expand_depends_on_all_it_is_given)
{
	uint8_t prk[COI_MAX_HASH] = { 1 }, other[COI_MAX_HASH] = { 2 };
	uint8_t a[100], b[100];
	chunk_t context[] = { chunk_from_str("one"), chunk_from_str("two") };
	chunk_t joined = chunk_from_str("onetwo");

	cr_assert(coi_suite_expand(suite, chunk_hash(prk), "esp", context, 2,
							   a, sizeof(a)));
	cr_assert(coi_suite_expand(suite, chunk_hash(prk), "esp", &joined, 1,
							   b, sizeof(b)));
	cr_expect(memeq(a, b, sizeof(a)), "pieces are concatenated");
	cr_assert(coi_suite_expand(suite, chunk_hash(prk), "esp", &joined, 1,
							   b, 44));
	cr_expect(memeq(a, b, 44), "a shorter one begins the same");
	cr_assert(coi_suite_expand(suite, chunk_hash(prk), "esq", &joined, 1,
							   b, sizeof(b)));
	cr_expect_not(memeq(a, b, 16));
	cr_assert(coi_suite_expand(suite, chunk_hash(other), "esp", &joined,
							   1, b, sizeof(b)));
	cr_expect_not(memeq(a, b, 16));
	cr_assert(coi_suite_expand(suite, chunk_hash(prk), "esp", context, 1,
							   b, sizeof(b)));
	cr_expect_not(memeq(a, b, 16));
}

Test(suite, expand_refuses_what_does_not_fit)
{
	static uint8_t big[1024];
	uint8_t prk[COI_MAX_HASH] = { 1 }, out[16];
	chunk_t context = chunk_from_thing(big);
	char label[COI_LABEL_LEN + 1] = {};

	cr_expect_not(coi_suite_expand(suite, chunk_hash(prk), "esp",
								   &context, 1, out, sizeof(out)));
	memset(label, 'x', COI_LABEL_LEN);
	cr_expect_not(coi_suite_expand(suite, chunk_hash(prk), label, NULL,
								   0, out, sizeof(out)));
}

Test(suite, extract_may_work_in_place)
{
	uint8_t a[COI_MAX_HASH] = { 1 }, b[COI_MAX_HASH] = { 2 };
	uint8_t out[COI_MAX_HASH];

	cr_assert(coi_suite_extract(suite, chunk_hash(a), chunk_hash(b),
								out));
	cr_assert(coi_suite_extract(suite, chunk_hash(a), chunk_hash(b),
								a));
	cr_expect(memeq(a, out, suite->hash_len));
	a[0] = 1;
	memset(a + 1, 0, sizeof(a) - 1);
	cr_assert(coi_suite_extract(suite, chunk_hash(a), chunk_hash(b),
								b));
	cr_expect(memeq(b, out, suite->hash_len));
}

Test(suite, seal_and_open)
{
	uint8_t kn[COI_SEAL_KEY_LEN] = { 1, 2, 3 }, out[3 + COI_ICV_LEN];
	chunk_t aad = chunk_from_str("aad"), plain = chunk_from_str("abc"), opened;
	chunk_t sealed = chunk_from_thing(out);

	cr_assert(coi_suite_seal(suite, kn, aad, plain, out));
	cr_assert_not(memeq(out, plain.ptr, plain.len));
	cr_assert(coi_suite_open(suite, kn, aad, sealed, &opened));
	cr_expect(chunk_equals(opened, plain));
	chunk_free(&opened);
	cr_assert(coi_suite_seal(suite, kn, aad, chunk_empty, out));
	cr_assert(coi_suite_open(suite, kn, aad, chunk_create(out, COI_ICV_LEN),
							 &opened));
	cr_expect_eq(opened.len, 0);
	chunk_free(&opened);
}

Test(suite, what_was_changed_does_not_open)
{
	uint8_t kn[COI_SEAL_KEY_LEN] = { 1, 2, 3 }, out[3 + COI_ICV_LEN];
	uint8_t aad[] = { 'a', 'a', 'd' };
	chunk_t sealed = chunk_from_thing(out), opened = chunk_from_str("x");
	size_t i;

	cr_assert(coi_suite_seal(suite, kn, chunk_from_thing(aad),
							 chunk_from_str("abc"), out));
	for (i = 0; i < sizeof(out); i++)
	{
		cr_expect_not(coi_suite_open(suite, kn, chunk_from_thing(aad),
									 chunk_create(out, i), &opened));
		cr_expect_eq(opened.len, 0);
		out[i] ^= 0x10;
		cr_expect_not(coi_suite_open(suite, kn, chunk_from_thing(aad), sealed,
									 &opened), "octet %zu", i);
		cr_expect_eq(opened.len, 0);
		out[i] ^= 0x10;
	}
	for (i = 0; i < sizeof(kn); i++)
	{
		kn[i] ^= 1;
		cr_expect_not(coi_suite_open(suite, kn, chunk_from_thing(aad), sealed,
									 &opened), "octet %zu of the key", i);
		kn[i] ^= 1;
	}
	for (i = 0; i < sizeof(aad); i++)
	{
		aad[i] ^= 1;
		cr_expect_not(coi_suite_open(suite, kn, chunk_from_thing(aad), sealed,
									 &opened));
		aad[i] ^= 1;
	}
	cr_expect(coi_suite_open(suite, kn, chunk_from_thing(aad), sealed,
							 &opened));
	chunk_free(&opened);
}

Test(suite, sign_and_verify)
{
	uint8_t point[COI_MAX_VAL], signature[COI_MAX_SIG];
	chunk_t data = chunk_from_str("data"), sig = chunk_sig(signature);
	chunk_t val = chunk_val(point);
	private_key_t *key;
	size_t i;

	key = coi_suite_val_create(suite);
	cr_assert_not_null(key);
	cr_assert(coi_suite_val_public(suite, key, point));
	cr_assert(coi_suite_sign(suite, key, data, signature));
	cr_assert(coi_suite_verify(suite, val, data, sig));
	cr_expect_not(coi_suite_verify(suite, val, chunk_from_str("dat"), sig));
	for (i = 0; i < sig.len; i++)
	{
		signature[i] ^= 1;
		cr_expect_not(coi_suite_verify(suite, val, data, sig));
		signature[i] ^= 1;
		cr_expect_not(coi_suite_verify(suite, val, data,
									   chunk_create(signature, i)));
		cr_expect_not(coi_suite_verify(suite,
						chunk_create(point, min(i, val.len - 1)), data, sig));
	}
	/* a point that is not on the curve, or of another key; all zeros and ones */
	point[val.len - 1] ^= 1;
	cr_expect_not(coi_suite_verify(suite, val, data, sig));
	memset(point, 0, sizeof(point));
	cr_expect_not(coi_suite_verify(suite, val, data, sig));
	memset(point, 0xff, sizeof(point));
	cr_expect_not(coi_suite_verify(suite, val, data, sig));
	key->destroy(key);
}

Test(suite, a_zero_signature_verifies_nothing)
{
	uint8_t point[COI_MAX_VAL], signature[COI_MAX_SIG] = {};
	private_key_t *key;

	key = coi_suite_val_create(suite);
	cr_assert(coi_suite_val_public(suite, key, point));
	cr_expect_not(coi_suite_verify(suite, chunk_val(point),
								   chunk_from_str("x"),
								   chunk_sig(signature)));
	key->destroy(key);
}

Test(suite, dh_agrees)
{
	size_t len = suite->value_len[COI_RESPONDER];
	uint8_t a[COI_MAX_DH] = {}, b[COI_MAX_DH] = {};
	key_exchange_t *x, *y;
	chunk_t z, same;

	x = coi_suite_ke_create(suite);
	y = coi_suite_ke_create(suite);
	cr_assert(x && y);
	cr_assert(coi_suite_ke_make(suite, x, a));
	cr_assert_eq(coi_suite_ke_answer(suite, y, chunk_create(a, len), b, &same),
				 COI_OK);
	cr_assert_not(memeq(a, b, sizeof(a)), "fresh each time");
	len = suite->value_len[COI_INITIATOR];
	cr_assert(coi_suite_ke_take(suite, x, chunk_create(b, len), &z));
	cr_expect(chunk_equals(z, same));
	cr_expect_eq(z.len, suite->id == 1 ? 48 : 32);
	chunk_clear(&z);
	chunk_clear(&same);
	x->destroy(x);
	y->destroy(y);
}

/** What OpenSSL does for us directly, charon's plugins have to understand. */
Test(suite, dh_agrees_with_charons)
{
	size_t len = suite->value_len[COI_RESPONDER];
	uint8_t a[COI_MAX_DH] = {}, b[COI_MAX_DH] = {};
	key_exchange_t *x, *y, *ours;
	chunk_t z, same;
	u_int i;

	cr_assert_eq(suite->value_len[COI_INITIATOR], len);
	for (i = 0; i < 20; i++)
	{
		x = coi_suite_ke_create(suite);
		y = lib->crypto->create_ke(lib->crypto, suite->dh);
		cr_assert(x && y);
		cr_expect_eq(x->get_method(x), suite->dh);
		if (suite->direct)
		{
			cr_expect_not(x->get_shared_secret(x, &z), "no peer yet");
		}
		/* either is whoever makes, and whoever answers */
		ours = x;
		if (i % 2)
		{
			x = y;
			y = ours;
		}
		cr_assert(coi_suite_ke_make(suite, x, a));
		cr_assert_eq(coi_suite_ke_answer(suite, y, chunk_create(a, len), b,
										 &same), COI_OK);
		cr_assert(coi_suite_ke_take(suite, x, chunk_create(b, len), &z));
		cr_expect(chunk_equals(z, same));
		chunk_clear(&z);
		/* once more, it is kept; and another peer's is another one */
		cr_assert(ours->get_shared_secret(ours, &z));
		cr_expect(chunk_equals(z, same));
		chunk_clear(&z);
		cr_assert(coi_suite_ke_take(suite, ours,
									chunk_create(ours == x ? a : b, len), &z));
		cr_expect_not(chunk_equals(z, same));
		chunk_clear(&z);
		chunk_clear(&same);
		x->destroy(x);
		y->destroy(y);
	}
}

Test(suite, charon_verifies_alike)
{
	uint8_t point[COI_MAX_VAL], signature[COI_MAX_SIG];
	chunk_t data = chunk_from_str("data"), sig = chunk_sig(signature);
	private_key_t *key = coi_suite_val_create(suite);
	public_key_t *public = key->get_public_key(key);
	u_int i;

	cr_assert(coi_suite_val_public(suite, key, point));
	for (i = 0; i < 20; i++)
	{
		cr_assert(coi_suite_sign(suite, key, data, signature));
		cr_expect(public->verify(public, suite->scheme, NULL, data, sig));
		cr_expect(coi_suite_verify(suite, chunk_val(point), data, sig));
		signature[i]++;
		cr_expect_not(public->verify(public, suite->scheme, NULL, data, sig));
		cr_expect_not(coi_suite_verify(suite, chunk_val(point), data, sig));
	}
	public->destroy(public);
	key->destroy(key);
}

/** Whether neither role has a use for a value. */
static bool is_refused(key_exchange_t *dh, chunk_t value)
{
	uint8_t out[COI_MAX_DH];
	chunk_t z = chunk_from_str("z");
	bool refused;

	refused = !coi_suite_ke_take(suite, dh, value, &z) && !z.len;
	z = chunk_from_str("z");
	return coi_suite_ke_answer(suite, dh, value, out, &z) == COI_DH &&
		   !z.len && refused;
}

Test(suite, dh_refuses_what_is_no_point)
{
	uint8_t point[COI_MAX_DH + 1] = {};
	size_t len = suite->value_len[COI_RESPONDER];
	key_exchange_t *dh;

	dh = coi_suite_ke_create(suite);
	cr_expect(is_refused(dh, chunk_create(point, len)));
	cr_assert(coi_suite_ke_make(suite, dh, point));
	cr_expect(is_refused(dh, chunk_create(point, len - 1)));
	cr_expect(is_refused(dh, chunk_create(point, len + 1)));
	cr_expect(is_refused(dh, chunk_empty));
	if (suite->id == 1)
	{
		point[len - 1] ^= 1;
		cr_expect(is_refused(dh, chunk_create(point, len)));
		/* above the field's order */
		memset(point, 0xff, len / 2);
		cr_expect(is_refused(dh, chunk_create(point, len)));
	}
	dh->destroy(dh);
}

Test(suite, dh_refuses_a_secret_that_anybody_knows)
{
	/* 1, p - 1, p, p + 1, two of order 8, and 0 with the bit that is ignored */
	static const char *points[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"0000000000000000000000000000000000000000000000000000000000000080",
	};
	key_exchange_t *dh;
	chunk_t point;
	u_int i;

	suite = coi_suite_by_name("x25519");
	for (i = 0; i < countof(points); i++)
	{
		dh = coi_suite_ke_create(suite);
		point = chunk_from_hex(chunk_from_str((char*)points[i]), NULL);
		cr_expect(is_refused(dh, point), "%s", points[i]);
		chunk_free(&point);
		dh->destroy(dh);
	}
}

/** A key exchange that takes everything and agrees on what it is told. */
typedef struct {
	key_exchange_t public;
	chunk_t secret;
} trusting_t;

METHOD(key_exchange_t, trust_any, bool,
	trusting_t *this, chunk_t value)
{
	return TRUE;
}

METHOD(key_exchange_t, trusted_secret, bool,
	trusting_t *this, chunk_t *secret)
{
	*secret = chunk_clone(this->secret);
	return TRUE;
}

Test(suite, dh_refuses_zeros_whatever_the_plugin_says)
{
	uint8_t z[32] = {}, value[32] = { 9 };
	chunk_t secret;
	trusting_t dh = {
		.public = {
			.set_public_key = _trust_any,
			.get_shared_secret = _trusted_secret,
		},
		.secret = chunk_from_thing(z),
	};

	suite = coi_suite_by_name("x25519");
	cr_expect(is_refused(&dh.public, chunk_from_thing(value)));
	z[31] = 0x80;
	cr_expect(coi_suite_ke_take(suite, &dh.public, chunk_from_thing(value),
								&secret));
	cr_expect(chunk_equals(secret, chunk_from_thing(z)));
	chunk_clear(&secret);
}

Test(suite, what_is_missing_is_named)
{
	coi_suite_t lame = *suite;

	cr_expect_null(coi_suite_missing(&lame));
	lame.scheme = SIGN_UNKNOWN;
	cr_expect_str_eq(coi_suite_missing(&lame), "signature");
	lame.scheme = suite->scheme;
	lame.val = KEY_ANY;
	cr_expect_str_eq(coi_suite_missing(&lame), "signature");
	lame.dh = KE_NONE;
	cr_expect_str_eq(coi_suite_missing(&lame), "key exchange");
	lame.aead = ENCR_UNDEFINED;
	cr_expect_str_eq(coi_suite_missing(&lame), "encryption");
	lame.prf = PRF_UNDEFINED;
	cr_expect_str_eq(coi_suite_missing(&lame), "key derivation");
	lame.mac = AUTH_UNDEFINED;
	cr_expect_str_eq(coi_suite_missing(&lame), "MAC");
	lame.hash = HASH_UNKNOWN;
	cr_expect_str_eq(coi_suite_missing(&lame), "hash");
}

Test(suite, random_octets_differ)
{
	uint8_t a[32] = {}, b[32] = {};

	cr_assert(coi_suite_random(a, sizeof(a)));
	cr_assert(coi_suite_random(b, sizeof(b)));
	cr_expect_not(memeq(a, b, sizeof(a)));
}

Test(suite, shuffle_is_a_permutation_and_fair)
{
	enum { ROUNDS = 6000 };
	u_int seen[6][6] = {}, counts[] = { 0, 1, 6, 96, 255 }, i, j;
	uint8_t places[256];
	bool there[256];

	for (i = 0; i < countof(counts); i++)
	{
		memset(there, 0, sizeof(there));
		cr_assert(coi_suite_shuffle(places, counts[i]));
		for (j = 0; j < counts[i]; j++)
		{
			cr_assert_lt(places[j], counts[i]);
			cr_assert_not(there[places[j]]);
			there[places[j]] = TRUE;
		}
	}
	cr_expect_not(coi_suite_shuffle(places, 256));
	for (i = 0; i < ROUNDS; i++)
	{
		cr_assert(coi_suite_shuffle(places, 6));
		for (j = 0; j < 6; j++)
		{
			seen[j][places[j]]++;
		}
	}
	/* 1000 expected, deviation 29: eight of them either way */
	for (i = 0; i < 36; i++)
	{
		cr_expect_gt(seen[i / 6][i % 6], 770);
		cr_expect_lt(seen[i / 6][i % 6], 1230);
	}
}

Test(suite, without_its_algorithms_each_operation_fails)
{
	coi_suite_t lame = *suite;
	uint8_t out[128] = {}, key[COI_MAX_HASH] = {};
	chunk_t plain;

	lame.hash = HASH_UNKNOWN;
	lame.mac = AUTH_UNDEFINED;
	lame.prf = PRF_UNDEFINED;
	lame.aead = ENCR_UNDEFINED;
	lame.dh = KE_NONE;
	lame.direct = FALSE;
	lame.val = KEY_ANY;
	cr_expect_not(coi_suite_hash(&lame, NULL, 0, out));
	cr_expect_not(coi_suite_extract(&lame, chunk_empty, chunk_empty, out));
	cr_expect_not(coi_suite_expand(&lame, chunk_hash(key), "x", NULL, 0,
								   out, 16));
	cr_expect_null(coi_suite_mac_create(&lame, chunk_hash(key)));
	cr_expect_not(coi_suite_mac16_once(&lame, chunk_hash(key),
									   chunk_empty, out));
	cr_expect_not(coi_suite_seal(&lame, key, chunk_empty, chunk_empty, out));
	cr_expect_not(coi_suite_open(&lame, key, chunk_empty,
								 chunk_create(out, 32), &plain));
	cr_expect_null(coi_suite_ke_create(&lame));
	cr_expect_null(coi_suite_val_create(&lame));
	cr_expect_not(coi_suite_verify(&lame, chunk_val(out), chunk_empty,
								   chunk_sig(out)));
}

Test(suite, algorithms_of_other_sizes_are_refused)
{
	coi_suite_t lame = *suite;
	uint8_t out[128] = {}, key[COI_MAX_HASH] = {};
	private_key_t *val;
	key_exchange_t *dh;
	chunk_t plain;
	size_t len;

	lame.aead = ENCR_AES_GCM_ICV8;
	cr_expect_not(coi_suite_seal(&lame, key, chunk_empty, chunk_empty, out));
	cr_expect_not(coi_suite_open(&lame, key, chunk_empty,
								 chunk_create(out, 32), &plain));
	lame.mac = suite->id == 1 ? AUTH_HMAC_SHA2_256_256 : AUTH_HMAC_SHA2_384_384;
	cr_expect_null(coi_suite_mac_create(&lame, chunk_hash(key)));
	lame.val_len--;
	lame.sig_len--;
	lame.value_len[COI_INITIATOR]--;
	lame.value_len[COI_RESPONDER]--;
	val = coi_suite_val_create(suite);
	cr_expect_not(coi_suite_val_public(&lame, val, out));
	cr_expect_not(coi_suite_sign(&lame, val, chunk_empty, out));
	lame.scheme = SIGN_UNKNOWN;
	cr_expect_not(coi_suite_sign(&lame, val, chunk_empty, out));
	val->destroy(val);
	dh = coi_suite_ke_create(suite);
	cr_expect_not(coi_suite_ke_make(&lame, dh, out));
	/* a good value, and none of its length to answer it with */
	lame.value_len[COI_RESPONDER]++;
	cr_assert(coi_suite_ke_make(suite, dh, out));
	len = suite->value_len[COI_RESPONDER];
	cr_expect_eq(coi_suite_ke_answer(&lame, dh, chunk_create(out, len), out,
									 &plain), COI_INTERNAL);
	cr_expect_eq(plain.len, 0);
	dh->destroy(dh);
}
