/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_hooks.h"
#include "coi_larval.h"

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

METHOD(trap_manager_t, acquire, void,
	trap_manager_t *traps, uint32_t reqid, kernel_acquire_data_t *data)
{
	private_coi_hooks_t *this = hooks;
	const coi_child_t *child;
	coi_connection_t *conn;
	host_t *me, *other;
	uint8_t mask;

	conn = this->parts.config->find_reqid(this->parts.config, reqid, &child);
	if (!conn)
	{
		this->acquire(traps, reqid, data);
		return;
	}
	if (data->src->to_subnet(data->src, &me, &mask) &&
		data->dst->to_subnet(data->dst, &other, &mask))
	{
		if (is_unicast_peer(other))
		{
			/* an acquire for a community's own policy means that its SA is
			 * lost, so an open session is no reason not to open another */
			if (!this->engine->open(this->engine, conn, me, other, 1,
									child != NULL, reqid))
			{	/* no key: do not try for each packet, but again */
				this->parts.refused->add(this->parts.refused, me, other);
				coi_larval_remove(me, other, reqid);
			}
		}
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
	coi_connection_t *conn;
	host_t *me;
	host_t *other;
	/** community that is wanted, NULL for whatever both share; borrowed */
	const char *name;
	/** an established session carries it */
	bool carried;
	/** an established session exists */
	bool open;
};

static void call_clear(call_t *call)
{
	coi_connection_destroy(call->conn);
	call->me->destroy(call->me);
	call->other->destroy(call->other);
}

/** Say something to who waits. */
static void say(controller_cb_t cb, void *param, char *fmt, ...)
{
	char buf[BUF_LEN];
	va_list args;

	if (cb && cb != controller_cb_empty)
	{
		va_start(args, fmt);
		vsnprintf(buf, sizeof(buf), fmt, args);
		va_end(args);
		cb(param, DBG_IKE, 1, NULL, buf);
	}
}

static void look_for_carrier(void *data, const coi_entry_t *entry)
{
	call_t *call = data;
	coi_share_t *share;

	if (entry->established)
	{
		call->open = TRUE;
		share = call->name ? coi_share_list_find(entry->shares, call->name)
						   : NULL;
		call->carried |= !call->name || (share && !share->asks);
	}
}

/** Whether there is a session with what is wanted. */
static bool is_carried(private_coi_hooks_t *this, call_t *call)
{
	call->open = call->carried = FALSE;
	this->parts.sessions->for_pair(this->parts.sessions, call->me, call->other,
								   look_for_carrier, call);
	return call->carried;
}

static status_t initiate_coi(private_coi_hooks_t *this, call_t *call,
							 u_int tries, controller_cb_t cb, void *param,
							 u_int timeout)
{
	uintptr_t id;
	bool force;

	/* a key that was loaded just now counts */
	this->refresher->refresh(this->refresher);
	/* a community that is not in the open session may be in a new one */
	force = !is_carried(this, call) && call->open;
	id = this->engine->open(this->engine, call->conn, call->me, call->other,
							tries, force, 0);
	if (!id)
	{
		say(cb, param, "no key for any community of connection '%s', add "
			"secrets.ppk-* with the community's name as id",
			call->conn->name);
		return FAILED;
	}
	if (!cb)
	{
		return SUCCESS;
	}
	say(cb, param, "opening COI session with %H", call->other);
	switch (this->engine->wait(this->engine, id, call->me, call->other,
							   timeout))
	{
		case COI_WAIT_OPENED:
			say(cb, param, "COI session with %H open", call->other);
			if (is_carried(this, call))
			{
				return SUCCESS;
			}
			say(cb, param, "but without COI '%s': this host or the peer has no "
				"key for it, or they do not agree on mode and proposals",
				call->name);
			return FAILED;
		case COI_WAIT_TIMEOUT:
			return OUT_OF_RES;
		default:
			say(cb, param, "COI session with %H not opened: the peer does not "
				"answer, shares no community or has another key", call->other);
			return FAILED;
	}
}

METHOD(controller_t, initiate, status_t,
	controller_t *controller, peer_cfg_t *peer, child_cfg_t *child,
	controller_cb_t cb, void *param, u_int timeout, bool limits)
{
	private_coi_hooks_t *this = hooks;
	status_t status = FAILED;
	call_t call = {};
	char *name;
	u_int tries;

	if (!coi_config_is_coi(peer))
	{
		return this->initiate(controller, peer, child, cb, param, timeout,
							  limits);
	}
	name = peer->get_name(peer);
	tries = peer->get_keyingtries(peer);
	call.name = child ? child->get_name(child) : NULL;
	call.conn = this->parts.config->get(this->parts.config, peer);
	if (call.conn && child && !cb)
	{	/* start_action = start: between sessions nothing leaves in the clear */
		this->parts.routes->add(this->parts.routes,
								coi_connection_get_ref(call.conn), child, TRUE);
	}
	if (!call.conn)
	{
		say(cb, param, "connection '%s' is not usable, see the log", name);
	}
	else if (!resolve(call.conn, &call.me, &call.other))
	{
		DBG1(DBG_CFG, "connections.%s.remote_addrs names no single peer, "
			 "unable to initiate; traffic to a peer opens its session", name);
		say(cb, param, "connections.%s.remote_addrs names no single peer; "
			"traffic to a peer opens its session", name);
		coi_connection_destroy(call.conn);
	}
	else
	{
		thread_cleanup_push((thread_cleanup_t)call_clear, &call);
		status = initiate_coi(this, &call, tries, cb, param, timeout);
		thread_cleanup_pop(TRUE);
	}
	DESTROY_IF(child);
	peer->destroy(peer);
	return status;
}

METHOD(coi_hooks_t, destroy, void,
	private_coi_hooks_t *this)
{
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
	return &this->public;
}
