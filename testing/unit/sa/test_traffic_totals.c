/* SPDX-License-Identifier: GPL-2.0-or-later */

/* what a community has carried: sums go on over SAs, and never back */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "sa/coi_traffic_totals.h"

static coi_traffic_totals_t *totals;

static void setup()
{
	coi_test_init();
	totals = coi_traffic_totals_create();
}

static void teardown()
{
	totals->destroy(totals);
	coi_test_deinit();
}

TestSuite(totals, .init = setup, .fini = teardown);

Test(totals, sums)
{
	coi_traffic_total_t none = {}, total = {
		.octets_in = 1000, .octets_out = 2000,
		.packets_in = 1, .packets_out = 2,
	};

	cr_assert_eq(totals->get(totals, "alpha", &none).octets_in, 0);
	totals->add(totals, "alpha", &total);
	totals->add(totals, "alpha", &total);
	totals->add(totals, "beta", &total);
	total = totals->get(totals, "alpha", &total);
	cr_assert_eq(total.octets_in, 3000);
	cr_assert_eq(total.octets_out, 6000);
	cr_assert_eq(total.packets_in, 3);
	cr_assert_eq(total.packets_out, 6);
	cr_assert_eq(totals->get(totals, "beta", &none).octets_out, 2000);
	cr_assert_eq(totals->get(totals, "gamma", &none).octets_out, 0);
}

/** An SA that ends between the two looks is in neither of them. */
Test(totals, never_back)
{
	coi_traffic_total_t none = {}, open = {
		.octets_in = 1000, .packets_in = 1,
	}, later = {
		.octets_in = 1100, .packets_in = 2,
	};

	cr_assert_eq(totals->get(totals, "alpha", &open).octets_in, 1000);
	cr_assert_eq(totals->get(totals, "alpha", &none).octets_in, 1000);
	totals->add(totals, "alpha", &later);
	cr_assert_eq(totals->get(totals, "alpha", &none).octets_in, 1100);
	cr_assert_eq(totals->get(totals, "alpha", &none).packets_in, 2);
}

/** An SA may end when nobody counts any more. */
Test(totals, after_end)
{
	coi_traffic_total_t total = { .octets_in = 1 };
	coi_traffic_totals_t *held = totals->get_ref(totals);

	totals->destroy(totals);
	held->add(held, "alpha", &total);
	held->destroy(held);
	totals = coi_traffic_totals_create();
	cr_assert_eq(totals->get(totals, "alpha", &total).octets_in, 1);
}
