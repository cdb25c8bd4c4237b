/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_plugin.h"

#include "events/coi_audit.h"
#include "policy/coi_shunts.h"
#include "control/coi_control_socket.h"
#include "util/coi_compat.h"
#include "hooks/coi_trap_hooks.h"
#include "config/coi_name_lookup.h"
#include "coi_requirements.h"
#include "net/coi_null_socket.h"
#include "engine/coi_receiver.h"
#include "policy/coi_takeover.h"
#include "engine/coi_router_errors.h"
#include "sa/coi_ike_tables.h"
#include "session/coi_session_log.h"
#include "util/coi_address_type.h"
#include "util/coi_netlink.h"

#include <daemon.h>
#include <dlfcn.h>

/** features in our list at most */
#define MAX_FEATURES 32

typedef struct private_coi_plugin_t private_coi_plugin_t;

struct private_coi_plugin_t {
	coi_plugin_t public;
	coi_options_t *options;
	coi_parts_t parts;
	coi_engine_t *engine;
	coi_receiver_t *receiver;
	coi_config_watch_t *refresher;
	coi_initiate_t *initiator;
	coi_trap_hooks_t *hooks;
	/** NULL without an audit log */
	coi_audit_t *audit;
	coi_shunts_t *clear;
	coi_takeover_t *relief;
	/** NULL without raw or packet sockets */
	coi_router_errors_t *routers;
	coi_key_files_t *wgt;
	/** NULL without a control socket */
	coi_control_socket_t *commands;
};

METHOD(plugin_t, get_name, char*,
	private_coi_plugin_t *this)
{
	return "coi";
}

static void receive(void *data, bool tunnel, host_t *src, host_t *dst,
					chunk_t datagram)
{
	coi_receiver_t *receiver = data;

	receiver->receive(receiver, tunnel, src, dst, datagram);
}

static void teardown(private_coi_plugin_t *this)
{
	if (this->parts.socket)
	{
		this->parts.socket->stop(this->parts.socket);
	}
	if (this->parts.news)
	{	/* a command may wait for some */
		this->parts.news->stop(this->parts.news);
	}
	DESTROY_IF(this->commands);
	DESTROY_IF(this->wgt);
	DESTROY_IF(this->parts.guard);
	DESTROY_IF(this->routers);
	DESTROY_IF(this->relief);
	DESTROY_IF(this->clear);
	DESTROY_IF(this->hooks);
	DESTROY_IF(this->initiator);
	DESTROY_IF(this->refresher);
	DESTROY_IF(this->receiver);
	DESTROY_IF(this->engine);
	DESTROY_IF(this->parts.sessions);
	if (this->parts.obstacles)
	{
		coi_name_lookup_deinit();
	}
	if (this->parts.routes)
	{
		this->parts.routes->destroy(this->parts.routes);
		coi_tunnel_deinit();
	}
	DESTROY_IF(this->parts.closed);
	DESTROY_IF(this->parts.budget);
	DESTROY_IF(this->parts.refused);
	DESTROY_IF(this->parts.detours);
	DESTROY_IF(this->parts.policy);
	coi_netlink_deinit();
	coi_address_type_deinit();
	DESTROY_IF(this->parts.callout);
	DESTROY_IF(this->parts.socket);
	DESTROY_IF(this->parts.pairs);
	DESTROY_IF(this->parts.login);
	DESTROY_IF(this->parts.keyring);
	DESTROY_IF(this->parts.config);
	DESTROY_IF(this->parts.switches);
	DESTROY_IF(this->parts.lately);
	DESTROY_IF(this->parts.timings);
	DESTROY_IF(this->audit);
	DESTROY_IF(this->parts.news);
	DESTROY_IF(this->parts.obstacles);
	if (this->parts.counters)
	{
		this->parts.counters->log(this->parts.counters);
		this->parts.counters->destroy(this->parts.counters);
	}
	this->commands = NULL;
	this->audit = NULL;
	this->hooks = NULL;
	this->clear = NULL;
	this->relief = NULL;
	this->routers = NULL;
	this->wgt = NULL;
	this->initiator = NULL;
	this->refresher = NULL;
	this->receiver = NULL;
	this->engine = NULL;
	this->parts = (coi_parts_t){};
}

