/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_utf8.h"

/** Characters that no text has besides control characters: first and last. */
static const struct {
	uint32_t from;
	uint32_t to;
} unclean[] = {
	/* turn the direction of writing */
	{ 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x202a, 0x202e },
	/* separate lines and paragraphs */
	{ 0x2028, 0x2029 },
	/* show nothing, or only in some places; what joins letters, U+200C and U+200D,
	 * is none of them, as scripts need it */
	{ 0x00ad, 0x00ad }, { 0x180e, 0x180e }, { 0x200b, 0x200b },
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff },
	/* annotate what stands beside it */
	{ 0xfff9, 0xfffb },
	/* tags: a second text that is not shown */
	{ 0xe0000, 0xe007f },
};

size_t coi_utf8_read(chunk_t text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint8_t first = text.ptr[0];
	uint32_t value;
	u_int more, i;

	more = first < 0x80 ? 0 : first < 0xc0 ? 4 : first < 0xe0 ? 1 :
		   first < 0xf0 ? 2 : first < 0xf8 ? 3 : 4;
	if (more == 4 || text.len <= more)
	{
		return 0;
	}
	value = more ? first & (0x3f >> more) : first;
	for (i = 1; i <= more; i++)
	{
		if ((text.ptr[i] & 0xc0) != 0x80)
		{
			return 0;
		}
		value = value << 6 | (text.ptr[i] & 0x3f);
	}
	if (value < least[more] || value > 0x10ffff ||
		(value >= 0xd800 && value <= 0xdfff))
	{
		return 0;
	}
	*character = value;
	return more + 1;
}

bool coi_utf8_is_clean(uint32_t character)
{
	u_int i;

	for (i = 0; i < countof(unclean); i++)
	{
		if (character >= unclean[i].from && character <= unclean[i].to)
		{
			return FALSE;
		}
	}
	return !coi_utf8_is_control(character);
}

bool coi_utf8_is_text(chunk_t text)
{
	uint32_t character;
	size_t len;

	while (text.len)
	{
		len = coi_utf8_read(text, &character);
		if (!len || !coi_utf8_is_clean(character))
		{
			return FALSE;
		}
		text = chunk_skip(text, len);
	}
	return TRUE;
}
