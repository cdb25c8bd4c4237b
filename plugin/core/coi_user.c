/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_user.h"
#include "coi_limits.h"

/** Characters that change what a line looks like: first and last. */
static const struct {
	uint32_t from;
	uint32_t to;
} forbidden[] = {
	/* controls */
	{ 0x0000, 0x001f }, { 0x007f, 0x009f },
	/* what separates lines or turns the direction of writing */
	{ 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
};

/**
 * Take a character of UTF-8 from the start.
 *
 * @param text		advanced behind it
 * @return			FALSE if there is none, or it is not the shortest form
 */
static bool take_character(chunk_t *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint8_t first = text->ptr[0];
	u_int more, i;

	more = first < 0x80 ? 0 : first < 0xc0 ? 4 : first < 0xe0 ? 1 :
		   first < 0xf0 ? 2 : first < 0xf8 ? 3 : 4;
	if (more == 4 || text->len <= more)
	{
		return FALSE;
	}
	*character = more ? first & (0x3f >> more) : first;
	for (i = 1; i <= more; i++)
	{
		if ((text->ptr[i] & 0xc0) != 0x80)
		{
			return FALSE;
		}
		*character = *character << 6 | (text->ptr[i] & 0x3f);
	}
	*text = chunk_skip(*text, more + 1);
	return *character >= least[more] && *character <= 0x10ffff &&
		   (*character < 0xd800 || *character > 0xdfff);
}

bool coi_user_valid(chunk_t name)
{
	uint32_t character;
	u_int i;

	if (!name.len || name.len > COI_MAX_USER)
	{
		return FALSE;
	}
	while (name.len)
	{
		if (!take_character(&name, &character))
		{
			return FALSE;
		}
		for (i = 0; i < countof(forbidden); i++)
		{
			if (character >= forbidden[i].from && character <= forbidden[i].to)
			{
				return FALSE;
			}
		}
	}
	return TRUE;
}

bool coi_user_equals(const coi_user_t *a, const coi_user_t *b)
{
	return a->since == b->since && a->name.len == b->name.len &&
		   (!a->name.len || memeq(a->name.ptr, b->name.ptr, a->name.len));
}

coi_user_t coi_user_clone(const coi_user_t *user)
{
	return (coi_user_t){
		.name = chunk_clone(user->name),
		.since = user->since,
	};
}

void coi_user_clear(coi_user_t *user)
{
	chunk_free(&user->name);
	user->since = 0;
}