static coi_open_budget_t *create_budget(const coi_options_t *options)
{
	coi_open_budget_limits_t limits = {
		.half_open = options->own_half_open,
		.rate = options->own_rate,
		.burst = options->own_burst,
		.share = options->own_share,
	};

	return coi_open_budget_create(&limits);
}

static coi_router_errors_t *create_routers(private_coi_plugin_t *this)
{
	const coi_options_t *options = this->options;

	return coi_router_errors_create(options->port, this->parts.sessions,
						this->parts.policy->get_store(this->parts.policy),
						1U << options->hold_mark | 1U << options->nat_mark |
						1U << options->state_mark, this->parts.counters);
}

/** Have the ports, a coi_obstacle_try_t. */
static bool open_ports(void *data, char why[COI_OBSTACLE_TEXT])
{
	private_coi_plugin_t *this = data;

	return this->parts.socket->open(this->parts.socket, why);
}

/** Be able to write what happens, a coi_obstacle_try_t. */
static bool check_audit(void *data, char why[COI_OBSTACLE_TEXT])
{
	private_coi_plugin_t *this = data;

	return !this->audit || this->audit->check(this->audit, why);
}

/** Be there for coi(1), a coi_obstacle_try_t. */
static bool open_control(void *data, char why[COI_OBSTACLE_TEXT])
{
	private_coi_plugin_t *this = data;
	coi_control_socket_uses_t uses = {
		.tables = {
			.options = this->options,
			.config = this->parts.config,
			.fallback_block = this->parts.closed,
			.keyring = this->parts.keyring,
			.admin_state = this->parts.switches,
			.obstacles = this->parts.obstacles,
			.pair_policy = this->parts.policy,
			.sessions = this->parts.sessions,
			.engine = this->engine,
			.hold = this->parts.callout,
			.negative_cache = this->parts.refused,
			.encap_peers = this->parts.detours,
			.events = this->parts.news,
			.refusals = this->parts.lately,
			.kernel_watch = this->parts.guard,
		},
		.config_watch = this->refresher,
		.initiate = this->initiator,
		.traps = this->parts.routes,
		.key_files = this->wgt,
		.local_user = this->parts.login,
		.counters = this->parts.counters,
		.histograms = this->parts.timings,
	};

	if (!this->options->control)
	{
		return TRUE;
	}
	this->commands = coi_control_socket_create(this->options->control, &uses);
	if (!this->commands)
	{
		snprintf(why, COI_OBSTACLE_TEXT, "charon.plugins.coi.control = %s: "
				 "cannot be listened on", this->options->control);
	}
	return this->commands != NULL;
}

/** Nothing stands in the way (any more). */
static void begin(void *data)
{
	private_coi_plugin_t *this = data;

	this->parts.socket->start(this->parts.socket, receive, this->receiver);
	this->hooks->begin(this->hooks);
}

/**
 * Take over what charon would do with our connections, which cannot fail, and
 * then get ready to do it, which can, and is tried again.
 */
