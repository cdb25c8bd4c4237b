/* SPDX-License-Identifier: GPL-2.0-or-later */

/* settings that mean something to IKE and nothing here: none looks as if heeded */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "config/coi_settings_check.h"

TestSuite(settings, .init = fake_configs_init, .fini = fake_configs_deinit);

/** Check a connection and its first child. */
static void check(fake_connection_t *fake, const char *text)
{
	coi_mistake_t mistake = {
		.conn = "c",
	}, inner = {
		.conn = "c",
		.child = "alpha",
	};
	enumerator_t *enumerator;
	peer_cfg_t *peer;
	child_cfg_t *cfg;
	bool good;

	peer = fake_connection_load(fake);
	good = coi_settings_check(peer, &mistake);
	enumerator = peer->create_child_cfg_enumerator(peer);
	while (enumerator->enumerate(enumerator, &cfg))
	{
		good = coi_settings_check_child(cfg, &inner) && good;
	}
	enumerator->destroy(enumerator);
	coi_mistake_take(&mistake, &inner);
	cr_assert_eq(good, !text, "%s", text ?: mistake.text ?: "");
	cr_assert_eq(mistake.found, text != NULL);
	if (text)
	{
		cr_assert_str_eq(mistake.text, text);
	}
	coi_mistake_clear(&mistake);
	peer->destroy(peer);
}

Test(settings, good)
{
	fake_connection_t fake = fake_connection("c");

	check(&fake, NULL);
	fake.children[0].data.start_action = ACTION_TRAP;
	fake.children[0].data.close_action = ACTION_TRAP;
	fake.children[0].data.dpd_action = ACTION_TRAP;
	fake.peer.unique = UNIQUE_NEVER;
	check(&fake, NULL);
	fake.children[0].data.mode = MODE_TUNNEL;
	fake.children[0].data.if_id_in = fake.children[0].data.if_id_out = 1;
	fake.peer.if_id_in = fake.peer.if_id_out = 2;
	fake.vips = "0.0.0.0, ::";
	check(&fake, NULL);
}

/** A field of a structure, and the line if it has a value. */
#define FIELD(where, field, value, text) \
	{ \
		fake_connection_t fake = fake_connection("c"); \
		fake.where.field = value; \
		check(&fake, text); \
	}
#define IKE(field, value, text) FIELD(ike, field, value, "connections.c." text)
#define PEER(field, value, text) FIELD(peer, field, value, "connections.c." text)
#define CHILD(field, value, text) FIELD(children[0].data, field, value, \
										"connections.c.children.alpha." text)

Test(settings, ike)
{
	IKE(local_port, 501, "local_port = 501: none is allowed, port of coi.conf "
		"counts");
	IKE(dscp, 8, "dscp = 8: 0 is allowed");
	IKE(fragmentation, FRAGMENTATION_NO, "fragmentation: yes is allowed, no "
		"datagram is larger than 1232 octets");
	IKE(fragmentation, FRAGMENTATION_FORCE, "fragmentation: yes is allowed, no "
		"datagram is larger than 1232 octets");
	IKE(childless, CHILDLESS_FORCE, "childless: allow is allowed");
}

Test(settings, peer)
{
	PEER(no_mobike, TRUE, "mobike = no: yes is allowed, sessions follow a host "
		 "to its new address");
	PEER(unique, UNIQUE_KEEP, "unique = keep: no and never are allowed, each "
		 "pair of addresses has one session");
	PEER(unique, UNIQUE_REPLACE, "unique = replace: no and never are allowed, "
		 "each pair of addresses has one session");
	PEER(if_id_in, IF_ID_UNIQUE, "if_id_in, if_id_out = %unique: numbers are "
		 "allowed, the interface is there before a tunnel opens");
	PEER(if_id_out, 7, "if_id_in, if_id_out: 0 is allowed with children of "
		 "mode = transport, which XFRM interfaces cannot");
	PEER(ppk_required, TRUE, "ppk_id, ppk_required: none is allowed, a "
		 "community's key is the secret of type ppk that has its name as id");
	PEER(ppk_id, identification_create_from_string("alpha"), "ppk_id, "
		 "ppk_required: none is allowed, a community's key is the secret of "
		 "type ppk that has its name as id");
}

