/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the forms that addresses have on the wire.
 */

#ifndef COI_HOST_H_
#define COI_HOST_H_

#include <networking/host.h>

#include "core/coi_addresses.h"
#include "core/coi_range.h"

/**
 * Write an address as PROTOCOL.md section 5 wants it, IPv4 mapped.
 *
 * @param host		address
 * @param out		receives COI_ADDR_LEN octets
 */
static inline void coi_host_write(host_t *host, uint8_t out[COI_ADDR_LEN])
{
	chunk_t addr = host->get_address(host);

	memset(out, 0, COI_ADDR_LEN);
	if (addr.len == COI_ADDR_LEN)
	{
		memcpy(out, addr.ptr, addr.len);
	}
	else
	{
		memset(out + 10, 0xff, 2);
		memcpy(out + 12, addr.ptr, min(addr.len, 4));
	}
}

/**
 * Read an address and its port.
 *
 * @return			to be destroyed
 */
static inline host_t *coi_host_read(const coi_address_t *address)
{
	static const uint8_t mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	bool v4 = memeq(address->addr, mapped, sizeof(mapped));
	size_t skip = v4 ? sizeof(mapped) : 0;

	return host_create_from_chunk(v4 ? AF_INET : AF_INET6,
						chunk_create((uint8_t*)address->addr + skip,
									 COI_ADDR_LEN - skip), address->port);
}

/**
 * Write what this host says of both ends' addresses, PROTOCOL.md section 10.
 *
 * @param me		own address, with the port that it sends from
 * @param other		peer's address, with the port that it is seen to have
 * @param encap		TRUE to want ESP in UDP in any case
 */
static inline coi_addresses_t coi_host_say(host_t *me, host_t *other,
										   bool encap)
{
	coi_addresses_t addresses = {
		.seen.port = other->get_port(other),
		.own.port = me->get_port(me),
		.encap = encap,
	};

	coi_host_write(other, addresses.seen.addr);
	coi_host_write(me, addresses.own.addr);
	return addresses;
}

/**
 * Make a host of a range that is one address.
 *
 * @return			to be destroyed
 */
static inline host_t *coi_host_of_range(const coi_range_t *address)
{
	return host_create_from_chunk(address->family == COI_FAMILY_IPV4 ?
								  AF_INET : AF_INET6,
						chunk_create((uint8_t*)address->first,
									 coi_range_len(address->family)), 0);
}

#endif /** COI_HOST_H_ */
