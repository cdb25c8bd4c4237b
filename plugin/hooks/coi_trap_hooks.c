/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_trap_hooks.h"
#include "util/coi_address_type.h"
#include "config/coi_connection_read.h"
#include "config/coi_reqids.h"
#include "vip/coi_vip_client.h"
#include "config/coi_host_list.h"
#include "coi_initiate.h"
#include "policy/coi_larval.h"
#include "policy/coi_network_policy.h"
#include "policy/coi_hold_sa.h"

typedef struct private_coi_trap_hooks_t private_coi_trap_hooks_t;

struct private_coi_trap_hooks_t {
	coi_trap_hooks_t public;
	coi_parts_t parts;
	coi_engine_t *engine;
	coi_config_watch_t *refresher;
	coi_initiate_t *initiator;

	/** charon's own */
	bool (*install)(trap_manager_t*, peer_cfg_t*, child_cfg_t*);
	bool (*uninstall)(trap_manager_t*, char*, char*);
	enumerator_t *(*create_enumerator)(trap_manager_t*);
	void (*acquire)(trap_manager_t*, uint32_t, kernel_acquire_data_t*);
	status_t (*initiate)(controller_t*, peer_cfg_t*, child_cfg_t*,
						 controller_cb_t, void*, u_int, bool);
};

/** charon's methods have no room for a closure. */
static private_coi_trap_hooks_t *hooks;

METHOD(trap_manager_t, install, bool,
	trap_manager_t *traps, peer_cfg_t *peer, child_cfg_t *child)
{
	private_coi_trap_hooks_t *this = hooks;
	coi_connection_t *conn;

	if (!coi_connection_is_coi(peer))
	{
		return this->install(traps, peer, child);
	}
	/* who loads connections can wait a little, nobody else does */
	coi_host_list_wait(peer->get_ike_cfg(peer));
	this->refresher->refresh(this->refresher);
	conn = this->parts.config->get(this->parts.config, peer);
	if (!conn || !this->parts.routes->add(this->parts.routes, conn, child, FALSE))
	{
		this->parts.closed->close(this->parts.closed, peer, child);
		return FALSE;
	}
	return TRUE;
}

METHOD(trap_manager_t, uninstall, bool,
	trap_manager_t *traps, char *peer, char *child)
{
	private_coi_trap_hooks_t *this = hooks;

	return this->parts.routes->remove(this->parts.routes, peer, child) ||
		   this->parts.closed->open(this->parts.closed, peer, child) ||
		   this->uninstall(traps, peer, child);
}

METHOD(trap_manager_t, create_enumerator, enumerator_t*,
	trap_manager_t *traps)
{
	coi_traps_t *routes = hooks->parts.routes;

	return routes->create_enumerator(routes, hooks->create_enumerator(traps));
}

/**
 * Refuse traffic to a peer for want of a key, so that not each packet asks,
 * unless keys or connections are just being loaded.
 *
 * @return			FALSE if it may ask again
 */
static bool refuse_without_key(private_coi_trap_hooks_t *this,
							   coi_connection_t *conn, host_t *me,
							   host_t *other, const coi_asker_t *asker)
{
	coi_negative_cache_t *refused = this->parts.refused;

	if (!this->refresher->is_settled(this->refresher))
	{
		return FALSE;
	}
	refused->add(refused, me, other, asker->origin);
	if (!this->refresher->is_settled(this->refresher))
	{	/* a key came before the cache had the peer, and does not remove it */
		refused->remove(refused, me, other);
		return FALSE;
	}
	DBG1(DBG_IKE, "no key for any community of connection '%s', not opening a "
		 "session with %H", conn->name, other);
	return TRUE;
}

/**
 * Open the session that a packet asks for.
 *
 * @param force		TRUE to open another one even if there is one
 * @param asker		whose packet it is, and the policy that asked
 * @return			WAIT; DROP if there will be none, LATER if not now
 */
