/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_config_watch.h"
#include "coi_demand_traps.h"
#include "config/coi_connection_read.h"
#include "config/coi_host_list.h"
#include "config/coi_name_lookup.h"

#include <processing/jobs/callback_job.h>
#include <threading/mutex.h>

/** ms between two comparisons */
#define INTERVAL 1000

/** intervals after which names are kept */
#define KEEP_INTERVALS 60

typedef struct private_coi_config_watch_t private_coi_config_watch_t;

struct private_coi_config_watch_t {
	coi_config_watch_t public;
	coi_config_watch_config_t config;

	/** guards changed and due */
	mutex_t *mutex;

	/** a key or connection came or went since the last interval */
	bool changed;

	/** to compare sessions once an interval has passed without a change */
	bool due;

	/** intervals since names were kept; used by the job only */
	u_int unkept;
};

/**
 * Have key pairs made for the suites of all connections.
 */
static void prepare_pairs(private_coi_config_watch_t *this)
{
	coi_keypair_pool_t *keypairs = this->config.keypairs;
	coi_config_t *config = this->config.config;
	enumerator_t *enumerator;
	coi_connection_t *conn;

	enumerator = config->create_enumerator(config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		keypairs->prepare(keypairs, conn->suite);
	}
	enumerator->destroy(enumerator);
}

/** Note that a key or connection came or went. */
static void set_changed(private_coi_config_watch_t *this)
{
	this->mutex->lock(this->mutex);
	this->changed = TRUE;
	this->mutex->unlock(this->mutex);
}

METHOD(coi_config_watch_t, refresh, void,
	private_coi_config_watch_t *this)
{
	coi_fallback_block_t *fallback_block = this->config.fallback_block;
	coi_negative_cache_t *cache = this->config.negative_cache;
	coi_keyring_t *keyring = this->config.keyring;
	coi_config_t *config = this->config.config;
	coi_traps_t *traps = this->config.traps;
	bool loaded, keys;

	loaded = config->refresh(config);
	/* traps ask as soon as they are there, so their keys come before them */
	keys = keyring->refresh(keyring, config);
	if (loaded || keys)
	{
		set_changed(this);
	}
	if (loaded)
	{
		coi_name_lookup_again();
		prepare_pairs(this);
		traps->prune(traps, config);
		coi_demand_traps_apply(this->config.admin_state, config, traps);
	}
	fallback_block->follow(fallback_block, config, traps);
	if (keys)
	{	/* what was refused for want of a key may be asked for; who refuses at
		 * this moment looks at changed afterwards */
		cache->forget(cache, NULL);
	}
}

METHOD(coi_config_watch_t, is_settled, bool,
	private_coi_config_watch_t *this)
{
	bool settled;

	this->mutex->lock(this->mutex);
	settled = !this->changed && !this->due;
	this->mutex->unlock(this->mutex);
	return settled;
}

/**
 * Keep the names of all connections that are loaded, from time to time.
 */
static void keep_names(private_coi_config_watch_t *this)
{
	enumerator_t *enumerator;
	linked_list_t *peers;
	peer_cfg_t *peer;

	if (this->unkept++ % KEEP_INTERVALS)
	{
		return;
	}
	peers = coi_connection_peers();
	enumerator = peers->create_enumerator(peers);
	while (enumerator->enumerate(enumerator, &peer))
	{
		coi_host_list_keep(peer->get_ike_cfg(peer));
	}
	enumerator->destroy(enumerator);
	peers->destroy_offset(peers, offsetof(peer_cfg_t, destroy));
}

CALLBACK(on_interval, job_requeue_t,
	private_coi_config_watch_t *this)
{
	coi_fallback_block_t *fallback_block = this->config.fallback_block;
	coi_reconfigure_t *reconfigure = this->config.reconfigure;
	coi_traps_t *traps = this->config.traps;
	bool changed, due;

	keep_names(this);
	if (coi_name_lookup_changed())
	{
		traps->renew(traps);
		fallback_block->renew(fallback_block);
	}
	refresh(this);
	/* swanctl unloads all secrets before it loads them again: only what stays
	 * the same for an interval counts */
	this->mutex->lock(this->mutex);
	changed = this->changed;
	due = this->due && !changed;
	this->changed = FALSE;
	this->due = changed;
	this->mutex->unlock(this->mutex);
	if (due)
	{
		reconfigure->apply(reconfigure);
	}
	else if (!changed)
	{
		reconfigure->apply_opened(reconfigure);
	}
	return JOB_RESCHEDULE_MS(INTERVAL);
}

METHOD(coi_config_watch_t, destroy, void,
	private_coi_config_watch_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_config_watch_t *coi_config_watch_create(
										const coi_config_watch_config_t *config)
{
	private_coi_config_watch_t *this;

	INIT(this,
		.public = {
			.refresh = _refresh,
			.is_settled = _is_settled,
			.destroy = _destroy,
		},
		.config = *config,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	lib->scheduler->schedule_job_ms(lib->scheduler,
					(job_t*)callback_job_create(on_interval, this, NULL,
									(callback_job_cancel_t)return_false),
					INTERVAL);
	return &this->public;
}
