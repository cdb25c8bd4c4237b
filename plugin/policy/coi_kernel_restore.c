/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_kernel_restore.h"
#include "config/coi_reqids.h"
#include "coi_kept_policy.h"
#include "coi_kernel_restore_sas.h"
#include "coi_shunt_list.h"
#include "coi_hold_sa.h"

#include <collections/hashtable.h>
#include <netinet/in.h>

/** What tells policies apart in the kernel. */
typedef struct {
	coi_block_t block;
	uint32_t user;
} name_t;

/** A policy that should be there: the first of those with the same id. */
typedef struct {
	name_t id;
	uint32_t priority;
	/** drops */
	bool drop;
	uint32_t reqid;
	/** it is one of charon's, and its priority does not matter */
	bool any_priority;
	/** a shunt of charon's has the same selector, and may stand above */
	bool shared;
	/** the kernel has it as it should be */
	bool there;
} expected_t;

/** What is being compared. */
typedef struct {
	coi_netlink_t xfrm;
	/** expected_t by their name_t */
	hashtable_t *expected;
	coi_kernel_restored_t *restored;
} compare_t;

static u_int id_hash(const name_t *id)
{
	return chunk_hash(chunk_create((uint8_t*)id, sizeof(*id)));
}

static bool id_equals(const name_t *a, const name_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** Find out under which id the kernel has a policy of ours. */
static bool get_id(const coi_policy_group_t *key, const coi_policy_entry_t *policy,
				   name_t *id)
{
	struct xfrm_userpolicy_info info = {
		.dir = XFRM_POLICY_OUT,
	};
	struct xfrm_mark mark = {
		.m = policy->unmarked,
	};
	bool out = policy->dir == POLICY_OUT;

	memset(id, 0, sizeof(*id));
	if (policy->leads_to)
	{
		if (!coi_hold_sa_select(policy, coi_policy_group_hash(key),
								&info.sel))
		{
			return FALSE;
		}
		id->block = coi_kept_policy_of(0, &info, &mark, policy->if_id);
		id->user = info.sel.user;
		return TRUE;
	}
	id->block = coi_kept_policy_select(0, policy->dir,
									   out ? policy->local : policy->remote,
									   out ? policy->remote : policy->local);
	id->block.mark = policy->mark.value;
	id->block.mark_mask = policy->mark.mask;
	id->block.if_id = policy->if_id;
	return TRUE;
}

/** Expect a policy, a coi_policy_store_cb_t. */
static void expect(void *data, const coi_policy_group_t *key,
				   const coi_policy_entry_t *policy)
{
	compare_t *this = data;
	expected_t *expected;
	name_t id;

	if (!get_id(key, policy, &id))
	{
		return;
	}
	this->restored->wanted++;
	expected = this->expected->get(this->expected, &id);
	if (!expected)
	{
		INIT(expected,
			.id = id,
			.priority = UINT32_MAX,
		);
		this->expected->put(this->expected, &expected->id, expected);
	}
	if (policy->prio < expected->priority)
	{
		expected->priority = policy->prio;
		expected->drop = policy->type == POLICY_DROP;
		expected->reqid = policy->leads_to ?: policy->reqid;
	}
}

/**
 * Whether a policy of the kernel's is as it should be.
 *
 * @param tmpl		its first template, NULL if there is none
 */
static bool is_right(const expected_t *expected,
					 const struct xfrm_userpolicy_info *info,
					 const struct xfrm_user_tmpl *tmpl)
{
	bool drops = info->action == XFRM_POLICY_BLOCK;

	if (info->priority < expected->priority)
	{
		if (expected->shared && !tmpl && !drops)
		{
			return TRUE;
		}
		if (tmpl && !coi_reqids_is_ours(tmpl->reqid) && !tmpl->optional)
		{	/* another connection's, which lets nothing pass in clear either */
			return TRUE;
		}
	}
	return (expected->any_priority || info->priority == expected->priority) &&
		   drops == expected->drop &&
		   (drops || (tmpl ? coi_reqids_is_ours(tmpl->reqid) : !expected->reqid));
}

/** Look whether a policy of the kernel's is one that should be there. */
static void compare_policy(void *data, struct nlmsghdr *hdr)
{
	compare_t *this = data;
	struct xfrm_userpolicy_info info;
	struct xfrm_user_tmpl *tmpl;
	struct xfrm_mark *mark;
	expected_t *expected;
	uint32_t *if_id;
	name_t id;

	if (hdr->nlmsg_type != XFRM_MSG_NEWPOLICY ||
		hdr->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
	{
		return;
	}
	memcpy(&info, NLMSG_DATA(hdr), sizeof(info));
	if (info.dir > XFRM_POLICY_FWD)
	{
		return;
	}
	mark = coi_netlink_find(hdr, sizeof(info), XFRMA_MARK, sizeof(*mark));
	if_id = coi_netlink_find(hdr, sizeof(info), XFRMA_IF_ID, sizeof(*if_id));
	tmpl = coi_netlink_find(hdr, sizeof(info), XFRMA_TMPL, sizeof(*tmpl));
	memset(&id, 0, sizeof(id));
	id.block = coi_kept_policy_of(0, &info, mark, if_id ? *if_id : 0);
	id.user = info.sel.user;
	expected = this->expected->get(this->expected, &id);
	if (expected)
	{
		expected->there = is_right(expected, &info, tmpl);
	}
}

static void copy_host(host_t *host, xfrm_address_t *addr)
{
	chunk_t raw = host->get_address(host);

	memcpy(addr, raw.ptr, min(raw.len, sizeof(*addr)));
}

/** Add the template of a policy. */
static void add_template(coi_netlink_request_t *request,
						 const coi_policy_group_t *key,
						 const coi_policy_entry_t *policy)
{
	struct xfrm_user_tmpl tmpl = {
		.id.proto = IPPROTO_ESP,
		.reqid = policy->reqid,
		.mode = policy->mode == MODE_TUNNEL ? XFRM_MODE_TUNNEL
											: XFRM_MODE_TRANSPORT,
		.aalgos = ~0,
		.ealgos = ~0,
		.calgos = ~0,
	};
	host_t *peer = policy->peer ?: key->other;
	bool out = policy->dir == POLICY_OUT;

	tmpl.family = peer ? peer->get_family(peer) :
				  policy->local->get_type(policy->local) == TS_IPV4_ADDR_RANGE ?
				  AF_INET : AF_INET6;
	if (policy->mode == MODE_TUNNEL)
	{
		if (key->me)
		{
			copy_host(key->me, out ? &tmpl.saddr : &tmpl.id.daddr);
		}
		if (peer)
		{
			copy_host(peer, out ? &tmpl.id.daddr : &tmpl.saddr);
		}
	}
	coi_netlink_add(request, XFRMA_TMPL, &tmpl, sizeof(tmpl));
}

/** Put a policy back, whatever stands there. */
static void put_back(compare_t *this, const coi_policy_group_t *key,
					 const coi_policy_entry_t *policy, const name_t *id)
{
	struct xfrm_userpolicy_info *info;
	const coi_block_t *block = &id->block;
	struct xfrm_mark mark = {
		.v = policy->mark.value,
		.m = policy->mark.mask,
	};
	coi_netlink_request_t request;
	bool success;

	if (policy->leads_to)
	{
		success = coi_hold_sa_policy(policy, coi_policy_group_hash(key),
									 TRUE);
	}
	else
	{
		info = coi_netlink_request(&request, XFRM_MSG_UPDPOLICY, sizeof(*info));
		coi_kept_policy_fill(&info->sel, block);
		info->sel.user = 0;
		info->dir = block->dir;
		info->priority = policy->prio;
		info->action = policy->type == POLICY_DROP ? XFRM_POLICY_BLOCK
												   : XFRM_POLICY_ALLOW;
		info->lft.soft_byte_limit = XFRM_INF;
		info->lft.hard_byte_limit = XFRM_INF;
		info->lft.soft_packet_limit = XFRM_INF;
		info->lft.hard_packet_limit = XFRM_INF;
		if (policy->type == POLICY_IPSEC && policy->reqid)
		{
			add_template(&request, key, policy);
		}
		coi_netlink_add_mark(&request, &mark);
		if (policy->if_id)
		{
			coi_netlink_add(&request, XFRMA_IF_ID, &policy->if_id,
							sizeof(policy->if_id));
		}
		success = coi_netlink_change(&this->xfrm, &request.hdr);
	}
	this->restored->policies += success;
	this->restored->failed += !success;
}

/** Put a trap or block back, a coi_policy_store_cb_t. */
static void put_barrier(void *data, const coi_policy_group_t *key,
						const coi_policy_entry_t *policy)
{
	name_t id;

	if ((key->kind == COI_POLICY_GROUP_TRAP ||
		 key->kind == COI_POLICY_GROUP_CLOSED ||
		 key->kind == COI_POLICY_GROUP_DROP) && get_id(key, policy, &id))
	{
		put_back(data, key, policy, &id);
	}
}

/** Put a policy back if it is missing, a coi_policy_store_cb_t. */
static void put_missing(void *data, const coi_policy_group_t *key,
						const coi_policy_entry_t *policy)
{
	compare_t *this = data;
	expected_t *expected;
	name_t id;

	if (get_id(key, policy, &id))
	{
		expected = this->expected->get(this->expected, &id);
		if (expected && !expected->there &&
			expected->priority == policy->prio)
		{
			put_back(this, key, policy, &id);
			expected->there = TRUE;
		}
	}
}

/** Expect what a shunt lets pass, unless a policy of ours stands there. */
static void expect_shunt(compare_t *this, const coi_shunt_t *shunt)
{
	expected_t *expected;
	array_t *blocks;
	coi_block_t block;
	name_t id;

	blocks = array_create(sizeof(coi_block_t), 0);
	coi_shunt_list_select(shunt, 0, blocks);
	while (array_remove(blocks, ARRAY_HEAD, &block))
	{
		memset(&id, 0, sizeof(id));
		id.block = block;
		expected = this->expected->get(this->expected, &id);
		if (expected)
		{
			expected->shared = TRUE;
		}
		else
		{
			INIT(expected,
				.id = id,
				.any_priority = TRUE,
			);
			this->expected->put(this->expected, &expected->id, expected);
		}
	}
	array_destroy(blocks);
}

/** Install a shunt again if a policy of it is missing. */
static void restore_shunt(compare_t *this, const coi_shunt_t *shunt)
{
	char *name = shunt->cfg->get_name(shunt->cfg);
	expected_t *expected;
	array_t *blocks;
	coi_block_t block;
	bool missing = FALSE;
	name_t id;

	blocks = array_create(sizeof(coi_block_t), 0);
	coi_shunt_list_select(shunt, 0, blocks);
	while (array_remove(blocks, ARRAY_HEAD, &block))
	{
		memset(&id, 0, sizeof(id));
		id.block = block;
		expected = this->expected->get(this->expected, &id);
		missing |= expected && expected->any_priority && !expected->there;
	}
	array_destroy(blocks);
	if (missing &&
		charon->shunts->uninstall(charon->shunts, shunt->conn, name))
	{
		if (charon->shunts->install(charon->shunts, shunt->conn, shunt->cfg))
		{
			this->restored->shunts++;
		}
		else
		{
			this->restored->failed++;
		}
	}
}

/** Do so for all that let pass; those that drop have policies of ours. */
static void for_shunts(compare_t *this,
					   void (*what)(compare_t*, const coi_shunt_t*))
{
	coi_shunt_t shunt;
	array_t *shunts;

	shunts = coi_shunt_list_list();
	while (array_remove(shunts, ARRAY_HEAD, &shunt))
	{
		if (shunt.cfg->get_mode(shunt.cfg) == MODE_PASS)
		{
			what(this, &shunt);
		}
		coi_shunt_list_clear(&shunt);
	}
	array_destroy(shunts);
}

static void free_expected(hashtable_t *table)
{
	enumerator_t *enumerator;
	void *key, *value;

	enumerator = table->create_enumerator(table);
	while (enumerator->enumerate(enumerator, &key, &value))
	{
		table->remove_at(table, enumerator);
		free(value);
	}
	enumerator->destroy(enumerator);
	table->destroy(table);
}

bool coi_kernel_restore(coi_policy_store_t *store, bool flushed,
						coi_kernel_restored_t *restored)
{
	compare_t this = {
		.restored = restored,
	};
	bool success;

	memset(restored, 0, sizeof(*restored));
	if (!coi_netlink_open(&this.xfrm))
	{
		return FALSE;
	}
	if (flushed)
	{
		store->visit(store, put_barrier, &this);
	}
	this.expected = hashtable_create((hashtable_hash_t)id_hash,
									 (hashtable_equals_t)id_equals, 256);
	store->visit(store, expect, &this);
	for_shunts(&this, expect_shunt);
	success = coi_netlink_dump(&this.xfrm, XFRM_MSG_GETPOLICY, compare_policy,
							   &this);
	if (success)
	{
		store->visit(store, put_missing, &this);
		for_shunts(&this, restore_shunt);
	}
	free_expected(this.expected);
	success = coi_kernel_restore_sas(&this.xfrm, restored) && success;
	coi_netlink_close(&this.xfrm);
	return success;
}
