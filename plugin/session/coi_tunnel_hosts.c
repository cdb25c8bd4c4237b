/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tunnel_hosts.h"

/** what precedes an IPv4 address that is mapped */
static const uint8_t mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static coi_range_t get_range(const coi_address_t *address)
{
	bool v4 = memeq(address->addr, mapped, sizeof(mapped));
	const uint8_t *octets = address->addr + (v4 ? sizeof(mapped) : 0);
	coi_range_t range;

	if (!coi_range_set(&range, v4 ? COI_FAMILY_IPV4 : COI_FAMILY_IPV6, octets,
					   octets))
	{
		return (coi_range_t){};
	}
	return range;
}

/** Get the list of addresses that were given, borrowed. */
static coi_ranges_t get_list(const coi_virtual_t *addresses)
{
	return (coi_ranges_t){
		.list = (coi_range_t*)addresses->list,
		.count = addresses->count,
	};
}

bool coi_tunnel_hosts_resolve(coi_session_entry_t *entry)
{
	const coi_addresses_t *ours, *theirs;
	const coi_grant_t *grant = coi_session_grant(entry->session);
	coi_itself_t here, there, *guest = entry->initiator ? &here : &there;

	ours = coi_session_own_addresses(entry->session);
	theirs = coi_session_peer_addresses(entry->session);
	here = (coi_itself_t){
		.announced = get_range(&ours->own),
		.seen = get_range(&theirs->seen),
	};
	there = (coi_itself_t){
		.announced = get_range(&theirs->own),
		.seen = get_range(&ours->seen),
	};
	guest->assigned = get_list(&grant->addresses);
	return coi_session_resolve(entry->session, &here, &there);
}
