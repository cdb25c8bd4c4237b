/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns one connection and its communities as swanctl.conf has them: an immutable
 * object that is counted. coi_connection_read.h makes it.
 */

#ifndef COI_CONNECTION_H_
#define COI_CONNECTION_H_

#include <daemon.h>

#include "core/coi_profile.h"
#include "core/coi_suite.h"
#include "core/coi_user.h"

typedef struct coi_connection_t coi_connection_t;
typedef struct coi_child_t coi_child_t;

/** A community of a connection: a child section. */
struct coi_child_t {
	/** the child's and the community's name, as in the profile */
	char *name;
	child_cfg_t *cfg;
	const coi_suite_t *suite;
	/** reqid of this community's SAs, the same for each peer */
	uint32_t reqid;
};

/** A connection with auth = xauth-coi on both sides. Refcounted, immutable. */
struct coi_connection_t {
	char *name;
	peer_cfg_t *peer;
	/** identity, and what is offered and used for each child, same order */
	coi_profile_t *profile;
	/** who uses this host, from the local xauth_id; no name if there is none */
	coi_user_t user;
	coi_child_t *children;
	u_int count;
	/** suite of all of them, PROTOCOL.md section 2 */
	const coi_suite_t *suite;
	/** this host gives virtual addresses (pools): then its peers open the
	 * sessions, as only whoever does can ask */
	bool gives;
	/** reqid of the trap, see coi_pair_policy.h */
	uint32_t reqid;
	refcount_t refcount;
};

/** @return			the same connection, with one reference more */
coi_connection_t *coi_connection_get_ref(coi_connection_t *conn);

/**
 * Give a reference back.
 *
 * @param conn		may be NULL
 */
void coi_connection_destroy(coi_connection_t *conn);

/** Whether a connection wants ESP in UDP in any case (encap). */
static inline bool coi_connection_wants_encap(const coi_connection_t *conn)
{
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);

	return cfg->force_encap(cfg);
}

/** A connection's child by name, NULL if there is none. */
const coi_child_t *coi_connection_find(const coi_connection_t *conn,
									   const char *name);

/**
 * Whether a connection was read from what a peer config is now, so that reading it
 * again would make the same. May be FALSE though it would.
 */
bool coi_connection_is_of(coi_connection_t *this, peer_cfg_t *peer);

/**
 * Whether two connections mean the same, reqids aside.
 */
bool coi_connection_equals(coi_connection_t *a, coi_connection_t *b);

/**
 * Find the own address for sessions of a connection with a peer.
 *
 * @return			NULL if nothing leads there
 */
host_t *coi_connection_source(coi_connection_t *conn, host_t *other);

/**
 * Get the only peer of a connection, who is asked for what is in its remote
 * networks.
 *
 * @return			NULL if remote_addrs is not one address
 */
host_t *coi_connection_gateway(const coi_connection_t *conn);

/**
 * Get the interface IDs of packets for which a connection's trap calls out, besides
 * those without one.
 *
 * @return			their number
 */
u_int coi_connection_if_ids(const coi_connection_t *conn,
							uint32_t if_ids[COI_MAX_KEYS]);

#endif /** COI_CONNECTION_H_ */
