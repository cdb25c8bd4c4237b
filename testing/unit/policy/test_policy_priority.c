/* SPDX-License-Identifier: GPL-2.0-or-later */

/* priorities: in order, apart from each other, and no other's is taken for ours */

#include <criterion/criterion.h>

#include "policy/coi_policy_priority.h"

Test(policy_priority, ranges)
{
	const coi_policy_priority_t *list;
	size_t count, i;

	list = coi_policy_priority_list(&count);
	cr_assert_gt(count, 0);
	for (i = 0; i < count; i++)
	{
		cr_assert(list[i].first && list[i].first <= list[i].last,
				  "%s begins behind its end", list[i].name);
		cr_assert(!i || list[i].first > list[i - 1].last,
				  "%s begins before the end of %s", list[i].name,
				  list[i - 1].name);
		cr_assert(*list[i].whose && *list[i].what);
	}
}

Test(policy_priority, is_ours)
{
	const coi_policy_priority_t *list;
	size_t count, i;

	list = coi_policy_priority_list(&count);
	cr_assert(!coi_policy_priority_is_ours(0));
	cr_assert(!coi_policy_priority_is_ours(UINT32_MAX));
	for (i = 0; i < count; i++)
	{
		cr_assert_eq(coi_policy_priority_is_ours(list[i].first), list[i].bare);
		cr_assert_eq(coi_policy_priority_is_ours(list[i].last), list[i].bare);
		if (!i || list[i].first > list[i - 1].last + 1)
		{
			cr_assert(!coi_policy_priority_is_ours(list[i].first - 1),
					  "what is above %s is no one's", list[i].name);
		}
		if (i + 1 == count || list[i].last + 1 < list[i + 1].first)
		{
			cr_assert(!coi_policy_priority_is_ours(list[i].last + 1),
					  "what is below %s is no one's", list[i].name);
		}
	}
}

/** Which wins is what keeps traffic in. */
Test(policy_priority, order)
{
	/* a flow never beats what a child drops, a virtual address never another
	 * peer's network, a trap never a block between two peers */
	cr_assert_lt(COI_PRIO_DROP, COI_PRIO_OPEN);
	cr_assert_lt(COI_PRIO_GUEST_BLOCK, COI_PRIO_ALLOW);
	cr_assert_lt(COI_PRIO_JOIN_LAST, COI_PRIO_BLOCK);
	cr_assert_lt(COI_PRIO_BLOCK, COI_PRIO_NETS);
	cr_assert_lt(COI_PRIO_NETS_LAST, COI_PRIO_TRAP);
	cr_assert_lt(COI_PRIO_HOLD, COI_PRIO_TRAP);
	cr_assert_lt(COI_PRIO_TRAP, COI_PRIO_KEPT);
	cr_assert_lt(COI_PRIO_KEPT_LAST, COI_PRIO_ASTRAY);
}
