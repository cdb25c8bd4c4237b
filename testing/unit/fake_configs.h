/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tests have instead of a swanctl.conf and a coi.conf: connections as
 * the vici plugin makes them, a backend that has them, options, and the lines
 * that were logged.
 */

#ifndef FAKE_CONFIGS_H_
#define FAKE_CONFIGS_H_

#include <daemon.h>

#define FAKE_CHILDREN 3

typedef struct fake_round_t fake_round_t;
typedef struct fake_child_t fake_child_t;
typedef struct fake_connection_t fake_connection_t;

/** An authentication round: connections.NAME.local* or remote*. */
struct fake_round_t {
	/** auth = xauth-coi, otherwise what follows counts */
	bool coi;
	auth_class_t auth;
	/** NULL for %any */
	const char *id;
	/** NULL for none */
	const char *xauth_id;
	/** one more rule, 0 for none, value adopted */
	auth_rule_t rule;
	void *value;
};

/** A child section. */
struct fake_child_t {
	const char *name;
	child_cfg_create_t data;
	/** "dynamic", "dynamic[tcp/443]" or a subnet, comma-separated */
	const char *local_ts;
	const char *remote_ts;
	protocol_id_t protocol;
	/** NULL for swanctl's defaults, "" for none */
	const char *proposal;
};

/** A connection. What a test does not change is as it has to be. */
struct fake_connection_t {
	const char *name;
	ike_cfg_create_t ike;
	peer_cfg_create_t peer;
	/** NULL for default */
	const char *proposal;
	fake_round_t local[3];
	u_int locals;
	fake_round_t remote[3];
	u_int remotes;
	/** virtual addresses that it asks for, comma-separated; NULL for none */
	const char *vips;
	/** pool that it gives from, NULL for none */
	const char *pool;
	fake_child_t children[FAKE_CHILDREN];
	u_int count;
};

/** Load the library, and a charon that has a socket, backends and nothing else. */
void fake_configs_init();

void fake_configs_deinit();

/** A connection of one community, "alpha", in transport mode. */
fake_connection_t fake_connection(const char *name);

/** Make what charon's vici plugin makes of it. */
peer_cfg_t *fake_connection_load(fake_connection_t *this);

/** Let charon's only backend have a connection from now on; reference adopted. */
void fake_configs_add(peer_cfg_t *peer);

/** Let it have none. */
void fake_configs_flush();

/** Set an option of coi.conf, below its section. */
void fake_configs_set(const char *key, const char *value);

/** What was logged at level 1 since the last call, in lines. */
const char *fake_configs_logged();

#endif /** FAKE_CONFIGS_H_ */
