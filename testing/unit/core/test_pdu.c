/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_pdu.h"

#define SPI_I 0x0102030405060708ULL
#define SPI_R 0x1112131415161718ULL

/** what the table of sizes in section 2 has for each suite, by its number */
static const struct {
	size_t val;
	size_t sig;
	size_t dh;
	size_t entry;
	size_t sess0;
	size_t term_min;
	size_t term_max;
} sizes[] = {
	[1] = { 96, 96, 96, 144, 1072, 195, 642 },
	[2] = { 32, 64, 32, 80, 688, 163, 610 },
};
#define SIZES sizes[SUITE->id]

/** shortest and longest datagram of each type, section 4, 5 and 9 */
static struct {
	size_t min;
	size_t max;
} lengths[] = {
	{ 0, 0 }, { 73, 1232 }, { 73, 1232 }, { 112, 112 }, { 0, 0 }, { 73, 1232 },
};

static void setup(void)
{
	lengths[COI_PDU_SESS0].min = lengths[COI_PDU_SESS0].max = SIZES.sess0;
	lengths[COI_PDU_TERM].min = SIZES.term_min;
	lengths[COI_PDU_TERM].max = SIZES.term_max;
}

TestSuite(pdu, .init = setup);

/** A buffer of octets that differ. */
static void fill(uint8_t *buf, size_t len)
{
	while (len--)
	{
		buf[len] = len * 7 + 1;
	}
}

/** A good header of a type. */
static coi_header_t header_of(uint8_t type)
{
	coi_header_t header = {
		.type = type,
		.suite = SUITE->id,
		.count = 1,
		.spi_i = SPI_I,
		.spi_r = type == COI_PDU_SESS0 ? 0 : SPI_R,
	};

	fill(header.digest, sizeof(header.digest));
	return header;
}

Test(pdu, header_round_trip)
{
	uint8_t buf[COI_MAX_DATAGRAM] = {}, again[COI_HEADER_LEN];
	coi_header_t header, decoded;
	u_int type;

	for (type = 0; type < countof(lengths); type++)
	{
		header = header_of(type);
		if (coi_pdu_is_segment(type))
		{
			header.index = 14;
			header.count = 16;
		}
		coi_header_encode(&header, buf);
		cr_assert_eq(coi_header_decode(chunk_create(buf, lengths[type].min),
									   &decoded), COI_OK);
		cr_assert_eq(coi_header_decode(chunk_create(buf, lengths[type].max),
									   &decoded), COI_OK);
		cr_expect_eq(decoded.type, type);
		cr_expect_eq(decoded.suite, SUITE->id);
		cr_expect_eq(decoded.index, header.index);
		cr_expect_eq(decoded.count, header.count);
		cr_expect_eq(decoded.spi_i, header.spi_i);
		cr_expect_eq(decoded.spi_r, header.spi_r);
		cr_expect(memeq(decoded.digest, header.digest, COI_DIGEST_LEN));
		coi_header_encode(&decoded, again);
		cr_expect(memeq(again, buf, sizeof(again)));
	}
}

Test(pdu, header_octet_by_octet)
{
	uint8_t buf[COI_HEADER_LEN], expected[] = {
		0, 0, 0, 0, 1, 2, SUITE->id, 0x3f,
		1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
	};
	coi_header_t header = header_of(COI_PDU_SESS2);

	header.index = 3;
	header.count = 16;
	coi_header_encode(&header, buf);
	cr_assert(memeq(buf, expected, sizeof(expected)));
	cr_assert(memeq(buf + 24, header.digest, COI_DIGEST_LEN));
}

Test(pdu, context_octet_by_octet)
{
	uint8_t buf[COI_CONTEXT_LEN], expected[] = {
		1, 1, SUITE->id, 0,
		1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
	};
	coi_header_t header = header_of(COI_PDU_SESS1);

	header.index = 3;
	header.count = 16;
	coi_context_encode(&header, buf);
	cr_assert(memeq(buf, expected, sizeof(expected)));
}

