/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_segments.h"

/**
 * A segment's header, with a digest that stands for the content.
 */
static coi_header_t header_of(u_int index, u_int count, const char *content)
{
	coi_header_t header = {
		.type = COI_PDU_SESS1,
		.index = index,
		.count = count,
		.spi_r = 7,
	};

	memcpy(header.digest, content, min(strlen(content), sizeof(header.digest)));
	return header;
}

static coi_reason_t add(coi_segments_t *segments, u_int index, u_int count,
						const char *content)
{
	coi_header_t header = header_of(index, count, content);

	return coi_segments_add(segments, &header, chunk_from_str((char*)content));
}

static void assert_joined(const coi_segments_t *segments, const char *content)
{
	chunk_t message;

	cr_assert(coi_segments_join(segments, &message));
	cr_assert(chunk_equals(message, chunk_from_str((char*)content)));
	cr_assert_eq(coi_segments_size(segments), message.len);
	chunk_free(&message);
}

Test(segments, in_every_order)
{
	static const u_int orders[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
		{ 2, 1, 0 },
	};
	static const char *contents[] = { "one", "and two", "3" };
	coi_segments_t segments = {};
	chunk_t message;
	u_int i, j;

	cr_expect_not(coi_segments_join(&segments, &message));
	for (i = 0; i < countof(orders); i++)
	{
		for (j = 0; j < 3; j++)
		{
			cr_expect_not(coi_segments_join(&segments, &message));
			cr_assert_eq(add(&segments, orders[i][j], 3,
							 contents[orders[i][j]]), COI_OK);
		}
		assert_joined(&segments, "oneand two3");
		coi_segments_clear(&segments);
		cr_assert_eq(segments.count, 0);
		cr_assert_eq(coi_segments_size(&segments), 0);
	}
}

Test(segments, the_stored_one_stays)
{
	coi_segments_t segments = {};
	coi_header_t other = header_of(1, 2, "y");

	cr_assert_eq(add(&segments, 0, 2, "x"), COI_OK);
	cr_expect_eq(add(&segments, 0, 2, "x"), COI_OK, "the same again");
	cr_expect_eq(add(&segments, 0, 2, "z"), COI_SEGMENT);
	cr_expect_eq(add(&segments, 0, 2, "xx"), COI_SEGMENT);
	cr_expect_eq(add(&segments, 1, 3, "y"), COI_SEGMENT, "another count");
	other.spi_r = 8;
	cr_expect_eq(coi_segments_add(&segments, &other, chunk_from_str("y")),
				 COI_SEGMENT, "another session id");
	cr_expect_eq(coi_segments_size(&segments), 1);
	cr_assert_eq(add(&segments, 1, 2, "y"), COI_OK);
	cr_expect_eq(add(&segments, 1, 2, "z"), COI_SEGMENT);
	assert_joined(&segments, "xy");
	coi_segments_clear(&segments);
}

Test(segments, sixteen_full_ones)
{
	static uint8_t full[COI_MAX_SEGMENT];
	coi_segments_t segments = {};
	coi_header_t header;
	chunk_t message;
	u_int i;

	for (i = COI_MAX_SEGMENTS; i--;)
	{
		header = header_of(i, COI_MAX_SEGMENTS, "");
		cr_expect_not(coi_segments_join(&segments, &message));
		cr_assert_eq(coi_segments_add(&segments, &header,
									  chunk_from_thing(full)), COI_OK);
	}
	cr_assert(coi_segments_join(&segments, &message));
	cr_assert_eq(message.len, COI_MAX_MESSAGE);
	chunk_free(&message);
	coi_segments_clear(&segments);
}

Test(segments, a_message_is_known_again)
{
	coi_segments_t segments = {};
	coi_seen_t seen = {};
	coi_header_t header = header_of(0, 2, "x");

	cr_expect_not(coi_seen_has(&seen, &header), "nothing seen yet");
	cr_assert_eq(add(&segments, 0, 2, "x"), COI_OK);
	cr_assert_eq(add(&segments, 1, 2, "y"), COI_OK);
	coi_seen_set(&seen, &segments);
	cr_expect(coi_seen_has(&seen, &header));
	header = header_of(1, 2, "y");
	cr_expect(coi_seen_has(&seen, &header));
	header = header_of(1, 2, "x");
	cr_expect_not(coi_seen_has(&seen, &header));
	header = header_of(0, 1, "x");
	cr_expect_not(coi_seen_has(&seen, &header));
	header = header_of(15, 16, "x");
	cr_expect_not(coi_seen_has(&seen, &header));
	coi_segments_clear(&segments);
	header = header_of(0, 2, "x");
	cr_expect(coi_seen_has(&seen, &header), "it does not borrow");

	/* another message takes its place */
	cr_assert_eq(add(&segments, 0, 1, "z"), COI_OK);
	coi_seen_set(&seen, &segments);
	cr_expect_not(coi_seen_has(&seen, &header));
	coi_seen_clear(&seen);
	header = header_of(0, 1, "z");
	cr_expect_not(coi_seen_has(&seen, &header));
	coi_segments_clear(&segments);
}
