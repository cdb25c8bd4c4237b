/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tracker.h"
#include "util/coi_timer.h"

#include <unistd.h>

#include <threading/condvar.h>
#include <threading/mutex.h>

/** ms between looks at whether the rules are still there */
#define LOOK 3000

/** there if the kernel tracks SCTP by its ports */
#define SCTP "/proc/sys/net/netfilter/nf_conntrack_sctp_timeout_closed"

ENUM(coi_tracker_method_names, COI_TRACKING_UNUSED, COI_TRACKING_NONE,
	"unused",
	"connections",
	"flags",
	"none",
);

typedef struct private_coi_tracker_t private_coi_tracker_t;

struct private_coi_tracker_t {
	coi_tracker_t public;
	const coi_options_t *options;

	/** NULL if the kernel has no netfilter; belongs to whoever made us busy */
	coi_tracker_rules_t *rules;

	/** guards what follows; not held during kernel calls */
	mutex_t *mutex;

	/** signaled when we are no longer busy */
	condvar_t *condvar;

	coi_tracker_method_t tracking;

	/** somebody changes the rules */
	bool busy;
};

METHOD(coi_tracker_t, get_mark, uint32_t,
	private_coi_tracker_t *this)
{
	return 1U << this->options->state_mark;
}

/**
 * Put the rules into the kernel, the best that it takes.
 */
static coi_tracker_method_t install(private_coi_tracker_t *this)
{
	coi_tracker_rule_config_t config = {
		.mark = get_mark(this),
		.connections = this->options->conntrack,
		.sctp = access(SCTP, F_OK) == 0,
	};

	if (!this->rules)
	{
		return COI_TRACKING_NONE;
	}
	if (config.connections && this->rules->add(this->rules, &config))
	{
		if (!config.sctp && access(SCTP, F_OK) == 0)
		{	/* it was loaded just now */
			config.sctp = TRUE;
			this->rules->add(this->rules, &config);
		}
		return COI_TRACKING_CONNECTIONS;
	}
	config.connections = FALSE;
	return this->rules->add(this->rules, &config) ? COI_TRACKING_FLAGS
												  : COI_TRACKING_NONE;
}

/** Say what does not work. */
static void log_method(private_coi_tracker_t *this,
					   coi_tracker_method_t tracking)
{
	switch (tracking)
	{
		case COI_TRACKING_FLAGS:
			DBG1(DBG_KNL, "%s: of services that are used at peers with a "
				 "filter, only TCP gets answers, told by its flags",
				 this->options->conntrack ? "this kernel tracks no connections"
										  : "connections are not tracked");
			break;
		case COI_TRACKING_NONE:
			DBG1(DBG_KNL, "this kernel cannot tell who began a connection: "
				 "services that are used at peers with a filter get no "
				 "answers");
			break;
		default:
			break;
	}
}

/** Wait until nobody else changes the rules. */
static void take(private_coi_tracker_t *this)
{
	this->mutex->lock(this->mutex);
	while (this->busy)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	this->busy = TRUE;
	this->mutex->unlock(this->mutex);
}

static void give(private_coi_tracker_t *this, coi_tracker_method_t tracking)
{
	this->mutex->lock(this->mutex);
	this->tracking = tracking;
	this->busy = FALSE;
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_tracker_t, get_tracking, coi_tracker_method_t,
	private_coi_tracker_t *this)
{
	coi_tracker_method_t tracking;

	this->mutex->lock(this->mutex);
	tracking = this->tracking;
	this->mutex->unlock(this->mutex);
	return tracking;
}

/** Put the rules back if they are gone. */
static void look(void *data, uintptr_t id, u_int generation)
{
	private_coi_tracker_t *this = data;
	coi_tracker_method_t before, tracking;

	take(this);
	before = tracking = get_tracking(this);
	if (!this->rules->check(this->rules))
	{
		tracking = install(this);
		if (tracking == COI_TRACKING_NONE)
		{
			if (before != tracking)
			{
				log_method(this, tracking);
			}
		}
		else if (before != COI_TRACKING_NONE)
		{
			DBG1(DBG_KNL, "put back the netfilter rules that tell who began a "
				 "connection, which somebody has removed; answers were dropped "
				 "meanwhile");
		}
	}
	give(this, tracking);
	coi_timer_arm(look, this, 0, 0, LOOK);
}

METHOD(coi_tracker_t, need, void,
	private_coi_tracker_t *this)
{
	coi_tracker_method_t tracking;

	if (get_tracking(this) != COI_TRACKING_UNUSED)
	{
		return;
	}
	take(this);
	tracking = get_tracking(this);
	if (tracking == COI_TRACKING_UNUSED)
	{
		tracking = install(this);
		log_method(this, tracking);
		if (this->rules)
		{
			coi_timer_arm(look, this, 0, 0, LOOK);
		}
	}
	give(this, tracking);
}

METHOD(coi_tracker_t, destroy, void,
	private_coi_tracker_t *this)
{
	if (this->rules)
	{
		this->rules->remove(this->rules);
		this->rules->destroy(this->rules);
	}
	this->condvar->destroy(this->condvar);
	this->mutex->destroy(this->mutex);
	free(this);
}

#ifndef COI_NFT
coi_tracker_rules_t *coi_tracker_nft_create()
{
	return NULL;
}
#endif /* COI_NFT */

coi_tracker_t *coi_tracker_create(const coi_options_t *options)
{
	private_coi_tracker_t *this;

	INIT(this,
		.public = {
			.get_mark = _get_mark,
			.need = _need,
			.get_tracking = _get_tracking,
			.destroy = _destroy,
		},
		.options = options,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);
	if (options->hold_backend != COI_BACKEND_LEGACY)
	{
		this->rules = coi_tracker_nft_create();
	}
	/* only then: looking for its tables makes the kernel load them */
	if (!this->rules && options->hold_backend != COI_BACKEND_NFT)
	{
		this->rules = coi_tracker_legacy_create();
	}
	if (this->rules)
	{	/* of a dead charon */
		this->rules->remove(this->rules);
	}
	return &this->public;
}
