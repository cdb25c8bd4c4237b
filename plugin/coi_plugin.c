/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_plugin.h"
#include "coi_requirements.h"

#include "config/coi_name_lookup.h"
#include "config/coi_options.h"
#include "control/coi_control_socket.h"
#include "engine/coi_receiver.h"
#include "engine/coi_router_errors.h"
#include "events/coi_audit.h"
#include "hooks/coi_initiate.h"
#include "hooks/coi_trap_hooks.h"
#include "net/coi_null_socket.h"
#include "policy/coi_kernel_watch.h"
#include "policy/coi_shunts.h"
#include "policy/coi_takeover.h"
#include "sa/coi_ike_tables.h"
#include "session/coi_session_log.h"
#include "util/coi_address_type.h"
#include "util/coi_compat.h"
#include "util/coi_netlink.h"
#include "util/coi_timer.h"

#include <daemon.h>
#include <dlfcn.h>

/** features in our list at most */
#define MAX_FEATURES 32

typedef struct private_coi_plugin_t private_coi_plugin_t;

/** What it is made of, in the order in which it is made. */
struct private_coi_plugin_t {
	coi_plugin_t public;
	coi_options_t *options;

	/* what happens, and is told */
	coi_counters_t *counters;
	coi_histograms_t *histograms;
	coi_refusals_t *refusals;
	coi_events_t *events;
	/** NULL without an audit log */
	coi_audit_t *audit;
	/** what stands in the way of all else */
	coi_obstacles_t *obstacles;

	/* what is configured */
	coi_config_t *config;
	coi_admin_state_t *admin_state;
	coi_keyring_t *keyring;
	coi_key_files_t *key_files;
	coi_keypair_pool_t *keypairs;
	coi_local_user_t *local_user;

	/* the network and the kernel */
	coi_socket_t *socket;
	/** what tunnels share */
	coi_tunnel_tables_t tables;
	coi_pair_policy_t *policy;
	coi_hold_t *hold;
	coi_negative_cache_t *negative_cache;
	coi_traps_t *traps;
	coi_fallback_block_t *fallback_block;
	coi_shunts_t *shunts;
	coi_takeover_t *takeover;
	coi_kernel_watch_t *kernel_watch;

	/* sessions */
	coi_open_budget_t *budget;
	coi_encap_peers_t *encap_peers;
	coi_session_table_t *sessions;
	coi_session_policy_t *session_policy;
	coi_work_queue_t *queue;

	/* what drives them */
	coi_attempts_t *attempts;
	coi_executor_t *executor;
	coi_opening_t *opening;
	coi_keepalive_t *keepalive;
	coi_nat_keepalive_t *nat_keepalive;
	coi_responder_t *responder;
	coi_reconfigure_t *reconfigure;
	coi_tunnel_requests_t *requests;
	coi_engine_t *engine;
	coi_receiver_t *receiver;
	coi_config_watch_t *config_watch;
	/** NULL without raw or packet sockets */
	coi_router_errors_t *router_errors;