Test(settings, child)
{
	CHILD(dpd_action, ACTION_START, "dpd_action = start: none, and trap with "
		  "start_action = trap, are allowed; traffic opens a new session");
	CHILD(close_action, ACTION_TRAP, "close_action = trap: none is allowed, or "
		  "trap with start_action = trap, which stays");
	CHILD(options, OPT_NO_POLICIES, "policies = no: yes is allowed, they are "
		  "the filter");
	CHILD(options, OPT_FWD_OUT_POLICIES, "policies_fwd_out = yes: no is allowed");
	CHILD(options, OPT_IPCOMP, "ipcomp = yes: no is allowed");
	CHILD(reqid, 7, "reqid = 7: 0 is allowed, the plugin has reqids of its own");
	CHILD(interface, "eth0", "interface = eth0: none is allowed");
	CHILD(if_id_in, IF_ID_UNIQUE_DIR, "if_id_in, if_id_out = %unique: numbers "
		  "are allowed, the interface is there before a tunnel opens");
	CHILD(if_id_in, 7, "if_id_in, if_id_out: 0 is allowed with mode = "
		  "transport, which XFRM interfaces cannot");
}

/** Each rule of a round that would look as if it checked something. */
Test(settings, rounds)
{
	static const struct {
		auth_rule_t rule;
		bool flag;
		const char *key;
	} rules[] = {
		{ AUTH_RULE_EAP_IDENTITY, FALSE, "eap_id" },
		{ AUTH_RULE_AAA_IDENTITY, FALSE, "aaa_id" },
		{ AUTH_RULE_CA_IDENTITY, FALSE, "ca_id" },
		{ AUTH_RULE_GROUP, FALSE, "groups" },
		{ AUTH_RULE_CRL_VALIDATION, TRUE, "revocation" },
		{ AUTH_RULE_OCSP_VALIDATION, TRUE, "revocation" },
	};
	fake_connection_t fake;
	fake_round_t *round;
	char text[256];
	u_int i;

	for (i = 0; i < 2 * countof(rules); i++)
	{
		fake = fake_connection("c");
		round = i % 2 ? fake.local : fake.remote;
		round->rule = rules[i / 2].rule;
		round->value = rules[i / 2].flag ? (void*)VALIDATION_GOOD :
						identification_create_from_string("CN=x");
		snprintf(text, sizeof(text), "connections.c.%s.%s: nothing is allowed "
				 "in a round with xauth-coi", i % 2 ? "local" : "remote",
				 rules[i / 2].key);
		check(&fake, text);
	}
	/* which is what a second round is for */
	fake = fake_connection("c");
	fake.remote[1].auth = AUTH_CLASS_PUBKEY;
	fake.remote[1].rule = AUTH_RULE_GROUP;
	fake.remote[1].value = identification_create_from_string("CN=x");
	fake.remotes = 2;
	check(&fake, NULL);
}

Test(settings, more)
{
	fake_connection_t fake = fake_connection("c");

	fake.remote[0].xauth_id = "bob";
	check(&fake, "connections.c.remote.xauth_id = bob: nothing is allowed, a "
		  "peer says itself who uses it");

	fake = fake_connection("c");
	fake.vips = "10.0.0.1, 10.0.0.2";
	check(&fake, "connections.c.vips = 10.0.0.2: one address of each family is "
		  "allowed");

	fake = fake_connection("c");
	fake.vips = "10.0.0.1";
	fake.pool = "pool";
	check(&fake, "connections.c.pools = pool: none is allowed beside vips, who "
		  "asks for an address does not give any");

	fake = fake_connection("c");
	fake.proposal = "aes128-sha256-x25519";
	check(&fake, "connections.c.proposals = IKE:AES_CBC_128/HMAC_SHA2_256_128/"
		  "PRF_HMAC_SHA2_256/CURVE_25519: default is allowed, the suite of a "
		  "community is an option of coi.conf");
}

/** Of two mistakes the first one is said. */
Test(settings, first)
{
	fake_connection_t fake = fake_connection("c");

	fake.ike.dscp = 8;
	fake.peer.no_mobike = TRUE;
	check(&fake, "connections.c.dscp = 8: 0 is allowed");
}
