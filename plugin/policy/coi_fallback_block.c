/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_fallback_block.h"
#include "coi_policy_priority.h"
#include "config/coi_config.h"
#include "config/coi_host_list.h"
#include "coi_icmp_errors.h"
#include "util/coi_selector.h"
#include "util/coi_timer.h"

#include <collections/array.h>
#include <threading/mutex.h>

/** ms that a block stays after it was opened, as a trap does */
#define OPEN_DELAY 1000

typedef struct private_coi_fallback_block_t private_coi_fallback_block_t;
typedef struct block_t block_t;

/** What is blocked for one child. */
struct block_t {
	/** names of connection and child */
	char *peer;
	char *child;
	/** the two as they were when it was closed */
	peer_cfg_t *peer_cfg;
	child_cfg_t *child_cfg;
	/** tells its group from others */
	uint32_t id;
	/** it goes when the timer of the last opening fires */
	bool opened;
	u_int openings;
};

struct private_coi_fallback_block_t {
	coi_fallback_block_t public;
	coi_policy_store_t *store;

	/** block_t */
	array_t *blocks;

	/** id given out last */
	uint32_t last;

	/** guards blocks and last */
	mutex_t *mutex;
};

static void block_destroy(block_t *block)
{
	free(block->peer);
	free(block->child);
	block->peer_cfg->destroy(block->peer_cfg);
	block->child_cfg->destroy(block->child_cfg);
	free(block);
}

/**
 * Add the networks that a child names, whatever its mistake.
 */
static void add_networks(array_t *selectors, child_cfg_t *child)
{
	traffic_selector_t *ts;
	enumerator_t *enumerator;
	linked_list_t *remotes;
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN], range[100];
	int family;

	remotes = child->get_traffic_selectors(child, FALSE, NULL, NULL, FALSE);
	enumerator = remotes->create_enumerator(remotes);
	while (enumerator->enumerate(enumerator, &ts))
	{
		if (!ts->is_dynamic(ts))
		{
			family = ts->get_type(ts) == TS_IPV4_ADDR_RANGE ? AF_INET : AF_INET6;
			inet_ntop(family, ts->get_from_address(ts).ptr, from, sizeof(from));
			inet_ntop(family, ts->get_to_address(ts).ptr, to, sizeof(to));
			snprintf(range, sizeof(range), "%s-%s", from, to);
			coi_selector_add_lists(selectors, "%any", range);
		}
	}
	enumerator->destroy(enumerator);
	remotes->destroy_offset(remotes, offsetof(traffic_selector_t, destroy));
}

/**
 * List the policies of a block.
 */
static array_t *list_policies(peer_cfg_t *peer, child_cfg_t *child)
{
	coi_policy_entry_t policy = {
		.type = POLICY_DROP,
		.prio = COI_PRIO_CLOSED,
		.mode = MODE_TRANSPORT,
	}, errors = {
		.prio = COI_PRIO_ERRORS,
	};
	enumerator_t *enumerator;
	coi_selector_t *selector;
	array_t *selectors, *wanted;

	wanted = coi_policy_entry_create();
	/* what is not understood is said; what is understood is blocked */
	selectors = coi_host_list_selectors(peer->get_ike_cfg(peer));
	add_networks(selectors, child);
	enumerator = array_create_enumerator(selectors);
	while (enumerator->enumerate(enumerator, &selector))
	{
		coi_icmp_errors_want(wanted, errors, selector->local, selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_OUT,
							 selector->local, selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_IN,
							 selector->local, selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_FWD,
							 selector->local, selector->remote);
	}
	enumerator->destroy(enumerator);
	coi_selectors_destroy(selectors);
	return wanted;
}

static bool set(private_coi_fallback_block_t *this, uint32_t id,
				array_t *wanted)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_CLOSED,
		.reqid = id,
	};

	return this->store->set(this->store, &key, wanted,
							coi_policy_entry_create());
}

