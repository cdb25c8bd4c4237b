/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What the vectors do not show: that both ends come to the same, that each
 * input counts, and what is wiped.
 */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_keymat.h"

static private_key_t *val;
static uint8_t point[COI_MAX_VAL], part[COI_MAX_DATAGRAM];
static coi_key_t *lab, *web;

/** What goes into an exchange's keys. */
static uint8_t nonces[64] = { 1 }, encs[64] = { 2 }, z[48] = { 3 };
static coi_header_t headers[] = {
	{ .type = COI_PDU_SESS1, .count = 1, .spi_i = 5, .spi_r = 6 },
	{ .type = COI_PDU_SESS2, .count = 1, .spi_i = 5, .spi_r = 6 },
};

static void setup(void)
{
	coi_test_init();
	headers[0].suite = headers[1].suite = SUITE->id;
	val = coi_suite_val_create(coi_test_suite());
	cr_assert(coi_suite_val_public(coi_test_suite(), val, point));
	lab = coi_test_key("lab", 1);
	web = coi_test_key("web", 1);
}

static void teardown(void)
{
	val->destroy(val);
	coi_key_destroy(lab);
	coi_key_destroy(web);
}

TestSuite(keymat, .init = setup, .fini = teardown);

/**
 * Two communities, as one of the ends has them.
 */
static void make_common(coi_shared_community_t common[2], bool initiator)
{
	uint32_t i_to_r = htonl(0x1000), r_to_i = htonl(0x2000);
	coi_proposal_t gcm = { .encr = 20, .encr_bits = 256, .encr_len = 36 };
	coi_proposal_t cbc = {
		.encr = 12, .encr_bits = 128, .integ = 12, .encr_len = 16,
		.integ_len = 32,
	};

	common[0] = (coi_shared_community_t){
		.name = "lab", .key = lab, .used = TRUE, .proposal = gcm,
		.spi_in = initiator ? r_to_i : i_to_r,
		.spi_out = initiator ? i_to_r : r_to_i,
	};
	common[1] = common[0];
	common[1].name = "web";
	common[1].key = web;
	common[1].proposal = cbc;
}

static void clear_common(coi_shared_community_t common[2])
{
	u_int i;

	for (i = 0; i < 2; i++)
	{
		chunk_clear(&common[i].encr_in);
		chunk_clear(&common[i].integ_in);
		chunk_clear(&common[i].encr_out);
		chunk_clear(&common[i].integ_out);
	}
}

/** What one run of the schedule leaves. */
typedef struct {
	coi_keymat_t agreed;
	coi_keymat_t shared;
	coi_pdu_keys_t keys;
	coi_shared_community_t common[2];
} run_t;

/**
 * Run the whole schedule for one end. Signatures are made if there are none,
 * else verified.
 */
static void run(run_t *out, bool initiator, uint8_t signatures[2][COI_MAX_SIG],
				bool sign)
{
	chunk_t parts = chunk_sess0(part), body = chunk_from_str("body");
	coi_keymat_t keymat;
	u_int i;

	make_common(out->common, initiator);
	cr_assert(coi_keymat_start(&keymat, coi_test_suite(), &parts, 1));
	cr_assert(coi_keymat_agree(&keymat, chunk_from_thing(nonces),
							   chunk_from_thing(encs), out->common, 2));
	out->agreed = keymat;
	for (i = 0; i < 2; i++)
	{
		if (i == 1)
		{
			cr_assert(coi_keymat_key2(&keymat));
			cr_assert(coi_keymat_shared(&keymat, chunk_from_thing(z)));
			out->shared = keymat;
		}
		if (sign)
		{
			cr_assert(coi_keymat_sign(&keymat, &headers[i], body, val,
									  signatures[i]));
		}
		else
		{
			cr_assert_eq(coi_keymat_verify(&keymat, &headers[i], body,
										   chunk_val(point),
										   chunk_sig(signatures[i])),
						 COI_OK);
		}
	}
	cr_assert(coi_keymat_finish(&keymat, initiator, &out->keys, out->common,
								2));
	for (i = 0; i < sizeof(keymat); i++)
	{
		cr_assert_eq(((uint8_t*)&keymat)[i], 0, "wiped in the end");
	}
}

