/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_policy_priority.h"

static const coi_policy_priority_t priorities[] = {
#define COI_POLICY_PRIORITY_ROW(name, first, last, bare, whose, what) \
	{ #name, first, last, bare, whose, what },
	COI_POLICY_PRIORITIES(COI_POLICY_PRIORITY_ROW)
#undef COI_POLICY_PRIORITY_ROW
};

#define COUNT (sizeof(priorities) / sizeof(priorities[0]))

const coi_policy_priority_t *coi_policy_priority_list(size_t *count)
{
	*count = COUNT;
	return priorities;
}

bool coi_policy_priority_is_ours(uint32_t priority)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
	{
		if (priorities[i].bare && priority >= priorities[i].first &&
			priority <= priorities[i].last)
		{
			return true;
		}
	}
	return false;
}
