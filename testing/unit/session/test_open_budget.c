/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "session/coi_open_budget.h"

#define ALICE 1000
#define BOB 1001

static coi_open_budget_t *budget;
static uint64_t now;

static void create(u_int half_open, u_int rate, u_int burst, u_int share)
{
	coi_open_budget_limits_t limits = {
		.half_open = half_open,
		.rate = rate,
		.burst = burst,
		.share = share,
	};

	DESTROY_IF(budget);
	budget = coi_open_budget_create(&limits);
}

static void setup()
{
	coi_test_init();
	now = 1000000;
	create(100, 1000, 1000, 25);
}

static void teardown()
{
	budget->destroy(budget);
	budget = NULL;
}

TestSuite(budget, .init = setup, .fini = teardown);

static coi_reason_t begin(coi_origin_t origin)
{
	return budget->begin(budget, origin, now);
}

/** Begin as many as are allowed, at most so many. */
static u_int begin_all(coi_origin_t origin, u_int most, coi_reason_t expected)
{
	coi_reason_t reason = COI_OK;
	u_int count = 0;

	while (count < most && (reason = begin(origin)) == COI_OK)
	{
		count++;
	}
	cr_expect_eq(reason, expected);
	return count;
}

static void end(coi_origin_t origin, u_int count)
{
	while (count--)
	{
		budget->end(budget, origin);
	}
}

Test(budget, a_user_has_a_share_and_leaves_the_rest)
{
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_HALF_OPEN), 25);
	cr_expect_eq(begin_all(BOB, 1000, COI_OWN_HALF_OPEN), 25);
	cr_expect_eq(begin_all(COI_ORIGIN_UNKNOWN, 1000, COI_OWN_HALF_OPEN), 25);
	/* all of them together leave something to root */
	cr_expect_eq(begin(1002), COI_OWN_HALF_OPEN);
	cr_expect_eq(begin_all(COI_ORIGIN_ROOT, 1000, COI_OWN_HALF_OPEN), 25);
	cr_expect_eq(budget->count(budget), 100);
	/* who ends some may begin as many */
	end(ALICE, 3);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_HALF_OPEN), 3);
	cr_expect_eq(begin(BOB), COI_OWN_HALF_OPEN);
}

Test(budget, root_leaves_something_to_users)
{
	cr_expect_eq(begin_all(COI_ORIGIN_ROOT, 1000, COI_OWN_HALF_OPEN), 75);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_HALF_OPEN), 25);
	cr_expect_eq(begin(BOB), COI_OWN_HALF_OPEN);
	end(COI_ORIGIN_ROOT, 75);
	cr_expect_eq(begin_all(BOB, 1000, COI_OWN_HALF_OPEN), 25);
}

Test(budget, many_users_leave_something_to_root)
{
	u_int i, count = 0;

	for (i = 1; i <= 65536; i++)
	{
		count += begin(i) == COI_OK;
	}
	cr_expect_eq(count, 75);
	cr_expect_eq(begin_all(COI_ORIGIN_ROOT, 1000, COI_OWN_HALF_OPEN), 25);
	cr_expect_leq(budget->origins(budget), 76);
}

Test(budget, so_many_a_second_after_a_burst)
{
	u_int i, count;

	create(100000, 100, 200, 25);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_RATE), 50);
	end(ALICE, 50);
	/* that they have ended gives none back */
	cr_expect_eq(begin(ALICE), COI_OWN_RATE);
	cr_expect_eq(begin(BOB), COI_OK);
	now += 39;
	cr_expect_eq(begin(ALICE), COI_OWN_RATE);
	now += 1;
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_RATE), 1);
	for (i = 0, count = 0; i < 100; i++)
	{
		now += 100;
		count += begin_all(ALICE, 1000, COI_OWN_RATE);
	}
	cr_expect_eq(count, 250);
	/* a burst does not grow */
	now += 1000000;
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_RATE), 50);
	/* nor does time that goes back give any */
	now -= 500000;
	cr_expect_eq(begin(ALICE), COI_OWN_RATE);
}

Test(budget, many_users_begin_no_more_a_second)
{
	u_int i, count = 0;

	create(100000, 100, 200, 25);
	for (i = 1; i <= 1000; i++)
	{
		count += begin(i) == COI_OK;
	}
	cr_expect_eq(count, 150);
	cr_expect_eq(begin_all(COI_ORIGIN_ROOT, 1000, COI_OWN_RATE), 50);
	now += 1000;
	for (i = 1, count = 0; i <= 1000; i++)
	{
		count += begin(i) == COI_OK;
	}
	cr_expect_eq(count, 75);
}

Test(budget, what_has_not_begun_costs_nothing)
{
	create(100, 1, 4, 100);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_RATE), 4);
	budget->cancel(budget, ALICE);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_RATE), 1);
	end(ALICE, 4);
	cr_expect_eq(budget->count(budget), 0);
	/* once too often */
	budget->end(budget, ALICE);
	budget->cancel(budget, BOB);
	cr_expect_eq(budget->count(budget), 0);
	cr_expect_eq(begin(ALICE), COI_OWN_RATE);
}

Test(budget, charon_itself_is_not_limited)
{
	cr_expect_eq(begin_all(COI_ORIGIN_SELF, 5000, COI_OK), 5000);
	cr_expect_eq(budget->count(budget), 0);
	cr_expect_eq(budget->origins(budget), 0);
	end(COI_ORIGIN_SELF, 5000);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_HALF_OPEN), 25);
}

Test(budget, everybody_may_open_something)
{
	create(1, 1, 1, 1);
	cr_expect_eq(begin(ALICE), COI_OK);
	cr_expect_eq(begin(BOB), COI_OWN_HALF_OPEN);
	end(ALICE, 1);
	now += 1000;
	cr_expect_eq(begin(BOB), COI_OK);
	/* the whole for one user */
	create(100, 1000, 1000, 100);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_HALF_OPEN), 100);
}

Test(budget, who_is_quiet_is_forgotten)
{
	u_int i;

	for (i = 1; i <= 1000; i++)
	{
		now += 1000;
		cr_assert_eq(begin(i), COI_OK);
		cr_assert_leq(budget->origins(budget), 2);
		end(i, 1);
	}
	/* but not what is still being opened */
	cr_assert_eq(begin_all(ALICE, 25, COI_OK), 25);
	now += 1000000;
	cr_assert_eq(begin(BOB), COI_OK);
	cr_expect_eq(begin(ALICE), COI_OWN_HALF_OPEN);
}

Test(budget, hosts_whose_packets_are_forwarded_have_a_share_each)
{
	host_t *a = host_create_from_string("10.1.0.10", 0);
	host_t *b = host_create_from_string("2001:db8::1", 0);

	cr_expect_eq(begin_all(coi_open_budget_origin(a), 1000, COI_OWN_HALF_OPEN),
				 25);
	cr_expect_eq(begin_all(coi_open_budget_origin(b), 1000, COI_OWN_HALF_OPEN),
				 25);
	cr_expect_eq(begin_all(ALICE, 1000, COI_OWN_HALF_OPEN), 25);
	a->destroy(a);
	b->destroy(b);
}
