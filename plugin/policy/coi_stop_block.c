/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_stop_block.h"
#include "config/coi_connection_read.h"
#include "coi_kept_policy.h"
#include "coi_shunt_list.h"

typedef struct private_coi_stop_block_t private_coi_stop_block_t;

struct private_coi_stop_block_t {
	coi_stop_block_t public;
	coi_policy_store_t *store;
	bool block;

	/** set once */
	bool stopping;

	/** charon's own */
	void (*flush)(shunt_manager_t*);
};

/** charon's methods have no room for a closure. */
static private_coi_stop_block_t *leave;

/**
 * Add the plain policy with the selector that a policy of charon's has.
 */
static void add(array_t *blocks, coi_block_kind_t kind, policy_dir_t dir,
				traffic_selector_t *src, traffic_selector_t *dst, mark_t mark,
				uint32_t if_id)
{
	coi_block_t block;

	block = coi_kept_policy_select(kind, dir, src, dst);
	block.mark = mark.value & mark.mask;
	block.mark_mask = mark.mask;
	block.if_id = if_id;
	array_insert(blocks, ARRAY_TAIL, &block);
}

/** Add what stays of a policy of ours, a coi_policy_store_cb_t. */
static void add_policy(void *data, const coi_policy_group_t *key,
					   const coi_policy_entry_t *policy)
{
	bool out = policy->dir == POLICY_OUT;
	traffic_selector_t *src = out ? policy->local : policy->remote;
	traffic_selector_t *dst = out ? policy->remote : policy->local;
	coi_block_kind_t kind = COI_BLOCK_REST;

	switch (key->kind)
	{
		case COI_POLICY_GROUP_OPEN:
			if (policy->type == POLICY_DROP || policy->mark.mask)
			{	/* for a mark that nobody gives then */
				return;
			}
			kind = COI_BLOCK_OPEN;
			break;
		case COI_POLICY_GROUP_DROP:
			kind = COI_BLOCK_DROP;
			break;
		case COI_POLICY_GROUP_TRAP:
		case COI_POLICY_GROUP_CLOSED:
		case COI_POLICY_GROUP_GUEST:
			break;
		default:
			/* they stand within what a trap covers, or for a session */
			return;
	}
	if (policy->leads_to)
	{
		return;
	}
	add(data, kind, policy->dir, src, dst, policy->mark, policy->if_id);
}

/**
 * Add what charon's shunts let pass, whosever they are, and those of COI
 * connections that drop.
 */
static void add_shunts(array_t *blocks)
{
	coi_shunt_t shunt;
	array_t *shunts;
	peer_cfg_t *peer;

	shunts = coi_shunt_list_list();
	while (array_remove(shunts, ARRAY_HEAD, &shunt))
	{
		if (shunt.cfg->get_mode(shunt.cfg) == MODE_PASS)
		{
			coi_shunt_list_select(&shunt, COI_BLOCK_OPEN, blocks);
		}
		else if (shunt.conn)
		{
			peer = charon->backends->get_peer_cfg_by_name(charon->backends,
														  shunt.conn);
			if (peer && coi_connection_is_coi(peer))
			{
				coi_shunt_list_select(&shunt, COI_BLOCK_DROP, blocks);
			}
			DESTROY_IF(peer);
		}
		coi_shunt_list_clear(&shunt);
	}
	array_destroy(shunts);
}

static int compare(const void *a, const void *b, void *user)
{
	const coi_block_t *first = a, *second = b;

	return first->kind != second->kind ? (int)first->kind - (int)second->kind
									   : memcmp(a, b, sizeof(coi_block_t));
}

METHOD(coi_stop_block_t, list, array_t*,
	private_coi_stop_block_t *this)
{
	coi_block_t block, last;
	array_t *found, *blocks;
	bool v4 = FALSE, v6 = FALSE;
	int i;

	found = array_create(sizeof(coi_block_t), 0);
	this->store->visit(this->store, add_policy, found);
	add_shunts(found);
	array_sort(found, compare, NULL);
	blocks = array_create(sizeof(coi_block_t), 0);
	for (i = 0; i < array_count(found); i++)
	{
		array_get(found, i, &block);
		v4 |= block.kind != COI_BLOCK_OPEN && block.family == AF_INET;
		v6 |= block.kind != COI_BLOCK_OPEN && block.family == AF_INET6;
		if (!i || memcmp(&last, &block, sizeof(block)) != 0)
		{
			array_insert(blocks, ARRAY_TAIL, &block);
		}
		last = block;
	}
	array_destroy(found);
	/* where nothing is blocked nothing needs to be let pass */
	for (i = array_count(blocks) - 1; i >= 0; i--)
	{
		array_get(blocks, i, &block);
		if (!(block.family == AF_INET ? v4 : v6))
		{
			array_remove(blocks, i, NULL);
		}
	}
	return blocks;
}

METHOD(coi_stop_block_t, leave_, void,
	private_coi_stop_block_t *this)
{
	enumerator_t *enumerator;
	coi_block_t *block;
	array_t *blocks;
	coi_netlink_t xfrm;
	u_int failed = 0;

	if (!this->block)
	{
		return;
	}
	blocks = list(this);
	if (array_count(blocks) && coi_netlink_open(&xfrm))
	{
		enumerator = array_create_enumerator(blocks);
		while (enumerator->enumerate(enumerator, &block))
		{
			failed += !coi_kept_policy_set(&xfrm, block);
		}
		enumerator->destroy(enumerator);
		coi_netlink_close(&xfrm);
		DBG1(DBG_KNL, "what COI protects stays blocked by %d policies, until "
			 "charon runs again or 'coi release'", array_count(blocks));
	}
	if (failed)
	{
		DBG1(DBG_KNL, "the kernel refused %u policies that were to stay",
			 failed);
	}
	array_destroy(blocks);
}

METHOD(shunt_manager_t, flush, void,
	shunt_manager_t *shunts)
{
	private_coi_stop_block_t *this = leave;

	this->stopping = TRUE;
	leave_(this);
	this->flush(shunts);
}

METHOD(coi_stop_block_t, is_stopping, bool,
	private_coi_stop_block_t *this)
{
	return this->stopping;
}

METHOD(coi_stop_block_t, destroy, void,
	private_coi_stop_block_t *this)
{
	charon->shunts->flush = this->flush;
	leave = NULL;
	free(this);
}

coi_stop_block_t *coi_stop_block_create(coi_policy_store_t *store, bool block)
{
	private_coi_stop_block_t *this;

	INIT(this,
		.public = {
			.list = _list,
			.leave = _leave_,
			.is_stopping = _is_stopping,
			.destroy = _destroy,
		},
		.store = store,
		.block = block,
		.flush = charon->shunts->flush,
	);
	leave = this;
	charon->shunts->flush = (void*)_flush;
	return &this->public;
}