/**
 * Remove the policies of a block that was opened, and not closed again. What takes its
 * place is a trap: while the kernel refuses one, the block stays.
 */
static void on_opened(void *data, uintptr_t id, u_int opening)
{
	private_coi_fallback_block_t *this = data;
	enumerator_t *enumerator;
	block_t *block, *found = NULL;
	bool wait;

	wait = this->store->count_refused(this->store, COI_POLICY_GROUP_TRAP) != 0;
	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->blocks);
	while (!found && enumerator->enumerate(enumerator, &block))
	{
		if (block->id == id && block->opened && block->openings == opening)
		{
			found = block;
			if (!wait)
			{
				array_remove_at(this->blocks, enumerator);
			}
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	if (found && wait)
	{
		coi_timer_arm(on_opened, this, id, opening, OPEN_DELAY);
	}
	else if (found)
	{
		set(this, id, coi_policy_entry_create());
		block_destroy(found);
	}
}

METHOD(coi_fallback_block_t, open_, bool,
	private_coi_fallback_block_t *this, char *peer, char *child)
{
	enumerator_t *enumerator;
	block_t *block;
	uint32_t id = 0;
	u_int opening = 0;

	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->blocks);
	while (!id && enumerator->enumerate(enumerator, &block))
	{
		if (!block->opened && (!peer || streq(peer, block->peer)) &&
			streq(child, block->child))
		{
			block->opened = TRUE;
			opening = ++block->openings;
			id = block->id;
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	if (id)
	{
		coi_timer_arm(on_opened, this, id, opening, OPEN_DELAY);
	}
	return id != 0;
}

/** Make a block, or copy one. */
static block_t *block_create(peer_cfg_t *peer, child_cfg_t *child, uint32_t id)
{
	block_t *block;

	INIT(block,
		.peer = strdup(peer->get_name(peer)),
		.child = strdup(child->get_name(child)),
		.peer_cfg = peer->get_ref(peer),
		.child_cfg = child->get_ref(child),
		.id = id,
	);
	return block;
}

/** Find the block of a child, NULL if there is none. The mutex is held. */
static block_t *find_block(private_coi_fallback_block_t *this, char *peer,
						   char *child)
{
	block_t *block;
	int i;

	for (i = 0; i < array_count(this->blocks); i++)
	{
		array_get(this->blocks, i, &block);
		if (streq(block->peer, peer) && streq(block->child, child))
		{
			return block;
		}
	}
	return NULL;
}

METHOD(coi_fallback_block_t, close_, bool,
	private_coi_fallback_block_t *this, peer_cfg_t *peer, child_cfg_t *child)
{
	ike_cfg_t *cfg = peer->get_ike_cfg(peer);
	array_t *wanted = list_policies(peer, child);
	block_t *block;
	uint32_t id;

	/* names may get addresses later */
	if (!array_count(wanted) && !coi_host_list_has_name(cfg->get_other_addr(cfg)))
	{
		coi_policy_entry_destroy(wanted);
		return FALSE;
	}
	this->mutex->lock(this->mutex);
	block = find_block(this, peer->get_name(peer), child->get_name(child));
	if (block)
	{	/* if the new policies are refused the old ones stay */
		block->peer_cfg->destroy(block->peer_cfg);
		block->child_cfg->destroy(block->child_cfg);
		block->peer_cfg = peer->get_ref(peer);
		block->child_cfg = child->get_ref(child);
		block->opened = FALSE;
	}
	else
	{
		block = block_create(peer, child, ++this->last);
		array_insert(this->blocks, ARRAY_TAIL, block);
	}
	id = block->id;
	this->mutex->unlock(this->mutex);
	return set(this, id, wanted);
}

/** What has become of a connection, a coi_config_error_cb_t looks for it. */
typedef struct {
	const char *name;
	bool found;
} search_t;

static void search_error(void *data, const char *name, const char *error)
{
	search_t *search = data;

	search->found |= streq(search->name, name);
}

/**
 * Do what is to be done for a block whose connection may have changed.
 */
static void follow(private_coi_fallback_block_t *this, coi_config_t *config,
				   coi_traps_t *routes, block_t *block)
{
	const coi_child_t *child;
	coi_connection_t *conn;
	search_t search = {
		.name = block->peer,
	};

	conn = config->find_name(config, block->peer);
	if (conn)
	{
		child = coi_connection_find(conn, block->child);
		/* without a trap it stays closed */
		search.found = child && !routes->add(routes,
											 coi_connection_get_ref(conn),
											 child->cfg, FALSE);
		coi_connection_destroy(conn);
	}
	else
	{
		config->for_errors(config, search_error, &search);
	}
	if (!search.found)
	{
		open_(this, block->peer, block->child);
	}
}

/** Copy all blocks that are not opened, to work on them without the lock. */
static array_t *copy_blocks(private_coi_fallback_block_t *this)
{
	block_t *block;
	array_t *copies;
	int i;

	copies = array_create(0, 0);
	this->mutex->lock(this->mutex);
	for (i = 0; i < array_count(this->blocks); i++)
	{
		array_get(this->blocks, i, &block);
		if (!block->opened)
		{
			array_insert(copies, ARRAY_TAIL, block_create(block->peer_cfg,
											block->child_cfg, block->id));
		}
	}
	this->mutex->unlock(this->mutex);
	return copies;
}

/** Whether there still is a block. */
static bool has_block(private_coi_fallback_block_t *this, uint32_t id)
{
	block_t *block;
	bool found = FALSE;
	int i;

	this->mutex->lock(this->mutex);
	for (i = 0; i < array_count(this->blocks) && !found; i++)
	{
		array_get(this->blocks, i, &block);
		found = block->id == id;
	}
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(coi_fallback_block_t, renew, void,
	private_coi_fallback_block_t *this)
{
	array_t *copies = copy_blocks(this);
	block_t *copy;
	ike_cfg_t *cfg;

	while (array_remove(copies, ARRAY_HEAD, &copy))
	{
		cfg = copy->peer_cfg->get_ike_cfg(copy->peer_cfg);
		if (coi_host_list_has_name(cfg->get_my_addr(cfg)) ||
			coi_host_list_has_name(cfg->get_other_addr(cfg)))
		{
			set(this, copy->id, list_policies(copy->peer_cfg, copy->child_cfg));
			if (!has_block(this, copy->id))
			{	/* it was opened meanwhile */
				set(this, copy->id, coi_policy_entry_create());
			}
		}
		block_destroy(copy);
	}
	array_destroy(copies);
}

METHOD(coi_fallback_block_t, follow_, void,
	private_coi_fallback_block_t *this, coi_config_t *config,
	   coi_traps_t *routes)
{
	array_t *copies = copy_blocks(this);
	block_t *copy;

	while (array_remove(copies, ARRAY_HEAD, &copy))
	{
		follow(this, config, routes, copy);
		block_destroy(copy);
	}
	array_destroy(copies);
}

METHOD(coi_fallback_block_t, is_closed, bool,
	private_coi_fallback_block_t *this, const char *peer)
{
	block_t *block;
	bool found = FALSE;
	int i;

	this->mutex->lock(this->mutex);
	for (i = 0; i < array_count(this->blocks) && !found; i++)
	{
		array_get(this->blocks, i, &block);
		found = streq(block->peer, peer);
	}
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(coi_fallback_block_t, destroy, void,
	private_coi_fallback_block_t *this)
{
	array_destroy_function(this->blocks, (void*)block_destroy, NULL);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_fallback_block_t *coi_fallback_block_create(coi_policy_store_t *store)
{
	private_coi_fallback_block_t *this;

	INIT(this,
		.public = {
			.close = _close_,
			.open = _open_,
			.follow = _follow_,
			.renew = _renew,
			.is_closed = _is_closed,
			.destroy = _destroy,
		},
		.store = store,
		.blocks = array_create(0, 0),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}
