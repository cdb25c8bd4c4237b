/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_trap_hooks.h"
#include "util/coi_address_type.h"
#include "config/coi_connection_read.h"
#include "config/coi_reqids.h"
#include "config/coi_host_list.h"
#include "policy/coi_larval.h"
#include "policy/coi_network_policy.h"
#include "policy/coi_hold_sa.h"

typedef struct private_coi_trap_hooks_t private_coi_trap_hooks_t;

struct private_coi_trap_hooks_t {
	coi_trap_hooks_t public;
	coi_trap_hooks_config_t config;
	/** larval SAs that are to stand in the way for a while */
	coi_larval_t *larval;

	/** charon's own */
	bool (*install)(trap_manager_t*, peer_cfg_t*, child_cfg_t*);
	bool (*uninstall)(trap_manager_t*, char*, char*);
	enumerator_t *(*create_enumerator)(trap_manager_t*);
	void (*acquire)(trap_manager_t*, uint32_t, kernel_acquire_data_t*);
};

/** charon's methods have no room for a closure. */
static private_coi_trap_hooks_t *taken_over;

METHOD(trap_manager_t, install, bool,
	trap_manager_t *manager, peer_cfg_t *peer, child_cfg_t *child)
{
	private_coi_trap_hooks_t *this = taken_over;
	coi_fallback_block_t *fallback_block = this->config.fallback_block;
	coi_config_watch_t *config_watch = this->config.config_watch;
	coi_config_t *config = this->config.config;
	coi_traps_t *traps = this->config.traps;
	coi_connection_t *conn;

	if (!coi_connection_is_coi(peer))
	{
		return this->install(manager, peer, child);
	}
	/* whoever loads connections can wait a little, nobody else does */
	coi_host_list_wait(peer->get_ike_cfg(peer));
	config_watch->refresh(config_watch);
	conn = config->get(config, peer);
	if (!conn || !traps->add(traps, conn, child, FALSE))
	{
		fallback_block->close(fallback_block, peer, child);
		return FALSE;
	}
	return TRUE;
}

METHOD(trap_manager_t, uninstall, bool,
	trap_manager_t *manager, char *peer, char *child)
{
	private_coi_trap_hooks_t *this = taken_over;
	coi_fallback_block_t *fallback_block = this->config.fallback_block;
	coi_traps_t *traps = this->config.traps;

	return traps->remove(traps, peer, child) ||
		   fallback_block->open(fallback_block, peer, child) ||
		   this->uninstall(manager, peer, child);
}

METHOD(trap_manager_t, create_enumerator, enumerator_t*,
	trap_manager_t *manager)
{
	private_coi_trap_hooks_t *this = taken_over;
	coi_traps_t *traps = this->config.traps;

	return traps->create_enumerator(traps, this->create_enumerator(manager));
}

/**
 * Refuse traffic to a peer for want of a key, so that not each packet asks,
 * unless keys or connections are just being loaded.
 *
 * @return			FALSE if it may ask again
 */
