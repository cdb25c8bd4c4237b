/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_traps.h"
#include "config/coi_config.h"
#include "config/coi_host_list.h"
#include "util/coi_shadow.h"
#include "util/coi_timer.h"

#include <collections/array.h>
#include <threading/mutex.h>

/** ms that a trap stays without a child: a reload takes children out before it
 * puts them back, and nothing may leave in the clear in between. */
#define UNTRAP_DELAY 1000

typedef struct private_coi_traps_t private_coi_traps_t;
typedef struct route_t route_t;
typedef struct chain_t chain_t;

/** A child with start_action trap or start. */
struct route_t {
	coi_connection_t *conn;
	/** nobody but prune() takes it out */
	bool started;
	/** what swanctl --list-pols shows, never in the kernel */
	child_sa_t *child_sa;
	/** its selectors; child_sa_t would remove their policies when it ends */
	linked_list_t *local;
	linked_list_t *remote;
};

struct private_coi_traps_t {
	coi_traps_t public;
	coi_pair_policy_t *policy;

	/** guards list */
	mutex_t *mutex;

	/** route_t */
	array_t *list;
};

METHOD(child_sa_t, create_ts_enumerator, enumerator_t*,
	child_sa_t *this, bool local)
{
	route_t *route = coi_shadow_get(this);
	linked_list_t *list = local ? route->local : route->remote;

	return list->create_enumerator(list);
}

static route_t *route_create(coi_connection_t *conn, child_cfg_t *cfg)
{
	child_sa_create_t create = {
		.reqid = conn->reqid,
	};
	route_t *this;
	host_t *any;

	any = host_create_any(AF_INET);
	INIT(this,
		.conn = conn,
		.child_sa = child_sa_create(any, any, cfg, &create),
		.local = cfg->get_traffic_selectors(cfg, TRUE, NULL, NULL, FALSE),
		.remote = cfg->get_traffic_selectors(cfg, FALSE, NULL, NULL, FALSE),
	);
	any->destroy(any);
	this->child_sa->set_protocol(this->child_sa, PROTO_ESP);
	this->child_sa->set_mode(this->child_sa, cfg->get_mode(cfg));
	this->child_sa->create_ts_enumerator = _create_ts_enumerator;
	coi_shadow_put(this->child_sa, this);
	return this;
}

static void route_destroy(route_t *route)
{
	coi_shadow_remove(route->child_sa);
	route->child_sa->destroy(route->child_sa);
	route->local->destroy_offset(route->local,
								 offsetof(traffic_selector_t, destroy));
	route->remote->destroy_offset(route->remote,
								  offsetof(traffic_selector_t, destroy));
	coi_connection_destroy(route->conn);
	free(route);
}

/**
 * Take a route out of the list, NULL if there is none. The mutex is held.
 */
