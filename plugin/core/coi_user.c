/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_user.h"
#include "coi_limits.h"
#include "coi_utf8.h"

bool coi_user_valid(chunk_t name)
{
	return name.len && name.len <= COI_MAX_USER && coi_utf8_is_text(name);
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
