/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_hooks.h"
#include "coi_connection.h"
#include "coi_larval.h"
#include "coi_sink.h"

#include <threading/thread.h>

typedef struct private_coi_hooks_t private_coi_hooks_t;
typedef struct call_t call_t;

struct private_coi_hooks_t {
	coi_hooks_t public;
	coi_parts_t parts;
	coi_engine_t *engine;
	coi_refresher_t *refresher;

	/** charon's own */
	bool (*install)(trap_manager_t*, peer_cfg_t*, child_cfg_t*);
	bool (*uninstall)(trap_manager_t*, char*, char*);
	enumerator_t *(*create_enumerator)(trap_manager_t*);
	void (*acquire)(trap_manager_t*, uint32_t, kernel_acquire_data_t*);
	status_t (*initiate)(controller_t*, peer_cfg_t*, child_cfg_t*,
						 controller_cb_t, void*, u_int, bool);
};

/** charon's methods have no room for a closure. */
static private_coi_hooks_t *hooks;

METHOD(trap_manager_t, install, bool,
	trap_manager_t *traps, peer_cfg_t *peer, child_cfg_t *child)
{
	private_coi_hooks_t *this = hooks;
	coi_connection_t *conn;

	if (!coi_config_is_coi(peer))
	{
		return this->install(traps, peer, child);
	}
	conn = this->parts.config->get(this->parts.config, peer);
	if (!conn)
	{
		return FALSE;
	}
	if (!this->parts.routes->add(this->parts.routes, conn, child, FALSE))
	{
		return FALSE;
	}
	this->refresher->refresh(this->refresher);
	return TRUE;
}

METHOD(trap_manager_t, uninstall, bool,
	trap_manager_t *traps, char *peer, char *child)
{
	private_coi_hooks_t *this = hooks;

	return this->parts.routes->remove(this->parts.routes, peer, child) ||
		   this->uninstall(traps, peer, child);
}

METHOD(trap_manager_t, create_enumerator, enumerator_t*,
	trap_manager_t *traps)
{
	coi_routes_t *routes = hooks->parts.routes;

	return routes->create_enumerator(routes, hooks->create_enumerator(traps));
}

/**
 * Whether a session with an address makes sense: not with ourselves, not with many.
 */
static bool is_unicast_peer(host_t *host)
{
	chunk_t addr = host->get_address(host);

	if (host->is_anyaddr(host) ||
		charon->kernel->get_interface(charon->kernel, host, NULL))
	{
		return FALSE;
	}
	return addr.len == 4 ? (addr.ptr[0] & 0xf0) != 0xe0 &&
						   !memeq(addr.ptr, "\xff\xff\xff\xff", 4)
						 : addr.ptr[0] != 0xff;
}

/**
 * Open the session that a packet asks for.
 *
 * @param force		TRUE to open another one even if there is one
 * @param reqid		of the policy that asked
 * @return			FALSE if there will be none
 */
static bool call_out(private_coi_hooks_t *this, coi_connection_t *conn,
					 host_t *me, host_t *other, bool force, uint32_t reqid)
{
	if (!is_unicast_peer(other))
	{
		return FALSE;
	}
	if (!this->engine->open(this->engine, conn, me, other, 1, force, reqid))
	{	/* no key: do not try for each packet, but again */
		this->parts.refused->add(this->parts.refused, me, other);
		coi_larval_remove(me, other, reqid);
		return FALSE;
	}
	return TRUE;
}

/** An open session, if there is one; a coi_sessions_cb_t. */
static void search_open(void *data, const coi_entry_t *entry)
{
	bool *open = data;

	*open |= entry->established;
}

/** A packet to a peer is held, a coi_callout_cb_t. */
static coi_answer_t on_held(void *data, host_t *me, host_t *other)
{
	private_coi_hooks_t *this = data;
	coi_connection_t *conn;
	bool success, open = FALSE;

	conn = this->parts.config->find(this->parts.config, me, other);
	if (!conn)
	{
		return COI_ANSWER_DROP;
	}
	success = call_out(this, conn, me, other, FALSE, conn->reqid);
	coi_connection_destroy(conn);
	if (success)
	{
		this->parts.sessions->for_pair(this->parts.sessions, me, other,
									   search_open, &open);
		return open ? COI_ANSWER_GO : COI_ANSWER_WAIT;
	}
	return COI_ANSWER_DROP;
}

