/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_vip_policy.h"
#include "coi_policy_priority.h"
#include "coi_icmp_errors.h"
#include "util/coi_host.h"
#include "util/coi_selector.h"

/** Want a policy between two lists, in the directions that are asked for. */
static void want(array_t *wanted, const char *locals, const char *remotes,
				 uint32_t prio, bool outbound)
{
	coi_policy_entry_t policy = {
		.type = POLICY_DROP,
		.prio = prio,
		.mode = MODE_TRANSPORT,
	}, errors = {
		.prio = COI_PRIO_GUEST_ERRORS,
	};
	coi_selector_t *selector;
	enumerator_t *enumerator;
	array_t *selectors;

	selectors = coi_selectors_create();
	coi_selector_add_lists(selectors, (char*)locals, (char*)remotes);
	enumerator = array_create_enumerator(selectors);
	while (enumerator->enumerate(enumerator, &selector))
	{
		if (outbound && prio == COI_PRIO_GUEST_BLOCK)
		{
			coi_icmp_errors_want(wanted, errors, selector->local,
								 selector->remote);
		}
		coi_policy_entry_add(wanted, policy, outbound ? POLICY_OUT : POLICY_IN,
							 selector->local, selector->remote);
		if (!outbound)
		{
			coi_policy_entry_add(wanted, policy, POLICY_FWD, selector->local,
								 selector->remote);
		}
	}
	enumerator->destroy(enumerator);
	coi_selectors_destroy(selectors);
}

/** Want a block between one virtual address and one range. */
static void want_pair(array_t *wanted, const coi_pair_allow_t *allow,
					  const coi_range_t *address, const coi_range_t *range,
					  bool outbound)
{
	char guest[128], site[128];

	if (address->family == range->family)
	{
		coi_selector_print(address, guest, sizeof(guest));
		coi_selector_print(range, site, sizeof(site));
		want(wanted, allow->guest ? guest : site, allow->guest ? site : guest,
			 COI_PRIO_GUEST_BLOCK, outbound);
	}
}

void coi_vip_policy_want_blocks(array_t *wanted, const coi_pair_allow_t *allow,
								host_t *me, host_t *other, bool outbound)
{
	const coi_range_t *address;
	coi_range_t site = coi_selector_range(allow->guest ? other : me);
	coi_ranges_t ranges;
	u_int i, j;

	if (!allow->given.count || !allow->community)
	{
		return;
	}
	ranges = coi_services_ranges(allow->guest ? &allow->community->uses
											  : &allow->community->offers);
	for (i = 0; i < allow->given.count; i++)
	{
		address = &allow->given.list[i];
		want_pair(wanted, allow, address, &site, outbound);
		for (j = 0; j < ranges.count; j++)
		{
			want_pair(wanted, allow, address, &ranges.list[j], outbound);
		}
	}
	free(ranges.list);
}

void coi_vip_policy_keep(coi_policy_store_t *store, const coi_pair_allow_t *allow)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_GUEST,
	};
	char guest[128], *any;
	array_t *wanted;
	u_int i;

	for (i = 0; allow->owned && i < allow->given.count; i++)
	{
		coi_selector_print(&allow->given.list[i], guest, sizeof(guest));
		any = allow->given.list[i].family == COI_FAMILY_IPV4 ? "%any4"
															 : "%any6";
		key.me = key.other = coi_host_of_range(&allow->given.list[i]);
		if (!store->is_set(store, &key))
		{
			wanted = coi_policy_entry_create();
			want(wanted, any, guest, COI_PRIO_GUEST_GONE, FALSE);
			want(wanted, any, guest, COI_PRIO_GUEST_GONE, TRUE);
			store->set(store, &key, wanted, coi_policy_entry_create());
		}
		key.me->destroy(key.me);
	}
}

host_t *coi_vip_policy_idle(const coi_virtual_t *given, host_t *own)
{
	const coi_range_t *address;
	host_t *host;

	address = coi_virtual_find(given, own->get_family(own) == AF_INET ?
									  COI_FAMILY_IPV4 : COI_FAMILY_IPV6);
	if (!address)
	{
		return NULL;
	}
	host = coi_host_of_range(address);
	host->set_port(host, own->get_port(own));
	return host;
}

host_t *coi_vip_policy_inside(const coi_virtual_t *given, host_t *own)
{
	host_t *host = coi_vip_policy_idle(given, own);

	if (host)
	{
		own->destroy(own);
	}
	return host ?: own;
}

uint32_t coi_vip_policy_priority(const coi_pair_allow_t *allow, uint32_t priority,
								 u_int rank)
{
	return allow->given.count ? min(priority, COI_PRIO_GUEST + rank) : priority;
}