Test(pdu, header_every_truncation_and_excess)
{
	uint8_t buf[COI_MAX_DATAGRAM + 2] = {};
	coi_header_t header, untouched;
	coi_reason_t reason, expected;
	u_int type;
	size_t len;

	for (type = 0; type < countof(lengths); type++)
	{
		header = header_of(type);
		coi_header_encode(&header, buf);
		for (len = 0; len <= sizeof(buf); len++)
		{
			memset(&header, 0xaa, sizeof(header));
			untouched = header;
			reason = coi_header_decode(chunk_create(buf, len), &header);
			expected = len < COI_HEADER_LEN ? COI_SHORT :
					   len < lengths[type].min || len > lengths[type].max ?
					   COI_LENGTH : COI_OK;
			cr_assert_eq(reason, expected, "type %u, %zu octets", type, len);
			if (reason != COI_OK)
			{
				cr_assert(memeq(&header, &untouched, sizeof(header)),
						  "written to on failure");
			}
		}
	}
}

/**
 * Change an octet of a good header and look at the reason.
 */
static coi_reason_t changed(uint8_t type, size_t at, uint8_t value)
{
	uint8_t buf[COI_MAX_DATAGRAM] = {};
	coi_header_t header = header_of(type);

	coi_header_encode(&header, buf);
	buf[at] = value;
	return coi_header_decode(chunk_create(buf, lengths[type].min), &header);
}

Test(pdu, header_each_bad_value_has_its_reason)
{
	coi_reason_t reason;
	u_int type, i, value;
	bool fits;

	for (type = 0; type < countof(lengths); type++)
	{
		for (i = 0; i < 4; i++)
		{
			cr_expect_eq(changed(type, i, 1), COI_MARKER);
			cr_expect_eq(changed(type, i, 0x80), COI_MARKER);
		}
		for (value = 0; value <= UINT8_MAX; value++)
		{
			cr_expect_eq(changed(type, 4, value),
						 value == 1 ? COI_OK : COI_BAD_VERSION);
			reason = changed(type, 6, value);
			if (value == SUITE->id || !coi_suite_get(value))
			{
				cr_expect_eq(reason, value == SUITE->id ? COI_OK : COI_SUITE);
			}
			else
			{	/* the other suite: its lengths count */
				fits = type == COI_PDU_TERM ?
					   lengths[type].min >= sizes[value].term_min :
					   type != COI_PDU_SESS0;
				cr_expect_eq(reason, fits ? COI_OK : COI_LENGTH);
			}
			if (value > COI_PDU_SESS3)
			{
				cr_expect_eq(changed(type, 5, value), COI_TYPE);
			}
			if (coi_pdu_is_segment(type))
			{
				cr_expect_eq(changed(type, 7, value),
					value >> 4 <= (value & 15) ? COI_OK : COI_SEGMENT);
			}
			else
			{
				cr_expect_eq(changed(type, 7, value),
							 value ? COI_SEGMENT : COI_OK);
			}
		}
	}
}

Test(pdu, header_session_ids)
{
	uint8_t buf[COI_MAX_DATAGRAM] = {};
	coi_header_t header, decoded;
	u_int type;

	for (type = 0; type < countof(lengths); type++)
	{
		header = header_of(type);
		header.spi_i = 0;
		coi_header_encode(&header, buf);
		cr_expect_eq(coi_header_decode(chunk_create(buf, lengths[type].min),
									   &decoded), COI_SPI);
		header = header_of(type);
		header.spi_r = header.spi_r ? 0 : 1;
		coi_header_encode(&header, buf);
		cr_expect_eq(coi_header_decode(chunk_create(buf, lengths[type].min),
									   &decoded), COI_SPI);
		/* only one octet of either is not zero */
		header = header_of(type);
		header.spi_i = 1ULL << 56;
		coi_header_encode(&header, buf);
		cr_expect_eq(coi_header_decode(chunk_create(buf, lengths[type].min),
									   &decoded), COI_OK);
	}
}