METHOD(trap_manager_t, acquire, void,
	trap_manager_t *traps, uint32_t reqid, kernel_acquire_data_t *data)
{
	private_coi_hooks_t *this = hooks;
	const coi_child_t *child;
	coi_connection_t *conn;
	host_t *me, *other;
	uint8_t mask;

	if (reqid == COI_REQID_SINK)
	{	/* its SA is gone; the packet is lost and will be sent again */
		this->parts.callout->repair(this->parts.callout);
		return;
	}
	conn = this->parts.config->find_reqid(this->parts.config, reqid, &child);
	if (!conn)
	{
		this->acquire(traps, reqid, data);
		return;
	}
	if (data->src->to_subnet(data->src, &me, &mask) &&
		data->dst->to_subnet(data->dst, &other, &mask))
	{
		/* an acquire for a community's own policy means that its SA is lost,
		 * so an open session is no reason not to open another */
		call_out(this, conn, me, other, child != NULL, reqid);
		me->destroy(me);
		other->destroy(other);
	}
	coi_connection_destroy(conn);
}

/**
 * Find the two hosts of a connection that is initiated by name.
 */
static bool resolve(coi_connection_t *conn, host_t **me, host_t **other)
{
	ike_cfg_t *ike_cfg = conn->peer->get_ike_cfg(conn->peer);
	host_t *src;

	*other = ike_cfg->resolve_other(ike_cfg, AF_UNSPEC);
	if (!*other || (*other)->is_anyaddr(*other))
	{
		DESTROY_IF(*other);
		return FALSE;
	}
	*me = ike_cfg->resolve_me(ike_cfg, (*other)->get_family(*other));
	if (!*me || (*me)->is_anyaddr(*me))
	{
		src = charon->kernel->get_source_addr(charon->kernel, *other, NULL);
		DESTROY_IF(*me);
		*me = src;
	}
	if (!*me)
	{
		(*other)->destroy(*other);
		return FALSE;
	}
	return TRUE;
}

/** What somebody waits for in initiate(); freed if the thread is cancelled. */
struct call_t {
	/** hands on what is logged for the peer's IKE_SA meanwhile */
	logger_t logger;
	controller_cb_t cb;
	void *param;
	coi_connection_t *conn;
	/** community that is to be open, NULL for any */
	const char *child;
	host_t *me;
	host_t *other;
};

