/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_trap_policy.h"
#include "coi_policy_priority.h"
#include "config/coi_host_list.h"
#include "coi_icmp_errors.h"
#include "coi_network_policy.h"
#include "util/coi_selector.h"
#include "coi_hold_sa.h"

/**
 * Want what calls out once more, for packets in the interface of a community.
 */
static void want_interface(array_t *wanted, uint32_t if_id)
{
	coi_policy_entry_t policy;
	int i, count = array_count(wanted);

	for (i = 0; i < count; i++)
	{
		array_get(wanted, i, &policy);
		if (policy.dir == POLICY_OUT && !policy.if_id &&
			policy.leads_to != COI_REQID_HOLD)
		{
			policy.if_id = if_id;
			if (policy.peer)
			{	/* what the kernel keeps of an acquire is then between the
				 * ends of the tunnel, where it is removed */
				policy.mode = MODE_TUNNEL;
			}
			coi_policy_entry_add(wanted, policy, POLICY_OUT, policy.local,
								 policy.remote);
		}
	}
}

/**
 * List the policies of a connection's trap.
 *
 * @param unmarked	packets without these bits go to the hold SA, 0 for none
 */
static array_t *want_trap(coi_connection_t *conn, array_t *selectors,
						  uint32_t unmarked)
{
	coi_policy_entry_t policy = {
		.type = POLICY_IPSEC,
		.prio = COI_PRIO_TRAP,
		.mode = MODE_TRANSPORT,
		.reqid = conn->reqid,
	}, hold = policy, errors = policy;
	uint32_t if_ids[COI_MAX_KEYS];
	coi_selector_t *selector;
	enumerator_t *enumerator;
	array_t *wanted;
	u_int i, count;

	hold.leads_to = COI_REQID_HOLD;
	hold.unmarked = unmarked;
	hold.prio = COI_PRIO_HOLD;
	errors.prio = COI_PRIO_ERRORS;
	wanted = coi_policy_entry_create();
	enumerator = array_create_enumerator(selectors);
	while (enumerator->enumerate(enumerator, &selector))
	{
		coi_icmp_errors_want(wanted, errors, selector->local, selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_IN,
							 selector->local, selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_FWD,
							 selector->local, selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_OUT,
							 selector->local, selector->remote);
		if (unmarked)
		{
			coi_policy_entry_add(wanted, hold, POLICY_OUT,
								 selector->local, selector->remote);
		}
	}
	enumerator->destroy(enumerator);
	if (!coi_network_policy_want_traps(wanted, conn, unmarked))
	{
		DBG1(DBG_CFG, "more than %d pairs of networks in connection '%s', not "
			 "all call out", COI_NETWORK_POLICY_MAX, conn->name);
	}
	count = coi_connection_if_ids(conn, if_ids);
	for (i = 0; i < count; i++)
	{
		want_interface(wanted, if_ids[i]);
	}
	return wanted;
}

bool coi_trap_policy_install(coi_policy_store_t *store, coi_connection_t *conn,
							 uint32_t unmarked)
{
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);
	array_t *selectors;
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_TRAP,
		.reqid = conn->reqid,
	};

	/* what is not understood is said, and shown by coi doctor */
	selectors = coi_host_list_selectors(cfg);
	if (!array_count(selectors) && !coi_host_list_has_name(cfg->get_other_addr(cfg)))
	{
		DBG1(DBG_CFG, "no trap for '%s': %s === %s", conn->name,
			 cfg->get_my_addr(cfg), cfg->get_other_addr(cfg));
		coi_selectors_destroy(selectors);
		return FALSE;
	}
	/* what is refused is blocked, and tried again */
	store->set(store, &key, want_trap(conn, selectors, unmarked),
			   coi_policy_entry_create());
	coi_selectors_destroy(selectors);
	return TRUE;
}

void coi_trap_policy_remove(coi_policy_store_t *store, uint32_t reqid)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_TRAP,
		.reqid = reqid,
	};

	store->set(store, &key, coi_policy_entry_create(),
			   coi_policy_entry_create());
}

bool coi_trap_policy_is_installed(coi_policy_store_t *store, uint32_t reqid)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_TRAP,
		.reqid = reqid,
	};

	return store->is_set(store, &key);
}
