/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of options and connections: everything that an
 * administrator wrote, range-checked, as immutable objects.
 *
 * A mistake is logged once at level 1 with key, value and what is allowed;
 * the connection (or option) that has it is not used, the rest is.
 */

#ifndef COI_CONFIG_H_
#define COI_CONFIG_H_

#include <daemon.h>

#include "core/coi_profile.h"
#include "core/coi_suite.h"
#include "core/coi_user.h"

typedef enum coi_backend_t coi_backend_t;
typedef struct coi_options_t coi_options_t;
typedef struct coi_connection_t coi_connection_t;
typedef struct coi_child_t coi_child_t;
typedef struct coi_config_t coi_config_t;

/** What of netfilter is used to hold packets. */
enum coi_backend_t {
	/** what the kernel has */
	COI_BACKEND_AUTO,
	COI_BACKEND_NFT,
	COI_BACKEND_LEGACY,
};

/** What coi.conf says; conf.d/coi.opt documents each. */
struct coi_options_t {
	uint16_t port;
	uint16_t idle_port;
	/** seconds a Sess0's time may be off */
	u_int window;
	/** tags remembered against replay */
	u_int replay_cache;
	u_int half_open;
	u_int half_open_source;
	/** openings a second, and burst, accepted from one source */
	u_int rate;
	u_int burst;
	/** gate-passed Sess0 waiting for a worker */
	u_int queue;
	/** ms: first retransmission, wait after the last */
	u_int retransmit_first;
	u_int retransmit_last;
	u_int retransmit_tries;
	/** exchanges with new ids and keys before a peer is given up */
	u_int attempts;
	/** seconds between IDLEs, until a silent peer is given up; 0: never */
	u_int dpd_delay;
	u_int dpd_timeout;
	/** limits of what this host opens itself, see coi_open_budget.h */
	u_int own_half_open;
	u_int own_rate;
	u_int own_burst;
	u_int own_share;
	/** seconds that a peer which did not answer is not asked again */
	u_int negative_cache;
	/** number of such peers */
	u_int negative_cache_size;
	/** seconds that ESP in UDP is used where ESP did not get through */
	u_int no_esp_time;
	/** hold packets until their tunnel is open */
	bool hold;
	/** by what */
	coi_backend_t hold_backend;
	/** tell programs whose packets were held for nothing */
	bool unreachable;
	/** packets held for a peer, and in all */
	u_int hold_peer;
	u_int hold_total;
	/** bit of the mark that released packets have, 0 to 31 */
	u_int hold_mark;
	/** bit of the mark of packets that a policy of ours has led, another one */
	u_int nat_mark;
	/** bit of the mark that packets of known connections have, another one */
	u_int state_mark;
	/** use the kernel's tracking of connections */
	bool conntrack;
	/** number of the netfilter queue */
	u_int hold_queue;
	/** seconds after which names of hosts are asked again */
	u_int names_interval;
	/** let broadcast and multicast of UDP pass in the clear */
	bool broadcast;
	/** take the place of the IKE socket */
	bool dark;
	/** host_t, addresses under which others reach this host through NAT */
	linked_list_t *external_addrs;
	/** where the control socket is, NULL for none */
	char *control;
	/** where audit events go: a path, "journal" or "syslog", NULL for nowhere */
	char *audit;
	/** when charon stops, what was protected is blocked */
	bool stop_block;
	/** where that is kept for the next boot, NULL for nowhere */
	char *state;
};

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
	 * sessions, as only who does can ask */
	bool gives;
	/** reqid of the trap, see coi_pair_policy.h */
	uint32_t reqid;
	refcount_t refcount;
};

/**
 * Whether a peer config is one of ours: both sides authenticate with the
 * xauth-coi method.
 */
bool coi_config_is_coi(peer_cfg_t *peer);

/** Read the options; values out of range are said and replaced by defaults. */
coi_options_t *coi_options_load();
void coi_options_destroy(coi_options_t *options);

coi_connection_t *coi_connection_get_ref(coi_connection_t *conn);
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

/** Called for a connection that is not used, without a lock. */
typedef void (*coi_config_error_cb_t)(void *data, const char *name,
									  const char *error);

/**
 * The connections that are loaded. Thread-safe.
 */
struct coi_config_t {

	/**
	 * Read the connections from charon's backends again.
	 *
	 * @return		TRUE if anything changed
	 */
	bool (*refresh)(coi_config_t *this);

	/**
	 * Find the connection for two hosts, the best match of their addresses.
	 *
	 * @param me	own address, or NULL for any
	 * @param other	peer's address
	 * @return		reference, NULL if no COI connection covers the pair
	 */
	coi_connection_t *(*find)(coi_config_t *this, host_t *me, host_t *other);

	/**
	 * Get the connection of a peer config, reading it if it is new.
	 *
	 * @return		reference, NULL if it is not a (valid) COI connection
	 */
	coi_connection_t *(*get)(coi_config_t *this, peer_cfg_t *peer);

	/**
	 * Enumerate over all, coi_connection_t*, borrowed from the enumerator, which
	 * holds no lock: what is loaded meanwhile is not seen.
	 */
	enumerator_t *(*create_enumerator)(coi_config_t *this);

	/** Call back for all that are not used because of a mistake. */
	void (*for_errors)(coi_config_t *this, coi_config_error_cb_t cb,
					   void *data);

	/**
	 * Find the community that a reqid belongs to (trap or SA).
	 *
	 * @param child	receives the community, borrowed from the connection, NULL
	 *				for a connection's trap
	 * @return		reference to the connection, NULL if the reqid is not ours
	 */
	coi_connection_t *(*find_reqid)(coi_config_t *this, uint32_t reqid,
									const coi_child_t **child);

	void (*destroy)(coi_config_t *this);
};

/**
 * @param start		when the daemon started, ms since 1970
 * @param cb		called for each mistake once it is found
 * @param data		handed to it
 */
coi_config_t *coi_config_create(uint64_t start, coi_config_error_cb_t cb,
								void *data);

/** First and last reqid of ours: leftovers of a dead charon are known by it.
 * From COI_REQID_SINKS on they are the sink's, see coi_hold_sa.h. */
#define COI_REQID_FIRST 0x0C010000
#define COI_REQID_LAST  0x0C01FFFF
#define COI_REQID_SINKS 0x0C01FFFE

/** Whether a reqid is one of ours, a sink's included. */
static inline bool coi_config_is_reqid(uint32_t reqid)
{
	return reqid >= COI_REQID_FIRST && reqid <= COI_REQID_LAST;
}

#endif /** COI_CONFIG_H_ */
