/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_takeover.h"
#include "coi_kept_policy.h"
#include "coi_block_file.h"

#include <errno.h>
#include <unistd.h>

#include <collections/array.h>
#include <processing/jobs/callback_job.h>
#include <threading/mutex.h>

/** seconds between two looks; after so many only each tenth asks what is left */
#define LOOK_AGAIN 1
#define LOOK_SELDOM 10
#define OFTEN 60

/** looks at the same configuration until it is taken for complete */
#define COMPLETE 5

typedef struct private_coi_takeover_t private_coi_takeover_t;

struct private_coi_takeover_t {
	coi_takeover_t public;
	coi_policy_store_t *store;
	coi_stop_block_t *leave;
	coi_config_t *config;

	/** what is kept for the next boot, and for which changes of the store and of
	 * the configuration */
	coi_block_file_t *state;
	u_int changes;
	u_int kept;

	/** nothing was left, or is any more */
	bool relieved;

	/** what the connections were like, and how often that was seen since; only
	 * the job has them */
	u_int seen;
	u_int times;
	bool loaded;

	/** looks with something loaded; the same */
	u_int looks;

	/** nothing is to be removed any more */
	bool stopped;

	/** guards stopped; held while something is removed, as who destroys us must
	 * wait for that */
	mutex_t *mutex;

	/** one for the owner, one for the job */
	refcount_t refcount;
};

static void unref(private_coi_takeover_t *this)
{
	if (ref_put(&this->refcount))
	{
		this->mutex->destroy(this->mutex);
		this->state->destroy(this->state);
		free(this);
	}
}

/** Something that covers a block is looked for. */
typedef struct {
	const coi_block_t *block;
	bool found;
} search_t;

/** Whether a selector has all addresses of a prefix. */
static bool has_net(traffic_selector_t *ts, int family, const uint8_t *addr,
					uint8_t bits)
{
	chunk_t raw = chunk_create((uint8_t*)addr, family == AF_INET ? 4 : 16);
	traffic_selector_t *net;
	bool within;

	net = traffic_selector_create_from_subnet(
						host_create_from_chunk(family, raw, 0), bits, 0, 0,
						0xffff);
	within = net->get_type(net) == ts->get_type(ts) &&
			 memcmp(ts->get_from_address(ts).ptr,
					net->get_from_address(net).ptr, raw.len) <= 0 &&
			 memcmp(ts->get_to_address(ts).ptr,
					net->get_to_address(net).ptr, raw.len) >= 0;
	net->destroy(net);
	return within;
}

/** Compare with a policy of ours, a coi_policy_store_cb_t. */
static void search_cover(void *data, const coi_policy_group_t *key,
						 const coi_policy_entry_t *policy)
{
	search_t *search = data;
	const coi_block_t *block = search->block;
	bool out = policy->dir == POLICY_OUT;
	traffic_selector_t *src = out ? policy->local : policy->remote;
	traffic_selector_t *dst = out ? policy->remote : policy->local;

	if (search->found || policy->leads_to ||
		/* what is forwarded is covered with what comes in */
		out != (block->dir == COI_BLOCK_OUT) ||
		policy->if_id != block->if_id || policy->mark.mask ||
		src->get_protocol(src))
	{
		return;
	}
	switch (key->kind)
	{
		case COI_POLICY_GROUP_TRAP:
		case COI_POLICY_GROUP_CLOSED:
			break;
		case COI_POLICY_GROUP_DROP:
			if (dst->get_protocol(dst))
			{
				return;
			}
			break;
		default:
			return;
	}
	search->found = has_net(src, block->family, block->src, block->src_bits) &&
					has_net(dst, block->family, block->dst, block->dst_bits);
}

/**
 * Remove what was left.
 *
 * @param all		FALSE for what something covers that is in force
 * @param rest		number of those that are still there
 * @return			number of those removed
 */
static u_int remove_left(private_coi_takeover_t *this, bool all, u_int *rest)
{
	array_t *found;
	coi_block_t block;
	coi_netlink_t xfrm;
	u_int removed = 0;
	search_t search = {
		.block = &block,
	};

	*rest = 1;
	if (!coi_netlink_open(&xfrm))
	{
		return 0;
	}
	found = array_create(sizeof(coi_block_t), 0);
	if (coi_netlink_dump(&xfrm, XFRM_MSG_GETPOLICY, coi_kept_policy_collect,
						 found))
	{
		*rest = array_count(found);
	}
	while (array_remove(found, ARRAY_HEAD, &block))
	{
		search.found = all;
		if (!all && block.kind == COI_BLOCK_REST)
		{
			this->store->visit(this->store, search_cover, &search);
		}
		if (search.found && coi_kept_policy_unset(&xfrm, &block))
		{
			removed++;
		}
	}
	*rest -= min(*rest, removed);
	array_destroy(found);
	coi_netlink_close(&xfrm);
	return removed;
}