static route_t *take_route(private_coi_traps_t *this, char *peer, char *child)
{
	enumerator_t *enumerator;
	route_t *route, *found = NULL;

	enumerator = array_create_enumerator(this->list);
	while (enumerator->enumerate(enumerator, &route))
	{
		if ((!peer || streq(peer, route->conn->name)) &&
			streq(child, route->child_sa->get_name(route->child_sa)))
		{
			array_remove_at(this->list, enumerator);
			found = route;
			break;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Whether any child of a connection is routed. The mutex is held.
 */
static bool has_reqid(private_coi_traps_t *this, uint32_t reqid)
{
	route_t *route;
	int i;

	for (i = 0; i < array_count(this->list); i++)
	{
		array_get(this->list, i, &route);
		if (route->conn->reqid == reqid)
		{
			return TRUE;
		}
	}
	return FALSE;
}

METHOD(coi_traps_t, add, bool,
	private_coi_traps_t *this, coi_connection_t *conn, child_cfg_t *child,
	bool started)
{
	route_t *route, *old;

	if (!this->policy->trap(this->policy, conn))
	{
		coi_connection_destroy(conn);
		return FALSE;
	}
	route = route_create(conn, child);
	this->mutex->lock(this->mutex);
	old = take_route(this, conn->name, child->get_name(child));
	/* trap|start: uninstall() of the trap takes it out */
	route->started = started && (!old || old->started);
	array_insert(this->list, ARRAY_TAIL, route);
	this->mutex->unlock(this->mutex);
	if (old)
	{
		route_destroy(old);
	}
	return TRUE;
}

/**
 * Remove a trap that no child was put back into. If its connection has a mistake now, a
 * block takes its place: while the kernel refuses one, the trap stays.
 */
static void on_untrap(void *data, uintptr_t reqid, u_int generation)
{
	private_coi_traps_t *this = data;
	coi_policy_store_t *store = this->policy->get_store(this->policy);
	bool routed;

	this->mutex->lock(this->mutex);
	routed = has_reqid(this, reqid);
	this->mutex->unlock(this->mutex);
	if (routed)
	{
		return;
	}
	if (store->count_refused(store, COI_POLICY_GROUP_CLOSED))
	{
		coi_timer_arm(on_untrap, this, reqid, 0, UNTRAP_DELAY);
		return;
	}
	this->policy->untrap(this->policy, reqid);
}

/** Forget a route that was taken out of the list. */
static void drop(private_coi_traps_t *this, route_t *route)
{
	coi_timer_arm(on_untrap, this, route->conn->reqid, 0, UNTRAP_DELAY);
	route_destroy(route);
}

METHOD(coi_traps_t, remove_, bool,
	private_coi_traps_t *this, char *peer, char *child)
{
	route_t *route;

	this->mutex->lock(this->mutex);
	route = take_route(this, peer, child);
	this->mutex->unlock(this->mutex);
	if (route)
	{
		drop(this, route);
	}
	return route != NULL;
}

/**
 * Whether a child of a connection is routed. The mutex is held.
 */
static bool is_routed(private_coi_traps_t *this, coi_connection_t *conn,
					  const char *child)
{
	route_t *route;
	int i;

	for (i = 0; i < array_count(this->list); i++)
	{
		array_get(this->list, i, &route);
		if (streq(conn->name, route->conn->name) &&
			streq(child, route->child_sa->get_name(route->child_sa)))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Make the route that one has become whose child has another name now. vici
 * takes children for the same that differ in nothing else, so it neither
 * uninstalls the one nor installs the other. The mutex is held.
 *
 * @param conn		the connection as it is loaded, without that child
 * @return			NULL if there is no such child
 */
static route_t *rename_route(private_coi_traps_t *this, route_t *route,
							 coi_connection_t *conn)
{
	child_cfg_t *cfg = route->child_sa->get_config(route->child_sa);
	coi_child_t *child;
	route_t *renamed;
	u_int i;

	for (i = 0; i < conn->count; i++)
	{
		child = &conn->children[i];
		if (child->cfg->equals(child->cfg, cfg) &&
			!is_routed(this, conn, child->name))
		{
			renamed = route_create(coi_connection_get_ref(conn), child->cfg);
			renamed->started = route->started;
			return renamed;
		}
	}
	return NULL;
}

METHOD(coi_traps_t, prune, void,
	private_coi_traps_t *this, coi_config_t *config)
{
	coi_connection_t *conn;
	route_t *route, *renamed;
	array_t *dropped;
	int i;

	dropped = array_create(0, 0);
	this->mutex->lock(this->mutex);
	for (i = array_count(this->list) - 1; i >= 0; i--)
	{
		array_get(this->list, i, &route);
		conn = config->find_name(config, route->conn->name);
		if (conn && coi_connection_find(conn,
								route->child_sa->get_name(route->child_sa)))
		{
			coi_connection_destroy(conn);
			continue;
		}
		renamed = conn ? rename_route(this, route, conn) : NULL;
		if (renamed || route->started)
		{
			array_remove(this->list, i, NULL);
			array_insert(dropped, ARRAY_TAIL, route);
		}
		if (renamed)
		{
			array_insert(this->list, ARRAY_TAIL, renamed);
		}
		coi_connection_destroy(conn);
	}
	this->mutex->unlock(this->mutex);
	while (array_remove(dropped, ARRAY_HEAD, &route))
	{
		drop(this, route);
	}
	array_destroy(dropped);
}

/** Whether a connection's trap depends on names. */
static bool has_names(coi_connection_t *conn)
{
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);

	return coi_host_list_has_name(cfg->get_my_addr(cfg)) ||
		   coi_host_list_has_name(cfg->get_other_addr(cfg));
}

METHOD(coi_traps_t, renew, void,
	private_coi_traps_t *this)
{
	coi_connection_t *conn;
	array_t *renewed;
	route_t *route;
	int i;

	renewed = array_create(0, 0);
	this->mutex->lock(this->mutex);
	for (i = 0; i < array_count(this->list); i++)
	{
		array_get(this->list, i, &route);
		if (has_names(route->conn))
		{
			array_insert(renewed, ARRAY_TAIL,
						 coi_connection_get_ref(route->conn));
		}
	}
	this->mutex->unlock(this->mutex);
	while (array_remove(renewed, ARRAY_HEAD, &conn))
	{
		this->policy->trap(this->policy, conn);
		coi_connection_destroy(conn);
	}
	array_destroy(renewed);
}

/** charon's traps, then ours, which are copies so that no lock is held. */
struct chain_t {
	enumerator_t public;
	enumerator_t *first;
	array_t *routes;
	/** handed out last */
	route_t *current;
};

static void chain_clear(chain_t *this)
{
	if (this->current)
	{
		route_destroy(this->current);
		this->current = NULL;
	}
}

METHOD(enumerator_t, chain_enumerate, bool,
	chain_t *this, va_list args)
{
	peer_cfg_t **peer_cfg;
	child_sa_t **child_sa;

	VA_ARGS_VGET(args, peer_cfg, child_sa);
	if (this->first->enumerate(this->first, peer_cfg, child_sa))
	{
		return TRUE;
	}
	chain_clear(this);
	if (!array_remove(this->routes, ARRAY_HEAD, &this->current))
	{
		return FALSE;
	}
	*peer_cfg = this->current->conn->peer;
	*child_sa = this->current->child_sa;
	return TRUE;
}

METHOD(enumerator_t, chain_destroy, void,
	chain_t *this)
{
	this->first->destroy(this->first);
	chain_clear(this);
	array_destroy_function(this->routes, (void*)route_destroy, NULL);
	free(this);
}

METHOD(coi_traps_t, create_enumerator, enumerator_t*,
	private_coi_traps_t *this, enumerator_t *first)
{
	route_t *route, *copy;
	chain_t *chain;
	int i;

	INIT(chain,
		.public = {
			.enumerate = enumerator_enumerate_default,
			.venumerate = _chain_enumerate,
			.destroy = _chain_destroy,
		},
		.first = first,
		.routes = array_create(0, 0),
	);
	this->mutex->lock(this->mutex);
	for (i = 0; i < array_count(this->list); i++)
	{
		array_get(this->list, i, &route);
		copy = route_create(coi_connection_get_ref(route->conn),
							route->child_sa->get_config(route->child_sa));
		array_insert(chain->routes, ARRAY_TAIL, copy);
	}
	this->mutex->unlock(this->mutex);
	return &chain->public;
}

METHOD(coi_traps_t, destroy, void,
	private_coi_traps_t *this)
{
	array_destroy_function(this->list, (void*)route_destroy, NULL);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_traps_t *coi_traps_create(coi_pair_policy_t *policy)
{
	private_coi_traps_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.prune = _prune,
			.renew = _renew,
			.create_enumerator = _create_enumerator,
			.destroy = _destroy,
		},
		.policy = policy,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.list = array_create(0, 0),
	);
	return &this->public;
}
