/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the form in which a share of a community key is kept: one line of text
 * that can be printed and typed.
 *
 *	coi-share-1:COI:FINGERPRINT:THRESHOLD:INDEX:VALUE:CHECK
 *
 *	1			version of this form
 *	COI			community's name; control characters, blanks, '%' and ':'
 *				as %XX
 *	FINGERPRINT	of the key, coi_key_fingerprint()
 *	THRESHOLD	how many shares give the key, decimal, 2 to 255
 *	INDEX		which one it is, decimal, 1 to 255
 *	VALUE		Shamir's value, 66 hex digits in groups of six
 *	CHECK		first four octets of SHA-256 over all before the last ':',
 *				8 hex digits
 *
 * There is one way to write a share: digits are lower case, numbers have no
 * zeros in front.
 */

#ifndef SHARE_H_
#define SHARE_H_

#include "shamir.h"

#include "core/coi_key.h"

#define SHARE_PREFIX "coi-share-"

/** Space for a line, with its terminator. */
#define SHARE_TEXT 512

typedef struct share_t share_t;

struct share_t {
	char name[COI_MAX_NAME + 1];
	char fingerprint[COI_FINGERPRINT_TEXT];
	u_int threshold;
	shamir_point_t point;
};

/**
 * Write a share.
 *
 * @param share		share
 * @param out		receives the line, without its end
 * @return			FALSE if the hash is not available
 */
bool share_write(const share_t *share, char out[SHARE_TEXT])
				 __attribute__((warn_unused_result));

/**
 * Read a share.
 *
 * @param line		without its end
 * @param share		receives it
 * @return			NULL, or what is wrong with it, without a part of it
 */
const char *share_read(const char *line, share_t *share)
					   __attribute__((warn_unused_result));

/**
 * Split a key.
 *
 * @param name		community's name
 * @param secret	its key
 * @param rng		where coefficients come from
 * @param threshold	shares that will be needed
 * @param shares	receives them
 * @param count		number of shares
 * @return			FALSE if that is not possible
 */
bool share_split(const char *name, const uint8_t secret[COI_KEY_LEN],
				 rng_t *rng, u_int threshold, share_t *shares, u_int count)
				 __attribute__((warn_unused_result));

/**
 * Combine shares. The result is the key that was split, or none.
 *
 * @param shares	shares, in any order
 * @param count		number of shares
 * @param secret	receives the key
 * @return			NULL, or why they do not give a key; allocated
 */
char *share_combine(const share_t *shares, u_int count,
					uint8_t secret[COI_KEY_LEN])
					__attribute__((warn_unused_result));

#endif /** SHARE_H_ */
