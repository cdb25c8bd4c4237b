/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns Shamir's scheme: a secret becomes n values, any k of which give it
 * back, and fewer of which say nothing about it.
 *
 * A. Shamir, How to share a secret, CACM 22 (1979). The field is that of the
 * integers modulo 2^257 - 93, the greatest prime below 2^257. The value at
 * x = 1 to n is f(x) for the polynomial
 *
 *	f(x) = secret + c[1] x + c[2] x^2 + ... + c[k-1] x^(k-1)
 *
 * whose coefficients are random over the whole field. Numbers are unsigned, in
 * network byte order. GMP counts; all it ever had in memory is wiped.
 */

#ifndef SHAMIR_H_
#define SHAMIR_H_

#include <library.h>

/** Octets of a secret, any value. */
#define SHAMIR_SECRET_LEN 32
/** Octets of a value, which is below the prime. */
#define SHAMIR_VALUE_LEN 33
/** Shares there may be; at least two are needed. */
#define SHAMIR_MIN 2
#define SHAMIR_MAX 255

typedef struct shamir_point_t shamir_point_t;

struct shamir_point_t {
	/** x, 1 to SHAMIR_MAX */
	u_int index;
	uint8_t value[SHAMIR_VALUE_LEN];
};

/** The prime, in hexadecimal. */
extern const char shamir_prime[];

/**
 * Split a secret.
 *
 * @param rng		where coefficients come from
 * @param secret	secret
 * @param threshold	k, SHAMIR_MIN to count
 * @param points	receives them, with indexes 1 to count
 * @param count		n, up to SHAMIR_MAX
 * @return			FALSE if numbers are not as said or without randomness
 */
bool shamir_split(rng_t *rng, const uint8_t secret[SHAMIR_SECRET_LEN],
				  u_int threshold, shamir_point_t *points, u_int count)
				  __attribute__((warn_unused_result));

/**
 * Combine values. Those beyond the threshold must lie on the polynomial of
 * the others. Whether it was the right one only the secret can tell.
 *
 * @param threshold	k
 * @param points	values, with different indexes
 * @param count		number of them, at least k
 * @param secret	receives the secret
 * @return			FALSE if they do not belong together; nothing is written
 */
bool shamir_combine(u_int threshold, const shamir_point_t *points, u_int count,
					uint8_t secret[SHAMIR_SECRET_LEN])
					__attribute__((warn_unused_result));

#endif /** SHAMIR_H_ */
