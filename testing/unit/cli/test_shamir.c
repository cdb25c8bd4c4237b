/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Shamir's scheme: the field, any k of n, and that fewer say nothing.
 */

#include <criterion/criterion.h>
#include <gmp.h>

#include "coi_test.h"

#include "keys/shamir.h"

static rng_t *rng;

static void setup(void)
{
	coi_test_init();
	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	cr_assert_not_null(rng);
}

static void teardown(void)
{
	rng->destroy(rng);
	coi_test_deinit();
}

TestSuite(shamir, .init = setup, .fini = teardown);

/** Secrets at the ends of what there is, and between. */
static void get_secret(u_int i, uint8_t secret[SHAMIR_SECRET_LEN])
{
	memset(secret, i == 1 ? 0xff : 0, SHAMIR_SECRET_LEN);
	switch (i)
	{
		case 2:
			secret[SHAMIR_SECRET_LEN - 1] = 1;
			break;
		case 3:
			secret[0] = 0x80;
			break;
		case 4:
			cr_assert(rng->get_bytes(rng, SHAMIR_SECRET_LEN, secret));
			break;
	}
}
#define SECRETS 5

Test(shamir, the_prime)
{
	mpz_t prime, power;

	mpz_init_set_str(prime, shamir_prime, 16);
	cr_expect(mpz_probab_prime_p(prime, 50));
	mpz_init(power);
	mpz_ui_pow_ui(power, 2, 257);
	mpz_sub_ui(power, power, 93);
	cr_expect_eq(mpz_cmp(prime, power), 0);
	cr_expect_eq(mpz_sizeinbase(prime, 256), SHAMIR_VALUE_LEN);
	mpz_clears(prime, power, NULL);
}

/** Each subset of shares; bits of set say which are in it. */
static void check_subsets(const uint8_t *secret, u_int threshold, u_int count)
{
	shamir_point_t points[8], chosen[8];
	uint8_t found[SHAMIR_SECRET_LEN], untouched[SHAMIR_SECRET_LEN];
	u_int set, i, n;

	memset(untouched, 0xa5, sizeof(untouched));
	cr_assert(shamir_split(rng, secret, threshold, points, count));
	for (set = 0; set < 1U << count; set++)
	{
		for (i = 0, n = 0; i < count; i++)
		{
			cr_assert_eq(points[i].index, i + 1);
			if (set & (1U << i))
			{	/* the order is not important */
				memmove(chosen + 1, chosen, n++ * sizeof(*chosen));
				chosen[0] = points[i];
			}
		}
		memset(found, 0xa5, sizeof(found));
		if (n >= threshold)
		{
			cr_assert(shamir_combine(threshold, chosen, n, found));
			cr_assert(memeq(found, secret, sizeof(found)));
			continue;
		}
		cr_assert_not(shamir_combine(threshold, chosen, n, found));
		cr_assert(memeq(found, untouched, sizeof(found)));
		if (n >= SHAMIR_MIN && shamir_combine(n, chosen, n, found))
		{
			cr_assert_not(memeq(found, secret, sizeof(found)));
		}
	}
}

Test(shamir, any_k_of_n)
{
	uint8_t secret[SHAMIR_SECRET_LEN];
	u_int i, threshold, count;

	for (i = 0; i < SECRETS; i++)
	{
		get_secret(i, secret);
		for (count = 2; count <= 6; count++)
		{
			for (threshold = 2; threshold <= count; threshold++)
			{
				check_subsets(secret, threshold, count);
			}
		}
	}
}

Test(shamir, as_many_as_there_may_be)
{
	shamir_point_t points[SHAMIR_MAX + 1];
	uint8_t secret[SHAMIR_SECRET_LEN], found[SHAMIR_SECRET_LEN];

	get_secret(4, secret);
	cr_assert(shamir_split(rng, secret, SHAMIR_MAX, points, SHAMIR_MAX));
	cr_expect_eq(points[SHAMIR_MAX - 1].index, SHAMIR_MAX);
	cr_assert(shamir_combine(SHAMIR_MAX, points, SHAMIR_MAX, found));
	cr_expect(memeq(found, secret, sizeof(found)));
	cr_expect_not(shamir_combine(SHAMIR_MAX, points, SHAMIR_MAX - 1, found));
}