Test(keymat, both_ends_come_to_the_same)
{
	uint8_t signatures[2][COI_MAX_SIG];
	run_t i, r;
	u_int c;

	run(&i, TRUE, signatures, TRUE);
	run(&r, FALSE, signatures, FALSE);
	cr_expect(memeq(i.agreed.gate2, r.agreed.gate2, SUITE->hash_len));
	cr_expect(memeq(i.agreed.info1, r.agreed.info1, COI_SEAL_KEY_LEN));
	cr_expect(memeq(i.shared.info2, r.shared.info2, COI_SEAL_KEY_LEN));
	cr_expect(memeq(i.shared.key2, r.shared.key2, COI_SEAL_KEY_LEN));
	cr_expect(memeq(i.keys.th2, r.keys.th2, SUITE->hash_len));
	cr_expect(memeq(i.keys.seal_out, r.keys.seal_in, COI_SEAL_KEY_LEN));
	cr_expect(memeq(i.keys.seal_in, r.keys.seal_out, COI_SEAL_KEY_LEN));
	cr_expect(memeq(i.keys.tag_out, r.keys.tag_in, SUITE->hash_len));
	cr_expect(memeq(i.keys.tag_in, r.keys.tag_out, SUITE->hash_len));
	cr_expect_not(memeq(i.keys.seal_in, i.keys.seal_out, 16));
	cr_expect_not(memeq(i.keys.tag_in, i.keys.tag_out, 16));
	for (c = 0; c < 2; c++)
	{
		cr_expect(chunk_equals(i.common[c].encr_out, r.common[c].encr_in));
		cr_expect(chunk_equals(i.common[c].encr_in, r.common[c].encr_out));
		cr_expect_not(chunk_equals(i.common[c].encr_in, i.common[c].encr_out));
		cr_expect_eq(i.common[c].encr_in.len, c ? 16 : 36);
		cr_expect_eq(i.common[c].integ_in.len, c ? 32 : 0);
		cr_expect_eq(i.common[c].integ_out.len, c ? 32 : 0);
	}
	cr_expect(chunk_equals(i.common[1].integ_out, r.common[1].integ_in));
	cr_expect(chunk_equals(i.common[1].integ_in, r.common[1].integ_out));
	cr_expect_not(memeq(i.common[0].encr_in.ptr, i.common[1].encr_in.ptr, 16));
	clear_common(i.common);
	clear_common(r.common);
}

Test(keymat, each_input_counts)
{
	uint8_t *inputs[] = { nonces, encs, z, &part[4],
						  &part[SUITE->sess0_len - 1] };
	uint8_t signatures[2][COI_MAX_SIG], again[2][COI_MAX_SIG];
	run_t a, b;
	u_int i;

	run(&a, TRUE, signatures, TRUE);
	for (i = 0; i < countof(inputs); i++)
	{
		*inputs[i] ^= 1;
		run(&b, TRUE, again, TRUE);
		cr_expect_not(memeq(a.keys.seal_out, b.keys.seal_out, 16));
		cr_expect_not(memeq(a.common[0].encr_in.ptr, b.common[0].encr_in.ptr,
							16));
		cr_expect_eq(memeq(a.agreed.gate2, b.agreed.gate2, 16),
					 inputs[i] == z, "Z comes later");
		cr_expect_not(memeq(a.shared.info2, b.shared.info2, 16));
		clear_common(b.common);
		*inputs[i] ^= 1;
	}
	/* the marker is not in the transcript */
	part[3] ^= 1;
	run(&b, FALSE, signatures, FALSE);
	clear_common(b.common);
	clear_common(a.common);
}

Test(keymat, order_of_communities_and_generation_count)
{
	chunk_t parts = chunk_sess0(part);
	coi_shared_community_t common[2], swapped[2];
	coi_keymat_t a, b;

	make_common(common, TRUE);
	swapped[0] = common[1];
	swapped[1] = common[0];
	cr_assert(coi_keymat_start(&a, coi_test_suite(), &parts, 1));
	b = a;
	cr_assert(coi_keymat_agree(&a, chunk_from_thing(nonces),
							   chunk_from_thing(encs), common, 2));
	cr_assert(coi_keymat_agree(&b, chunk_from_thing(nonces),
							   chunk_from_thing(encs), swapped, 2));
	cr_expect_not(memeq(a.gate2, b.gate2, 16));
	cr_assert(coi_keymat_start(&b, coi_test_suite(), &parts, 1));
	cr_assert(coi_keymat_agree(&b, chunk_from_thing(nonces),
							   chunk_from_thing(encs), common, 1));
	cr_expect_not(memeq(a.gate2, b.gate2, 16));
	coi_keymat_wipe(&a);
	coi_keymat_wipe(&b);
}

