/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_initiate.h"
#include "config/coi_connection_read.h"
#include "config/coi_host_list.h"
#include "util/coi_address_type.h"

#include <threading/thread.h>

typedef struct private_coi_initiate_t private_coi_initiate_t;
typedef struct heard_t heard_t;

struct private_coi_initiate_t {
	coi_initiate_t public;
	coi_initiate_config_t config;

	/** charon's own */
	status_t (*charons)(controller_t*, peer_cfg_t*, child_cfg_t*,
						controller_cb_t, void*, u_int, bool);
};

/** charon's methods have no room for a closure. */
static private_coi_initiate_t *taken_over;

/** A call that is under way; freed if the thread is cancelled. */
struct heard_t {
	/** hands on what is logged for the peer's IKE_SA meanwhile */
	logger_t logger;
	coi_initiate_call_t call;
};

bool coi_initiate_is_peer(host_t *host)
{
	return coi_address_type(host) == COI_ADDRESS_TYPE_OTHER;
}

/** Whether anybody hears what is said. */
static bool is_heard(const coi_initiate_call_t *call)
{
	return call->cb && call->cb != controller_cb_empty;
}

void coi_initiate_call_say(const coi_initiate_call_t *call, char *fmt, ...)
{
	char buf[BUF_LEN];
	va_list args;

	if (is_heard(call))
	{
		va_start(args, fmt);
		vsnprintf(buf, sizeof(buf), fmt, args);
		va_end(args);
		call->cb(call->param, DBG_IKE, 1, NULL, buf);
	}
}

void coi_initiate_call_clear(coi_initiate_call_t *call)
{
	coi_connection_destroy(call->conn);
	DESTROY_IF(call->me);
	DESTROY_IF(call->other);
}

METHOD(logger_t, call_log, void,
	logger_t *logger, debug_t group, level_t level, int thread,
	ike_sa_t *ike_sa, const char *message)
{
	coi_initiate_call_t *call = &((heard_t*)logger)->call;
	host_t *other;

	other = ike_sa ? ike_sa->get_other_host(ike_sa) : NULL;
	if (other && other->ip_equals(other, call->other))
	{
		call->cb(call->param, group, level, ike_sa, message);
	}
}

METHOD(logger_t, call_get_level, level_t,
	logger_t *logger, debug_t group)
{
	return LEVEL_PRIVATE;
}

static void heard_clear(heard_t *heard)
{
	if (is_heard(&heard->call))
	{
		charon->bus->remove_logger(charon->bus, &heard->logger);
	}
	coi_initiate_call_clear(&heard->call);
}

/** The newest open session with a peer, and whether a community is part of it. */
typedef struct {
	const char *child;
	uintptr_t newest;
	bool found;
} search_t;

static void search_child(void *data, const coi_session_entry_t *entry)
{
	search_t *search = data;
	coi_share_t *share;

	if (entry->established && entry->id > search->newest)
	{
		search->newest = entry->id;
		share = coi_share_list_find(entry->shares, search->child);
		search->found = share && !share->on_demand;
	}
}

/** Whether the community that is to be open is so. */
static bool is_open(private_coi_initiate_t *this,
					const coi_initiate_call_t *call)
{
	coi_session_table_t *sessions = this->config.sessions;
	search_t search = {
		.child = call->child,
	};

	sessions->for_pair(sessions, call->me, call->other, search_child, &search);
	return search.found;
}

static status_t wait_open(private_coi_initiate_t *this,
						  const coi_initiate_call_t *call,
						  uintptr_t id)
{
	coi_opening_t *opening = this->config.opening;

	coi_initiate_call_say(call, "opening COI session with %H", call->other);
	switch (opening->wait(opening, id, call->me, call->other, call->timeout))
	{
		case COI_OPENING_OPENED:
			if (call->child && !is_open(this, call))
			{
				coi_initiate_call_say(call,
									  "COI session with %H open, but the peer "
									  "does not share '%s' or has another key for it",
									  call->other, call->child);
				return FAILED;
			}
			coi_initiate_call_say(call, "COI session with %H open",
								  call->other);
			return SUCCESS;
		case COI_OPENING_TIMEOUT:
			return OUT_OF_RES;
		default:
			coi_initiate_call_say(call,
								  "COI session with %H not opened: the peer does "
								  "not answer, shares no community or has another key, "
								  "has no virtual address to give, or an identity was "
								  "refused",
								  call->other);
			return FAILED;
	}
}

