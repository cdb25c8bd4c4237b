/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_policy_group.h"

u_int coi_policy_group_hash(const coi_policy_group_t *group)
{
	u_int hash;

	hash = chunk_hash(chunk_from_thing(group->kind));
	hash = chunk_hash_inc(chunk_from_thing(group->reqid), hash);
	if (group->me)
	{
		hash = chunk_hash_inc(group->me->get_address(group->me), hash);
		hash = chunk_hash_inc(group->other->get_address(group->other), hash);
	}
	return hash;
}

bool coi_policy_group_same_host(host_t *a, host_t *b)
{
	return a == b || (a && b && a->ip_equals(a, b));
}

bool coi_policy_group_equals(const coi_policy_group_t *a,
							 const coi_policy_group_t *b)
{
	return a->kind == b->kind && a->reqid == b->reqid &&
		   coi_policy_group_same_host(a->me, b->me) &&
		   coi_policy_group_same_host(a->other, b->other);
}
