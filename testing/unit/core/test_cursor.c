/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_cursor.h"

static uint8_t octets[] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
};

Test(cursor, reads_in_network_order)
{
	coi_cursor_t cursor = coi_cursor(chunk_from_thing(octets));
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	cr_assert(coi_cursor_u8(&cursor, &u8));
	cr_assert(coi_cursor_u16(&cursor, &u16));
	cr_assert(coi_cursor_u32(&cursor, &u32));
	cr_assert_eq(coi_cursor_remaining(&cursor), 8);
	cr_assert_not(coi_cursor_done(&cursor));
	cr_assert(coi_cursor_u64(&cursor, &u64));
	cr_assert(coi_cursor_done(&cursor));
	cr_expect_eq(u8, 0x01);
	cr_expect_eq(u16, 0x0203);
	cr_expect_eq(u32, 0x04050607);
	cr_expect_eq(u64, 0x08090a0b0c0d0e0fULL);
}

Test(cursor, every_short_read_fails_and_stays_failed)
{
	uint8_t u8, out[4] = { 0xaa, 0xaa, 0xaa, 0xaa };
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	chunk_t bytes;
	coi_cursor_t cursor;
	size_t len;

	for (len = 0; len < 8; len++)
	{
		cursor = coi_cursor(chunk_create(octets, len));
		u64 = 1;
		cr_assert_not(coi_cursor_u64(&cursor, &u64));
		cr_expect_eq(u64, 0);
		cr_expect_eq(coi_cursor_remaining(&cursor), 0);
		/* what would fit fails now too */
		u8 = 1;
		u16 = 1;
		u32 = 1;
		cr_expect_not(coi_cursor_u8(&cursor, &u8));
		cr_expect_not(coi_cursor_u16(&cursor, &u16));
		cr_expect_not(coi_cursor_u32(&cursor, &u32));
		cr_expect_eq(u8 + u16 + u32, 0);
		bytes = chunk_from_thing(out);
		cr_expect_not(coi_cursor_bytes(&cursor, 0, &bytes));
		cr_expect_eq(bytes.len, 0);
		cr_expect_not(coi_cursor_copy(&cursor, out, 0));
		cr_expect_not(coi_cursor_done(&cursor));
	}
	cursor = coi_cursor(chunk_create(octets, 3));
	cr_expect_not(coi_cursor_copy(&cursor, out, sizeof(out)));
	cr_expect_eq(out[0], 0xaa, "the buffer is left alone");
	cursor = coi_cursor(chunk_create(octets, 3));
	cr_expect_not(coi_cursor_bytes(&cursor, SIZE_MAX, &bytes));
	cr_expect_eq(bytes.len, 0);
}

Test(cursor, bytes_are_borrowed)
{
	coi_cursor_t cursor = coi_cursor(chunk_from_thing(octets));
	uint8_t out[3];
	chunk_t bytes;

	cr_assert(coi_cursor_bytes(&cursor, 4, &bytes));
	cr_expect_eq(bytes.ptr, octets);
	cr_expect_eq(bytes.len, 4);
	cr_assert(coi_cursor_copy(&cursor, out, sizeof(out)));
	cr_expect_eq(out[0], 5);
	cr_assert(coi_cursor_bytes(&cursor, 0, &bytes));
	cr_assert(coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &bytes));
	cr_assert(coi_cursor_done(&cursor));
	cursor = coi_cursor(chunk_empty);
	cr_assert(coi_cursor_done(&cursor), "nothing was asked for");
}

Test(cursor, what_is_written_is_read)
{
	uint8_t buf[15];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));
	chunk_t written;

	coi_writer_u8(&writer, 0x01);
	coi_writer_u16(&writer, 0x0203);
	coi_writer_u32(&writer, 0x04050607);
	coi_writer_u64(&writer, 0x08090a0b0c0d0e0fULL);
	cr_assert(coi_writer_done(&writer, &written));
	cr_assert(chunk_equals(written, chunk_from_thing(octets)));
	coi_writer_bytes(&writer, chunk_empty);
	cr_assert(coi_writer_done(&writer, &written));
}

Test(cursor, the_writer_stops_at_the_end_of_its_buffer)
{
	uint8_t buf[9];
	coi_writer_t writer;
	chunk_t written, gap;
	size_t len;

	for (len = 0; len < 8; len++)
	{
		memset(buf, 0xaa, sizeof(buf));
		writer = coi_writer(buf, len);
		coi_writer_u64(&writer, 0);
		cr_expect_not(coi_writer_done(&writer, &written));
		cr_expect_eq(written.len, 0);
		/* what would fit does not make good for it */
		coi_writer_u8(&writer, 0);
		coi_writer_bytes(&writer, chunk_empty);
		gap = coi_writer_gap(&writer, 0);
		cr_expect_eq(gap.len, 0);
		cr_expect_not(coi_writer_done(&writer, &written));
		for (gap = chunk_from_thing(buf); gap.len; gap = chunk_skip(gap, 1))
		{
			cr_expect_eq(*gap.ptr, 0xaa, "something was written");
		}
	}
	writer = coi_writer(buf, sizeof(buf));
	gap = coi_writer_gap(&writer, SIZE_MAX);
	cr_expect_eq(gap.len, 0);
	cr_expect_not(coi_writer_done(&writer, &written));
	writer = coi_writer(buf, sizeof(buf));
	coi_writer_u8(&writer, 7);
	gap = coi_writer_gap(&writer, 8);
	cr_expect_eq(gap.ptr, buf + 1);
	cr_expect_eq(gap.len, 8);
	cr_expect(coi_writer_done(&writer, &written));
	cr_expect_eq(written.len, 9);
	coi_writer_bytes(&writer, chunk_create(octets, 1));
	cr_expect_not(coi_writer_done(&writer, &written));
}

Test(cursor, slices_stay_inside)
{
	chunk_t data = chunk_from_thing(octets), slice;

	slice = coi_slice(data, 4, 6);
	cr_expect_eq(slice.ptr, octets + 4);
	cr_expect_eq(slice.len, 2);
	cr_expect_eq(coi_slice(data, 0, sizeof(octets)).len, sizeof(octets));
	cr_expect_eq(coi_slice(data, 5, 5).len, 0);
	cr_expect_eq(coi_slice(data, 6, 5).len, 0);
	cr_expect_eq(coi_slice(data, 0, sizeof(octets) + 1).len, 0);
	cr_expect_eq(coi_slice(data, SIZE_MAX, SIZE_MAX).len, 0);
	cr_expect_eq(coi_nth(data, 5, 2).ptr, octets + 10);
	cr_expect_eq(coi_nth(data, 5, 2).len, 5);
	cr_expect_eq(coi_nth(data, 5, 3).len, 0);
	cr_expect_eq(coi_nth(data, 4, 3).len, 0, "half a field is none");
}