Test(shamir, numbers_that_are_refused)
{
	shamir_point_t points[SHAMIR_MAX + 1];
	uint8_t secret[SHAMIR_SECRET_LEN] = {}, found[SHAMIR_SECRET_LEN];
	u_int i, refused[][2] = {
		{ 0, 0 }, { 0, 3 }, { 1, 1 }, { 1, 3 }, { 3, 2 }, { 4, 0 },
		{ 2, SHAMIR_MAX + 1 }, { SHAMIR_MAX + 1, SHAMIR_MAX + 1 },
	};

	for (i = 0; i < countof(refused); i++)
	{
		cr_expect_not(shamir_split(rng, secret, refused[i][0], points,
								   refused[i][1]));
	}
	cr_assert(shamir_split(rng, secret, 2, points, 5));
	for (i = 0; i < countof(refused); i++)
	{
		cr_expect_not(shamir_combine(refused[i][0], points, refused[i][1],
									 found));
	}
}

/** The polynomial with no randomness is the constant; then count what is. */
static u_int asked, available;

METHOD(rng_t, get_bytes, bool,
	rng_t *this, size_t len, uint8_t *buf)
{
	asked++;
	memset(buf, 0, len);
	if (asked == 1)
	{	/* above the prime: asked again */
		memset(buf, 0xff, len);
	}
	return asked <= available;
}

Test(shamir, coefficients_are_from_the_generator)
{
	rng_t none = { .get_bytes = _get_bytes };
	shamir_point_t points[3];
	uint8_t secret[SHAMIR_SECRET_LEN] = { 7 };
	u_int i;

	available = 3;
	cr_assert(shamir_split(&none, secret, 3, points, 3));
	cr_expect_eq(asked, 3);
	for (i = 0; i < 3; i++)
	{
		cr_expect_eq(points[i].value[0], 0);
		cr_expect(memeq(points[i].value + 1, secret, sizeof(secret)));
	}
	for (available = 0; available < 3; available++)
	{
		asked = 0;
		cr_expect_not(shamir_split(&none, secret, 3, points, 3));
	}
}

Test(shamir, values_differ_each_time)
{
	shamir_point_t a[2], b[2];
	uint8_t secret[SHAMIR_SECRET_LEN] = { 1 };

	cr_assert(shamir_split(rng, secret, 2, a, 2));
	cr_assert(shamir_split(rng, secret, 2, b, 2));
	cr_expect_not(memeq(a[0].value, b[0].value, SHAMIR_VALUE_LEN));
	/* mixed ones give something else, if anything */
	a[1] = b[1];
	if (shamir_combine(2, a, 2, b[0].value))
	{
		cr_expect_not(memeq(b[0].value, secret, sizeof(secret)));
	}
}

Test(shamir, points_that_no_split_makes)
{
	shamir_point_t points[4], bad[4];
	uint8_t secret[SHAMIR_SECRET_LEN] = { 1 }, found[SHAMIR_SECRET_LEN];
	u_int i;

	cr_assert(shamir_split(rng, secret, 2, points, 4));
	for (i = 0; i < 4; i++)
	{
		memcpy(bad, points, sizeof(bad));
		bad[i].value[SHAMIR_VALUE_LEN - 1] ^= 1;
		cr_expect_not(shamir_combine(2, bad, 4, found), "another value");
		memcpy(bad, points, sizeof(bad));
		bad[i].index = 0;
		cr_expect_not(shamir_combine(2, bad, 4, found));
		bad[i].index = SHAMIR_MAX + 1;
		cr_expect_not(shamir_combine(2, bad, 4, found));
		bad[i].index = 5;
		cr_expect_not(shamir_combine(2, bad, 4, found));
	}
	bad[0] = bad[1] = points[0];
	cr_expect_not(shamir_combine(2, bad, 2, found), "the same one twice");

	/* the prime itself, and all ones */
	memset(bad, 0xff, sizeof(bad));
	bad[0].index = 1;
	bad[0].value[0] = 0x01;
	bad[1] = points[1];
	cr_expect_not(shamir_combine(2, bad, 2, found));
	bad[0].value[SHAMIR_VALUE_LEN - 1] = 0xa3;
	cr_expect_not(shamir_combine(2, bad, 2, found));

	/* a polynomial whose secret has 257 bits */
	memset(bad, 0, sizeof(bad));
	for (i = 0; i < 2; i++)
	{
		bad[i].index = i + 1;
		bad[i].value[0] = 0x01;
	}
	cr_expect_not(shamir_combine(2, bad, 2, found));
}
