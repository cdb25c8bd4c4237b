/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_addresses.h"

/** ::ffff:0.0.0.0 */
static const uint8_t any4[COI_ADDR_LEN] = { [10] = 0xff, [11] = 0xff };
static const uint8_t any6[COI_ADDR_LEN] = {};

static bool is_valid(const coi_address_t *this)
{
	return this->port && !memeq(this->addr, any4, sizeof(any4)) &&
		   !memeq(this->addr, any6, sizeof(any6));
}

static bool equals(const coi_address_t *a, const coi_address_t *b)
{
	return a->port == b->port && memeq(a->addr, b->addr, COI_ADDR_LEN);
}

bool coi_addresses_valid(const coi_addresses_t *this)
{
	return is_valid(&this->seen) && is_valid(&this->own);
}

coi_nat_t coi_addresses_compare(const coi_addresses_t *ours,
								const coi_addresses_t *theirs)
{
	return (coi_nat_t){
		.here = !equals(&ours->own, &theirs->seen),
		.there = !equals(&theirs->own, &ours->seen),
		.forced = ours->encap || theirs->encap,
	};
}