Test(keymat, parts_are_one_to_sixteen_of_their_length)
{
	chunk_t parts[COI_SESS0_MAX_PARTS + 1];
	coi_keymat_t keymat;
	u_int i;

	for (i = 0; i < countof(parts); i++)
	{
		parts[i] = chunk_sess0(part);
	}
	cr_expect_not(coi_keymat_start(&keymat, coi_test_suite(), parts, 0));
	cr_expect(coi_keymat_start(&keymat, coi_test_suite(), parts, 16));
	cr_expect_not(coi_keymat_start(&keymat, coi_test_suite(), parts, 17));
	parts[1].len--;
	cr_expect_not(coi_keymat_start(&keymat, coi_test_suite(), parts, 2));
}

Test(keymat, a_signature_that_does_not_verify_changes_nothing)
{
	uint8_t signature[COI_MAX_SIG];
	chunk_t parts = chunk_sess0(part), body = chunk_from_str("body");
	chunk_t public = chunk_val(point), sig = chunk_sig(signature);
	coi_keymat_t signer, verifier, before;
	coi_header_t header = headers[0];

	cr_assert(coi_keymat_start(&signer, coi_test_suite(), &parts, 1));
	verifier = before = signer;
	cr_assert(coi_keymat_sign(&signer, &header, body, val, signature));
	signature[SUITE->sig_len - 1] ^= 1;
	cr_expect_eq(coi_keymat_verify(&verifier, &header, body, public, sig),
				 COI_SIGNATURE);
	signature[SUITE->sig_len - 1] ^= 1;
	cr_expect_eq(coi_keymat_verify(&verifier, &header, chunk_from_str("bod"),
								   public, sig), COI_SIGNATURE);
	header.spi_r++;
	cr_expect_eq(coi_keymat_verify(&verifier, &header, body, public, sig),
				 COI_SIGNATURE, "session ids");
	header = headers[1];
	cr_expect_eq(coi_keymat_verify(&verifier, &header, body, public, sig),
				 COI_SIGNATURE, "type");
	cr_expect(memeq(&verifier, &before, sizeof(before)));
	cr_expect_eq(coi_keymat_verify(&verifier, &headers[0], body, public, sig),
				 COI_OK);
	cr_expect(memeq(&verifier, &signer, sizeof(signer)));
}

Test(keymat, a_community_that_is_not_used_gets_no_keys)
{
	coi_keymat_t keymat = { .suite = coi_test_suite() };
	coi_shared_community_t common[2];
	coi_pdu_keys_t keys;

	make_common(common, TRUE);
	common[0].used = FALSE;
	cr_assert(coi_keymat_finish(&keymat, TRUE, &keys, common, 2));
	cr_expect_eq(common[0].encr_in.len + common[0].encr_out.len, 0);
	cr_expect_eq(common[1].encr_in.len, 16);
	clear_common(common);
}

Test(keymat, without_algorithms_each_step_fails)
{
	uint8_t signature[COI_MAX_SIG];
	chunk_t parts = chunk_sess0(part), body = chunk_from_str("body");
	coi_suite_t lame = *coi_test_suite();
	coi_keymat_t keymat;
	coi_shared_community_t common[2];
	coi_pdu_keys_t keys;

	make_common(common, TRUE);
	lame.hash = HASH_UNKNOWN;
	lame.prf = PRF_UNDEFINED;
	cr_expect_not(coi_keymat_start(&keymat, &lame, &parts, 1));
	keymat = (coi_keymat_t){ .suite = &lame };
	cr_expect_not(coi_keymat_agree(&keymat, chunk_from_thing(nonces),
								   chunk_from_thing(encs), common, 2));
	cr_expect_not(coi_keymat_sign(&keymat, &headers[0], body, val, signature));
	cr_expect_eq(coi_keymat_verify(&keymat, &headers[0], body,
								   chunk_val(point),
								   chunk_sig(signature)), COI_INTERNAL);
	cr_expect_not(coi_keymat_key2(&keymat));
	cr_expect_not(coi_keymat_shared(&keymat, chunk_from_thing(z)));
	memset(keymat.secret, 1, SUITE->hash_len);
	cr_expect_not(coi_keymat_finish(&keymat, TRUE, &keys, common, 2));
	cr_expect_eq(keymat.secret[0], 0, "wiped also on failure");
	cr_expect_eq(common[0].encr_in.len, 0);
}
