/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_leftovers.h"
#include "coi_policy_priority.h"
#include "config/coi_reqids.h"
#include "coi_larval.h"
#include "coi_kept_policy.h"
#include "coi_hold_sa.h"
#include "util/coi_netlink.h"

#include <collections/array.h>

/** An SA to remove. */
typedef struct {
	struct xfrm_usersa_info info;
	struct xfrm_mark mark;
	uint32_t if_id;
} sa_t;

/** A policy to remove or to turn into a block. */
typedef struct {
	struct xfrm_userpolicy_info info;
	struct xfrm_mark mark;
	uint32_t if_id;
	/** of its template, 0 if it has none */
	uint32_t reqid;
} policy_t;

/** Collect an SA of ours, a coi_netlink_cb_t. */
static void collect_sa(void *found, struct nlmsghdr *hdr)
{
	struct xfrm_usersa_info info;
	struct xfrm_mark *mark;
	uint32_t *if_id;
	sa_t sa = {};

	if (hdr->nlmsg_type != XFRM_MSG_NEWSA ||
		hdr->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
	{
		return;
	}
	/* messages are aligned to 4 octets only */
	memcpy(&info, NLMSG_DATA(hdr), sizeof(info));
	if (!coi_reqids_is_ours(info.reqid))
	{
		return;
	}
	sa.info = info;
	mark = coi_netlink_find(hdr, sizeof(info), XFRMA_MARK, sizeof(*mark));
	if (mark)
	{
		sa.mark = *mark;
	}
	if_id = coi_netlink_find(hdr, sizeof(info), XFRMA_IF_ID, sizeof(*if_id));
	if (if_id)
	{
		sa.if_id = *if_id;
	}
	array_insert(found, ARRAY_TAIL, &sa);
}

/** Collect a policy of ours, a coi_netlink_cb_t. */
static void collect_policy(void *found, struct nlmsghdr *hdr)
{
	struct xfrm_userpolicy_info info;
	struct xfrm_user_tmpl *tmpl;
	struct xfrm_mark *mark;
	policy_t policy = {};
	uint32_t *if_id;

	if (hdr->nlmsg_type != XFRM_MSG_NEWPOLICY ||
		hdr->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
	{
		return;
	}
	memcpy(&info, NLMSG_DATA(hdr), sizeof(info));
	/* sockets' policies have other directions; what was left by a charon that
	 * ended stays as it is */
	if (info.dir > XFRM_POLICY_FWD || info.sel.user == COI_BLOCK_USER)
	{
		return;
	}
	tmpl = coi_netlink_find(hdr, sizeof(info), XFRMA_TMPL, sizeof(*tmpl));
	if (tmpl ? !coi_reqids_is_ours(tmpl->reqid)
			 : !coi_policy_priority_is_ours(info.priority))
	{
		return;
	}
	policy.info = info;
	policy.reqid = tmpl ? tmpl->reqid : 0;
	mark = coi_netlink_find(hdr, sizeof(info), XFRMA_MARK, sizeof(*mark));
	if (mark)
	{
		policy.mark = *mark;
	}
	if_id = coi_netlink_find(hdr, sizeof(info), XFRMA_IF_ID, sizeof(*if_id));
	if (if_id)
	{
		policy.if_id = *if_id;
	}
	array_insert(found, ARRAY_TAIL, &policy);
}

static bool remove_sa(coi_netlink_t *xfrm, const sa_t *sa)
{
	struct xfrm_usersa_id *id;
	coi_netlink_request_t request;

	if (!sa->info.id.spi)
	{
		return coi_larval_remove_sa(xfrm, &sa->info, sa->if_id);
	}
	id = coi_netlink_request(&request, XFRM_MSG_DELSA, sizeof(*id));
	id->daddr = sa->info.id.daddr;
	id->spi = sa->info.id.spi;
	id->proto = sa->info.id.proto;
	id->family = sa->info.family;
	coi_netlink_add_mark(&request, &sa->mark);
	return coi_netlink_change(xfrm, &request.hdr);
}

static void add_policy_attributes(coi_netlink_request_t *request,
								  const policy_t *policy)
{
	coi_netlink_add_mark(request, &policy->mark);
	if (policy->if_id)
	{
		coi_netlink_add(request, XFRMA_IF_ID, &policy->if_id,
					sizeof(policy->if_id));
	}
}

static bool remove_policy(coi_netlink_t *xfrm, const policy_t *policy)
{
	struct xfrm_userpolicy_id *id;
	coi_netlink_request_t request;

	id = coi_netlink_request(&request, XFRM_MSG_DELPOLICY, sizeof(*id));
	id->sel = policy->info.sel;
	id->index = policy->info.index;
	id->dir = policy->info.dir;
	add_policy_attributes(&request, policy);
	return coi_netlink_change(xfrm, &request.hdr);
}

/** Whether a policy is what kept traffic from leaving in the clear. */
static bool is_barrier(const policy_t *policy)
{
	uint32_t priority = policy->info.priority;

	if (!policy->reqid)
	{
		return policy->info.action == XFRM_POLICY_BLOCK;
	}
	/* also of flows: where one has the selectors of a trap the kernel has but one
	 * policy for both */
	return policy->reqid < COI_REQID_DROP && priority != COI_PRIO_IDLE &&
		   priority != COI_PRIO_GUEST_IDLE;
}

/** Whether a policy lets pass what no trap may hold. */
static bool is_open(const policy_t *policy)
{
	return !policy->reqid && policy->info.action == XFRM_POLICY_ALLOW &&
		   policy->info.priority == COI_PRIO_OPEN;
}

/**
 * Put a plain policy in the place of one that a charon which is no more would have
 * to look after; that one is removed afterwards.
 */
static bool replace_policy(coi_netlink_t *xfrm, const policy_t *policy)
{
	coi_block_kind_t kind = COI_BLOCK_REST;
	coi_block_t block;
	bool success;

	if (is_open(policy))
	{
		kind = COI_BLOCK_OPEN;
	}
	else if (policy->info.priority == COI_PRIO_DROP)
	{
		kind = COI_BLOCK_DROP;
	}
	block = coi_kept_policy_of(kind, &policy->info, &policy->mark,
							   policy->if_id);
	success = coi_kept_policy_set(xfrm, &block);
	if (success && block.kind == COI_BLOCK_REST && block.dir == COI_BLOCK_IN)
	{
		block.dir = COI_BLOCK_FWD;
		success = coi_kept_policy_set(xfrm, &block);
	}
	/* where it cannot be put, the old one stays: it lets nothing pass either */
	return success && remove_policy(xfrm, policy);
}

bool coi_leftovers_block(u_int *sas, u_int *policies)
{
	array_t *found_sas, *found_policies;
	enumerator_t *enumerator;
	policy_t *policy;
	sa_t *sa;
	coi_netlink_t xfrm;
	bool success;

	*sas = *policies = 0;
	if (!coi_netlink_open(&xfrm))
	{
		return FALSE;
	}
	found_sas = array_create(sizeof(sa_t), 0);
	found_policies = array_create(sizeof(policy_t), 0);
	/* what was found of an incomplete dump is ours all the same */
	success = coi_netlink_dump(&xfrm, XFRM_MSG_GETPOLICY, collect_policy,
						found_policies);
	success = coi_netlink_dump(&xfrm, XFRM_MSG_GETSA, collect_sa, found_sas) &&
			  success;

	/* first what is open, then the barriers: nothing may slip through, and
	 * nobody be locked out meanwhile */
	enumerator = array_create_enumerator(found_policies);
	while (enumerator->enumerate(enumerator, &policy))
	{
		*policies += is_open(policy) && replace_policy(&xfrm, policy);
	}
	enumerator->destroy(enumerator);
	enumerator = array_create_enumerator(found_policies);
	while (enumerator->enumerate(enumerator, &policy))
	{
		*policies += is_barrier(policy) && replace_policy(&xfrm, policy);
	}
	enumerator->destroy(enumerator);
	enumerator = array_create_enumerator(found_policies);
	while (enumerator->enumerate(enumerator, &policy))
	{
		*policies += !is_barrier(policy) && !is_open(policy) &&
					 remove_policy(&xfrm, policy);
	}
	enumerator->destroy(enumerator);
	enumerator = array_create_enumerator(found_sas);
	while (enumerator->enumerate(enumerator, &sa))
	{
		/* no traffic ever went through those that drop */
		*sas += remove_sa(&xfrm, sa) &&
				sa->info.reqid < COI_REQID_DROP;
	}
	enumerator->destroy(enumerator);

	array_destroy(found_sas);
	array_destroy(found_policies);
	coi_netlink_close(&xfrm);
	return success;
}

/** Sort those that let pass behind the others. */
static int compare_kind(const void *a, const void *b, void *user)
{
	const coi_block_t *first = a, *second = b;

	return (first->kind == COI_BLOCK_OPEN) - (second->kind == COI_BLOCK_OPEN);
}

u_int coi_leftovers_remove()
{
	enumerator_t *enumerator;
	coi_block_t *block;
	array_t *found;
	u_int count = 0;
	coi_netlink_t xfrm;

	if (!coi_netlink_open(&xfrm))
	{
		return 0;
	}
	found = array_create(sizeof(coi_block_t), 0);
	if (!coi_netlink_dump(&xfrm, XFRM_MSG_GETPOLICY, coi_kept_policy_collect,
						  found))
	{
		DBG1(DBG_KNL, "listing policies that were left failed");
	}
	/* what drops first: what is let pass is of use as long as that is there */
	array_sort(found, compare_kind, NULL);
	enumerator = array_create_enumerator(found);
	while (enumerator->enumerate(enumerator, &block))
	{
		count += coi_kept_policy_unset(&xfrm, block);
	}
	enumerator->destroy(enumerator);
	array_destroy(found);
	coi_netlink_close(&xfrm);
	return count;
}

void coi_leftovers_clear()
{
	enumerator_t *enumerator;
	coi_netlink_t xfrm;
	array_t *found;
	sa_t *sa;

	if (!coi_netlink_open(&xfrm))
	{
		return;
	}
	found = array_create(sizeof(sa_t), 0);
	if (!coi_netlink_dump(&xfrm, XFRM_MSG_GETSA, collect_sa, found))
	{
		DBG1(DBG_KNL, "listing SAs of COI failed");
	}
	enumerator = array_create_enumerator(found);
	while (enumerator->enumerate(enumerator, &sa))
	{
		if (!remove_sa(&xfrm, sa))
		{
			DBG1(DBG_KNL, "removing an SA of COI failed");
		}
	}
	enumerator->destroy(enumerator);
	array_destroy(found);
	coi_netlink_close(&xfrm);
}
