/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns ranges of addresses: where a service is, PROTOCOL.md section 10.
 */

#ifndef COI_RANGE_H_
#define COI_RANGE_H_

#include <library.h>

#include "coi_limits.h"

typedef struct coi_range_t coi_range_t;
typedef struct coi_ranges_t coi_ranges_t;

/** Families of addresses as on the wire. */
enum {
	COI_FAMILY_HOST = 0,
	COI_FAMILY_IPV4 = 4,
	COI_FAMILY_IPV6 = 6,
};

/** An inclusive range of addresses, or (all zero) the host itself. */
struct coi_range_t {
	uint8_t family;
	/** network order; of IPv4 the first four octets, the others are 0 */
	uint8_t first[COI_ADDR_LEN];
	uint8_t last[COI_ADDR_LEN];
};

/** A list of ranges. */
struct coi_ranges_t {
	coi_range_t *list;
	u_int count;
};

/**
 * Read a range.
 *
 * @param range			receives the range
 * @param family		4 or 6
 * @param first			lowest address, network order, 4 or 16 octets
 * @param last			highest address
 * @return				FALSE if the family is another, or first is above last
 */
bool coi_range_set(coi_range_t *range, uint8_t family, const uint8_t *first,
				   const uint8_t *last) __attribute__((warn_unused_result));

/** Octets of an address of a family, 0 if there is none. */
size_t coi_range_len(uint8_t family);

/** Whether all of b is in a. The host itself contains the host itself. */
bool coi_range_contains(const coi_range_t *a, const coi_range_t *b);

/** Order by family, then address; for qsort(). */
int coi_range_compare(const void *a, const void *b);

/** Whether two ranges are the same. */
bool coi_range_equals(const coi_range_t *a, const coi_range_t *b);

/**
 * Intersect two ranges.
 *
 * @param both			receives what they have in common
 * @return				FALSE if that is nothing
 */
bool coi_range_intersect(const coi_range_t *a, const coi_range_t *b,
						 coi_range_t *both);

/** Sort a list, and join what overlaps in it. */
void coi_ranges_join(coi_ranges_t *ranges);

/**
 * Intersect two lists, both joined.
 *
 * @param both			receives what they have in common, list to be freed
 * @return				FALSE if out of memory
 */
bool coi_ranges_intersect(const coi_ranges_t *a, const coi_ranges_t *b,
						  coi_ranges_t *both)
						  __attribute__((warn_unused_result));

#endif /** COI_RANGE_H_ */
