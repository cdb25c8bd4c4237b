/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tunnel.h"
#include "coi_bus_events.h"
#include "coi_child_shell.h"
#include "util/coi_compat.h"
#include "coi_ike_shell.h"

/** length of the throwaway secret and nonces */
#define RANDOM_LEN 32

typedef struct private_coi_tunnel_t private_coi_tunnel_t;

struct private_coi_tunnel_t {

	/** Public interface. */
	coi_tunnel_t public;

	/** the IKE_SA */
	coi_shell_t *shell;

	/** shared with others */
	coi_tunnel_tables_t tables;

	/** role in the exchange */
	bool initiator;
};

/** A key exchange that has happened: it only knows its secret. */
typedef struct {
	key_exchange_t public;
	chunk_t secret;
} random_ke_t;

METHOD(key_exchange_t, get_shared_secret, bool,
	random_ke_t *this, chunk_t *secret)
{
	*secret = chunk_clone(this->secret);
	return TRUE;
}

/**
 * Set the proposal, for people to see, and keys that nobody knows: stock code
 * that reaches for the keymat is not to find an empty one.
 */
static bool derive_keys(ike_sa_t *ike_sa, const coi_suite_t *suite)
{
	random_ke_t ke = {
		.public = {
			.get_shared_secret = _get_shared_secret,
		},
	};
	proposal_t *proposal;
	chunk_t nonce;
	bool success = FALSE;
	rng_t *rng;

	proposal = proposal_create(PROTO_IKE, 1);
	proposal->add_algorithm(proposal, ENCRYPTION_ALGORITHM,
							ENCR_AES_GCM_ICV16, 256);
	proposal->add_algorithm(proposal, PSEUDO_RANDOM_FUNCTION, suite->prf, 0);
	proposal->add_algorithm(proposal, KEY_EXCHANGE_METHOD, suite->dh, 0);
	ike_sa->set_proposal(ike_sa, proposal);

	ke.secret = chunk_alloca(RANDOM_LEN);
	nonce = chunk_alloca(RANDOM_LEN);
	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	if (rng && rng->get_bytes(rng, ke.secret.len, ke.secret.ptr) &&
		rng->get_bytes(rng, nonce.len, nonce.ptr))
	{
		success = coi_derive_ike_keys(
						(keymat_v2_t*)ike_sa->get_keymat(ike_sa), proposal,
						&ke.public, nonce, ike_sa->get_id(ike_sa));
	}
	DESTROY_IF(rng);
	memwipe(ke.secret.ptr, ke.secret.len);
	proposal->destroy(proposal);
	return success;
}

METHOD(coi_tunnel_t, allocate, uint32_t,
	private_coi_tunnel_t *this, const coi_child_t *child,
	const coi_marks_t *tags)
{
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;
	uint32_t spi = 0;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return 0;
	}
	child_sa = coi_child_shell_create(ike_sa, child, tags,
									  this->tables.totals);
	if (child_sa)
	{
		coi_ike_shell_add_pending(this->shell, child_sa);
		spi = child_sa->get_spi(child_sa, TRUE);
	}
	coi_ike_shell_checkin(ike_sa);
	return spi;
}

METHOD(coi_tunnel_t, get_tags, void,
	private_coi_tunnel_t *this, const char *name, coi_marks_t *tags)
{
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;

	*tags = (coi_marks_t){};
	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		child_sa = coi_ike_shell_find_pending(this->shell, name) ?:
				   coi_bus_events_find_child(ike_sa, name);
		if (child_sa)
		{
			tags->mark_in = child_sa->get_mark(child_sa, TRUE);
			tags->mark_out = child_sa->get_mark(child_sa, FALSE);
			tags->if_id_in = child_sa->get_if_id(child_sa, TRUE);
			tags->if_id_out = child_sa->get_if_id(child_sa, FALSE);
		}
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, set_nat, void,
	private_coi_tunnel_t *this, coi_nat_t nat)
{
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		coi_ike_shell_set_nat(this->shell, nat);
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, move_, void,
	private_coi_tunnel_t *this, host_t *other,
	   const coi_shared_community_t *common,
	u_int count)
{
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;
	host_t *me;
	u_int i;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return;
	}
	me = ike_sa->get_my_host(ike_sa);
	charon->bus->ike_update(charon->bus, ike_sa, me, other);
	ike_sa->set_other_host(ike_sa, other->clone(other));
	for (i = 0; i < count; i++)
	{
		child_sa = coi_bus_events_find_child(ike_sa, common[i].name);
		if (child_sa && common[i].used)
		{
			coi_child_shell_move(ike_sa, child_sa);
			coi_child_shell_set_flows(child_sa, me, other, &common[i].flows);
		}
	}
	coi_ike_shell_checkin(ike_sa);
}

