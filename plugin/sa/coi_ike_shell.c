/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_ike_shell.h"
#include "coi_bus_events.h"
#include "coi_child_shell.h"
#include "coi_inactivity.h"
#include "util/coi_shadow.h"

#include <collections/array.h>

/** Guarded by the IKE_SA's checkout, except for refcount and sa_id. */
struct coi_shell_t {
	/** methods before we replaced some */
	ike_sa_t original;
	/** constant */
	ike_sa_id_t *sa_id;
	/** NULL once it is not to hear of us any more */
	coi_tunnel_listener_t *listener;
	uintptr_t id;
	/** what its end is told to */
	coi_tunnel_tables_t tables;
	/** CHILD_SAs not yet established, child_sa_t */
	array_t *pending;
	/** what ends is ended for this */
	coi_term_t why;
	/** closing() was called */
	bool closing;
	/** who is behind a NAT */
	coi_nat_t nat;
	/** ike_updown(TRUE) was sent, and (FALSE) not yet */
	bool up;
	/** another IKE_SA has taken over its CHILD_SAs, or some of them */
	bool replaced;
	/** one for the IKE_SA, one for the tunnel */
	refcount_t refcount;
};

/** charon has been told to stop; written by its main thread only */
static bool stopping;

METHOD(listener_t, alert, bool,
	listener_t *this, ike_sa_t *ike_sa, alert_t type, va_list args)
{
	if (type == ALERT_SHUTDOWN_SIGNAL)
	{
		stopping = TRUE;
	}
	return TRUE;
}

static listener_t bus_listener;

void coi_ike_shell_init()
{
	coi_shadow_init();
	coi_child_shell_init();
	stopping = FALSE;
	bus_listener.alert = _alert;
	charon->bus->add_listener(charon->bus, &bus_listener);
}

void coi_ike_shell_deinit()
{
	charon->bus->remove_listener(charon->bus, &bus_listener);
	coi_child_shell_deinit();
	coi_shadow_deinit();
}

void coi_ike_shell_unref(coi_shell_t *shell)
{
	if (ref_put(&shell->refcount))
	{
		array_destroy(shell->pending);
		shell->sa_id->destroy(shell->sa_id);
		free(shell);
	}
}

/**
 * Announce the end of an established IKE_SA, and with it of its CHILD_SAs.
 */
static void announce_down(coi_shell_t *shell, ike_sa_t *ike_sa)
{
	if (shell->replaced)
	{
		shell->replaced = FALSE;
		coi_bus_events_rest(ike_sa);
	}
	else if (shell->up)
	{
		shell->up = FALSE;
		coi_bus_events_down(ike_sa);
	}
}

METHOD(ike_sa_t, delete_, status_t,
	ike_sa_t *this, bool force)
{
	coi_shell_t *shell = coi_shadow_get(this);

	if (shell->listener && !shell->closing)
	{
		shell->closing = TRUE;
		shell->listener->closing(shell->listener, shell->id,
								 this->get_my_host(this),
								 this->get_other_host(this),
								 stopping ? COI_TERM_SHUTDOWN : shell->why);
	}
	announce_down(shell, this);
	return DESTROY_ME;
}

/**
 * Find a CHILD_SA by the SPI of either direction, of which expires tell.
 */
static child_sa_t *find_child(ike_sa_t *ike_sa, protocol_id_t protocol,
							  uint32_t spi)
{
	return ike_sa->get_child_sa(ike_sa, protocol, spi, TRUE) ?:
		   ike_sa->get_child_sa(ike_sa, protocol, spi, FALSE);
}

/**
 * End a CHILD_SA, and tell the bus unless another one has taken its place.
 */
static void end_child(ike_sa_t *ike_sa, child_sa_t *child_sa, bool expired)
{
	bool rekeyed;

	rekeyed = child_sa->get_state(child_sa) == CHILD_REKEYED;
	DBG0(DBG_CHD, "closing %sCHILD_SA %s{%u}", expired ? "expired " : "",
		 child_sa->get_name(child_sa), child_sa->get_unique_id(child_sa));
	child_sa->set_state(child_sa, CHILD_DELETED);
	if (!rekeyed)
	{
		charon->bus->child_updown(charon->bus, child_sa, FALSE);
	}
	ike_sa->destroy_child_sa(ike_sa, child_sa->get_protocol(child_sa),
							 child_sa->get_spi(child_sa, TRUE));
}

