/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_plugin.h"

#include "coi_audit.h"
#include "coi_clear.h"
#include "coi_commands.h"
#include "coi_compat.h"
#include "coi_hooks.h"
#include "coi_nosocket.h"
#include "coi_receiver.h"
#include "coi_tables.h"
#include "coi_tell.h"

#include <daemon.h>
#include <dlfcn.h>

typedef struct private_coi_plugin_t private_coi_plugin_t;

struct private_coi_plugin_t {
	coi_plugin_t public;
	coi_options_t *options;
	coi_parts_t parts;
	coi_engine_t *engine;
	coi_receiver_t *receiver;
	coi_refresher_t *refresher;
	coi_initiate_t *initiator;
	coi_hooks_t *hooks;
	/** NULL without an audit log */
	coi_audit_t *audit;
	coi_clear_t *clear;
	coi_wgt_t *wgt;
	/** NULL without a control socket */
	coi_commands_t *commands;
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
	DESTROY_IF(this->clear);
	DESTROY_IF(this->hooks);
	DESTROY_IF(this->initiator);
	DESTROY_IF(this->refresher);
	DESTROY_IF(this->receiver);
	DESTROY_IF(this->engine);
	DESTROY_IF(this->parts.sessions);
	if (this->parts.routes)
	{
		this->parts.routes->destroy(this->parts.routes);
		coi_tunnel_deinit();
	}
	DESTROY_IF(this->parts.closed);
	DESTROY_IF(this->parts.refused);
	DESTROY_IF(this->parts.policy);
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
	if (this->parts.counters)
	{
		this->parts.counters->log(this->parts.counters);
		this->parts.counters->destroy(this->parts.counters);
	}
	this->commands = NULL;
	this->audit = NULL;
	this->hooks = NULL;
	this->clear = NULL;
	this->wgt = NULL;
	this->initiator = NULL;
	this->refresher = NULL;
	this->receiver = NULL;
	this->engine = NULL;
	this->parts = (coi_parts_t){};
}

static bool setup(private_coi_plugin_t *this)
{
	this->parts.options = this->options;
	this->parts.counters = coi_counters_create();
	this->parts.timings = coi_timings_create();
	this->parts.lately = coi_lately_create();
	this->parts.login = coi_login_create();
	this->parts.pairs = coi_pairs_create(this->options->window);
	this->parts.news = coi_news_create();
	this->audit = coi_audit_create(this->options, this->parts.news);
	this->parts.config = coi_config_create(coi_timer_wall(), coi_tell_mistake,
										   this->parts.news);
	this->parts.switches = coi_switches_create(this->options);
	this->parts.keyring = coi_keyring_create(this->parts.news,
											 this->parts.switches);
	this->parts.socket = coi_socket_create(this->options->port,
										   this->options->idle_port);
	if (!this->parts.socket)
	{
		return FALSE;
	}
	this->parts.policy = coi_policy_create(this->options);
	this->parts.callout = coi_callout_create(this->options,
											 this->parts.counters,
											 this->parts.timings,
											 this->parts.policy);
	this->parts.refused = coi_refused_create(this->parts.policy,
											 this->options->negative_cache);
	coi_tunnel_init();
	this->parts.routes = coi_routes_create(this->parts.policy);
	this->parts.closed = coi_closed_create(
						this->parts.policy->get_slots(this->parts.policy));
	this->parts.sessions = coi_sessions_create(this->options->half_open,
											   this->options->half_open_source);
	this->engine = coi_engine_create(&this->parts);
	this->receiver = coi_receiver_create(&this->parts, this->engine);
	this->refresher = coi_refresher_create(&this->parts, this->engine);
	this->initiator = coi_initiate_create(&this->parts, this->engine,
										  this->refresher);
	this->hooks = coi_hooks_create(&this->parts, this->engine,
								   this->refresher, this->initiator);
	this->clear = coi_clear_create(
						this->parts.policy->get_slots(this->parts.policy));
	this->wgt = coi_wgt_create();
	this->commands = coi_commands_create(&this->parts, this->engine,
										 this->refresher, this->initiator,
										 this->wgt);
	this->parts.socket->start(this->parts.socket, receive, this->receiver);
	return TRUE;
}

/**
 * Start, or stop, once all that we depend on is loaded.
 */
static bool plugin_cb(private_coi_plugin_t *this, plugin_feature_t *feature,
					  bool reg, void *cb_data)
{
	if (reg)
	{
		if (!setup(this))
		{
			teardown(this);
			return FALSE;
		}
		return TRUE;
	}
	teardown(this);
	return TRUE;
}

METHOD(plugin_t, get_features, int,
	private_coi_plugin_t *this, plugin_feature_t *features[])
{
	static plugin_feature_t f[] = {
		PLUGIN_CALLBACK((plugin_feature_callback_t)plugin_cb, NULL),
			PLUGIN_PROVIDE(CUSTOM, "coi"),
				PLUGIN_DEPENDS(CUSTOM, "kernel-ipsec"),
				PLUGIN_DEPENDS(CUSTOM, "kernel-net"),
				PLUGIN_DEPENDS(RNG, RNG_STRONG),
				PLUGIN_DEPENDS(HASHER, HASH_SHA384),
				PLUGIN_DEPENDS(PRF, PRF_HMAC_SHA2_384),
				PLUGIN_DEPENDS(AEAD, ENCR_AES_GCM_ICV16, 32),
				PLUGIN_DEPENDS(KE, ECP_384_BIT),
				PLUGIN_DEPENDS(PRIVKEY_GEN, KEY_ECDSA),
				PLUGIN_DEPENDS(PRIVKEY_SIGN, SIGN_ECDSA_384),
				PLUGIN_DEPENDS(PUBKEY_VERIFY, SIGN_ECDSA_384),
				/* suite x25519 is refused in the configuration without these */
				PLUGIN_SDEPEND(HASHER, HASH_SHA256),
				PLUGIN_SDEPEND(PRF, PRF_HMAC_SHA2_256),
				PLUGIN_SDEPEND(KE, CURVE_25519),
				PLUGIN_SDEPEND(PRIVKEY_GEN, KEY_ED25519),
				PLUGIN_SDEPEND(PRIVKEY_SIGN, SIGN_ED25519),
				PLUGIN_SDEPEND(PUBKEY_VERIFY, SIGN_ED25519),
		PLUGIN_CALLBACK(socket_register, coi_nosocket_create),
			PLUGIN_PROVIDE(CUSTOM, "socket"),
	};
	*features = f;
	/* the last feature takes the place of the IKE socket */
	return this->options->dark ? countof(f) : countof(f) - 2;
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
	coi_tables_init();
	return &this->public.plugin;
}