Test(pdu, header_first_reason_that_applies)
{
	uint8_t buf[COI_MAX_DATAGRAM];

	/* all wrong at once: what is checked first is what counts */
	memset(buf, 0xff, sizeof(buf));
	coi_header_t header;
	cr_expect_eq(coi_header_decode(chunk_create(buf, 55), &header), COI_SHORT);
	cr_expect_eq(coi_header_decode(chunk_create(buf, 56), &header), COI_MARKER);
	memset(buf, 0, 4);
	cr_expect_eq(coi_header_decode(chunk_create(buf, 56), &header),
				 COI_BAD_VERSION);
	buf[4] = 1;
	cr_expect_eq(coi_header_decode(chunk_create(buf, 56), &header), COI_TYPE);
	buf[5] = 0;
	cr_expect_eq(coi_header_decode(chunk_create(buf, 56), &header), COI_SUITE);
	buf[6] = SUITE->id;
	buf[7] = 0x10;
	cr_expect_eq(coi_header_decode(chunk_create(buf, 56), &header), COI_LENGTH);
	cr_expect_eq(coi_header_decode(chunk_create(buf, SIZES.sess0), &header),
				 COI_SEGMENT);
	buf[7] = 0;
	cr_expect_eq(coi_header_decode(chunk_create(buf, SIZES.sess0), &header), COI_SPI);
}

Test(pdu, sess0_slices_lie_where_they_should)
{
	uint8_t buf[COI_MAX_DATAGRAM];
	coi_sess0_t sess0;

	fill(buf, sizeof(buf));
	cr_assert(coi_sess0_view(SUITE, chunk_create(buf, SIZES.sess0), &sess0));
	cr_expect_eq(sess0.time, untoh64(buf + 56));
	cr_expect_eq(sess0.to.ptr - buf, 64);
	cr_expect_eq(sess0.to.len, 16);
	cr_expect_eq(sess0.nonce.ptr - buf, 80);
	cr_expect_eq(sess0.nonce.len, 32);
	cr_expect_eq(sess0.tags.ptr - buf, 112);
	cr_expect_eq(sess0.tags.len, 96);
	cr_expect_eq(sess0.entries.ptr - buf, 208);
	cr_expect_eq(sess0.entries.len, 6 * SIZES.entry);
	cr_expect_eq(sess0.ids.ptr - buf, 4);
	cr_expect_eq(sess0.ids.len, 20);
	cr_expect_eq(sess0.fields.ptr - buf, 56);
	cr_expect_eq(sess0.fields.len, 56);
	cr_expect_eq(sess0.tagged.ptr - buf, 4);
	cr_expect_eq(sess0.tagged.len, 108);
	cr_expect_eq(208 + sess0.entries.len, SIZES.sess0);
	cr_expect_eq(sess0.hashed.ptr - buf, 4);
	cr_expect_eq(sess0.hashed.len, SIZES.sess0 - 4);
}

Test(pdu, sess0_of_another_length)
{
	uint8_t buf[COI_MAX_DATAGRAM];
	coi_sess0_t sess0;
	size_t len;

	fill(buf, sizeof(buf));
	for (len = 0; len <= sizeof(buf); len++)
	{
		cr_expect_eq(coi_sess0_view(SUITE, chunk_create(buf, len), &sess0),
					 len == SIZES.sess0);
	}
}

Test(pdu, message1_places_are_the_least_that_hold)
{
	u_int i;

	cr_expect_eq(coi_message1_places(0), 0);
	for (i = 1; i <= 96; i++)
	{
		cr_expect_eq(coi_message1_places(i), i <= 4 ? 4 : i <= 16 ? 16 : 96);
	}
	cr_expect_eq(coi_message1_places(97), 0);
	cr_expect_eq(coi_message1_places(UINT32_MAX), 0);
}

/**
 * Encode a message 1.
 */