METHOD(ike_sa_t, delete_child_sa, status_t,
	ike_sa_t *this, protocol_id_t protocol, uint32_t spi, bool expired)
{
	coi_shell_t *shell = coi_shadow_get(this);
	child_sa_t *child_sa;

	child_sa = find_child(this, protocol, spi);
	if (child_sa)
	{
		if (shell->listener)
		{
			shell->listener->child_closing(shell->listener, shell->id,
										   child_sa->get_name(child_sa),
										   shell->why);
		}
		end_child(this, child_sa, expired);
	}
	/* even for the last one: not all callers know what DESTROY_ME means here,
	 * and those who wait for the CHILD_SA would take it for a failure */
	return SUCCESS;
}

static status_t want_rekey(ike_sa_t *ike_sa)
{
	coi_shell_t *shell = coi_shadow_get(ike_sa);

	if (shell->listener && !shell->closing)
	{
		shell->listener->rekey(shell->listener, shell->id);
	}
	return SUCCESS;
}

METHOD(ike_sa_t, rekey_child_sa, status_t,
	ike_sa_t *this, protocol_id_t protocol, uint32_t spi)
{
	return want_rekey(this);
}

METHOD(ike_sa_t, rekey, status_t,
	ike_sa_t *this)
{
	return want_rekey(this);
}

METHOD(ike_sa_t, reauth, status_t,
	ike_sa_t *this)
{
	return want_rekey(this);
}

METHOD(ike_sa_t, roam, status_t,
	ike_sa_t *this, bool address)
{
	coi_shell_t *shell = coi_shadow_get(this);

	if (shell->listener && !shell->closing)
	{
		shell->listener->roam(shell->listener, shell->id);
	}
	return SUCCESS;
}

METHOD(ike_sa_t, update_hosts, void,
	ike_sa_t *this, host_t *me, host_t *other, update_hosts_flag_t flags)
{
	coi_shell_t *shell = coi_shadow_get(this);

	/* the kernel says so for an ESP packet that the peer made */
	if (shell->listener && !shell->closing && shell->nat.there && !me && other)
	{
		shell->listener->mapped(shell->listener, shell->id, other);
	}
}

METHOD(ike_sa_t, has_condition, bool,
	ike_sa_t *this, ike_condition_t condition)
{
	coi_shell_t *shell = coi_shadow_get(this);

	/* setting them would start IKE's keepalives */
	switch (condition)
	{
		case COND_NAT_ANY:
			return coi_nat_encap(shell->nat);
		case COND_NAT_HERE:
			return shell->nat.here;
		case COND_NAT_THERE:
			return shell->nat.there;
		case COND_NAT_FAKE:
			return shell->nat.forced;
		default:
			return shell->original.has_condition(this, condition);
	}
}

static void destroy_pending(coi_shell_t *shell)
{
	child_sa_t *child_sa;

	while (array_remove(shell->pending, ARRAY_TAIL, &child_sa))
	{
		child_sa->destroy(child_sa);
	}
}

METHOD(ike_sa_t, destroy, void,
	ike_sa_t *this)
{
	coi_vip_client_t *client;
	coi_vip_leases_t *leases;
	coi_shell_t *shell;

	charon->bus->set_sa(charon->bus, this);
	shell = coi_shadow_get(this);
	client = shell->tables.vip_client;
	leases = shell->tables.vip_leases;
	destroy_pending(shell);
	if (shell->listener)
	{
		shell->listener->gone(shell->listener, shell->id);
		shell->listener = NULL;
	}
	leases->release(leases, this);
	client->forget(client, this);
	coi_shadow_remove(this);
	*this = shell->original;
	coi_ike_shell_unref(shell);
	this->destroy(this);
}

METHOD(ike_sa_t, reestablish, status_t,
	ike_sa_t *this)
{
	return FAILED;
}

METHOD(ike_sa_t, initiate, status_t,
	ike_sa_t *this, child_cfg_t *child_cfg, child_init_args_t *args)
{
	/* anything but SUCCESS would have the caller destroy the IKE_SA */
	DESTROY_IF(child_cfg);
	return SUCCESS;
}

METHOD(ike_sa_t, retry_initiate, status_t,
	ike_sa_t *this)
{
	return SUCCESS;
}

METHOD(ike_sa_t, process_message, status_t,
	ike_sa_t *this, message_t *message)
{
	return FAILED;
}

METHOD(ike_sa_t, generate_message, status_t,
	ike_sa_t *this, message_t *message, packet_t **packet)
{
	return FAILED;
}

METHOD(ike_sa_t, generate_message_fragmented, status_t,
	ike_sa_t *this, message_t *message, enumerator_t **packets)
{
	return FAILED;
}

METHOD(ike_sa_t, retransmit, status_t,
	ike_sa_t *this, uint32_t message_id)
{
	return INVALID_STATE;
}

METHOD(ike_sa_t, send_dpd, status_t,
	ike_sa_t *this)
{
	return SUCCESS;
}