	/* who asks for them */
	coi_initiate_t *initiate;
	coi_trap_hooks_t *trap_hooks;
	/** NULL without a control socket */
	coi_control_socket_t *control;
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

/** Destroy a part that may not be there. */
#define UNMAKE(part) do { DESTROY_IF(this->part); this->part = NULL; } while (0)

static void teardown(private_coi_plugin_t *this)
{
	if (this->socket)
	{
		this->socket->stop(this->socket);
	}
	if (this->events)
	{	/* a command may wait for some */
		this->events->stop(this->events);
	}
	UNMAKE(control);
	UNMAKE(key_files);
	UNMAKE(kernel_watch);
	UNMAKE(router_errors);
	UNMAKE(takeover);
	UNMAKE(shunts);
	UNMAKE(trap_hooks);
	UNMAKE(initiate);
	UNMAKE(config_watch);
	UNMAKE(receiver);
	UNMAKE(engine);
	UNMAKE(reconfigure);
	UNMAKE(requests);
	UNMAKE(responder);
	UNMAKE(nat_keepalive);
	UNMAKE(keepalive);
	UNMAKE(opening);
	UNMAKE(executor);
	UNMAKE(attempts);
	UNMAKE(session_policy);
	UNMAKE(sessions);
	/* what waited for sessions was counted by it */
	UNMAKE(queue);
	if (this->obstacles)
	{
		coi_name_lookup_deinit();
	}
	if (this->traps)
	{
		UNMAKE(traps);
		coi_tunnel_deinit();
	}
	UNMAKE(tables.vip_leases);
	UNMAKE(tables.vip_client);
	UNMAKE(tables.totals);
	UNMAKE(fallback_block);
	UNMAKE(budget);
	UNMAKE(negative_cache);
	UNMAKE(encap_peers);
	UNMAKE(policy);
	coi_netlink_deinit();
	coi_address_type_deinit();
	UNMAKE(hold);
	UNMAKE(socket);
	UNMAKE(keypairs);
	UNMAKE(local_user);
	UNMAKE(keyring);
	UNMAKE(config);
	UNMAKE(admin_state);
	UNMAKE(refusals);
	UNMAKE(histograms);
	UNMAKE(audit);
	UNMAKE(events);
	UNMAKE(obstacles);
	if (this->counters)
	{
		this->counters->log(this->counters);
	}
	UNMAKE(counters);
}

/** Have the ports, a coi_obstacle_try_t. */
static bool open_ports(void *data, char why[COI_OBSTACLE_TEXT])
{
	private_coi_plugin_t *this = data;

	return this->socket->open(this->socket, why);
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
			.config = this->config,
			.fallback_block = this->fallback_block,
			.keyring = this->keyring,
			.admin_state = this->admin_state,
			.obstacles = this->obstacles,
			.pair_policy = this->policy,
			.sessions = this->sessions,
			.engine = this->engine,
			.hold = this->hold,
			.negative_cache = this->negative_cache,
			.encap_peers = this->encap_peers,
			.events = this->events,
			.refusals = this->refusals,
			.kernel_watch = this->kernel_watch,
		},
		.config_watch = this->config_watch,
		.initiate = this->initiate,
		.traps = this->traps,
		.key_files = this->key_files,
		.local_user = this->local_user,
		.counters = this->counters,
		.histograms = this->histograms,
		.totals = this->tables.totals,
	};

	if (!this->options->control)
	{
		return TRUE;
	}
	this->control = coi_control_socket_create(this->options->control, &uses);
	if (!this->control)
	{
		snprintf(why, COI_OBSTACLE_TEXT, "charon.plugins.coi.control = %s: "
				 "cannot be listened on", this->options->control);
	}
	return this->control != NULL;
}

/** Nothing stands in the way (any more). */
static void begin(void *data)
{
	private_coi_plugin_t *this = data;

	this->socket->start(this->socket, receive, this->receiver);
	this->initiate->begin(this->initiate);
}

/** Make what others tell things to. */
static void create_events(private_coi_plugin_t *this)
{
	this->counters = coi_counters_create();
	this->histograms = coi_histograms_create();
	this->refusals = coi_refusals_create();
	this->events = coi_events_create();
	this->audit = coi_audit_create(this->options->audit, this->events);
	this->obstacles = coi_obstacles_create(this->counters);
}

/** Make what knows connections, keys and users. */
static void create_config(private_coi_plugin_t *this)
{
	coi_name_lookup_init(this->options->names_interval);
	this->config = coi_config_create(coi_timer_wall(), coi_session_log_mistake,
									 this->events);
	this->admin_state = coi_admin_state_create(this->options);
	this->keyring = coi_keyring_create(this->events, this->admin_state);
	this->key_files = coi_key_files_create();
	this->keypairs = coi_keypair_pool_create(this->options->window);
	this->local_user = coi_local_user_create();
}

