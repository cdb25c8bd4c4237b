/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_settings_check.h"

/** what xauth-coi leaves in AUTH_RULE_XAUTH_BACKEND */
#define BACKEND "coi"

/** IKE's port, the default of local_port and remote_port */
#define IKE_PORT 500

/** Rules of a round by which nothing is checked or proved with xauth-coi. */
static const struct {
	auth_rule_t rule;
	char *key;
} round_rules[] = {
	{ AUTH_RULE_EAP_IDENTITY,		"eap_id" },
	{ AUTH_RULE_AAA_IDENTITY,		"aaa_id" },
	{ AUTH_RULE_CA_IDENTITY,		"ca_id" },
	{ AUTH_RULE_CA_CERT,			"cacerts" },
	{ AUTH_RULE_SUBJECT_CERT,		"certs and pubkeys" },
	{ AUTH_RULE_CRL_VALIDATION,		"revocation" },
	{ AUTH_RULE_OCSP_VALIDATION,	"revocation" },
	{ AUTH_RULE_GROUP,				"groups" },
	{ AUTH_RULE_CERT_POLICY,		"cert_policy" },
};

/**
 * Refuse what is in a round with xauth-coi and not heeded.
 */
static void check_rules(coi_mistake_t *mistake, auth_cfg_t *auth, char *side)
{
	enumerator_t *enumerator;
	auth_rule_t rule;
	void *value;
	u_int i;

	enumerator = auth->create_enumerator(auth);
	while (enumerator->enumerate(enumerator, &rule, &value))
	{
		for (i = 0; i < countof(round_rules); i++)
		{
			if (rule == round_rules[i].rule)
			{
				coi_mistake_note(mistake, ".%s.%s: nothing is allowed in a "
								 "round with xauth-coi", side,
								 round_rules[i].key);
			}
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Check the round of xauth-coi of one side.
 */
static void check_round(coi_mistake_t *mistake, peer_cfg_t *peer, bool local)
{
	enumerator_t *enumerator;
	auth_cfg_t *auth;
	char *backend, *side = local ? "local" : "remote";

	enumerator = peer->create_auth_cfg_enumerator(peer, local);
	while (enumerator->enumerate(enumerator, &auth))
	{
		backend = auth->get(auth, AUTH_RULE_XAUTH_BACKEND);
		if (!backend || !streq(backend, BACKEND))
		{
			continue;
		}
		check_rules(mistake, auth, side);
		if (!local && auth->get(auth, AUTH_RULE_XAUTH_IDENTITY))
		{
			coi_mistake_note(mistake, ".remote.xauth_id = %Y: nothing is "
							 "allowed, a peer says itself who uses it",
							 auth->get(auth, AUTH_RULE_XAUTH_IDENTITY));
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Check that no proposals of IKE are configured: each is a default.
 */
static void check_proposals(coi_mistake_t *mistake, ike_cfg_t *ike_cfg)
{
	proposal_t *defaults[] = {
		proposal_create_default(PROTO_IKE),
		proposal_create_default_aead(PROTO_IKE),
	}, *proposal;
	enumerator_t *enumerator;
	linked_list_t *list;
	bool known;
	u_int i;

	list = ike_cfg->get_proposals(ike_cfg);
	enumerator = list->create_enumerator(list);
	while (enumerator->enumerate(enumerator, &proposal))
	{
		known = FALSE;
		for (i = 0; i < countof(defaults); i++)
		{
			known |= defaults[i] && proposal->equals(proposal, defaults[i]);
		}
		if (!known)
		{
			coi_mistake_note(mistake, ".proposals = %P: default is allowed, "
							 "the suite of a community is an option of "
							 "coi.conf", proposal);
		}
	}
	enumerator->destroy(enumerator);
	list->destroy_offset(list, offsetof(proposal_t, destroy));
	for (i = 0; i < countof(defaults); i++)
	{
		DESTROY_IF(defaults[i]);
	}
}

/**
 * Check virtual addresses and pools.
 */
static void check_virtual(coi_mistake_t *mistake, peer_cfg_t *peer)
{
	enumerator_t *enumerator;
	u_int v4 = 0, v6 = 0;
	host_t *vip;
	char *pool;

	enumerator = peer->create_virtual_ip_enumerator(peer);
	while (enumerator->enumerate(enumerator, &vip))
	{
		if (++*(vip->get_family(vip) == AF_INET ? &v4 : &v6) > 1)
		{
			coi_mistake_note(mistake, ".vips = %H: one address of each family "
							 "is allowed", vip);
		}
	}
	enumerator->destroy(enumerator);
	enumerator = peer->create_pool_enumerator(peer);
	if (enumerator->enumerate(enumerator, &pool) && (v4 || v6))
	{
		coi_mistake_note(mistake, ".pools = %s: none is allowed beside vips, "
						 "who asks for an address does not give any", pool);
	}
	enumerator->destroy(enumerator);
}

static void check_ike(coi_mistake_t *mistake, ike_cfg_t *ike_cfg)
{
	uint16_t port;

	port = ike_cfg->get_my_port(ike_cfg);
	if (port != IKE_PORT && port != charon->socket->get_port(charon->socket,
															 FALSE))
	{
		coi_mistake_note(mistake, ".local_port = %u: none is allowed, port of "
						 "coi.conf counts", port);
	}
	if (ike_cfg->get_dscp(ike_cfg))
	{
		coi_mistake_note(mistake, ".dscp = %u: 0 is allowed",
						 ike_cfg->get_dscp(ike_cfg));
	}
	if (ike_cfg->fragmentation(ike_cfg) != FRAGMENTATION_YES)
	{
		coi_mistake_note(mistake, ".fragmentation: yes is allowed, no datagram "
						 "is larger than 1232 octets");
	}
	if (ike_cfg->childless(ike_cfg) != CHILDLESS_ALLOW)
	{
		coi_mistake_note(mistake, ".childless: allow is allowed");
	}
	check_proposals(mistake, ike_cfg);
}

/**
 * Refuse an interface ID that is known only when the interface is needed.
 */
static void check_unique(coi_mistake_t *mistake, uint32_t if_id)
{
	if (IF_ID_IS_UNIQUE(if_id))
	{
		coi_mistake_note(mistake, ".if_id_in, if_id_out = %%unique: numbers "
						 "are allowed, the interface is there before a tunnel "
						 "opens");
	}
}

/**
 * Check that an interface ID meets no child that cannot have one.
 */
static void check_tunnel(coi_mistake_t *mistake, peer_cfg_t *peer)
{
	enumerator_t *enumerator;
	child_cfg_t *cfg;

	enumerator = peer->create_child_cfg_enumerator(peer);
	while (enumerator->enumerate(enumerator, &cfg))
	{
		if (cfg->get_mode(cfg) == MODE_TRANSPORT)
		{
			coi_mistake_note(mistake, ".if_id_in, if_id_out: 0 is allowed with "
							 "children of mode = transport, which XFRM "
							 "interfaces cannot");
			break;
		}
	}
	enumerator->destroy(enumerator);
}

bool coi_settings_check(peer_cfg_t *peer, coi_mistake_t *mistake)
{
#ifdef ME
	if (peer->is_mediation(peer) || peer->get_mediated_by(peer))
	{
		coi_mistake_note(mistake, ".mediation, mediated_by: none is allowed");
	}
#endif
	check_round(mistake, peer, TRUE);
	check_round(mistake, peer, FALSE);
	check_virtual(mistake, peer);
	check_ike(mistake, peer->get_ike_cfg(peer));
	if (!peer->use_mobike(peer))
	{
		coi_mistake_note(mistake, ".mobike = no: yes is allowed, sessions "
						 "follow a host to its new address");
	}
	if (peer->get_unique_policy(peer) == UNIQUE_REPLACE ||
		peer->get_unique_policy(peer) == UNIQUE_KEEP)
	{
		coi_mistake_note(mistake, ".unique = %s: no and never are allowed, "
						 "each pair of addresses has one session",
						 peer->get_unique_policy(peer) == UNIQUE_KEEP ? "keep"
																 : "replace");
	}
	check_unique(mistake, peer->get_if_id(peer, TRUE));
	check_unique(mistake, peer->get_if_id(peer, FALSE));
	if (peer->get_if_id(peer, TRUE) || peer->get_if_id(peer, FALSE))
	{
		check_tunnel(mistake, peer);
	}
	if (peer->get_ppk_id(peer) || peer->ppk_required(peer))
	{
		coi_mistake_note(mistake, ".ppk_id, ppk_required: none is allowed, a "
						 "community's key is the secret of type ppk that has "
						 "its name as id");
	}
	return !mistake->found;
}

/**
 * Check what is to be done when a child ends.
 */
static void check_action(coi_mistake_t *mistake, child_cfg_t *cfg, char *key,
						 action_t action)
{
	if (action & ACTION_START)
	{
		coi_mistake_note(mistake, ".%s = start: none, and trap with "
						 "start_action = trap, are allowed; traffic opens a "
						 "new session", key);
	}
	if ((action & ACTION_TRAP) && !(cfg->get_start_action(cfg) & ACTION_TRAP))
	{
		coi_mistake_note(mistake, ".%s = trap: none is allowed, or trap with "
						 "start_action = trap, which stays", key);
	}
}

bool coi_settings_check_child(child_cfg_t *cfg, coi_mistake_t *mistake)
{
	check_action(mistake, cfg, "dpd_action", cfg->get_dpd_action(cfg));
	check_action(mistake, cfg, "close_action", cfg->get_close_action(cfg));
	if (cfg->has_option(cfg, OPT_NO_POLICIES))
	{
		coi_mistake_note(mistake, ".policies = no: yes is allowed, they are "
						 "the filter");
	}
	if (cfg->has_option(cfg, OPT_FWD_OUT_POLICIES))
	{
		coi_mistake_note(mistake, ".policies_fwd_out = yes: no is allowed");
	}
	if (cfg->has_option(cfg, OPT_IPCOMP))
	{
		coi_mistake_note(mistake, ".ipcomp = yes: no is allowed");
	}
	if (cfg->get_reqid(cfg))
	{
		coi_mistake_note(mistake, ".reqid = %u: 0 is allowed, the plugin has "
						 "reqids of its own", cfg->get_reqid(cfg));
	}
	if (cfg->get_interface(cfg))
	{
		coi_mistake_note(mistake, ".interface = %s: none is allowed",
						 cfg->get_interface(cfg));
	}
	check_unique(mistake, cfg->get_if_id(cfg, TRUE));
	check_unique(mistake, cfg->get_if_id(cfg, FALSE));
	if (cfg->get_mode(cfg) == MODE_TRANSPORT &&
		(cfg->get_if_id(cfg, TRUE) || cfg->get_if_id(cfg, FALSE)))
	{
		coi_mistake_note(mistake, ".if_id_in, if_id_out: 0 is allowed with "
						 "mode = transport, which XFRM interfaces cannot");
	}
	if (cfg->get_label(cfg))
	{
		coi_mistake_note(mistake, ".label: none is allowed");
	}
	return !mistake->found;
}

bool coi_settings_check_clear(child_cfg_t *cfg, coi_mistake_t *mistake)
{
	if (cfg->get_start_action(cfg) & ACTION_START)
	{
		coi_mistake_note(mistake, ".start_action = start: none and trap are "
						 "allowed with mode = %s",
						 cfg->get_mode(cfg) == MODE_PASS ? "pass" : "drop");
	}
	return !mistake->found;
}