METHOD(coi_tunnel_t, install, bool,
	private_coi_tunnel_t *this, const coi_shared_community_t *common,
	   bool inbound)
{
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;
	bool success;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return FALSE;
	}
	child_sa = coi_ike_shell_find_pending(this->shell, common->name);
	success = child_sa && coi_child_shell_install(ike_sa, child_sa, common,
												  this->initiator, inbound);
	coi_ike_shell_checkin(ike_sa);
	return success;
}

METHOD(coi_tunnel_t, set_user, void,
	private_coi_tunnel_t *this, const coi_user_t *user)
{
	auth_cfg_t *auth;
	ike_sa_t *ike_sa;

	ike_sa = user->name.len ? coi_ike_shell_checkout(this->shell) : NULL;
	if (ike_sa)
	{
		auth = auth_cfg_create();
		auth->add(auth, AUTH_RULE_EAP_IDENTITY,
				  identification_create_from_encoding(ID_FQDN, user->name));
		ike_sa->add_auth_cfg(ike_sa, FALSE, auth);
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, established, bool,
	private_coi_tunnel_t *this, const coi_shared_community_t *common,
	   u_int count,
	identification_t *peer_id, ike_sa_id_t *replaced, bool stale)
{
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;
	u_int i;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return FALSE;
	}
	coi_ike_shell_name_other(ike_sa, peer_id);
	for (i = 0; i < count; i++)
	{
		child_sa = coi_ike_shell_find_pending(this->shell, common[i].name);
		if (child_sa && common[i].used)
		{
			coi_child_shell_set_flows(child_sa, ike_sa->get_my_host(ike_sa),
									  ike_sa->get_other_host(ike_sa),
									  &common[i].flows);
		}
	}
	coi_ike_shell_establish(this->shell, ike_sa, stale ? NULL : replaced,
							stale);
	coi_ike_shell_checkin(ike_sa);
	return TRUE;
}

METHOD(coi_tunnel_t, set_my_id_, void,
	private_coi_tunnel_t *this, identification_t *id, auth_cfg_t *auth)
{
	auth_cfg_t *done;
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		done = auth_cfg_create();
		done->merge(done, auth, TRUE);
		ike_sa->set_my_id(ike_sa, id->clone(id));
		ike_sa->add_auth_cfg(ike_sa, TRUE, done);
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, authorize, bool,
	private_coi_tunnel_t *this, identification_t *id, auth_cfg_t *auth)
{
	auth_cfg_t *done;
	ike_sa_t *ike_sa;
	bool granted;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return FALSE;
	}
	ike_sa->set_other_id(ike_sa, id->clone(id));
	done = ike_sa->get_auth_cfg(ike_sa, FALSE);
	done->merge(done, auth, TRUE);
	granted = charon->bus->authorize(charon->bus, FALSE);
	done = auth_cfg_create();
	done->merge(done, auth, TRUE);
	ike_sa->add_auth_cfg(ike_sa, FALSE, done);
	granted = granted && charon->bus->authorize(charon->bus, TRUE);
	coi_ike_shell_checkin(ike_sa);
	return granted;
}

METHOD(coi_tunnel_t, alert, void,
	private_coi_tunnel_t *this)
{
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		charon->bus->alert(charon->bus, ALERT_PEER_AUTH_FAILED);
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, drop, void,
	private_coi_tunnel_t *this, const char *name)
{
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		coi_ike_shell_drop(this->shell, ike_sa, name);
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, get_id, ike_sa_id_t*,
	private_coi_tunnel_t *this)
{
	return coi_ike_shell_get_id(this->shell);
}

METHOD(coi_tunnel_t, note_idle, void,
	private_coi_tunnel_t *this, const char *name, bool inbound)
{
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		child_sa = coi_bus_events_find_child(ike_sa, name);
		if (child_sa)
		{
			coi_child_shell_note_idle(child_sa, inbound);
		}
		coi_ike_shell_checkin(ike_sa);
	}
}

