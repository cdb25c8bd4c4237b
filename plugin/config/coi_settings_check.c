/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_settings_check.h"

#include <stdarg.h>

/** what xauth-coi leaves in AUTH_RULE_XAUTH_BACKEND */
#define BACKEND "coi"

/** IKE's port, the default of local_port and remote_port */
#define IKE_PORT 500

typedef struct checker_t checker_t;

/** A section that is being checked. */
struct checker_t {
	/** "connections.name", with ".children.name" or a round's name */
	const char *section;
	/** mistake that was found, NULL if none */
	char *error;
};

/**
 * Note a mistake, the first one only.
 *
 * @param fmt		key in the section, value and what is allowed
 */
static void refuse(checker_t *this, char *fmt, ...)
{
	char buf[1024];
	va_list args;

	if (this->error)
	{
		return;
	}
	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	if (asprintf(&this->error, "%s.%s", this->section, buf) < 0)
	{
		this->error = NULL;
	}
}

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
static void check_rules(checker_t *this, auth_cfg_t *auth, char *side)
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
				refuse(this, "%s.%s: nothing is allowed in a round with "
					   "xauth-coi", side, round_rules[i].key);
			}
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Check the round of xauth-coi of one side.
 */
static void check_round(checker_t *this, peer_cfg_t *peer, bool local)
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
		check_rules(this, auth, side);
		if (!local && auth->get(auth, AUTH_RULE_XAUTH_IDENTITY))
		{
			refuse(this, "remote.xauth_id = %Y: nothing is allowed, a peer "
				   "says itself who uses it",
				   auth->get(auth, AUTH_RULE_XAUTH_IDENTITY));
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Check that no proposals of IKE are configured: each is a default.
 */
static void check_proposals(checker_t *this, ike_cfg_t *ike_cfg)
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
			refuse(this, "proposals = %P: default is allowed, the suite of a "
				   "community is an option of coi.conf", proposal);
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
static void check_virtual(checker_t *this, peer_cfg_t *peer)
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
			refuse(this, "vips = %H: one address of each family is allowed",
				   vip);
		}
	}
	enumerator->destroy(enumerator);
	enumerator = peer->create_pool_enumerator(peer);
	if (enumerator->enumerate(enumerator, &pool) && (v4 || v6))
	{
		refuse(this, "pools = %s: none is allowed beside vips, who asks for an "
			   "address does not give any", pool);
	}
	enumerator->destroy(enumerator);
}

static void check_ike(checker_t *this, ike_cfg_t *ike_cfg)
{
	uint16_t port;

	port = ike_cfg->get_my_port(ike_cfg);
	if (port != IKE_PORT && port != charon->socket->get_port(charon->socket,
															 FALSE))
	{
		refuse(this, "local_port = %u: none is allowed, port of coi.conf "
			   "counts", port);
	}
	if (ike_cfg->get_dscp(ike_cfg))
	{
		refuse(this, "dscp = %u: 0 is allowed", ike_cfg->get_dscp(ike_cfg));
	}
	if (ike_cfg->fragmentation(ike_cfg) != FRAGMENTATION_YES)
	{
		refuse(this, "fragmentation: yes is allowed, no datagram is larger "
			   "than 1232 octets");
	}
	if (ike_cfg->childless(ike_cfg) != CHILDLESS_ALLOW)
	{
		refuse(this, "childless: allow is allowed");
	}
	check_proposals(this, ike_cfg);
}

/**
 * Refuse an interface ID that is known only when the interface is needed.
 */
static void check_unique(checker_t *this, uint32_t if_id)
{
	if (IF_ID_IS_UNIQUE(if_id))
	{
		refuse(this, "if_id_in, if_id_out = %%unique: numbers are allowed, the "
			   "interface is there before a tunnel opens");
	}
}

/**
 * Check that an interface ID meets no child that cannot have one.
 */
static void check_tunnel(checker_t *this, peer_cfg_t *peer)
{
	enumerator_t *enumerator;
	child_cfg_t *cfg;

	enumerator = peer->create_child_cfg_enumerator(peer);
	while (enumerator->enumerate(enumerator, &cfg))
	{
		if (cfg->get_mode(cfg) == MODE_TRANSPORT)
		{
			refuse(this, "if_id_in, if_id_out: 0 is allowed with children of "
				   "mode = transport, which XFRM interfaces cannot");
			break;
		}
	}
	enumerator->destroy(enumerator);
}