/** Make what talks to the network and the kernel. */
static void create_kernel(private_coi_plugin_t *this)
{
	const coi_options_t *options = this->options;
	coi_policy_store_t *store;

	this->socket = coi_socket_create(options->port, options->idle_port);
	/* if there is none, coi_requirements_kernel() tries again */
	if (!coi_netlink_init())
	{
		DBG1(DBG_KNL, "no XFRM socket in reserve");
	}
	coi_tunnel_init();
	this->tables.totals = coi_traffic_totals_create();
	this->tables.vip_client = coi_vip_client_create();
	this->tables.vip_leases = coi_vip_leases_create();
	this->policy = coi_pair_policy_create(options);
	store = this->policy->get_store(this->policy);
	this->hold = coi_hold_create(options, this->counters, this->histograms,
								 this->policy);
	this->negative_cache = coi_negative_cache_create(this->policy, options);
	this->traps = coi_traps_create(this->policy);
	this->fallback_block = coi_fallback_block_create(store);
	this->kernel_watch = coi_kernel_watch_create(store, this->counters);
}

/** Make what knows of sessions. */
static void create_sessions(private_coi_plugin_t *this)
{
	const coi_options_t *options = this->options;
	coi_open_budget_limits_t limits = {
		.half_open = options->own_half_open,
		.rate = options->own_rate,
		.burst = options->own_burst,
		.share = options->own_share,
	};

	this->budget = coi_open_budget_create(&limits);
	this->encap_peers = coi_encap_peers_create(options->no_esp_time);
	this->sessions = coi_session_table_create(options->half_open,
											  options->half_open_source);
	this->session_policy = coi_session_policy_create(this->sessions,
													 this->policy,
													 this->config);
	this->queue = coi_work_queue_create(this->sessions, options->queue);
}

/** Make what carries out what a session wants, and what begins one. */
static void create_executor(private_coi_plugin_t *this)
{
	coi_attempts_config_t attempts = {
		.options = this->options,
		.keyring = this->keyring,
		.keypairs = this->keypairs,
		.local_user = this->local_user,
		.encap_peers = this->encap_peers,
		.counters = this->counters,
	};
	coi_executor_config_t executor = {
		.sessions = this->sessions,
		.session_policy = this->session_policy,
		.policy = this->policy,
		.negative_cache = this->negative_cache,
		.hold = this->hold,
		.socket = this->socket,
		.counters = this->counters,
		.histograms = this->histograms,
		.events = this->events,
		.queue = this->queue,
		.tables = this->tables,
	};
	coi_opening_config_t opening = {
		.options = this->options,
		.obstacles = this->obstacles,
		.budget = this->budget,
		.config = this->config,
		.keyring = this->keyring,
		.sessions = this->sessions,
		.counters = this->counters,
		.queue = this->queue,
	};
	coi_responder_config_t responder = {
		.config = this->config,
		.keyring = this->keyring,
		.sessions = this->sessions,
		.counters = this->counters,
		.queue = this->queue,
	};

	this->attempts = coi_attempts_create(&attempts);
	executor.attempts = this->attempts;
	this->executor = coi_executor_create(&executor);
	opening.attempts = responder.attempts = this->attempts;
	opening.executor = responder.executor = this->executor;
	this->opening = coi_opening_create(&opening);
	this->responder = coi_responder_create(&responder);
}