static chunk_t make_message1(u_int places, size_t info_len, chunk_t *body)
{
	static uint8_t data[COI_MAX_MESSAGE];
	coi_message1_t message1 = {
		.nonce = chunk_create(data, 32),
		.parts = 0x8001,
		.places = places,
		.etags = chunk_create(data, places * 16),
		.entries = chunk_create(data, places * SIZES.entry),
		.info = chunk_create(data, info_len),
	};
	chunk_t message;

	fill(data, sizeof(data));
	cr_assert(coi_message1_encode(SUITE, &message1, body, &message));
	cr_assert_eq(message.len, 38 + places * (16 + SIZES.entry) + info_len +
							  SIZES.sig);
	cr_assert_eq(body->ptr, message.ptr);
	cr_assert_eq(body->len, message.len - SIZES.sig);
	fill(message.ptr + body->len, SIZES.sig);
	return message;
}

Test(pdu, message1_round_trip)
{
	u_int places[] = { 4, 16, 96 }, i;
	chunk_t message, body, again;
	coi_message1_t decoded;

	for (i = 0; i < countof(places); i++)
	{
		message = make_message1(places[i], 80, &body);
		cr_assert(coi_message1_decode(SUITE, message, &decoded));
		cr_expect_eq(decoded.places, places[i]);
		cr_expect_eq(decoded.parts, 0x8001);
		cr_expect_eq(decoded.nonce.ptr, message.ptr);
		cr_expect_eq(decoded.nonce.len, 32);
		cr_expect_eq(decoded.etags.ptr, message.ptr + 36);
		cr_expect_eq(decoded.etags.len, places[i] * 16);
		cr_expect_eq(decoded.entries.ptr, message.ptr + 36 + places[i] * 16);
		cr_expect_eq(decoded.entries.len, places[i] * SIZES.entry);
		cr_expect_eq(decoded.info.ptr, message.ptr + 38 +
					 places[i] * (16 + SIZES.entry));
		cr_expect_eq(decoded.info.len, 80);
		cr_expect_eq(decoded.signature.len, SIZES.sig);
		cr_expect(chunk_equals(decoded.body, body));
		cr_assert(coi_message1_encode(SUITE, &decoded, &body, &again));
		cr_expect(memeq(again.ptr, message.ptr, body.len));
		chunk_free(&again);
		chunk_free(&message);
	}
}

Test(pdu, message1_every_truncation_and_excess)
{
	chunk_t message, body, longer;
	coi_message1_t decoded;
	size_t len;

	message = make_message1(4, 80, &body);
	for (len = 0; len < message.len; len++)
	{
		cr_expect_not(coi_message1_decode(SUITE,
							chunk_create(message.ptr, len), &decoded), "%zu", len);
	}
	longer = chunk_cat("cc", message, chunk_from_str("x"));
	cr_expect_not(coi_message1_decode(SUITE, longer, &decoded));
	chunk_free(&longer);
	chunk_free(&message);
}

Test(pdu, message1_bad_values)
{
	chunk_t message, body;
	coi_message1_t decoded;
	u_int value;

	message = make_message1(4, 80, &body);
	for (value = 0; value <= UINT8_MAX; value++)
	{
		message.ptr[34] = value;
		cr_expect_eq(coi_message1_decode(SUITE, message, &decoded),
					 value == 4, "%u places", value);
	}
	message.ptr[34] = 4;
	for (value = 1; value <= UINT8_MAX; value++)
	{
		message.ptr[35] = value;
		cr_expect_not(coi_message1_decode(SUITE, message, &decoded));
	}
	message.ptr[35] = 0;
	for (value = 0; value <= UINT16_MAX; value++)
	{
		htoun16(message.ptr + 36 + 4 * (16 + SIZES.entry), value);
		cr_expect_eq(coi_message1_decode(SUITE, message, &decoded),
					 value == 80, "info of %u", value);
	}
	chunk_free(&message);
}

Test(pdu, message1_too_long_is_not_made)
{
	coi_message1_t message1 = { .places = 4 };
	chunk_t body, message;
	size_t room;

	room = coi_message1_room(SUITE, 4);
	message = make_message1(4, room, &body);
	cr_expect_eq(message.len, COI_MAX_MESSAGE);
	chunk_free(&message);

	message1.nonce = chunk_alloc(32);
	message1.etags = chunk_alloc(4 * 16);
	message1.entries = chunk_alloc(4 * SIZES.entry);
	message1.info = chunk_alloc(UINT16_MAX + 1);
	memset(message1.info.ptr, 0, message1.info.len);
	cr_expect_not(coi_message1_encode(SUITE, &message1, &body, &message));
	cr_expect_eq(message.len + body.len, 0);
	message1.info.len = room + 1;
	cr_expect_not(coi_message1_encode(SUITE, &message1, &body, &message));
	cr_expect_eq(message.len + body.len, 0);
	chunk_free(&message1.nonce);
	chunk_free(&message1.etags);
	chunk_free(&message1.entries);
	chunk_free(&message1.info);
}

