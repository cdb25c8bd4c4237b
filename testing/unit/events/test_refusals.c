/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the last refusals: by source, the newest, and no more than there is room
 * for */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "events/coi_refusals.h"
#include "fake_timer.h"

/** refusals that are remembered */
#define ITEMS 64

static coi_refusals_t *refusals;
static host_t *a, *b, *v6;

static void setup()
{
	coi_test_init();
	refusals = coi_refusals_create();
	a = host_create_from_string("192.0.2.1", 500);
	b = host_create_from_string("192.0.2.2", 500);
	v6 = host_create_from_string("2001:db8::1", 500);
}

static void teardown()
{
	refusals->destroy(refusals);
	a->destroy(a);
	b->destroy(b);
	v6->destroy(v6);
}

TestSuite(refusals, .init = setup, .fini = teardown);

Test(refusals, newest)
{
	coi_refusals_item_t item = {
		.reason = COI_REPLAY,
	};

	cr_expect_not(refusals->find(refusals, a, &item));
	cr_expect_eq(item.reason, COI_REPLAY, "untouched");
	refusals->note(refusals, a, COI_NO_COMMUNITY, 1);
	fake_timer.now += 1000;
	refusals->note(refusals, a, COI_TIME, -70);
	refusals->note(refusals, v6, COI_NO_COMMUNITY, 3);
	fake_timer.now += 2500;
	cr_assert(refusals->find(refusals, a, &item));
	cr_expect(item.reason == COI_TIME && item.age == 2 && item.ahead == -70);
	cr_assert(refusals->find(refusals, v6, &item));
	cr_expect(item.reason == COI_NO_COMMUNITY && item.ahead == 3);
	cr_expect_not(refusals->find(refusals, b, &item), "another source");
}

/** A source's port says nothing. */
Test(refusals, port)
{
	coi_refusals_item_t item;

	refusals->note(refusals, a, COI_NO_COMMUNITY, 0);
	a->set_port(a, 501);
	cr_expect(refusals->find(refusals, a, &item));
}

/** Whoever forges sources makes us forget, and nothing else. */
Test(refusals, full)
{
	coi_refusals_item_t item;
	u_int i;

	refusals->note(refusals, a, COI_NO_COMMUNITY, 0);
	for (i = 1; i < ITEMS; i++)
	{
		refusals->note(refusals, b, COI_NO_COMMUNITY, i);
	}
	cr_expect(refusals->find(refusals, a, &item));
	refusals->note(refusals, b, COI_NO_COMMUNITY, 0);
	cr_expect_not(refusals->find(refusals, a, &item));
	cr_expect(refusals->find(refusals, b, &item));
}

/** A clock that goes back makes no age. */
Test(refusals, clock)
{
	coi_refusals_item_t item;

	refusals->note(refusals, a, COI_NO_COMMUNITY, 0);
	fake_timer.now -= 4000;
	cr_assert(refusals->find(refusals, a, &item));
	cr_expect_eq(item.age, 0);
}
