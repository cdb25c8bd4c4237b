/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "steps.h"

TestSuite(proof, .init = coi_test_init);

/** where the value of proof begins in sample(), and that of the certificate */
#define VALUE 4
#define CERTIFICATE (VALUE + 6 + 5 + 3 + 7 + 4)

/** A SessionInfo of a Sess3 with a proof. */
static coi_info_t sample()
{
	coi_info_t info = {
		.proof = {
			.id_type = 2,
			.id = chunk_clone(chunk_from_str("alice")),
			.algorithm = chunk_clone(chunk_from_str("alg")),
			.signature = chunk_clone(chunk_from_str("written")),
		},
	};

	coi_proof_add_cert(&info.proof, COI_CERT_X509, chunk_from_str("end"));
	coi_proof_add_cert(&info.proof, COI_CERT_X509, chunk_from_str("middle"));
	return info;
}

Test(proof, octet_by_octet)
{
	uint8_t expected[64] = {
		0x80, 8, 0, 21, 2, 0, 0, 5, 'a', 'l', 'i', 'c', 'e', 0, 3, 'a', 'l',
		'g', 'w', 'r', 'i', 't', 't', 'e', 'n',
		0x80, 9, 0, 4, 4, 'e', 'n', 'd',
		0x80, 9, 0, 7, 4, 'm', 'i', 'd', 'd', 'l', 'e',
		0, 4, 0, 16,
	};
	coi_info_t info = sample(), decoded;
	chunk_t data;

	cr_assert(coi_info_encode_third(&info, &data));
	cr_assert_eq(data.len, sizeof(expected));
	cr_assert(memeq(data.ptr, expected, sizeof(expected)));
	cr_assert(coi_info_decode_third(data, &decoded));
	cr_expect_eq(decoded.proof.id_type, 2);
	cr_expect(chunk_equals(decoded.proof.id, info.proof.id));
	cr_expect(chunk_equals(decoded.proof.algorithm, info.proof.algorithm));
	cr_expect(chunk_equals(decoded.proof.signature, info.proof.signature));
	cr_assert_eq(decoded.proof.cert_count, 2);
	cr_expect(chunk_equals(decoded.proof.certs[1].data,
						   info.proof.certs[1].data));
	coi_info_clear(&decoded);
	coi_info_clear(&info);
	chunk_free(&data);
}

Test(proof, none_is_nothing_but_padding)
{
	coi_info_t info = {}, decoded;
	chunk_t data;

	cr_assert(coi_info_encode_third(&info, &data));
	cr_assert_eq(data.len, 0);
	cr_assert(coi_info_decode_third(data, &decoded));
	cr_expect_not(coi_proof_exists(&decoded.proof));
	coi_info_clear(&decoded);
	chunk_free(&data);
}

Test(proof, every_truncation_and_excess)
{
	coi_info_t info = sample(), decoded;
	chunk_t data, copy;
	size_t len;

	cr_assert(coi_info_encode_third(&info, &data));
	for (len = 1; len < data.len; len++)
	{
		cr_expect_not(coi_info_decode_third(chunk_create(data.ptr, len),
											&decoded), "%zu octets", len);
	}
	copy = chunk_cat("cc", data, chunk_from_str("x"));
	cr_expect_not(coi_info_decode_third(copy, &decoded));
	chunk_free(&copy);
	/* the value of a proof, each length of it */
	for (len = 0; len <= 21; len++)
	{
		coi_proof_t proof = {};

		cr_expect_eq(coi_proof_decode(chunk_create(data.ptr + VALUE, len),
									  &proof), len > 14, "%zu octets", len);
		coi_proof_clear(&proof);
	}
	for (len = 0; len <= 4; len++)
	{
		coi_proof_t proof = {};

		cr_expect_eq(coi_proof_decode_cert(chunk_create(data.ptr + CERTIFICATE,
														len), &proof), len > 1);
		coi_proof_clear(&proof);
	}
	chunk_free(&data);
	coi_info_clear(&info);
}

/** Whether sample() decodes after an octet was changed. */
static bool changed(size_t at, uint8_t value)
{
	coi_info_t info = sample(), decoded;
	chunk_t data;
	bool valid;

	cr_assert(coi_info_encode_third(&info, &data));
	data.ptr[at] = value;
	valid = coi_info_decode_third(data, &decoded);
	if (valid)
	{
		coi_info_clear(&decoded);
	}
	coi_info_clear(&info);
	chunk_free(&data);
	return valid;
}

Test(proof, bad_values)
{
	u_int value;

	for (value = 0; value <= UINT8_MAX; value++)
	{
		/* ID types that may have five octets, and none that has not any */
		cr_expect_eq(changed(VALUE, value), value == 2 || value == 3 ||
					 value == 9 || value == 11, "type %u", value);
		cr_expect_eq(changed(VALUE + 1, value), !value);
		cr_expect_eq(changed(CERTIFICATE, value), value == 4 || value == 15);
		/* lengths: of the identity, of the algorithm; a signature remains */
		cr_expect_eq(changed(VALUE + 10, value), value >= 1 && value < 10,
					 "algorithm of %u", value);
		cr_expect_eq(changed(VALUE + 9, value), !value);
		cr_expect_eq(changed(VALUE + 2, value), !value);
	}
	/* certificates without a proof, a second proof */
	cr_expect_not(changed(0, 0));
	cr_expect_not(changed(26, 8));
}