char *coi_settings_check(peer_cfg_t *peer)
{
	char section[256];
	checker_t checker = {
		.section = section,
	}, *this = &checker;

	snprintf(section, sizeof(section), "connections.%s", peer->get_name(peer));
#ifdef ME
	if (peer->is_mediation(peer) || peer->get_mediated_by(peer))
	{
		refuse(this, "mediation, mediated_by: none is allowed");
	}
#endif
	check_round(this, peer, TRUE);
	check_round(this, peer, FALSE);
	check_virtual(this, peer);
	check_ike(this, peer->get_ike_cfg(peer));
	if (!peer->use_mobike(peer))
	{
		refuse(this, "mobike = no: yes is allowed, sessions follow a host to "
			   "its new address");
	}
	if (peer->get_unique_policy(peer) == UNIQUE_REPLACE ||
		peer->get_unique_policy(peer) == UNIQUE_KEEP)
	{
		refuse(this, "unique = %s: no and never are allowed, each pair of "
			   "addresses has one session",
			   peer->get_unique_policy(peer) == UNIQUE_KEEP ? "keep"
															: "replace");
	}
	check_unique(this, peer->get_if_id(peer, TRUE));
	check_unique(this, peer->get_if_id(peer, FALSE));
	if (peer->get_if_id(peer, TRUE) || peer->get_if_id(peer, FALSE))
	{
		check_tunnel(this, peer);
	}
	if (peer->get_ppk_id(peer) || peer->ppk_required(peer))
	{
		refuse(this, "ppk_id, ppk_required: none is allowed, a community's key "
			   "is the secret of type ppk that has its name as id");
	}
	return checker.error;
}

/**
 * Check what is to be done when a child ends.
 */
static void check_action(checker_t *this, child_cfg_t *cfg, char *key,
						 action_t action)
{
	if (action & ACTION_START)
	{
		refuse(this, "%s = start: none, and trap with start_action = trap, are "
			   "allowed; traffic opens a new session", key);
	}
	if ((action & ACTION_TRAP) && !(cfg->get_start_action(cfg) & ACTION_TRAP))
	{
		refuse(this, "%s = trap: none is allowed, or trap with start_action = "
			   "trap, which stays", key);
	}
}

char *coi_settings_check_child(const char *conn, child_cfg_t *cfg)
{
	char section[512];
	checker_t checker = {
		.section = section,
	}, *this = &checker;

	snprintf(section, sizeof(section), "connections.%s.children.%s", conn,
			 cfg->get_name(cfg));
	check_action(this, cfg, "dpd_action", cfg->get_dpd_action(cfg));
	check_action(this, cfg, "close_action", cfg->get_close_action(cfg));
	if (cfg->has_option(cfg, OPT_NO_POLICIES))
	{
		refuse(this, "policies = no: yes is allowed, they are the filter");
	}
	if (cfg->has_option(cfg, OPT_FWD_OUT_POLICIES))
	{
		refuse(this, "policies_fwd_out = yes: no is allowed");
	}
	if (cfg->has_option(cfg, OPT_IPCOMP))
	{
		refuse(this, "ipcomp = yes: no is allowed");
	}
	if (cfg->get_reqid(cfg))
	{
		refuse(this, "reqid = %u: 0 is allowed, the plugin has reqids of its "
			   "own", cfg->get_reqid(cfg));
	}
	if (cfg->get_interface(cfg))
	{
		refuse(this, "interface = %s: none is allowed", cfg->get_interface(cfg));
	}
	check_unique(this, cfg->get_if_id(cfg, TRUE));
	check_unique(this, cfg->get_if_id(cfg, FALSE));
	if (cfg->get_mode(cfg) == MODE_TRANSPORT &&
		(cfg->get_if_id(cfg, TRUE) || cfg->get_if_id(cfg, FALSE)))
	{
		refuse(this, "if_id_in, if_id_out: 0 is allowed with mode = transport, "
			   "which XFRM interfaces cannot");
	}
	if (cfg->get_label(cfg))
	{
		refuse(this, "label: none is allowed");
	}
	return checker.error;
}

char *coi_settings_check_clear(const char *conn, child_cfg_t *cfg)
{
	char section[512];
	checker_t checker = {
		.section = section,
	}, *this = &checker;

	snprintf(section, sizeof(section), "connections.%s.children.%s", conn,
			 cfg->get_name(cfg));
	if (cfg->get_start_action(cfg) & ACTION_START)
	{
		refuse(this, "start_action = start: none and trap are allowed with mode "
			   "= %s", cfg->get_mode(cfg) == MODE_PASS ? "pass" : "drop");
	}
	return checker.error;
}