static coi_hold_verdict_t call_out(private_coi_trap_hooks_t *this,
								   coi_connection_t *conn,
								   host_t *me, host_t *other, bool force,
								   const coi_asker_t *asker)
{
	coi_reason_t reason;

	if (!coi_initiate_is_peer(other))
	{
		return COI_HOLD_DROP;
	}
	if (conn->gives)
	{
		DBG2(DBG_IKE, "not calling %H, connection '%s' has pools", other,
			 conn->name);
		coi_larval_remove(me, other, asker->reqid, conn);
		return COI_HOLD_DROP;
	}
	if (!this->parts.obstacles->is_ready(this->parts.obstacles))
	{	/* the trap keeps it in; the next packet asks again */
		coi_larval_remove(me, other, asker->reqid, conn);
		return COI_HOLD_DROP;
	}
	/* that of a packet, at best */
	other->set_port(other, 0);
	if (this->engine->open(this->engine, conn, me, other, 1, force, asker,
						   &reason))
	{
		return COI_HOLD_WAIT;
	}
	if (reason == COI_NO_KEY &&
		refuse_without_key(this, conn, me, other, asker))
	{
		coi_larval_remove(me, other, asker->reqid, conn);
		return COI_HOLD_DROP;
	}
	return COI_HOLD_LATER;
}

/** An open session, if there is one; a coi_session_table_cb_t. */
static void search_open(void *data, const coi_session_entry_t *entry)
{
	bool *open = data;

	*open |= entry->established;
}

/**
 * Open the session that a packet to or from a network asks for. The policy that
 * refuses a peer which did not answer does not concern networks behind it.
 */
static void call_gateway(private_coi_trap_hooks_t *this, coi_connection_t *conn,
						 host_t *me, host_t *other, bool force,
						 const coi_asker_t *asker)
{
	if (this->parts.refused->find(this->parts.refused, me, other, NULL))
	{
		coi_larval_remove(me, other, asker->reqid, conn);
		return;
	}
	if (call_out(this, conn, me, other, force, asker) == COI_HOLD_LATER)
	{	/* it may ask again, but not with each packet */
		coi_larval_remove_soon(me, other, asker->reqid, conn);
	}
}

/**
 * A session is opened from an address that leads to the peer, not from one that a
 * peer has given.
 */
static void use_real(coi_connection_t *conn, host_t **me, host_t *other)
{
	host_t *real;

	if (coi_vip_client_has(*me))
	{
		real = coi_connection_source(conn, other);
		if (real)
		{
			(*me)->destroy(*me);
			*me = real;
		}
	}
}

/**
 * Whether a session can be opened for a packet to a network. The address that it
 * is from becomes an end of the tunnel, as the other addresses of this host have
 * no part in that.
 */
static bool may_call_gateway(private_coi_trap_hooks_t *this, host_t *me,
							 host_t *other)
{
	return me->get_family(me) == other->get_family(other) &&
		   !coi_vip_client_has(me) &&
		   !this->parts.refused->find(this->parts.refused, me, other, NULL);
}

/** A packet to a peer is held, a coi_hold_cb_t. */
static coi_hold_verdict_t on_held(void *data, coi_connection_t *conn,
								  host_t *me,
								  host_t *other, coi_origin_t origin)
{
	private_coi_trap_hooks_t *this = data;
	coi_asker_t asker = {
		.origin = origin,
	};
	coi_hold_verdict_t answer;
	bool open = FALSE;

	if (conn && !may_call_gateway(this, me, other))
	{
		return COI_HOLD_DROP;
	}
	conn = conn ? coi_connection_get_ref(conn)
				: this->parts.config->find(this->parts.config, me, other);
	if (!conn)
	{
		return COI_HOLD_DROP;
	}
	asker.reqid = conn->reqid;
	answer = call_out(this, conn, me, other, FALSE, &asker);
	coi_connection_destroy(conn);
	if (answer == COI_HOLD_WAIT)
	{
		this->parts.sessions->for_pair(this->parts.sessions, me, other,
									   search_open, &open);
		return open ? COI_HOLD_GO : COI_HOLD_WAIT;
	}
	return answer;
}

/** Whether a packet is from this host, and not forwarded. */
static bool is_own(host_t *src)
{
	return coi_vip_client_has(src) ||
		   charon->kernel->get_interface(charon->kernel, src, NULL);
}

/**
 * Open the session that a packet asks for by a trap's acquire.
 *
 * @param src		where it is from
 * @param dst		where it goes
 */