static void setup(private_coi_plugin_t *this)
{
	coi_obstacles_t *obstacles;

	this->parts.options = this->options;
	this->parts.counters = coi_counters_create();
	this->parts.timings = coi_histograms_create();
	this->parts.lately = coi_refusals_create();
	this->parts.login = coi_local_user_create();
	this->parts.pairs = coi_keypair_pool_create(this->options->window);
	this->parts.news = coi_events_create();
	this->audit = coi_audit_create(this->options->audit, this->parts.news);
	this->parts.config = coi_config_create(coi_timer_wall(),
										   coi_session_log_mistake,
										   this->parts.news);
	this->parts.switches = coi_admin_state_create(this->options);
	this->parts.keyring = coi_keyring_create(this->parts.news,
											 this->parts.switches);
	this->parts.socket = coi_socket_create(this->options->port,
										   this->options->idle_port);
	coi_name_lookup_init(this->options->names_interval);
	obstacles = coi_obstacles_create(this->parts.counters);
	this->parts.obstacles = obstacles;
	/* if there is none, coi_requirements_kernel() tries again */
	if (!coi_netlink_init())
	{
		DBG1(DBG_KNL, "no XFRM socket in reserve");
	}
	this->parts.policy = coi_pair_policy_create(this->options);
	this->parts.callout = coi_hold_create(this->options,
										  this->parts.counters,
										  this->parts.timings,
										  this->parts.policy);
	this->parts.refused = coi_negative_cache_create(this->parts.policy,
													this->options);
	this->parts.budget = create_budget(this->options);
	this->parts.detours = coi_encap_peers_create(this->options->no_esp_time);
	coi_tunnel_init();
	this->parts.routes = coi_traps_create(this->parts.policy);
	this->parts.closed = coi_fallback_block_create(
						this->parts.policy->get_store(this->parts.policy));
	this->parts.guard = coi_kernel_watch_create(
						this->parts.policy->get_store(this->parts.policy),
						this->parts.counters);
	this->parts.sessions = coi_session_table_create(this->options->half_open,
													this->options->half_open_source);
	this->engine = coi_engine_create(&this->parts);
	this->receiver = coi_receiver_create(&this->parts, this->engine);
	this->refresher = coi_config_watch_create(&this->parts, this->engine);
	this->initiator = coi_initiate_create(&this->parts, this->engine,
										  this->refresher);
	this->hooks = coi_trap_hooks_create(&this->parts, this->engine,
										this->refresher, this->initiator);
	this->clear = coi_shunts_create(
						this->parts.policy->get_store(this->parts.policy));
	this->relief = coi_takeover_create(
						this->parts.policy->get_store(this->parts.policy),
						this->parts.policy->get_stop_block(this->parts.policy),
						this->parts.config, this->options);
	this->routers = create_routers(this);
	this->wgt = coi_key_files_create();

	/* the control socket first: it tells what is wrong with the others */
	obstacles->add(obstacles, "control", open_control, this);
	obstacles->add(obstacles, "charon", coi_requirements_charon, this);
	obstacles->add(obstacles, "kernel", coi_requirements_kernel, this);
	obstacles->add(obstacles, "ports", open_ports, this);
	obstacles->add(obstacles, "audit", check_audit, this);
	obstacles->start(obstacles, begin, this);
}

/**
 * Start, or stop, once all that we use and that is there is loaded.
 */
static bool plugin_cb(private_coi_plugin_t *this, plugin_feature_t *feature,
					  bool reg, void *cb_data)
{
	if (reg)
	{
		setup(this);
	}
	else
	{
		teardown(this);
	}
	return TRUE;
}

METHOD(plugin_t, get_features, int,
	private_coi_plugin_t *this, plugin_feature_t *features[])
{
	static plugin_feature_t f[MAX_FEATURES], itself[] = {
		PLUGIN_CALLBACK((plugin_feature_callback_t)plugin_cb, NULL),
			PLUGIN_PROVIDE(CUSTOM, "coi"),
	}, nosocket[] = {
		/* takes the place of the IKE socket */
		PLUGIN_CALLBACK(socket_register, coi_null_socket_create),
			PLUGIN_PROVIDE(CUSTOM, "socket"),
	};
	plugin_feature_t *needs;
	int count = 0;
	u_int needed;

	needs = coi_requirements_features(&needed);
	plugin_features_add(f, itself, countof(itself), &count);
	plugin_features_add(f, needs, needed, &count);
	if (this->options->dark)
	{
		plugin_features_add(f, nosocket, countof(nosocket), &count);
	}
	*features = f;
	return count;
}

METHOD(plugin_t, destroy, void,
	private_coi_plugin_t *this)
{
	coi_options_destroy(this->options);
	free(this);
}

/**
 * charon built with mediation has other object layouts; calling into one that
 * does not match this build would end in a crash.
 */
static bool is_same_build()
{
	bool mediation = dlsym(RTLD_DEFAULT, "mediation_manager_create") != NULL;
#ifdef ME
	bool expected = TRUE;
#else
	bool expected = FALSE;
#endif

	if (mediation != expected)
	{
		DBG1(DBG_LIB, "plugin coi was built for a charon %s mediation, this one "
			 "is %s; build it with the headers of this charon",
			 expected ? "with" : "without", mediation ? "with" : "without");
		return FALSE;
	}
	return TRUE;
}

/** Constructor that the plugin loader looks up. */
PLUGIN_DEFINE(coi)
{
	private_coi_plugin_t *this;

	if (!is_same_build())
	{
		return NULL;
	}
	INIT(this,
		.public = {
			.plugin = {
				.get_name = _get_name,
				.get_features = _get_features,
				.destroy = _destroy,
			},
		},
		.options = coi_options_load(),
	);
	coi_ike_tables_init();
	return &this->public.plugin;
}