/**
 * Encode a message 2.
 */
static chunk_t make_message2(size_t info_len, chunk_t *body)
{
	static uint8_t data[COI_MAX_MESSAGE];
	coi_message2_t message2 = {
		.key = chunk_create(data, SIZES.dh + 16),
		.info = chunk_create(data, info_len),
	};
	chunk_t message;

	fill(data, sizeof(data));
	cr_assert(coi_message2_encode(SUITE, &message2, body, &message));
	cr_assert_eq(message.len, SIZES.dh + 16 + 2 + info_len + SIZES.sig);
	fill(message.ptr + body->len, SIZES.sig);
	return message;
}

Test(pdu, message2_round_trip)
{
	chunk_t message, body, again;
	coi_message2_t decoded;

	message = make_message2(80, &body);
	cr_assert(coi_message2_decode(SUITE, message, &decoded));
	cr_expect_eq(decoded.key.ptr, message.ptr);
	cr_expect_eq(decoded.key.len, SIZES.dh + 16);
	cr_expect_eq(decoded.info.ptr, message.ptr + SIZES.dh + 18);
	cr_expect_eq(decoded.info.len, 80);
	cr_expect_eq(decoded.signature.ptr, message.ptr + message.len - SIZES.sig);
	cr_expect(chunk_equals(decoded.body, body));
	cr_assert(coi_message2_encode(SUITE, &decoded, &body, &again));
	cr_expect(memeq(again.ptr, message.ptr, body.len));
	chunk_free(&again);
	chunk_free(&message);
}

Test(pdu, message2_every_truncation_and_excess)
{
	chunk_t message, body, longer;
	coi_message2_t decoded;
	size_t len;
	u_int value;

	message = make_message2(80, &body);
	for (len = 0; len < message.len; len++)
	{
		cr_expect_not(coi_message2_decode(SUITE,
							chunk_create(message.ptr, len), &decoded));
	}
	longer = chunk_cat("cc", message, chunk_from_str("x"));
	cr_expect_not(coi_message2_decode(SUITE, longer, &decoded));
	chunk_free(&longer);
	for (value = 0; value <= UINT16_MAX; value++)
	{
		htoun16(message.ptr + SIZES.dh + 16, value);
		cr_expect_eq(coi_message2_decode(SUITE, message, &decoded),
					 value == 80);
	}
	chunk_free(&message);
}

Test(pdu, message2_too_long_is_not_made)
{
	coi_message2_t message2 = {};
	chunk_t body, message;
	size_t room;

	room = coi_message2_room(SUITE);
	message = make_message2(room, &body);
	cr_expect_eq(message.len, COI_MAX_MESSAGE);
	chunk_free(&message);

	message2.key = chunk_alloc(SIZES.dh + 16);
	message2.info = chunk_alloc(UINT16_MAX + 1);
	memset(message2.info.ptr, 0, message2.info.len);
	cr_expect_not(coi_message2_encode(SUITE, &message2, &body, &message));
	message2.info.len = room + 1;
	cr_expect_not(coi_message2_encode(SUITE, &message2, &body, &message));
	cr_expect_eq(message.len + body.len, 0);
	chunk_free(&message2.key);
	chunk_free(&message2.info);
}

Test(pdu, types_have_names)
{
	cr_expect_str_eq(enum_to_name(coi_pdu_names, 0), "Sess0");
	cr_expect_str_eq(enum_to_name(coi_pdu_names, 4), "TERM");
	cr_expect_null(enum_to_name(coi_pdu_names, COI_PDU_MAX));
}