/** Say that what is wanted is disabled by command, if it is. */
static bool say_disabled(private_coi_initiate_t *this,
						 const coi_initiate_call_t *call)
{
	coi_admin_state_t *admin_state = this->config.admin_state;

	if (admin_state->is_isolated(admin_state))
	{
		coi_initiate_call_say(call,
							  "this host is isolated, all COIs are disabled by "
							  "command; 'coi enable --all' enables them");
		return TRUE;
	}
	if (call->child && admin_state->is_disabled(admin_state, call->child))
	{
		coi_initiate_call_say(call,
							  "COI '%s' is disabled by command, 'coi enable %s' "
							  "enables it", call->child, call->child);
		return TRUE;
	}
	return FALSE;
}

/** Say what stands in the way, a coi_obstacle_cb_t. */
static void say_obstacle(void *data, const char *part, const char *why)
{
	coi_initiate_call_say(data, "COI is closed until this is put right: %s",
						  why);
}

static status_t initiate(private_coi_initiate_t *this,
						 const coi_initiate_call_t *call)
{
	coi_obstacles_t *obstacles = this->config.obstacles;
	coi_keyring_t *keyring = this->config.keyring;
	coi_opening_t *opening = this->config.opening;
	peer_cfg_t *peer = call->conn->peer;
	coi_opening_asker_t root = {
		.origin = COI_ORIGIN_ROOT,
	};
	coi_reason_t reason;
	uintptr_t id = 0;

	if (!obstacles->is_ready(obstacles))
	{
		obstacles->for_all(obstacles, say_obstacle, (void*)call);
		return FAILED;
	}
	if (call->conn->gives)
	{
		coi_initiate_call_say(call,
							  "connection '%s' has pools: its peers open the "
							  "sessions, to ask for an address",
							  call->conn->name);
		return FAILED;
	}
	if (say_disabled(this, call))
	{
		return FAILED;
	}
	if (call->child && !keyring->has(keyring, call->child))
	{
		DBG1(DBG_CFG, "no key for COI '%s' of connection '%s', unable to "
			 "initiate", call->child, call->conn->name);
		coi_initiate_call_say(call, "no key for COI '%s', add secrets.ppk-* with id = %s",
							  call->child, call->child);
		return FAILED;
	}
	/* that of IKE, if it is set at all */
	call->other->set_port(call->other, 0);
	/* an open session that lacks the community is replaced by one with it */
	id = opening->open(opening, call->conn, call->me, call->other,
					   peer->get_keyingtries(peer),
					   call->child && !is_open(this, call),
					   /* start_action opens what is configured, all of it */
					   call->cb ? &root : NULL, &reason);
	if (!id && (reason == COI_OWN_RATE || reason == COI_OWN_HALF_OPEN))
	{
		coi_initiate_call_say(call, "this host opens too many sessions already (%s): try "
							  "again, or raise charon.plugins.coi.%s",
							  enum_to_name(coi_reason_names, reason),
							  reason == COI_OWN_RATE ? "own_rate" : "own_half_open");
		return FAILED;
	}
	if (!id)
	{
		DBG1(DBG_IKE, "no key for any community of connection '%s', not "
			 "opening a session with %H", call->conn->name, call->other);
		coi_initiate_call_say(call,
							  "no key for any COI of connection '%s', add "
							  "secrets.ppk-* with a COI's name as id",
							  call->conn->name);
		return FAILED;
	}
	return call->cb ? wait_open(this, call, id) : SUCCESS;
}

METHOD(coi_initiate_t, run, status_t,
	private_coi_initiate_t *this, const coi_initiate_call_t *call)
{
	status_t status;
	heard_t heard = {
		.logger = {
			.log = _call_log,
			.get_level = _call_get_level,
		},
		.call = *call,
	};

	if (is_heard(call))
	{
		charon->bus->add_logger(charon->bus, &heard.logger);
	}
	thread_cleanup_push((thread_cleanup_t)heard_clear, &heard);
	status = initiate(this, &heard.call);
	thread_cleanup_pop(TRUE);
	return status;
}

/**
 * Find the two hosts of a connection that is initiated by name.
 */
static bool resolve(coi_connection_t *conn, host_t **me, host_t **other)
{
	ike_cfg_t *ike_cfg = conn->peer->get_ike_cfg(conn->peer);

	*other = coi_host_list_first_other(ike_cfg, AF_UNSPEC);
	if (!*other || (*other)->is_anyaddr(*other))
	{
		DESTROY_IF(*other);
		return FALSE;
	}
	*me = coi_connection_source(conn, *other);
	if (!*me)
	{
		(*other)->destroy(*other);
		return FALSE;
	}
	return TRUE;
}

/** Tell what is wrong with a connection. */
static void say_unusable(coi_initiate_call_t *call, peer_cfg_t *peer)
{
	coi_connection_t *conn;
	char *error;

	conn = coi_connection_read(peer, 0, &error);
	coi_initiate_call_say(call, "%s",
						  error ?: "connection is not usable, see the log");
	coi_connection_destroy(conn);
	free(error);
}

