/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_utf8.h"

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