Test(proof, what_is_too_much)
{
	coi_info_t info = sample(), decoded;
	chunk_t data;

	while (info.proof.cert_count < COI_MAX_CERTIFICATES)
	{
		coi_proof_add_cert(&info.proof, COI_CERT_RAW, chunk_from_str("more"));
	}
	cr_assert(coi_info_encode_third(&info, &data));
	cr_assert(coi_info_decode_third(data, &decoded));
	cr_expect_eq(decoded.proof.cert_count, 16);
	coi_info_clear(&decoded);
	chunk_free(&data);
	coi_proof_add_cert(&info.proof, COI_CERT_RAW, chunk_from_str("more"));
	cr_expect_not(coi_info_encode_third(&info, &data));
	coi_info_clear(&info);

	/* what needs not be encoded */
	info = sample();
	info.proof.certs[1].encoding = 7;
	cr_expect_not(coi_info_encode_third(&info, &data));
	info.proof.certs[1].encoding = COI_CERT_RAW;
	chunk_free(&info.proof.signature);
	cr_expect_not(coi_info_encode_third(&info, &data));
	coi_info_clear(&info);
	info = sample();
	info.proof.id_type = 0;
	cr_expect_not(coi_info_encode_third(&info, &data));
	coi_info_clear(&info);
}

Test(proof, a_sess3_says_nothing_else)
{
	static const struct {
		uint8_t octets[8];
		bool valid;
	} cases[] = {
		/* padding, unknown that may be so, unknown that may not */
		{ { 0, 4, 0, 60 }, TRUE },
		{ { 0x01, 0, 0, 60 }, TRUE },
		{ { 0x81, 0, 0, 60 }, FALSE },
		/* identity, start, community, user, rounds */
		{ { 0x80, 1, 0, 60, 2 }, FALSE },
		{ { 0x80, 2, 0, 60 }, FALSE },
		{ { 0x80, 3, 0, 60 }, FALSE },
		{ { 0x80, 7, 0, 60, 1 }, FALSE },
	};
	uint8_t buf[64];
	coi_info_t info;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		memset(buf, 0, sizeof(buf));
		memcpy(buf, cases[i].octets, sizeof(cases[i].octets));
		cr_expect_eq(coi_info_decode_third(chunk_from_thing(buf), &info),
					 cases[i].valid, "case %u", i);
		if (cases[i].valid)
		{
			coi_info_clear(&info);
		}
	}
}

Test(proof, rounds_are_two_bits_and_come_once)
{
	coi_info_t info = {
		.start = 1,
		.addresses = {
			.seen = { { 0xfe, 0x80 }, 1 }, .own = { { 0xfe, 0x81 }, 2 },
		},
	}, decoded;
	/* behind identity, start and addresses */
	const size_t at = 5 + 12 + 42;
	u_int value;
	chunk_t data, twice;

	for (value = 1; value <= UINT8_MAX; value++)
	{
		info.rounds = value;
		cr_assert(coi_info_encode(&info, &data));
		cr_expect_eq(coi_info_decode(data, &decoded), value <= 3);
		if (value <= 3)
		{
			cr_expect_eq(decoded.rounds, value);
			coi_info_clear(&decoded);
		}
		cr_assert_eq(data.ptr[at + 4], value);
		/* it says nothing, or comes twice */
		if (value == 1)
		{
			data.ptr[at + 4] = 0;
			cr_expect_not(coi_info_decode(data, &decoded));
			data.ptr[at + 4] = 1;
			twice = chunk_cat("ccc", chunk_create(data.ptr, at + 5),
							  chunk_create(data.ptr + at, 5),
							  chunk_create(data.ptr, 59));
			memset(twice.ptr + at + 10, 0, 59);
			twice.ptr[at + 11] = 4;
			twice.ptr[at + 13] = 55;
			cr_assert_eq(twice.len, 128);
			cr_expect_not(coi_info_decode(twice, &decoded));
			/* the second one is what is wrong */
			memcpy(twice.ptr + at + 5, "\0\4\0\1", 5);
			cr_expect(coi_info_decode(twice, &decoded));
			coi_info_clear(&decoded);
			chunk_free(&twice);
		}
		chunk_free(&data);
	}
}

/** What a proof is tied to. */
static chunk_t octets(run_t *run, bool initiator)
{
	coi_binder_t binder;
	coi_proof_t proof = {
		.id_type = 2,
		.id = chunk_from_str("alice"),
		.algorithm = chunk_from_str("alg"),
	};
	chunk_t data;

	cr_assert(coi_session_asked(run->session[!initiator], &binder));
	cr_assert_eq(binder.initiator, initiator);
	cr_assert(coi_proof_octets(&binder, &proof, &data));
	return data;
}

