/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_policy_entry.h"
#include "coi_xfrm_interfaces.h"
#include "coi_hold_sa.h"

bool coi_policy_entry_equals(const coi_policy_entry_t *a,
							 const coi_policy_entry_t *b)
{
	return a->dir == b->dir && a->type == b->type && a->prio == b->prio &&
		   a->mode == b->mode && a->reqid == b->reqid &&
		   a->mark.value == b->mark.value && a->mark.mask == b->mark.mask &&
		   a->if_id == b->if_id && a->leads_to == b->leads_to &&
		   a->unmarked == b->unmarked &&
		   coi_policy_group_same_host(a->peer, b->peer) &&
		   a->local->equals(a->local, b->local) &&
		   a->remote->equals(a->remote, b->remote);
}

bool coi_policy_entry_has(array_t *list, const coi_policy_entry_t *policy)
{
	coi_policy_entry_t *current;
	enumerator_t *enumerator;
	bool found = FALSE;

	enumerator = array_create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = coi_policy_entry_equals(current, policy);
	}
	enumerator->destroy(enumerator);
	return found;
}

void coi_policy_entry_clear(coi_policy_entry_t *policy)
{
	policy->local->destroy(policy->local);
	policy->remote->destroy(policy->remote);
	DESTROY_IF(policy->peer);
}

void coi_policy_entry_destroy(array_t *list)
{
	coi_policy_entry_t policy;

	while (array_remove(list, ARRAY_TAIL, &policy))
	{
		coi_policy_entry_clear(&policy);
	}
	array_destroy(list);
}

array_t *coi_policy_entry_create()
{
	return array_create(sizeof(coi_policy_entry_t), 0);
}

void coi_policy_entry_add(array_t *list, coi_policy_entry_t policy,
						  policy_dir_t dir,
						  traffic_selector_t *local, traffic_selector_t *remote)
{
	policy.dir = dir;
	policy.local = local->clone(local);
	policy.remote = remote->clone(remote);
	policy.peer = policy.peer ? policy.peer->clone(policy.peer) : NULL;
	array_insert(list, ARRAY_TAIL, &policy);
}

bool coi_policy_entry_change(const coi_policy_group_t *key,
							 const coi_policy_entry_t *policy,
							 bool add)
{
	bool out = policy->dir == POLICY_OUT;
	int family = policy->local->get_type(policy->local) == TS_IPV4_ADDR_RANGE ?
				 AF_INET : AF_INET6;
	host_t *me, *other, *peer;
	ipsec_sa_cfg_t sa = {
		.mode = policy->mode,
		.reqid = policy->reqid,
		.esp = {
			/* no SPI: any SA of the reqid will do */
			.use = policy->reqid != 0,
		},
	};
	kernel_ipsec_policy_id_t id = {
		.dir = policy->dir,
		.src_ts = out ? policy->local : policy->remote,
		.dst_ts = out ? policy->remote : policy->local,
		.mark = policy->mark,
		.if_id = policy->if_id,
	};
	kernel_ipsec_manage_policy_t data = {
		.type = policy->type,
		.prio = POLICY_PRIORITY_DEFAULT,
		.manual_prio = policy->prio,
		.sa = &sa,
	};
	bool success = TRUE;

	if (policy->leads_to)
	{
		return coi_hold_sa_policy(policy, coi_policy_group_hash(key), add);
	}
	peer = policy->peer ?: key->other;
	if (peer)
	{	/* of a mixed tunnel the ends count, not what is in it */
		family = peer->get_family(peer);
	}
	me = key->me ? key->me->clone(key->me) : host_create_any(family);
	other = peer ? peer->clone(peer) : host_create_any(family);
	data.src = out ? me : other;
	data.dst = out ? other : me;
	if (!add)
	{
		charon->kernel->del_policy(charon->kernel, &id, &data);
	}
	else if (charon->kernel->add_policy(charon->kernel, &id, &data) != SUCCESS)
	{
		DBG1(DBG_KNL, "COI policy %R === %R %N refused by the kernel",
			 id.src_ts, id.dst_ts, policy_dir_names, policy->dir);
		/* kernel-netlink remembers even what the kernel has refused */
		charon->kernel->del_policy(charon->kernel, &id, &data);
		success = FALSE;
	}
	if (success && out && policy->if_id)
	{
		coi_xfrm_interfaces_use(policy->if_id, add);
	}
	me->destroy(me);
	other->destroy(other);
	return success;
}