static bool refuse_without_key(private_coi_trap_hooks_t *this,
							   coi_connection_t *conn, host_t *me,
							   host_t *other, const coi_opening_asker_t *asker)
{
	coi_config_watch_t *config_watch = this->config.config_watch;
	coi_negative_cache_t *cache = this->config.negative_cache;

	if (!config_watch->is_settled(config_watch))
	{
		return FALSE;
	}
	cache->add(cache, me, other, asker->origin);
	if (!config_watch->is_settled(config_watch))
	{	/* a key came before the cache had the peer, and does not remove it */
		cache->remove(cache, me, other);
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
								   const coi_opening_asker_t *asker)
{
	coi_obstacles_t *obstacles = this->config.obstacles;
	coi_opening_t *opening = this->config.opening;
	coi_reason_t reason;

	if (coi_address_type(other) != COI_ADDRESS_TYPE_OTHER)
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
	if (!obstacles->is_ready(obstacles))
	{	/* the trap keeps it in; the next packet asks again */
		coi_larval_remove(me, other, asker->reqid, conn);
		return COI_HOLD_DROP;
	}
	/* that of a packet, at best */
	other->set_port(other, 0);
	if (opening->open(opening, conn, me, other, 1, force, asker, &reason))
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
						 const coi_opening_asker_t *asker)
{
	coi_negative_cache_t *cache = this->config.negative_cache;

	if (cache->find(cache, me, other, NULL))
	{
		coi_larval_remove(me, other, asker->reqid, conn);
		return;
	}
	if (call_out(this, conn, me, other, force, asker) == COI_HOLD_LATER)
	{	/* it may ask again, but not with each packet */
		this->larval->remove_soon(this->larval, me, other, asker->reqid, conn);
	}
}

/**
 * A session is opened from an address that leads to the peer, not from one that a
 * peer has given.
 */
static void use_real(private_coi_trap_hooks_t *this, coi_connection_t *conn,
					 host_t **me, host_t *other)
{
	coi_vip_client_t *vip_client = this->config.vip_client;
	host_t *real;

	if (vip_client->has(vip_client, *me))
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
	coi_vip_client_t *vip_client = this->config.vip_client;
	coi_negative_cache_t *cache = this->config.negative_cache;

	return me->get_family(me) == other->get_family(other) &&
		   !vip_client->has(vip_client, me) &&
		   !cache->find(cache, me, other, NULL);
}

/** A packet to a peer is held, a coi_hold_cb_t. */
static coi_hold_verdict_t on_held(void *data, coi_connection_t *conn,
								  host_t *me, host_t *other,
								  coi_origin_t origin)
{
	private_coi_trap_hooks_t *this = data;
	coi_session_table_t *sessions = this->config.sessions;
	coi_config_t *config = this->config.config;
	coi_opening_asker_t asker = {
		.origin = origin,
	};
	coi_hold_verdict_t answer;
	bool open = FALSE;

	if (conn && !may_call_gateway(this, me, other))
	{
		return COI_HOLD_DROP;
	}
	conn = conn ? coi_connection_get_ref(conn)
				: config->find(config, me, other);
	if (!conn)
	{
		return COI_HOLD_DROP;
	}
	asker.reqid = conn->reqid;
	answer = call_out(this, conn, me, other, FALSE, &asker);
	coi_connection_destroy(conn);
	if (answer == COI_HOLD_WAIT)
	{
		sessions->for_pair(sessions, me, other, search_open, &open);
		return open ? COI_HOLD_GO : COI_HOLD_WAIT;
	}
	return answer;
}

/** Whether a packet is from this host, and not forwarded. */
static bool is_own(private_coi_trap_hooks_t *this, host_t *src)
{
	coi_vip_client_t *vip_client = this->config.vip_client;

	return vip_client->has(vip_client, src) ||
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
	coi_opening_asker_t asker = {
		/* an acquire does not say which user it is */
		.origin = is_own(this, src) ? COI_ORIGIN_UNKNOWN
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
	use_real(this, conn, &me, other);
	if (coi_network_policy_ends(conn, &me, &other))
	{
		call_gateway(this, conn, me, other, force, &asker);
		if (!src->ip_equals(src, me) || !dst->ip_equals(dst, other))
		{	/* the session will not remove it, it has other ends */
			this->larval->remove_soon(this->larval, src, dst, reqid, conn);
		}
	}
	me->destroy(me);
	other->destroy(other);
}

/** Whether what asks is from the port of IDLEs, which nobody else has. */
static bool is_idle(private_coi_trap_hooks_t *this, traffic_selector_t *src)
{
	return src->get_protocol(src) == IPPROTO_UDP &&
		   src->get_from_port(src) == this->config.options->idle_port &&
		   src->get_to_port(src) == this->config.options->idle_port;
}

METHOD(trap_manager_t, acquire, void,
	trap_manager_t *manager, uint32_t reqid, kernel_acquire_data_t *data)
{
	private_coi_trap_hooks_t *this = taken_over;
	coi_config_t *config = this->config.config;
	coi_hold_t *hold = this->config.hold;
	const coi_child_t *child;
	coi_connection_t *conn;
	host_t *src, *dst;
	uint8_t mask;

	if (reqid == COI_REQID_HOLD || reqid == COI_REQID_VOID)
	{	/* its SA is gone; the packet is lost and will be sent again */
		hold->repair(hold);
		return;
	}
	conn = config->find_reqid(config, reqid, &child);
	if (!conn)
	{
		this->acquire(manager, reqid, data);
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

METHOD(coi_trap_hooks_t, destroy, void,
	private_coi_trap_hooks_t *this)
{
	this->config.hold->stop(this->config.hold);
	charon->traps->install = this->install;
	charon->traps->uninstall = this->uninstall;
	charon->traps->create_enumerator = this->create_enumerator;
	charon->traps->acquire = this->acquire;
	taken_over = NULL;
	this->larval->destroy(this->larval);
	free(this);
}

coi_trap_hooks_t *coi_trap_hooks_create(const coi_trap_hooks_config_t *config)
{
	private_coi_trap_hooks_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.config = *config,
		.larval = coi_larval_create(),
		.install = charon->traps->install,
		.uninstall = charon->traps->uninstall,
		.create_enumerator = charon->traps->create_enumerator,
		.acquire = charon->traps->acquire,
	);
	taken_over = this;
	charon->traps->install = (void*)_install;
	charon->traps->uninstall = (void*)_uninstall;
	charon->traps->create_enumerator = (void*)_create_enumerator;
	charon->traps->acquire = (void*)_acquire;
	config->hold->start(config->hold, config->config, on_held, this);
	return &this->public;
}