METHOD(logger_t, call_log, void,
	logger_t *logger, debug_t group, level_t level, int thread,
	ike_sa_t *ike_sa, const char *message)
{
	call_t *call = (call_t*)logger;
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

/** Whether anybody hears what is said. */
static bool is_heard(call_t *call)
{
	return call->cb && call->cb != controller_cb_empty;
}

static void call_clear(call_t *call)
{
	if (is_heard(call))
	{
		charon->bus->remove_logger(charon->bus, &call->logger);
	}
	coi_connection_destroy(call->conn);
	DESTROY_IF(call->me);
	DESTROY_IF(call->other);
}

/** Say something to who waits. */
static void say(call_t *call, char *fmt, ...)
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

/** The newest open session with a peer, and whether a community is part of it. */
typedef struct {
	const char *child;
	uintptr_t newest;
	bool found;
} search_t;

static void search_child(void *data, const coi_entry_t *entry)
{
	search_t *search = data;
	coi_share_t *share;

	if (entry->established && entry->id > search->newest)
	{
		search->newest = entry->id;
		share = coi_share_list_find(entry->shares, search->child);
		search->found = share && !share->asks;
	}
}

/** Whether the community that is to be open is so. */
static bool is_open(private_coi_hooks_t *this, call_t *call)
{
	search_t search = {
		.child = call->child,
	};

	this->parts.sessions->for_pair(this->parts.sessions, call->me, call->other,
								   search_child, &search);
	return search.found;
}

static status_t wait_open(private_coi_hooks_t *this, call_t *call,
						  uintptr_t id, u_int timeout)
{
	say(call, "opening COI session with %H", call->other);
	switch (this->engine->wait(this->engine, id, call->me, call->other,
							   timeout))
	{
		case COI_WAIT_OPENED:
			if (call->child && !is_open(this, call))
			{
				say(call, "COI session with %H open, but the peer does not "
					"share '%s' or has another key for it", call->other,
					call->child);
				return FAILED;
			}
			say(call, "COI session with %H open", call->other);
			return SUCCESS;
		case COI_WAIT_TIMEOUT:
			return OUT_OF_RES;
		default:
			say(call, "COI session with %H not opened: the peer does not "
				"answer, shares no community or has another key", call->other);
			return FAILED;
	}
}

static status_t initiate_coi(private_coi_hooks_t *this, call_t *call,
							 u_int timeout)
{
	peer_cfg_t *peer = call->conn->peer;
	uintptr_t id = 0;

	/* a key that was loaded just now counts */
	this->refresher->refresh(this->refresher);
	if (call->child && !this->parts.keyring->has(this->parts.keyring,
												 call->child))
	{
		DBG1(DBG_CFG, "no key for COI '%s' of connection '%s', unable to "
			 "initiate", call->child, call->conn->name);
		say(call, "no key for COI '%s', add secrets.ppk-* with id = %s",
			call->child, call->child);
		return FAILED;
	}
	/* an open session that lacks the community is replaced by one with it */
	id = this->engine->open(this->engine, call->conn, call->me, call->other,
							peer->get_keyingtries(peer),
							call->child && !is_open(this, call), 0);
	if (!id)
	{
		say(call, "no key for any COI of connection '%s', add secrets.ppk-* "
			"with a COI's name as id", call->conn->name);
		return FAILED;
	}
	return call->cb ? wait_open(this, call, id, timeout) : SUCCESS;
}

/** Tell what is wrong with a connection. */
static void say_unusable(call_t *call, peer_cfg_t *peer)
{
	coi_connection_t *conn;
	char *error;

	conn = coi_connection_read(peer, 0, &error);
	say(call, "%s", error ?: "connection is not usable, see the log");
	coi_connection_destroy(conn);
	free(error);
}

/**
 * Find the hosts of a call, saying why if that fails.
 */
static bool resolve_call(call_t *call)
{
	char *name = call->conn->name;

	if (!resolve(call->conn, &call->me, &call->other))
	{
		call->me = call->other = NULL;
		DBG1(DBG_CFG, "connection '%s' has no single address in remote_addrs, "
			 "unable to initiate; traffic to a peer opens its session", name);
		say(call, "connection '%s' has no single address in remote_addrs; a "
			"session opens with traffic, or name the peer in a connection of "
			"its own", name);
		return FALSE;
	}
	if (!is_unicast_peer(call->other))
	{
		DBG1(DBG_CFG, "remote_addrs of connection '%s' names no other host, "
			 "unable to initiate", name);
		say(call, "remote_addrs of connection '%s' is %H, which is no other "
			"host", name, call->other);
		return FALSE;
	}
	return TRUE;
}

METHOD(controller_t, initiate, status_t,
	controller_t *controller, peer_cfg_t *peer, child_cfg_t *child,
	controller_cb_t cb, void *param, u_int timeout, bool limits)
{
	private_coi_hooks_t *this = hooks;
	status_t status = FAILED;
	call_t call = {
		.logger = {
			.log = _call_log,
			.get_level = _call_get_level,
		},
		.cb = cb,
		.param = param,
	};

	if (!coi_config_is_coi(peer))
	{
		return this->initiate(controller, peer, child, cb, param, timeout,
							  limits);
	}
	call.conn = this->parts.config->get(this->parts.config, peer);
	if (call.conn && child && !cb &&
		(child->get_start_action(child) & ACTION_START))
	{	/* between sessions nothing leaves in the clear */
		this->parts.routes->add(this->parts.routes,
								coi_connection_get_ref(call.conn), child, TRUE);
	}
	if (!call.conn)
	{
		say_unusable(&call, peer);
	}
	else if (!resolve_call(&call))
	{
		coi_connection_destroy(call.conn);
		DESTROY_IF(call.me);
		DESTROY_IF(call.other);
	}
	else
	{
		call.child = child ? child->get_name(child) : NULL;
		if (is_heard(&call))
		{
			charon->bus->add_logger(charon->bus, &call.logger);
		}
		thread_cleanup_push((thread_cleanup_t)call_clear, &call);
		status = initiate_coi(this, &call, timeout);
		thread_cleanup_pop(TRUE);
	}
	DESTROY_IF(child);
	peer->destroy(peer);
	return status;
}

METHOD(coi_hooks_t, destroy, void,
	private_coi_hooks_t *this)
{
	this->parts.callout->stop(this->parts.callout);
	charon->traps->install = this->install;
	charon->traps->uninstall = this->uninstall;
	charon->traps->create_enumerator = this->create_enumerator;
	charon->traps->acquire = this->acquire;
	charon->controller->initiate = this->initiate;
	hooks = NULL;
	free(this);
}

coi_hooks_t *coi_hooks_create(const coi_parts_t *parts, coi_engine_t *engine,
							  coi_refresher_t *refresher)
{
	private_coi_hooks_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.parts = *parts,
		.engine = engine,
		.refresher = refresher,
		.install = charon->traps->install,
		.uninstall = charon->traps->uninstall,
		.create_enumerator = charon->traps->create_enumerator,
		.acquire = charon->traps->acquire,
		.initiate = charon->controller->initiate,
	);
	hooks = this;
	charon->traps->install = (void*)_install;
	charon->traps->uninstall = (void*)_uninstall;
	charon->traps->create_enumerator = (void*)_create_enumerator;
	charon->traps->acquire = (void*)_acquire;
	charon->controller->initiate = (void*)_initiate;
	this->parts.callout->start(this->parts.callout, this->parts.config,
							   on_held, this);
	return &this->public;
}