METHOD(ike_sa_t, send_keepalive, void,
	ike_sa_t *this, bool scheduled)
{
}

METHOD(ike_sa_t, redirect, status_t,
	ike_sa_t *this, identification_t *gateway)
{
	return NOT_SUPPORTED;
}

METHOD(ike_sa_t, handle_redirect, bool,
	ike_sa_t *this, identification_t *gateway)
{
	return FALSE;
}

METHOD(ike_sa_t, set_auth_lifetime, status_t,
	ike_sa_t *this, uint32_t lifetime)
{
	return NOT_SUPPORTED;
}

METHOD(ike_sa_t, reset, void,
	ike_sa_t *this, bool new_spi)
{
}

/**
 * Replace the methods that would send IKE messages, wait for some or take some by
 * such that do nothing, for good.
 */
static void silence(ike_sa_t *ike_sa)
{
	ike_sa->generate_message = _generate_message;
	ike_sa->generate_message_fragmented = _generate_message_fragmented;
	ike_sa->handle_redirect = _handle_redirect;
	ike_sa->initiate = _initiate;
	ike_sa->process_message = _process_message;
	ike_sa->redirect = _redirect;
	ike_sa->reestablish = _reestablish;
	ike_sa->reset = _reset;
	ike_sa->retransmit = _retransmit;
	ike_sa->retry_initiate = _retry_initiate;
	ike_sa->send_dpd = _send_dpd;
	ike_sa->send_keepalive = _send_keepalive;
	ike_sa->set_auth_lifetime = _set_auth_lifetime;
}

coi_shell_t *coi_ike_shell_create(bool initiator, uint64_t spi_i,
								  uint64_t spi_r,
								  coi_tunnel_listener_t *listener, uintptr_t id,
								  const coi_tunnel_tables_t *tables,
								  ike_sa_t **ike_sa)
{
	coi_shell_t *shell;
	ike_sa_id_t *sa_id;
	ike_sa_t *this;

	this = charon->ike_sa_manager->create_new(charon->ike_sa_manager, IKEV2,
											  initiator);
	if (!this)
	{
		return NULL;
	}
	/* kept as on the wire */
	sa_id = this->get_id(this);
	sa_id->set_initiator_spi(sa_id, htobe64(spi_i));
	sa_id->set_responder_spi(sa_id, htobe64(spi_r));

	INIT(shell,
		.original = *this,
		.sa_id = sa_id->clone(sa_id),
		.listener = listener,
		.id = id,
		.tables = *tables,
		.why = COI_TERM_TERMINATED,
		.pending = array_create(0, 0),
		.refcount = 2,
	);
	coi_shadow_put(this, shell);

	silence(this);
	this->delete = _delete_;
	this->delete_child_sa = _delete_child_sa;
	this->destroy = _destroy;
	this->has_condition = _has_condition;
	this->reauth = _reauth;
	this->rekey = _rekey;
	this->rekey_child_sa = _rekey_child_sa;
	this->roam = _roam;
	this->update_hosts = _update_hosts;

	*ike_sa = this;
	return shell;
}

/**
 * End a CHILD_SA, or the IKE_SA with all of them, because it is not used.
 */
static status_t end_idle(ike_sa_t *ike_sa, child_sa_t *child_sa, bool all)
{
	coi_shell_t *shell = coi_shadow_get(ike_sa);
	status_t status;

	shell->why = COI_TERM_IDLE;
	if (all)
	{
		status = ike_sa->delete(ike_sa, FALSE);
	}
	else
	{
		status = ike_sa->delete_child_sa(ike_sa,
										 child_sa->get_protocol(child_sa),
										 child_sa->get_spi(child_sa, TRUE),
										 FALSE);
	}
	shell->why = COI_TERM_TERMINATED;
	return status;
}

ike_sa_t *coi_ike_shell_checkout(coi_shell_t *shell)
{
	return charon->ike_sa_manager->checkout(charon->ike_sa_manager,
											shell->sa_id);
}

void coi_ike_shell_checkin(ike_sa_t *ike_sa)
{
	charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
}

void coi_ike_shell_name_mine(ike_sa_t *ike_sa, peer_cfg_t *peer)
{
	enumerator_t *enumerator;
	identification_t *id;
	auth_cfg_t *auth;

	enumerator = peer->create_auth_cfg_enumerator(peer, TRUE);
	if (enumerator->enumerate(enumerator, &auth))
	{
		id = auth->get(auth, AUTH_RULE_IDENTITY);
		if (id)
		{
			ike_sa->set_my_id(ike_sa, id->clone(id));
		}
	}
	enumerator->destroy(enumerator);
}

