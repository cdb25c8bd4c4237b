/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "shamir.h"

#include <gmp.h>

/** Bits of the uppermost octet of a value. */
#define TOP_MASK 0x01

const char shamir_prime[] =
	"1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa3";

/**
 * How GMP gives back memory: wiped.
 */
static void wipe(void *ptr, size_t len)
{
	memwipe(ptr, len);
	free(ptr);
}

static void *allocate(size_t len)
{
	void *ptr = malloc(len);

	if (!ptr)
	{
		abort();
	}
	return ptr;
}

static void *reallocate(void *old, size_t old_len, size_t len)
{
	void *ptr = allocate(len);

	memcpy(ptr, old, min(old_len, len));
	wipe(old, old_len);
	return ptr;
}

/** GMP has temporary numbers on the stack, too. */
static void __attribute__((noinline)) wipe_stack(void)
{
	uint8_t below[16384];

	memwipe(below, sizeof(below));
}

/**
 * Begin: with the prime, and with memory that will be wiped.
 */
static void begin(mpz_t prime)
{
	mp_set_memory_functions(allocate, reallocate, wipe);
	mpz_init_set_str(prime, shamir_prime, 16);
}

static void end(mpz_t prime)
{
	mpz_clear(prime);
	wipe_stack();
	mp_set_memory_functions(NULL, NULL, NULL);
}

static void read_number(mpz_t number, const uint8_t *octets, size_t len)
{
	mpz_import(number, len, 1, 1, 1, 0, octets);
}

/** Write a number, filled up with zeros, which has at most len octets. */
static void write_number(const mpz_t number, uint8_t *octets, size_t len)
{
	size_t used = (mpz_sizeinbase(number, 2) + 7) / 8;

	memset(octets, 0, len);
	if (mpz_sgn(number))
	{
		mpz_export(octets + len - used, NULL, 1, 1, 1, 0, number);
	}
}

/**
 * A random element of the field, each with the same probability.
 */
static bool random_element(rng_t *rng, const mpz_t prime, mpz_t number)
{
	uint8_t octets[SHAMIR_VALUE_LEN];

	do
	{
		if (!rng->get_bytes(rng, sizeof(octets), octets))
		{
			memwipe(octets, sizeof(octets));
			return FALSE;
		}
		octets[0] &= TOP_MASK;
		read_number(number, octets, sizeof(octets));
	}
	while (mpz_cmp(number, prime) >= 0);
	memwipe(octets, sizeof(octets));
	return TRUE;
}

/**
 * The polynomial's value at x, by Horner's rule.
 */
static void evaluate(mpz_t value, mpz_t *coefficients, u_int count, u_int x,
					 const mpz_t prime)
{
	mpz_set_ui(value, 0);
	while (count--)
	{
		mpz_mul_ui(value, value, x);
		mpz_add(value, value, coefficients[count]);
		mpz_mod(value, value, prime);
	}
}

bool shamir_split(rng_t *rng, const uint8_t secret[SHAMIR_SECRET_LEN],
				  u_int threshold, shamir_point_t *points, u_int count)
{
	mpz_t prime, value, coefficients[SHAMIR_MAX];
	bool success = TRUE;
	u_int i;

	if (threshold < SHAMIR_MIN || threshold > count || count > SHAMIR_MAX)
	{
		return FALSE;
	}
	begin(prime);
	mpz_init(value);
	for (i = 0; i < threshold; i++)
	{
		mpz_init(coefficients[i]);
	}
	read_number(coefficients[0], secret, SHAMIR_SECRET_LEN);
	for (i = 1; i < threshold && success; i++)
	{
		success = random_element(rng, prime, coefficients[i]);
	}
	for (i = 0; i < count && success; i++)
	{
		points[i].index = i + 1;
		evaluate(value, coefficients, threshold, points[i].index, prime);
		write_number(value, points[i].value, SHAMIR_VALUE_LEN);
	}
	for (i = 0; i < threshold; i++)
	{
		mpz_clear(coefficients[i]);
	}
	mpz_clear(value);
	end(prime);
	return success;
}

/**
 * The value at x of the polynomial that goes through points, by Lagrange.
 */
static bool interpolate(mpz_t result, const shamir_point_t *points, u_int count,
						u_int x, const mpz_t prime)
{
	mpz_t value, above, below;
	bool success = TRUE;
	u_int i, j;

	mpz_inits(value, above, below, NULL);
	mpz_set_ui(result, 0);
	for (i = 0; i < count && success; i++)
	{
		read_number(value, points[i].value, SHAMIR_VALUE_LEN);
		mpz_set_ui(above, 1);
		mpz_set_ui(below, 1);
		for (j = 0; j < count; j++)
		{
			if (j != i)
			{
				mpz_mul_si(above, above, (long)x - points[j].index);
				mpz_mod(above, above, prime);
				mpz_mul_si(below, below,
						   (long)points[i].index - points[j].index);
				mpz_mod(below, below, prime);
			}
		}
		/* there is no inverse if an index stands twice */
		success = mpz_invert(below, below, prime);
		mpz_mul(value, value, above);
		mpz_mod(value, value, prime);
		mpz_mul(value, value, below);
		mpz_add(result, result, value);
		mpz_mod(result, result, prime);
	}
	mpz_clears(value, above, below, NULL);
	return success;
}

/** Whether all points are such that a split could have made them. */
static bool check_points(const shamir_point_t *points, u_int count,
						 const mpz_t prime)
{
	bool success = TRUE;
	mpz_t value;
	u_int i;

	mpz_init(value);
	for (i = 0; i < count && success; i++)
	{
		read_number(value, points[i].value, SHAMIR_VALUE_LEN);
		success = points[i].index >= 1 && points[i].index <= SHAMIR_MAX &&
				  mpz_cmp(value, prime) < 0;
	}
	mpz_clear(value);
	return success;
}

bool shamir_combine(u_int threshold, const shamir_point_t *points, u_int count,
					uint8_t secret[SHAMIR_SECRET_LEN])
{
	mpz_t prime, result, other;
	bool success;
	u_int i;

	if (threshold < SHAMIR_MIN || threshold > count || count > SHAMIR_MAX)
	{
		return FALSE;
	}
	begin(prime);
	mpz_inits(result, other, NULL);
	success = check_points(points, count, prime);
	for (i = threshold; i < count && success; i++)
	{
		read_number(other, points[i].value, SHAMIR_VALUE_LEN);
		success = interpolate(result, points, threshold, points[i].index,
							  prime) && mpz_cmp(result, other) == 0;
	}
	success = success && interpolate(result, points, threshold, 0, prime) &&
			  mpz_sizeinbase(result, 2) <= SHAMIR_SECRET_LEN * 8;
	if (success)
	{
		write_number(result, secret, SHAMIR_SECRET_LEN);
	}
	mpz_clears(result, other, NULL);
	end(prime);
	return success;
}
