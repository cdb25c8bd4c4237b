/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_relief.h"
#include "coi_plain.h"

#include <collections/array.h>
#include <processing/jobs/callback_job.h>
#include <threading/mutex.h>

/** seconds between two looks, the first ones and those after these */
#define LOOK_AGAIN 1
#define LOOK_SELDOM 10
#define OFTEN 60

/** looks at the same configuration until it is taken for complete */
#define COMPLETE 5

typedef struct private_coi_relief_t private_coi_relief_t;

struct private_coi_relief_t {
	coi_relief_t public;
	coi_slots_t *slots;
	coi_config_t *config;

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

static void unref(private_coi_relief_t *this)
{
	if (ref_put(&this->refcount))
	{
		this->mutex->destroy(this->mutex);
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

/** Compare with a policy of ours, a coi_slots_cb_t. */
static void search_cover(void *data, const coi_slot_key_t *key,
						 const coi_wanted_t *policy)
{
	search_t *search = data;
	const coi_block_t *block = search->block;
	bool out = policy->dir == POLICY_OUT;
	traffic_selector_t *src = out ? policy->local : policy->remote;
	traffic_selector_t *dst = out ? policy->remote : policy->local;

	if (search->found || policy->sink ||
		/* what is forwarded is covered with what comes in */
		out != (block->dir == COI_BLOCK_OUT) ||
		policy->if_id != block->if_id || policy->mark.mask ||
		src->get_protocol(src))
	{
		return;
	}
	switch (key->kind)
	{
		case COI_SLOT_TRAP:
		case COI_SLOT_CLOSED:
			break;
		case COI_SLOT_DROP:
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
static u_int remove_left(private_coi_relief_t *this, bool all, u_int *rest)
{
	array_t *found;
	coi_block_t block;
	coi_xfrm_t xfrm;
	u_int removed = 0;
	search_t search = {
		.block = &block,
	};

	*rest = 1;
	if (!coi_xfrm_open(&xfrm))
	{
		return 0;
	}
	found = array_create(sizeof(coi_block_t), 0);
	if (coi_xfrm_dump(&xfrm, XFRM_MSG_GETPOLICY, coi_plain_collect, found))
	{
		*rest = array_count(found);
	}
	while (array_remove(found, ARRAY_HEAD, &block))
	{
		search.found = all;
		if (!all && block.kind == COI_BLOCK_REST)
		{
			this->slots->visit(this->slots, search_cover, &search);
		}
		if (search.found && coi_plain_unset(&xfrm, &block))
		{
			removed++;
		}
	}
	*rest -= min(*rest, removed);
	array_destroy(found);
	coi_xfrm_close(&xfrm);
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
static bool is_complete(private_coi_relief_t *this)
{
	enumerator_t *enumerator;
	peer_cfg_t *peer;
	u_int seen = 0, errors = 0;

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
	this->config->for_errors(this->config, count_error, &errors);
	return this->loaded && this->times >= COMPLETE && !errors;
}

/** Remove what is to be removed now. */
static job_requeue_t look(private_coi_relief_t *this)
{
	job_requeue_t again = JOB_REQUEUE_NONE;
	u_int removed, rest;
	bool complete;

	complete = is_complete(this);
	if (!this->loaded)
	{	/* nothing may be opened, whatever the time */
		return JOB_RESCHEDULE(LOOK_AGAIN);
	}
	this->mutex->lock(this->mutex);
	if (!this->stopped)
	{
		removed = remove_left(this, complete, &rest);
		if (removed)
		{
			DBG1(DBG_KNL, "removed %u policies that an earlier charon left, as "
				 "%s", removed, complete ? "the configuration is loaded" :
				 "others are in their place");
		}
		if (rest)
		{
			again = this->looks++ < OFTEN ? JOB_RESCHEDULE(LOOK_AGAIN)
										  : JOB_RESCHEDULE(LOOK_SELDOM);
		}
	}
	this->mutex->unlock(this->mutex);
	return again;
}

METHOD(coi_relief_t, destroy, void,
	private_coi_relief_t *this)
{
	this->mutex->lock(this->mutex);
	this->stopped = TRUE;
	this->mutex->unlock(this->mutex);
	unref(this);
}

coi_relief_t *coi_relief_create(coi_slots_t *slots, coi_config_t *config)
{
	private_coi_relief_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.slots = slots,
		.config = config,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.refcount = 2,
	);
	lib->scheduler->schedule_job(lib->scheduler,
					(job_t*)callback_job_create((callback_job_cb_t)look, this,
									(callback_job_cleanup_t)unref, NULL),
					LOOK_AGAIN);
	return &this->public;
}