void coi_ike_shell_name_other(ike_sa_t *ike_sa, identification_t *id)
{
	identification_t *current = ike_sa->get_other_id(ike_sa);
	host_t *other = ike_sa->get_other_host(ike_sa);

	if (id->get_type(id) != ID_ANY)
	{
		ike_sa->set_other_id(ike_sa, id->clone(id));
	}
	else if (current->get_type(current) == ID_ANY)
	{
		ike_sa->set_other_id(ike_sa, identification_create_from_sockaddr(
												other->get_sockaddr(other)));
	}
}

void coi_ike_shell_set_nat(coi_shell_t *shell, coi_nat_t nat)
{
	shell->nat = nat;
}

ike_sa_id_t *coi_ike_shell_get_id(coi_shell_t *shell)
{
	return shell->sa_id;
}

void coi_ike_shell_add_pending(coi_shell_t *shell, child_sa_t *child_sa)
{
	array_insert(shell->pending, ARRAY_TAIL, child_sa);
}

/**
 * Find a CHILD_SA that is kept, and take it out if wanted.
 */
static child_sa_t *find_pending(coi_shell_t *shell, const char *name, bool take)
{
	enumerator_t *enumerator;
	child_sa_t *current, *found = NULL;

	enumerator = array_create_enumerator(shell->pending);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->get_name(current), name))
		{
			found = current;
			if (take)
			{
				array_remove_at(shell->pending, enumerator);
			}
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

child_sa_t *coi_ike_shell_find_pending(coi_shell_t *shell, const char *name)
{
	return find_pending(shell, name, FALSE);
}

/**
 * Check out the IKE_SA that another one takes the place of.
 *
 * Whoever has a newer IKE_SA may wait for an older one, never the other way round.
 *
 * @return			NULL if it is gone, ending, or has been replaced already
 */
static ike_sa_t *checkout_older(ike_sa_id_t *id, ike_sa_t *newer)
{
	coi_shell_t *shell;
	ike_sa_t *older;

	if (!id)
	{
		return NULL;
	}
	older = charon->ike_sa_manager->checkout(charon->ike_sa_manager, id);
	if (older)
	{
		shell = coi_shadow_get(older);
		if (!shell->up || shell->replaced)
		{
			coi_ike_shell_checkin(older);
			older = NULL;
		}
	}
	/* a checkout and a checkin change what the thread works on */
	charon->bus->set_sa(charon->bus, newer);
	return older;
}

/**
 * Leave an IKE_SA to its end, which is no news: it was replaced.
 */
static void checkin_replaced(ike_sa_t *older, ike_sa_t *newer)
{
	coi_shell_t *shell = coi_shadow_get(older);

	shell->up = FALSE;
	shell->replaced = TRUE;
	older->set_state(older, IKE_REKEYED);
	coi_ike_shell_checkin(older);
	charon->bus->set_sa(charon->bus, newer);
}

/** for coi_inactivity.h, of which only the address is kept */
static const coi_inactivity_end_t inactivity_end = end_idle;

void coi_ike_shell_establish(coi_shell_t *shell, ike_sa_t *ike_sa,
							 ike_sa_id_t *replaced, bool stale)
{
	child_sa_t *child_sa;
	ike_sa_t *older;

	older = checkout_older(replaced, ike_sa);
	if (stale)
	{
		coi_bus_events_stale(ike_sa);
	}
	else
	{
		coi_bus_events_up(ike_sa, older);
	}
	shell->up = !stale;
	shell->replaced = stale;
	while (array_remove(shell->pending, ARRAY_HEAD, &child_sa))
	{
		if (!coi_child_shell_complete(child_sa))
		{
			child_sa->destroy(child_sa);
		}
		else if (stale)
		{
			child_sa->set_state(child_sa, CHILD_REKEYED);
			ike_sa->add_child_sa(ike_sa, child_sa);
		}
		else
		{
			coi_bus_events_child(ike_sa, child_sa, older);
			coi_inactivity_watch(child_sa, &inactivity_end);
		}
	}
	if (older)
	{
		checkin_replaced(older, ike_sa);
	}
}

void coi_ike_shell_drop(coi_shell_t *shell, ike_sa_t *ike_sa, const char *name)
{
	child_sa_t *child_sa;

	child_sa = find_pending(shell, name, TRUE);
	if (child_sa)
	{
		child_sa->destroy(child_sa);
		return;
	}
	child_sa = coi_bus_events_find_child(ike_sa, name);
	if (child_sa)
	{
		end_child(ike_sa, child_sa, FALSE);
	}
}

void coi_ike_shell_close(coi_shell_t *shell, ike_sa_t *ike_sa)
{
	shell->listener = NULL;
	announce_down(shell, ike_sa);
}