Test(proof, is_tied_to_session_role_identity_algorithm_and_certificate)
{
	run_t run = begin_third(I_GOT_SESS1), other = begin_third(I_GOT_SESS1);
	coi_binder_t binder;
	coi_proof_t proof = {
		.id_type = 2,
		.id = chunk_from_str("alice"),
		.algorithm = chunk_from_str("alg"),
	};
	chunk_t all[8];
	u_int i = 0, j;

	all[i++] = octets(&run, TRUE);
	all[i++] = octets(&other, TRUE);
	cr_assert(coi_session_asked(run.session[0], &binder));
	proof.id_type = 3;
	cr_assert(coi_proof_octets(&binder, &proof, &all[i++]));
	proof.id_type = 2;
	proof.id = chunk_from_str("alicf");
	cr_assert(coi_proof_octets(&binder, &proof, &all[i++]));
	proof.id = chunk_from_str("alice");
	proof.algorithm = chunk_from_str("alh");
	cr_assert(coi_proof_octets(&binder, &proof, &all[i++]));
	proof.algorithm = chunk_from_str("alg");
	binder.initiator = FALSE;
	cr_assert(coi_proof_octets(&binder, &proof, &all[i++]));
	binder.initiator = TRUE;
	coi_proof_add_cert(&proof, COI_CERT_RAW, chunk_from_str("key"));
	cr_assert(coi_proof_octets(&binder, &proof, &all[i++]));
	proof.certs[0].encoding = COI_CERT_X509;
	cr_assert(coi_proof_octets(&binder, &proof, &all[i++]));
	for (i = 0; i < countof(all); i++)
	{
		cr_expect(memeq(all[i].ptr, "coi1 ", 5));
		for (j = 0; j < i; j++)
		{
			cr_expect_not(chunk_equals(all[i], all[j]), "%u and %u", i, j);
		}
	}
	for (i = 0; i < countof(all); i++)
	{
		chunk_free(&all[i]);
	}
	chunk_free(&proof.certs[0].data);
	free(proof.certs);
	end(&run);
	end(&other);
}

Test(proof, both_ends_have_the_same_octets)
{
	run_t run = begin_third(R_GOT_SESS2);
	coi_binder_t theirs;
	const coi_proof_t *proof;
	coi_binder_t none;

	proof = coi_session_proof(run.session[1], &theirs);
	cr_assert_not_null(proof);
	cr_expect(theirs.initiator);
	cr_expect(coi_test_verify(run.session[1], "alice"));
	cr_expect_not(coi_test_verify(run.session[1], "bob"));
	cr_expect_not(coi_session_asked(run.session[0], &none), "only once");
	advance(&run);
	cr_expect_null(coi_session_proof(run.session[1], &none));
	advance(&run);
	cr_expect(coi_test_verify(run.session[0], "bob"));
	end(&run);
}

Test(proof, of_another_session_is_not_good)
{
	run_t run = begin_third(I_GOT_SESS1), other = begin_third(I_GOT_SESS1);
	uint32_t spis[] = { htonl(0x1000), htonl(0x1001) };
	coi_event_t event = {
		.type = COI_EV_ALLOCATED, .spis = spis, .spi_count = 2,
	};
	coi_proof_t proof;

	/* who relays: alice's proof for its own session with her, to bob */
	cr_assert(coi_test_prove(other.session[0], "alice", &proof));
	event.proof = &proof;
	cr_assert_eq(step(&run, TRUE, &event), COI_OK);
	cr_assert_eq(step_datagram(&run, FALSE,
							   run.actions.list[0].datagrams[0]), COI_OK);
	cr_expect_not(coi_test_verify(run.session[1], "alice"));
	coi_proof_clear(&proof);
	end(&run);
	end(&other);
}

Test(proof, a_session_that_demands_one_does_not_go_on_without)
{
	run_t run = begin_third(I_GOT_SESS1);
	uint32_t spis[] = { htonl(0x1000), htonl(0x1001) };
	coi_event_t event = {
		.type = COI_EV_ALLOCATED, .spis = spis, .spi_count = 2,
	};

	cr_assert_eq(step(&run, TRUE, &event), COI_OK);
	cr_assert_eq(step_datagram(&run, FALSE,
							   run.actions.list[0].datagrams[0]), COI_OK);
	/* even if who looks at proofs says that all is well */
	cr_assert_eq(step_plain(&run, FALSE, COI_EV_IDENTIFIED), COI_OK);
	cr_expect_eq(coi_session_state(run.session[1]), COI_CLOSED);
	cr_expect_eq(run.actions.list[1].reason, COI_IDENTITY);
	end(&run);
}

Test(proof, secrets_are_gone_while_a_proof_is_awaited)
{
	run_t run = begin_third(R_GOT_SESS2);
	const coi_exchange_t *exchange;
	u_int i, j;

	for (i = 0; i < 2; i++)
	{
		exchange = run.session[i]->exchange;
		cr_assert_not_null(exchange);
		cr_expect_null(exchange->dh);
		cr_expect_eq(exchange->z.len, 0);
		for (j = 0; j < COI_ENC_LEN; j++)
		{
			cr_expect_eq(exchange->token_i.enc[j] | exchange->token_r.enc[j],
						 0);
		}
	}
	end(&run);
}
