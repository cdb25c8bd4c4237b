/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_configs.h"
#include "coi_test.h"

#include <stdarg.h>

#define IKE_PORT 500

static linked_list_t *loaded;
static char logged[4096];

static uint16_t get_port(socket_manager_t *this, bool nat_t)
{
	return IKE_PORT;
}

static enumerator_t *create_peers(backend_manager_t *this, host_t *me,
								  host_t *other, identification_t *my_id,
								  identification_t *other_id,
								  ike_version_t version)
{
	return loaded->create_enumerator(loaded);
}

/** Keep a line of level 1. */
static void keep(level_t level, char *fmt, va_list args)
{
	size_t len = strlen(logged);

	if (level == LEVEL_CTRL)
	{
		vsnprintf(logged + len, sizeof(logged) - len, fmt, args);
		len = strlen(logged);
		snprintf(logged + len, sizeof(logged) - len, "\n");
	}
}

/** What libstrongswan logs by. */
static void on_debug(debug_t group, level_t level, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	keep(level, fmt, args);
	va_end(args);
}

/** What libcharon logs by. */
static void on_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	keep(level, fmt, args);
	va_end(args);
}

static bus_t fake_bus = {
	.log = on_log,
};

static socket_manager_t fake_socket = {
	.get_port = get_port,
};

static backend_manager_t fake_backends = {
	.create_peer_cfg_enumerator = create_peers,
};

static daemon_t fake_daemon = {
	.bus = &fake_bus,
	.socket = &fake_socket,
	.backends = &fake_backends,
};

void fake_configs_init()
{
	coi_test_init();
	loaded = linked_list_create();
	charon = &fake_daemon;
	dbg = on_debug;
}

void fake_configs_deinit()
{
	loaded->destroy_offset(loaded, offsetof(peer_cfg_t, destroy));
	dbg = dbg_default;
	charon = NULL;
	coi_test_deinit();
}

fake_connection_t fake_connection(const char *name)
{
	return (fake_connection_t){
		.name = name,
		.ike = {
			.version = IKE_ANY,
			.local = "%any",
			.local_port = IKE_PORT,
			.remote = "192.0.2.0/24",
			.remote_port = IKE_PORT,
			.fragmentation = FRAGMENTATION_YES,
			.childless = CHILDLESS_ALLOW,
		},
		.peer = {
			.cert_policy = CERT_SEND_IF_ASKED,
			.unique = UNIQUE_NO,
			.keyingtries = 1,
		},
		.local = { { .coi = TRUE } },
		.locals = 1,
		.remote = { { .coi = TRUE } },
		.remotes = 1,
		.children = { {
			.name = "alpha",
			.data.mode = MODE_TRANSPORT,
			.local_ts = "dynamic",
			.remote_ts = "dynamic",
			.protocol = PROTO_ESP,
		} },
		.count = 1,
	};
}

static void add_round(peer_cfg_t *peer, fake_round_t *round, bool local)
{
	auth_cfg_t *auth = auth_cfg_create();

	if (round->coi)
	{
		auth->add(auth, AUTH_RULE_AUTH_CLASS, AUTH_CLASS_XAUTH);
		auth->add(auth, AUTH_RULE_XAUTH_BACKEND, strdup("coi"));
	}
	else
	{
		auth->add(auth, AUTH_RULE_AUTH_CLASS, round->auth);
	}
	auth->add(auth, AUTH_RULE_IDENTITY, identification_create_from_string(
											(char*)(round->id ?: "%any")));
	if (round->xauth_id)
	{
		auth->add(auth, AUTH_RULE_XAUTH_IDENTITY,
				  identification_create_from_string((char*)round->xauth_id));
	}
	if (round->rule)
	{
		auth->add(auth, round->rule, round->value);
	}
	peer->add_auth_cfg(peer, auth, local);
}

/** Read what may stand in local_ts. */
static traffic_selector_t *read_ts(char *text)
{
	u_int from, to, proto;

	if (streq(text, "dynamic"))
	{
		return traffic_selector_create_dynamic(0, 0, 0xffff);
	}
	if (sscanf(text, "dynamic[%u/%u-%u]", &proto, &from, &to) == 3)
	{
		return traffic_selector_create_dynamic(proto, from, to);
	}
	return traffic_selector_create_from_cidr(text, 0, 0, 0xffff);
}

static void add_selectors(child_cfg_t *cfg, bool local, const char *list)
{
	enumerator_t *enumerator;
	char *token;

	enumerator = enumerator_create_token(list, ",", " ");
	while (enumerator->enumerate(enumerator, &token))
	{
		cfg->add_traffic_selector(cfg, local, read_ts(token));
	}
	enumerator->destroy(enumerator);
}

static child_cfg_t *load_child(fake_child_t *this)
{
	child_cfg_t *cfg;

	cfg = child_cfg_create((char*)this->name, &this->data);
	add_selectors(cfg, TRUE, this->local_ts);
	add_selectors(cfg, FALSE, this->remote_ts);
	if (!this->proposal)
	{
		cfg->add_proposal(cfg, proposal_create_default_aead(this->protocol));
		cfg->add_proposal(cfg, proposal_create_default(this->protocol));
	}
	else if (*this->proposal)
	{
		cfg->add_proposal(cfg, proposal_create_from_string(this->protocol,
														   this->proposal));
	}
	return cfg;
}

peer_cfg_t *fake_connection_load(fake_connection_t *this)
{
	enumerator_t *enumerator;
	peer_cfg_t *peer;
	ike_cfg_t *ike;
	char *token;
	u_int i;

	ike = ike_cfg_create(&this->ike);
	if (this->proposal)
	{
		ike->add_proposal(ike, proposal_create_from_string(PROTO_IKE,
														   this->proposal));
	}
	else
	{
		ike->add_proposal(ike, proposal_create_default_aead(PROTO_IKE));
		ike->add_proposal(ike, proposal_create_default(PROTO_IKE));
	}
	peer = peer_cfg_create((char*)this->name, ike, &this->peer);
	for (i = 0; i < this->locals; i++)
	{
		add_round(peer, &this->local[i], TRUE);
	}
	for (i = 0; i < this->remotes; i++)
	{
		add_round(peer, &this->remote[i], FALSE);
	}
	if (this->vips)
	{
		enumerator = enumerator_create_token(this->vips, ",", " ");
		while (enumerator->enumerate(enumerator, &token))
		{
			peer->add_virtual_ip(peer, host_create_from_string(token, 0));
		}
		enumerator->destroy(enumerator);
	}
	if (this->pool)
	{
		peer->add_pool(peer, (char*)this->pool);
	}
	for (i = 0; i < this->count; i++)
	{
		peer->add_child_cfg(peer, load_child(&this->children[i]));
	}
	return peer;
}

void fake_configs_add(peer_cfg_t *peer)
{
	loaded->insert_last(loaded, peer);
}

void fake_configs_flush()
{
	loaded->destroy_offset(loaded, offsetof(peer_cfg_t, destroy));
	loaded = linked_list_create();
}

void fake_configs_set(const char *key, const char *value)
{
	char path[256];

	/* dots of an argument would not divide */
	snprintf(path, sizeof(path), "%s.plugins.coi.%s", lib->ns, key);
	lib->settings->set_str(lib->settings, path, (char*)value);
}

const char *fake_configs_logged()
{
	static char last[sizeof(logged)];

	strcpy(last, logged);
	*logged = '\0';
	return last;
}
