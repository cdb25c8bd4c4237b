/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_frame.h"

static uint8_t gate[COI_MAX_HASH] = { 1, 2, 3 };

TestSuite(frame, .init = coi_test_init);

static coi_header_t header_of(coi_pdu_type_t type)
{
	return (coi_header_t){
		.type = type,
		.suite = SUITE->id,
		.count = 1,
		.spi_i = 1,
		.spi_r = 2,
	};
}

/**
 * Decode and verify, as a receiver does.
 */
static coi_reason_t verify(chunk_t datagram, size_t covered, chunk_t *body)
{
	coi_header_t header;
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &header);
	if (reason != COI_OK)
	{
		return reason;
	}
	return coi_frame_verify(coi_test_suite(), &header, chunk_from_thing(gate),
							covered, datagram, body);
}

Test(frame, round_trip)
{
	coi_header_t header = header_of(COI_PDU_SESS2);
	chunk_t datagram, body;

	cr_assert(coi_frame_make(coi_test_suite(), &header, chunk_from_thing(gate),
							 0, chunk_from_str("body"), &datagram));
	cr_assert_eq(datagram.len, 72 + 4);
	cr_assert_eq(verify(datagram, 0, &body), COI_OK);
	cr_expect_eq(body.ptr, datagram.ptr + 72);
	cr_expect(chunk_equals(body, chunk_from_str("body")));
	cr_expect_eq(verify(datagram, 2, &body), COI_TAG);
	gate[47] ^= 1;
	cr_expect_eq(verify(datagram, 0, &body), COI_TAG, "another gate key");
	chunk_free(&datagram);
}

Test(frame, every_octet_changed_has_its_reason)
{
	size_t covered[] = { 0, 8 }, i, j;
	coi_header_t header = header_of(COI_PDU_SESS1);
	chunk_t datagram, body = chunk_empty;
	coi_reason_t reason;
	uint8_t content[20] = {};

	for (j = 0; j < countof(covered); j++)
	{
		cr_assert(coi_frame_make(coi_test_suite(), &header,
								 chunk_from_thing(gate), covered[j],
								 chunk_from_thing(content), &datagram));
		for (i = 0; i < datagram.len; i++)
		{
			datagram.ptr[i] ^= 0x40;
			reason = verify(datagram, covered[j], &body);
			cr_expect_eq(body.len, 0);
			if (i < 4)
			{
				cr_expect_eq(reason, COI_MARKER);
			}
			else if (i >= 8 && i < 72 + covered[j])
			{
				cr_expect_eq(reason, COI_TAG, "octet %zu", i);
			}
			else if (i >= 72)
			{
				cr_expect_eq(reason, COI_DIGEST, "octet %zu", i);
			}
			else
			{
				cr_expect_neq(reason, COI_OK, "octet %zu", i);
			}
			datagram.ptr[i] ^= 0x40;
		}
		cr_expect_eq(verify(datagram, covered[j], &body), COI_OK);
		body = chunk_empty;
		/* shorter, and longer */
		for (i = 0; i < datagram.len; i++)
		{
			cr_expect_neq(verify(chunk_create(datagram.ptr, i), covered[j],
								 &body), COI_OK);
		}
		datagram = chunk_cat("mc", datagram, chunk_from_str("x"));
		cr_expect_eq(verify(datagram, covered[j], &body), COI_DIGEST);
		chunk_free(&datagram);
	}
}

Test(frame, cut_into_segments)
{
	static const size_t lengths[] = {
		1, 1159, 1160, 1161, 2320, 2321, COI_MAX_MESSAGE - 1, COI_MAX_MESSAGE,
	};
	static uint8_t octets[COI_MAX_MESSAGE + 1];
	coi_header_t header = header_of(COI_PDU_SESS1), decoded;
	chunk_t *datagrams, body, joined;
	u_int count, i, j;

	for (i = 0; i < sizeof(octets); i++)
	{
		octets[i] = i ^ i >> 8;
	}
	for (i = 0; i < countof(lengths); i++)
	{
		cr_assert(coi_frame_cut(coi_test_suite(), &header,
								chunk_from_thing(gate),
								chunk_create(octets, lengths[i]),
								&datagrams, &count));
		cr_expect_eq(count, (lengths[i] + 1159) / 1160);
		joined = chunk_empty;
		for (j = 0; j < count; j++)
		{
			cr_assert_leq(datagrams[j].len, COI_MAX_DATAGRAM);
			cr_expect(j == count - 1 || datagrams[j].len == COI_MAX_DATAGRAM);
			cr_assert_eq(coi_header_decode(datagrams[j], &decoded), COI_OK);
			cr_expect_eq(decoded.index, j);
			cr_expect_eq(decoded.count, count);
			cr_assert_eq(verify(datagrams[j], 0, &body), COI_OK);
			cr_assert_gt(body.len, 0);
			joined = chunk_cat("mc", joined, body);
		}
		cr_expect(chunk_equals(joined, chunk_create(octets, lengths[i])));
		chunk_free(&joined);
		coi_datagrams_clear(&datagrams, &count);
		cr_expect_null(datagrams);
		cr_expect_eq(count, 0);
	}
	cr_expect_not(coi_frame_cut(coi_test_suite(), &header,
								chunk_from_thing(gate),
								chunk_from_thing(octets), &datagrams, &count));
	cr_expect_null(datagrams);
	cr_expect_not(coi_frame_cut(coi_test_suite(), &header,
								chunk_from_thing(gate), chunk_empty,
								&datagrams, &count));
}

Test(frame, without_algorithms_nothing_is_made_or_accepted)
{
	coi_header_t header = header_of(COI_PDU_SESS1);
	coi_suite_t lame = *coi_test_suite();
	chunk_t datagram, body, *datagrams;
	u_int count;

	cr_assert(coi_frame_make(&lame, &header, chunk_from_thing(gate), 0,
							 chunk_from_str("x"), &datagram));
	lame.hash = HASH_UNKNOWN;
	cr_assert_eq(coi_header_decode(datagram, &header), COI_OK);
	cr_expect_eq(coi_frame_verify(&lame, &header, chunk_from_thing(gate), 0,
								  datagram, &body), COI_INTERNAL);
	lame.mac = AUTH_UNDEFINED;
	cr_expect_eq(coi_frame_verify(&lame, &header, chunk_from_thing(gate), 0,
								  datagram, &body), COI_INTERNAL);
	chunk_free(&datagram);
	cr_expect_not(coi_frame_make(&lame, &header, chunk_from_thing(gate), 0,
								 chunk_from_str("x"), &datagram));
	lame.hash = coi_test_suite()->hash;
	cr_expect_not(coi_frame_make(&lame, &header, chunk_from_thing(gate), 0,
								 chunk_from_str("x"), &datagram));
	cr_expect_eq(datagram.len, 0);
	cr_expect_not(coi_frame_cut(&lame, &header, chunk_from_thing(gate),
								chunk_from_str("x"), &datagrams, &count));
	cr_expect_null(datagrams);
}
