/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_own_vals.h"

#define KEEP 1000

static coi_vals_t *vals;

static void setup()
{
	coi_test_init();
	vals = coi_own_vals_create(SUITE, KEEP);
}

static void teardown()
{
	coi_own_vals_destroy(vals);
}

TestSuite(vals, .init = setup, .fini = teardown);

/** A key that is nothing but its number. */
static uint8_t *make(uint8_t number)
{
	static uint8_t val[COI_MAX_VAL];

	memset(val, number, sizeof(val));
	return val;
}

static bool has(uint8_t number, uint64_t now)
{
	return coi_own_vals_has(vals, chunk_create(make(number), SUITE->val_len),
							now);
}

Test(vals, knows_none)
{
	cr_expect_not(has(0, 0));
	coi_own_vals_replace(vals, NULL, 10);
	cr_expect_not(has(0, 10));
	cr_expect_eq(coi_own_vals_count(vals), 0);
	coi_own_vals_destroy(NULL);
}

Test(vals, knows_what_is_used_for_ever)
{
	coi_own_vals_replace(vals, make(1), 10);
	cr_expect(has(1, 10));
	cr_expect(has(1, 10 + 100 * KEEP));
	cr_expect_not(has(2, 10));
}

Test(vals, knows_what_was_used_for_a_while)
{
	coi_own_vals_replace(vals, make(1), 10);
	coi_own_vals_replace(vals, make(2), 5000);
	coi_own_vals_replace(vals, make(3), 5500);
	cr_expect(has(1, 5999));
	cr_expect(has(2, 5999));
	cr_expect(has(3, 5999));
	/* it counts from when another one took its place */
	cr_expect_not(has(1, 6000));
	cr_expect(has(2, 6499));
	cr_expect_not(has(2, 6500));
	cr_expect(has(3, 6500));
}

Test(vals, knows_what_was_used_when_none_is)
{
	coi_own_vals_replace(vals, make(1), 10);
	coi_own_vals_replace(vals, NULL, 20);
	cr_expect(has(1, 19 + KEEP));
	cr_expect_not(has(1, 20 + KEEP));
	/* what comes then does not prolong it */
	coi_own_vals_replace(vals, make(2), 500);
	cr_expect_not(has(1, 20 + KEEP));
	cr_expect(has(2, 20 + KEEP));
}

Test(vals, forgets)
{
	u_int i;

	for (i = 0; i < 200; i++)
	{
		coi_own_vals_replace(vals, make(i), i * 100);
	}
	/* the one in use, and those of the last KEEP */
	cr_expect_eq(coi_own_vals_count(vals), 1 + KEEP / 100);
	cr_expect(has(199, 199 * 100));
	cr_expect(has(190, 199 * 100));
	cr_expect_not(has(188, 199 * 100));
}

Test(vals, compares_whole_keys)
{
	uint8_t *val;

	coi_own_vals_replace(vals, make(7), 10);
	val = make(7);
	cr_expect_not(coi_own_vals_has(vals, chunk_create(val, SUITE->val_len - 1), 10));
	cr_expect_not(coi_own_vals_has(vals, chunk_empty, 10));
	val[SUITE->val_len - 1] ^= 1;
	cr_expect_not(coi_own_vals_has(vals, chunk_create(val, SUITE->val_len),
								   10));
	val[SUITE->val_len - 1] ^= 1;
	cr_expect(coi_own_vals_has(vals, chunk_create(val, SUITE->val_len), 10));
}