/**
 * Find the hosts of a call, saying why if that fails.
 */
static bool resolve_call(coi_initiate_call_t *call)
{
	char *name = call->conn->name;

	if (!resolve(call->conn, &call->me, &call->other))
	{
		call->me = call->other = NULL;
		DBG1(DBG_CFG, "connection '%s' has no single address in remote_addrs, "
			 "unable to initiate; traffic to a peer opens its session", name);
		coi_initiate_call_say(call, "connection '%s' has no single address in "
							  "remote_addrs; a session opens with traffic, or name the "
							  "peer in a connection of its own", name);
		return FALSE;
	}
	if (!coi_initiate_is_peer(call->other))
	{
		DBG1(DBG_CFG, "remote_addrs of connection '%s' names no other host, "
			 "unable to initiate", name);
		coi_initiate_call_say(call,
							  "remote_addrs of connection '%s' is %H, which is "
							  "no other host, or link-local", name,
							  call->other);
		return FALSE;
	}
	return TRUE;
}

/**
 * Keep in what a child with start_action start covers.
 *
 * @param conn		its connection, NULL if that is not usable
 */
static void begin_start(private_coi_initiate_t *this, coi_connection_t *conn,
						peer_cfg_t *peer, child_cfg_t *child)
{
	coi_fallback_block_t *fallback_block = this->config.fallback_block;
	coi_traps_t *traps = this->config.traps;

	if (!conn ||
		!traps->add(traps, coi_connection_get_ref(conn), child, TRUE))
	{
		fallback_block->close(fallback_block, peer, child);
	}
}

METHOD(controller_t, controller_initiate, status_t,
	controller_t *controller, peer_cfg_t *peer, child_cfg_t *child,
	controller_cb_t cb, void *param, u_int timeout, bool limits)
{
	private_coi_initiate_t *this = taken_over;
	coi_config_watch_t *config_watch = this->config.config_watch;
	coi_config_t *config = this->config.config;
	status_t status = FAILED;
	coi_initiate_call_t call = {
		.cb = cb,
		.param = param,
		.timeout = timeout,
	};

	if (!coi_connection_is_coi(peer))
	{
		return this->charons(controller, peer, child, cb, param, timeout,
							 limits);
	}
	coi_host_list_wait(peer->get_ike_cfg(peer));
	/* a key that was loaded just now counts */
	config_watch->refresh(config_watch);
	call.conn = config->get(config, peer);
	if (call.conn && child && !coi_connection_find(call.conn,
												   child->get_name(child)))
	{	/* it lets pass, or drops */
		coi_initiate_call_say(&call,
							  "child '%s' is no community, nothing to open",
							  child->get_name(child));
		coi_initiate_call_clear(&call);
		child->destroy(child);
		peer->destroy(peer);
		return FAILED;
	}
	if (child && !cb && (child->get_start_action(child) & ACTION_START))
	{	/* between sessions nothing leaves in the clear */
		begin_start(this, call.conn, peer, child);
	}
	if (!call.conn)
	{
		say_unusable(&call, peer);
	}
	else if (!resolve_call(&call))
	{
		coi_initiate_call_clear(&call);
	}
	else
	{
		call.child = child ? child->get_name(child) : NULL;
		status = run(this, &call);
	}
	DESTROY_IF(child);
	peer->destroy(peer);
	return status;
}

METHOD(coi_initiate_t, begin, void,
	private_coi_initiate_t *this)
{
	coi_config_watch_t *config_watch = this->config.config_watch;
	coi_config_t *config = this->config.config;
	enumerator_t *enumerator;
	coi_connection_t *conn;
	child_cfg_t *cfg;
	u_int i;

	config_watch->refresh(config_watch);
	enumerator = config->create_enumerator(config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			cfg = conn->children[i].cfg;
			if (cfg->get_start_action(cfg) & ACTION_START)
			{
				controller_initiate(charon->controller,
									conn->peer->get_ref(conn->peer),
									cfg->get_ref(cfg), NULL, NULL, 0, FALSE);
			}
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(coi_initiate_t, destroy, void,
	private_coi_initiate_t *this)
{
	charon->controller->initiate = this->charons;
	taken_over = NULL;
	free(this);
}

coi_initiate_t *coi_initiate_create(const coi_initiate_config_t *config)
{
	private_coi_initiate_t *this;

	INIT(this,
		.public = {
			.run = _run,
			.begin = _begin,
			.destroy = _destroy,
		},
		.config = *config,
		.charons = charon->controller->initiate,
	);
	taken_over = this;
	charon->controller->initiate = (void*)_controller_initiate;
	return &this->public;
}
