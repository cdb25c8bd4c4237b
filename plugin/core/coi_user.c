/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_user.h"
#include "coi_limits.h"
#include "coi_utf8.h"

/** Characters that change what a line looks like, besides control characters:
 * first and last. */
static const struct {
	uint32_t from;
	uint32_t to;
} forbidden[] = {
	/* what separates lines or turns the direction of writing */
	{ 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
};

bool coi_user_valid(chunk_t name)
{
	uint32_t character;
	size_t len;
	u_int i;

	if (!name.len || name.len > COI_MAX_USER)
	{
		return FALSE;
	}
	while (name.len)
	{
		len = coi_utf8_read(name, &character);
		if (!len || coi_utf8_is_control(character))
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
		name = chunk_skip(name, len);
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
