/* SPDX-License-Identifier: GPL-2.0-or-later */

/* each reason has a counter of its own */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "events/coi_counters.h"

TestSuite(counters, .init = coi_test_init);

Test(counters, one_for_each_reason)
{
	coi_counters_t *counters = coi_counters_create();
	u_int i, j;

	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		for (j = 0; j < i; j++)
		{
			counters->refused(counters, i);
		}
	}
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		cr_expect_eq(counters->get_refused(counters, i), i, "%s",
					 enum_to_name(coi_reason_names, i));
	}
	counters->destroy(counters);
}

Test(counters, none_for_what_is_no_reason)
{
	coi_counters_t *counters = coi_counters_create();
	u_int i;

	counters->refused(counters, COI_OK);
	counters->refused(counters, COI_REASON_MAX);
	for (i = 0; i <= COI_REASON_MAX; i++)
	{
		cr_expect_eq(counters->get_refused(counters, i), 0);
	}
	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		cr_expect_eq(counters->get(counters, i), 0);
	}
	counters->destroy(counters);
}