static void call_asked(private_coi_trap_hooks_t *this, coi_connection_t *conn,
					   host_t *src, host_t *dst, bool force, uint32_t reqid)
{
	host_t *me, *other;
	coi_asker_t asker = {
		/* an acquire does not say which user it is */
		.origin = is_own(src) ? COI_ORIGIN_UNKNOWN
							   : coi_open_budget_origin(src),
		.reqid = reqid,
	};

	if (coi_address_type(dst) >= COI_ADDRESS_TYPE_LINK)
	{	/* many hosts are behind no gateway; the larval SA keeps the next packets
		 * from asking */
		return;
	}
	me = src->clone(src);
	other = dst->clone(dst);
	use_real(conn, &me, other);
	if (coi_network_policy_ends(conn, &me, &other))
	{
		call_gateway(this, conn, me, other, force, &asker);
		if (!src->ip_equals(src, me) || !dst->ip_equals(dst, other))
		{	/* the session will not remove it, it has other ends */
			coi_larval_remove_soon(src, dst, reqid, conn);
		}
	}
	me->destroy(me);
	other->destroy(other);
}

/** Whether what asks is from the port of IDLEs, which nobody else has. */
static bool is_idle(private_coi_trap_hooks_t *this, traffic_selector_t *src)
{
	return src->get_protocol(src) == IPPROTO_UDP &&
		   src->get_from_port(src) == this->parts.options->idle_port &&
		   src->get_to_port(src) == this->parts.options->idle_port;
}

METHOD(trap_manager_t, acquire, void,
	trap_manager_t *traps, uint32_t reqid, kernel_acquire_data_t *data)
{
	private_coi_trap_hooks_t *this = hooks;
	const coi_child_t *child;
	coi_connection_t *conn;
	host_t *src, *dst;
	uint8_t mask;

	if (reqid == COI_REQID_HOLD || reqid == COI_REQID_VOID)
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
	if (data->src->to_subnet(data->src, &src, &mask) &&
		data->dst->to_subnet(data->dst, &dst, &mask))
	{
		if (!child && is_idle(this, data->src))
		{	/* of a session that has just ended */
			coi_larval_remove(src, dst, reqid, conn);
			src->destroy(src);
			dst->destroy(dst);
			coi_connection_destroy(conn);
			return;
		}
		/* an acquire for a community's own policy means that its SA is lost,
		 * so an open session is no reason not to open another */
		call_asked(this, conn, src, dst, child != NULL, reqid);
		src->destroy(src);
		dst->destroy(dst);
	}
	coi_connection_destroy(conn);
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
static void begin_start(private_coi_trap_hooks_t *this, coi_connection_t *conn,
						peer_cfg_t *peer, child_cfg_t *child)
{
	if (!conn || !this->parts.routes->add(this->parts.routes,
								coi_connection_get_ref(conn), child, TRUE))
	{
		this->parts.closed->close(this->parts.closed, peer, child);
	}
}

METHOD(controller_t, initiate, status_t,
	controller_t *controller, peer_cfg_t *peer, child_cfg_t *child,
	controller_cb_t cb, void *param, u_int timeout, bool limits)
{
	private_coi_trap_hooks_t *this = hooks;
	status_t status = FAILED;
	coi_initiate_call_t call = {
		.cb = cb,
		.param = param,
		.timeout = timeout,
	};

	if (!coi_connection_is_coi(peer))
	{
		return this->initiate(controller, peer, child, cb, param, timeout,
							  limits);
	}
	coi_host_list_wait(peer->get_ike_cfg(peer));
	this->refresher->refresh(this->refresher);
	call.conn = this->parts.config->get(this->parts.config, peer);
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
		status = this->initiator->run(this->initiator, &call);
	}
	DESTROY_IF(child);
	peer->destroy(peer);
	return status;
}

METHOD(coi_trap_hooks_t, begin, void,
	private_coi_trap_hooks_t *this)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	child_cfg_t *cfg;
	u_int i;

	this->refresher->refresh(this->refresher);
	enumerator = this->parts.config->create_enumerator(this->parts.config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			cfg = conn->children[i].cfg;
			if (cfg->get_start_action(cfg) & ACTION_START)
			{
				initiate(charon->controller, conn->peer->get_ref(conn->peer),
						 cfg->get_ref(cfg), NULL, NULL, 0, FALSE);
			}
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(coi_trap_hooks_t, destroy, void,
	private_coi_trap_hooks_t *this)
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

coi_trap_hooks_t *coi_trap_hooks_create(const coi_parts_t *parts,
										coi_engine_t *engine,
										coi_config_watch_t *refresher,
										coi_initiate_t *initiator)
{
	private_coi_trap_hooks_t *this;

	INIT(this,
		.public = {
			.begin = _begin,
			.destroy = _destroy,
		},
		.parts = *parts,
		.engine = engine,
		.refresher = refresher,
		.initiator = initiator,
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
