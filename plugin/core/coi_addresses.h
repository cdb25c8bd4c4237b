/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how the two ends of an exchange see each other, and what follows from it:
 * who is behind a NAT, and whether ESP goes in UDP. PROTOCOL.md sections 10
 * and 11.
 */

#ifndef COI_ADDRESSES_H_
#define COI_ADDRESSES_H_

#include <library.h>

#include "coi_limits.h"

typedef struct coi_address_t coi_address_t;
typedef struct coi_addresses_t coi_addresses_t;
typedef struct coi_nat_t coi_nat_t;

/** An address and a UDP port. */
struct coi_address_t {
	/** IPv4 as ::ffff:a.b.c.d */
	uint8_t addr[COI_ADDR_LEN];
	/** host order */
	uint16_t port;
};

/** What one end says of both. */
struct coi_addresses_t {
	/** the other end, as the sender sees it */
	coi_address_t seen;
	/** the sender, as it knows itself */
	coi_address_t own;
	/** the sender wants ESP in UDP in any case */
	bool encap;
};

/** What two ends find when they compare. */
struct coi_nat_t {
	/** this host is seen with another address or port than it knows */
	bool here;
	/** the peer is */
	bool there;
	/** one of them wants ESP in UDP in any case */
	bool forced;
};

/**
 * Whether addresses may be said: none of them unspecified, no port 0.
 */
bool coi_addresses_valid(const coi_addresses_t *addresses);

/**
 * Compare what both ends say; they find the same, with here and there exchanged.
 *
 * @param ours		what this host said
 * @param theirs	what the peer said
 * @return			what follows
 */
coi_nat_t coi_addresses_compare(const coi_addresses_t *ours,
								const coi_addresses_t *theirs);

/** Whether ESP goes in UDP, in both directions. */
static inline bool coi_nat_encap(coi_nat_t nat)
{
	return nat.here || nat.there || nat.forced;
}

#endif /** COI_ADDRESSES_H_ */