/** Make what looks after open sessions. */
static void create_care(private_coi_plugin_t *this)
{
	coi_keepalive_config_t keepalive = {
		.options = this->options,
		.sessions = this->sessions,
		.socket = this->socket,
		.counters = this->counters,
		.negative_cache = this->negative_cache,
		.attempts = this->attempts,
		.executor = this->executor,
		.opening = this->opening,
	};
	coi_reconfigure_config_t reconfigure = {
		.config = this->config,
		.keyring = this->keyring,
		.admin_state = this->admin_state,
		.local_user = this->local_user,
		.sessions = this->sessions,
		.session_policy = this->session_policy,
		.executor = this->executor,
		.opening = this->opening,
	};
	coi_tunnel_requests_config_t requests = {
		.config = this->config,
		.sessions = this->sessions,
		.session_policy = this->session_policy,
		.queue = this->queue,
		.executor = this->executor,
		.opening = this->opening,
	};

	this->keepalive = coi_keepalive_create(&keepalive);
	this->nat_keepalive = coi_nat_keepalive_create(this->sessions, this->socket,
												   this->executor);
	reconfigure.keepalive = requests.keepalive = this->keepalive;
	this->reconfigure = coi_reconfigure_create(&reconfigure);
	this->requests = coi_tunnel_requests_create(&requests);
}

/** Make what takes events to sessions. */
static void create_engine(private_coi_plugin_t *this)
{
	const coi_options_t *options = this->options;
	coi_engine_config_t engine = {
		.sessions = this->sessions,
		.counters = this->counters,
		.keypairs = this->keypairs,
		.hold = this->hold,
		.queue = this->queue,
		.executor = this->executor,
		.responder = this->responder,
		.keepalive = this->keepalive,
		.nat_keepalive = this->nat_keepalive,
		.reconfigure = this->reconfigure,
		.requests = this->requests,
	};
	coi_config_watch_config_t config_watch = {
		.config = this->config,
		.keyring = this->keyring,
		.admin_state = this->admin_state,
		.keypairs = this->keypairs,
		.traps = this->traps,
		.fallback_block = this->fallback_block,
		.negative_cache = this->negative_cache,
		.reconfigure = this->reconfigure,
	};

	this->engine = coi_engine_create(&engine);
	this->receiver = coi_receiver_create(options, this->keyring,
										 this->sessions, this->refusals,
										 this->counters, this->engine);
	this->config_watch = coi_config_watch_create(&config_watch);
	this->router_errors = coi_router_errors_create(options->port,
						this->sessions, this->policy->get_store(this->policy),
						1U << options->hold_mark | 1U << options->nat_mark |
						1U << options->state_mark, this->counters);
}

/** Take over what charon would do with our connections. */
static void create_hooks(private_coi_plugin_t *this)
{
	coi_policy_store_t *store = this->policy->get_store(this->policy);
	coi_initiate_config_t initiate = {
		.config = this->config,
		.keyring = this->keyring,
		.admin_state = this->admin_state,
		.sessions = this->sessions,
		.obstacles = this->obstacles,
		.traps = this->traps,
		.fallback_block = this->fallback_block,
		.opening = this->opening,
		.config_watch = this->config_watch,
	};
	coi_trap_hooks_config_t trap_hooks = {
		.options = this->options,
		.config = this->config,
		.sessions = this->sessions,
		.traps = this->traps,
		.fallback_block = this->fallback_block,
		.negative_cache = this->negative_cache,
		.hold = this->hold,
		.obstacles = this->obstacles,
		.opening = this->opening,
		.config_watch = this->config_watch,
		.vip_client = this->tables.vip_client,
	};

	this->initiate = coi_initiate_create(&initiate);
	this->trap_hooks = coi_trap_hooks_create(&trap_hooks);
	this->shunts = coi_shunts_create(store);
	this->takeover = coi_takeover_create(store,
								this->policy->get_stop_block(this->policy),
								this->config, this->options);
}

/**
 * Make all parts, lowest first, which cannot fail, and then get ready to work, which
 * can, and is tried again.
 */
static void setup(private_coi_plugin_t *this)
{
	coi_obstacles_t *obstacles;

	create_events(this);
	create_config(this);
	create_kernel(this);
	create_sessions(this);
	create_executor(this);
	create_care(this);
	create_engine(this);
	create_hooks(this);

	obstacles = this->obstacles;
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