/** A mistake in a connection, a coi_config_error_cb_t. */
static void count_error(void *data, const char *name, const char *error)
{
	u_int *count = data;

	(*count)++;
}

/**
 * Whether connections are loaded, and have been the same for a while: who loads them
 * does not say when that was all.
 */
static bool is_complete(private_coi_takeover_t *this, u_int *errors)
{
	enumerator_t *enumerator;
	peer_cfg_t *peer;
	u_int seen = 0;

	enumerator = charon->backends->create_peer_cfg_enumerator(charon->backends,
											NULL, NULL, NULL, NULL, IKE_ANY);
	while (enumerator->enumerate(enumerator, &peer))
	{
		this->loaded = TRUE;
		seen = chunk_hash_inc(chunk_from_thing(peer), seen);
		seen = chunk_hash_inc(chunk_from_str(peer->get_name(peer)), seen);
	}
	enumerator->destroy(enumerator);
	this->times = seen == this->seen ? this->times + 1 : 0;
	this->seen = seen;
	*errors = 0;
	this->config->for_errors(this->config, count_error, errors);
	return this->loaded && this->times >= COMPLETE;
}

/** Remove what is to be removed now. */
static void relieve(private_coi_takeover_t *this, bool complete)
{
	u_int removed, rest;

	if (this->relieved ||
		(this->looks++ >= OFTEN && this->looks % LOOK_SELDOM))
	{
		return;
	}
	removed = remove_left(this, complete, &rest);
	if (removed)
	{
		DBG1(DBG_KNL, "removed %u policies that an earlier charon left, as %s",
			 removed, complete ? "the configuration is loaded" :
			 "others are in their place");
	}
	this->relieved = !rest;
}

/** Keep what is protected for the next boot, if that has changed. */
static void keep(private_coi_takeover_t *this)
{
	u_int changes = this->store->get_changes(this->store);
	array_t *blocks;

	if (changes == this->changes && this->seen == this->kept)
	{
		return;
	}
	blocks = this->leave->list(this->leave);
	if (!this->leave->is_stopping(this->leave))
	{
		this->state->keep(this->state, blocks);
		this->changes = changes;
		this->kept = this->seen;
	}
	array_destroy(blocks);
}

/** Do what is to be done now. */
static job_requeue_t look(private_coi_takeover_t *this)
{
	bool complete, stopped;
	u_int errors;

	complete = is_complete(this, &errors);
	if (!this->loaded)
	{	/* nothing may be opened, whatever the time */
		return JOB_RESCHEDULE(LOOK_AGAIN);
	}
	this->mutex->lock(this->mutex);
	stopped = this->stopped;
	if (!stopped)
	{
		relieve(this, complete && !errors);
		/* what a mistake covers may not be known; rather too much than nothing */
		if (complete && (!errors || !this->state->exists(this->state)))
		{
			keep(this);
		}
	}
	this->mutex->unlock(this->mutex);
	return stopped ? JOB_REQUEUE_NONE : JOB_RESCHEDULE(LOOK_AGAIN);
}

METHOD(coi_takeover_t, destroy, void,
	private_coi_takeover_t *this)
{
	this->mutex->lock(this->mutex);
	this->stopped = TRUE;
	this->mutex->unlock(this->mutex);
	unref(this);
}

coi_takeover_t *coi_takeover_create(coi_policy_store_t *store,
									coi_stop_block_t *leave,
									coi_config_t *config,
									const coi_options_t *options)
{
	private_coi_takeover_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.store = store,
		.leave = leave,
		.config = config,
		.state = coi_block_file_create(options->stop_block ? options->state : NULL),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.refcount = 2,
	);
	if (!options->stop_block && options->state &&
		unlink(options->state) != 0 && errno != ENOENT)
	{
		DBG1(DBG_CFG, "removing %s failed: %s", options->state,
			 strerror(errno));
	}
	lib->scheduler->schedule_job(lib->scheduler,
					(job_t*)callback_job_create((callback_job_cb_t)look, this,
									(callback_job_cleanup_t)unref, NULL),
					LOOK_AGAIN);
	return &this->public;
}