METHOD(coi_tunnel_t, get_packets, uint64_t,
	private_coi_tunnel_t *this, bool inbound)
{
	uint64_t octets, packets, sum = 0;
	enumerator_t *enumerator;
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return 0;
	}
	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &child_sa))
	{
		child_sa->get_usestats(child_sa, inbound, NULL, &octets, &packets);
		sum += packets;
	}
	enumerator->destroy(enumerator);
	coi_ike_shell_checkin(ike_sa);
	return sum;
}

METHOD(coi_tunnel_t, for_uses, void,
	private_coi_tunnel_t *this, coi_tunnel_use_cb_t cb, void *data)
{
	enumerator_t *enumerator;
	coi_tunnel_use_t use;
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;
	time_t in, out;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (!ike_sa)
	{
		return;
	}
	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &child_sa))
	{
		use = (coi_tunnel_use_t){
			.name = child_sa->get_name(child_sa),
			.state = child_sa->get_state(child_sa),
			.spi_in = child_sa->get_spi(child_sa, TRUE),
			.spi_out = child_sa->get_spi(child_sa, FALSE),
			.rekey = child_sa->get_lifetime(child_sa, FALSE),
		};
		child_sa->get_usestats(child_sa, TRUE, &in, &use.octets_in,
							   &use.packets_in);
		child_sa->get_usestats(child_sa, FALSE, &out, &use.octets_out,
							   &use.packets_out);
		use.last = max(in, out);
		cb(data, &use);
	}
	enumerator->destroy(enumerator);
	coi_ike_shell_checkin(ike_sa);
}

METHOD(coi_tunnel_t, destroy, void,
	private_coi_tunnel_t *this)
{
	coi_ike_shell_unref(this->shell);
	free(this);
}

METHOD(coi_tunnel_t, close_, void,
	private_coi_tunnel_t *this, bool failed)
{
	ike_sa_t *ike_sa;

	ike_sa = coi_ike_shell_checkout(this->shell);
	if (ike_sa)
	{
		if (failed)
		{
			DBG2(DBG_IKE, "dropping IKE_SA %s[%u], not established",
				 ike_sa->get_name(ike_sa), ike_sa->get_unique_id(ike_sa));
		}
		coi_ike_shell_close(this->shell, ike_sa);
		charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager,
													ike_sa);
	}
	destroy(this);
}

coi_tunnel_t *coi_tunnel_create(coi_connection_t *conn, host_t *me,
								host_t *other, bool initiator, uint64_t spi_i,
								uint64_t spi_r, coi_tunnel_listener_t *listener,
								uintptr_t id,
								const coi_tunnel_tables_t *tables)
{
	private_coi_tunnel_t *this;
	coi_shell_t *shell;
	ike_sa_t *ike_sa;

	shell = coi_ike_shell_create(initiator, spi_i, spi_r, listener, id,
								 tables, &ike_sa);
	if (!shell)
	{
		return NULL;
	}
	ike_sa->set_my_host(ike_sa, me->clone(me));
	ike_sa->set_other_host(ike_sa, other->clone(other));
	ike_sa->set_peer_cfg(ike_sa, conn->peer);
	coi_ike_shell_name_mine(ike_sa, conn->peer);
	ike_sa->set_condition(ike_sa, COND_ORIGINAL_INITIATOR, initiator);
	charon->bus->set_sa(charon->bus, ike_sa);
	if (!derive_keys(ike_sa, conn->suite))
	{
		DBG1(DBG_IKE, "no keys for IKE_SA %s[%u]", ike_sa->get_name(ike_sa),
			 ike_sa->get_unique_id(ike_sa));
		coi_ike_shell_close(shell, ike_sa);
		ike_sa->destroy(ike_sa);
		coi_ike_shell_unref(shell);
		return NULL;
	}
	ike_sa->set_state(ike_sa, IKE_CONNECTING);
	coi_ike_shell_checkin(ike_sa);

	INIT(this,
		.public = {
			.allocate = _allocate,
			.get_tags = _get_tags,
			.set_nat = _set_nat,
			.move = _move_,
			.install = _install,
			.set_user = _set_user,
			.established = _established,
			.set_my_id = _set_my_id_,
			.authorize = _authorize,
			.alert = _alert,
			.drop = _drop,
			.get_id = _get_id,
			.note_idle = _note_idle,
			.get_packets = _get_packets,
			.for_uses = _for_uses,
			.close = _close_,
			.destroy = _destroy,
		},
		.shell = shell,
		.tables = *tables,
		.initiator = initiator,
	);
	return &this->public;
}

void coi_tunnel_init()
{
	coi_ike_shell_init();
}

void coi_tunnel_deinit()
{
	coi_ike_shell_deinit();
}
