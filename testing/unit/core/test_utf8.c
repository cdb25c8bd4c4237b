/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_utf8.h"

#define LAST 0x10ffff

/** Write a value with the bits of UTF-8 in so many octets, allowed or not. */
static chunk_t write_as(uint32_t value, size_t len, uint8_t buf[4])
{
	static const uint8_t mark[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = len - 1; i > 0; i--)
	{
		buf[i] = 0x80 | (value & 0x3f);
		value >>= 6;
	}
	buf[0] = mark[len] | value;
	return chunk_create(buf, len);
}

static size_t shortest(uint32_t value)
{
	return value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
}

Test(utf8, all_characters_in_their_shortest_form)
{
	uint32_t value, character;
	uint8_t buf[4];
	size_t len;

	for (value = 0; value <= LAST; value++)
	{
		len = shortest(value);
		if (value >= 0xd800 && value <= 0xdfff)
		{
			cr_assert_eq(coi_utf8_read(write_as(value, len, buf), &character),
						 0, "surrogate %x", value);
			continue;
		}
		cr_assert_eq(coi_utf8_read(write_as(value, len, buf), &character), len);
		cr_assert_eq(character, value);
	}
}

Test(utf8, longer_forms_and_higher_values_are_refused)
{
	uint32_t value, character;
	uint8_t buf[4];
	size_t len;

	for (value = 0; value < 0x10000; value++)
	{
		for (len = shortest(value) + 1; len <= 4; len++)
		{
			cr_assert_eq(coi_utf8_read(write_as(value, len, buf), &character),
						 0, "%x in %zu octets", value, len);
		}
	}
	for (value = LAST + 1; value < 0x200000; value++)
	{
		cr_assert_eq(coi_utf8_read(write_as(value, 4, buf), &character), 0);
	}
}

Test(utf8, cut_or_broken_characters_are_refused)
{
	static const uint32_t values[] = { 0x80, 0x7ff, 0x800, 0xffff, 0x10000, LAST };
	uint32_t character;
	uint8_t buf[4];
	chunk_t text;
	size_t i, len;

	for (i = 0; i < countof(values); i++)
	{
		text = write_as(values[i], shortest(values[i]), buf);
		for (len = 1; len < text.len; len++)
		{
			cr_expect_eq(coi_utf8_read(chunk_create(buf, len), &character), 0);
			buf[len] ^= 0x80;
			cr_expect_eq(coi_utf8_read(text, &character), 0);
			buf[len] ^= 0xc0;
			cr_expect_eq(coi_utf8_read(text, &character), 0);
			buf[len] ^= 0x40;
		}
	}
	for (i = 0x80; i < 0xc0; i++)
	{
		buf[0] = i;
		cr_expect_eq(coi_utf8_read(chunk_create(buf, 4), &character), 0);
	}
	for (i = 0xf8; i <= 0xff; i++)
	{
		buf[0] = i;
		cr_expect_eq(coi_utf8_read(chunk_create(buf, 4), &character), 0);
	}
}

Test(utf8, only_the_first_character_is_read)
{
	uint32_t character;

	cr_expect_eq(coi_utf8_read(chunk_from_chars('a', 0xff), &character), 1);
	cr_expect_eq(character, 'a');
	cr_expect_eq(coi_utf8_read(chunk_from_chars(0xc3, 0xa9, 0x80), &character),
				 2);
	cr_expect_eq(character, 0xe9);
}

Test(utf8, control_characters)
{
	uint32_t value;

	for (value = 0; value < 0x200; value++)
	{
		cr_expect_eq(coi_utf8_is_control(value),
					 value <= 0x1f || (value >= 0x7f && value <= 0x9f));
	}
}

/** Whether a character is of those that PROTOCOL.md section 1 lists. */
static bool is_listed(uint32_t value)
{
	return value <= 0x1f || (value >= 0x7f && value <= 0x9f) || value == 0xad ||
		   value == 0x61c || value == 0x180e || value == 0x200b ||
		   value == 0x200e || value == 0x200f ||
		   (value >= 0x2028 && value <= 0x202e) ||
		   (value >= 0x2060 && value <= 0x206f) || value == 0xfeff ||
		   (value >= 0xfff9 && value <= 0xfffb) ||
		   (value >= 0xe0000 && value <= 0xe007f);
}

Test(utf8, clean_characters)
{
	uint8_t buf[6] = "a";
	uint32_t value;
	chunk_t text;

	for (value = 0; value <= LAST; value++)
	{
		cr_assert_eq(coi_utf8_is_clean(value), !is_listed(value), "%x", value);
		if (value < 0xd800 || value > 0xdfff)
		{	/* behind and before a clean one */
			text = write_as(value, shortest(value), buf + 1);
			text.ptr[text.len] = 'b';
			text = chunk_create(buf, text.len + 2);
			cr_assert_eq(coi_utf8_is_text(text), !is_listed(value));
		}
	}
}

Test(utf8, text_is_nothing_but_whole_characters)
{
	cr_expect(coi_utf8_is_text(chunk_empty));
	cr_expect(coi_utf8_is_text(chunk_from_str("J\xc3\xbcrgen \xe8\x98\xad "
											  "\xf0\x9f\x94\x91")));
	cr_expect_not(coi_utf8_is_text(chunk_from_str("cut \xc3")));
	cr_expect_not(coi_utf8_is_text(chunk_from_str("\x80 stray")));
	cr_expect_not(coi_utf8_is_text(chunk_from_str("long \xc0\xaf")));
	cr_expect_not(coi_utf8_is_text(chunk_from_str("half \xed\xa0\x80")));
	cr_expect_not(coi_utf8_is_text(chunk_from_chars('a', 0, 'b')));
}
