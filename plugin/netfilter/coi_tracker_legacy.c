/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tracker.h"
#include "coi_iptables.h"

#include <netinet/in.h>

#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_tcpudp.h>

/** what the rules are for, in errors */
#define WHAT "who began a connection"

/** flags of TCP */
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

#define KNOWN (XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) | \
			   XT_CONNTRACK_STATE_BIT(IP_CT_RELATED))
#define TRANSLATED (XT_CONNTRACK_STATE_SNAT | XT_CONNTRACK_STATE_DNAT)

typedef struct private_coi_tracker_rules_t private_coi_tracker_rules_t;

struct private_coi_tracker_rules_t {
	coi_tracker_rules_t public;
	coi_tracker_rule_config_t config;
	/** chains as added last; one place less if nothing is tracked */
	coi_iptables_place_t places[4];
	u_int count;
};

static void match_state(coi_iptables_rule_t *rule, uint16_t states, bool not)
{
	struct xt_conntrack_mtinfo3 state = {
		.match_flags = XT_CONNTRACK_STATE,
		.invert_flags = not ? XT_CONNTRACK_STATE : 0,
		.state_mask = states,
	};

	coi_iptables_match(rule, "conntrack", 3, &state, sizeof(state));
}

/** Append: the bit is turned on or off. */
static bool append_turn(private_coi_tracker_rules_t *this,
						coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						bool on)
{
	/* (old & ~mask) ^ mark */
	struct xt_mark_tginfo2 mark = {
		.mark = on ? this->config.mark : 0,
		.mask = this->config.mark,
	};

	return coi_iptables_append(chain, rule, "MARK", 2, &mark, sizeof(mark));
}

/** From outside nobody has our addresses: it has no part in our connections. */
static bool fill_track(void *data, coi_iptc_chain_t *chain)
{
	struct xt_addrtype_info_v1 type = {
		.source = XT_ADDRTYPE_LOCAL,
	};
	struct xt_ct_target_info_v1 ct = {
		.flags = XT_CT_NOTRACK,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_not_from(chain, &rule, "lo");
	coi_iptables_match(&rule, "addrtype", 1, &type, sizeof(type));
	return coi_iptables_append(chain, &rule, "CT", 1, &ct, sizeof(ct));
}

/** Append: what came through no tunnel is none of ours. */
static bool append_no_tunnel(coi_iptc_chain_t *chain)
{
	struct xt_policy_info policy = {
		.flags = XT_POLICY_MATCH_IN | XT_POLICY_MATCH_NONE,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_match(&rule, "policy", 0, &policy, sizeof(policy));
	return coi_iptables_append_return(chain, &rule);
}

/** Append: what is for this host is looked at when it arrives. Who that is may
 * change by NAT, which comes later. */
static bool append_local(private_coi_tracker_rules_t *this,
						 coi_iptc_chain_t *chain)
{
	struct xt_addrtype_info_v1 type = {
		.dest = XT_ADDRTYPE_LOCAL,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_match(&rule, "addrtype", 1, &type, sizeof(type));
	if (this->config.connections)
	{
		match_state(&rule, TRANSLATED, TRUE);
	}
	return coi_iptables_append_return(chain, &rule);
}

static bool append_proto(coi_iptc_chain_t *chain, uint8_t proto)
{
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_proto(chain, &rule, proto);
	return coi_iptables_append_return(chain, &rule);
}

/** Append: of some flags of TCP it has these. */
static bool append_flags(private_coi_tracker_rules_t *this,
						 coi_iptc_chain_t *chain, uint8_t flags, uint8_t set)
{
	struct xt_tcp tcp = {
		.spts = { 0, 0xffff },
		.dpts = { 0, 0xffff },
		.flg_mask = flags,
		.flg_cmp = set,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_proto(chain, &rule, IPPROTO_TCP);
	coi_iptables_match(&rule, "tcp", 0, &tcp, sizeof(tcp));
	return append_turn(this, chain, &rule, TRUE);
}

/** Turn the bit off, whoever has set it: a peer's mark, or a user's for an SA.
 * Then on, where it is to be. */
static bool append_turns(private_coi_tracker_rules_t *this,
						 coi_iptc_chain_t *chain)
{
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	if (!append_turn(this, chain, &rule, FALSE))
	{
		return FALSE;
	}
	if (!this->config.connections)
	{
		return append_flags(this, chain, ACK, ACK) &&
			   append_flags(this, chain, RST | SYN, RST);
	}
	if (!append_proto(chain, IPPROTO_DCCP) ||
		!append_proto(chain, IPPROTO_UDPLITE) ||
		(!this->config.sctp && !append_proto(chain, IPPROTO_SCTP)))
	{
		return FALSE;
	}
	coi_iptables_rule(chain, &rule);
	match_state(&rule, KNOWN, FALSE);
	return append_turn(this, chain, &rule, TRUE);
}

static bool fill_passing(void *data, coi_iptc_chain_t *chain)
{
	private_coi_tracker_rules_t *this = data;

	return append_no_tunnel(chain) && append_local(this, chain) &&
		   append_turns(this, chain);
}

static bool fill_arriving(void *data, coi_iptc_chain_t *chain)
{
	private_coi_tracker_rules_t *this = data;

	return append_no_tunnel(chain) && append_turns(this, chain);
}

/** It has been looked up: others' rules by marks are not to see it. */
static bool fill_forward(void *data, coi_iptc_chain_t *chain)
{
	private_coi_tracker_rules_t *this = data;
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	return append_turn(this, chain, &rule, FALSE);
}

/** The last is left out if nothing is tracked. */
static const coi_iptables_place_t all[] = {
	{ "mangle", "PREROUTING", COI_TRACKER_NAME "_pass", fill_passing, 0,
	  "MARK" },
	{ "mangle", "INPUT", COI_TRACKER_NAME "_in", fill_arriving, 0, "MARK" },
	{ "mangle", "FORWARD", COI_TRACKER_NAME "_fwd", fill_forward, 1, "MARK" },
	{ "raw", "PREROUTING", COI_TRACKER_NAME "_raw", fill_track, 1, "CT" },
};

METHOD(coi_tracker_rules_t, remove_, void,
	private_coi_tracker_rules_t *this)
{
	coi_iptables_remove(all, countof(all), WHAT);
}

METHOD(coi_tracker_rules_t, add, bool,
	private_coi_tracker_rules_t *this, const coi_tracker_rule_config_t *config)
{
	u_int turns = config->connections ? 4 + !config->sctp : 3;

	remove_(this);
	this->config = *config;
	this->count = countof(all) - !config->connections;
	memcpy(this->places, all, sizeof(this->places));
	this->places[0].rules = 2 + turns;
	this->places[1].rules = 1 + turns;
	return coi_iptables_add(this->places, this->count, WHAT, this);
}

METHOD(coi_tracker_rules_t, check, bool,
	private_coi_tracker_rules_t *this)
{
	return coi_iptables_check(this->places, this->count);
}

METHOD(coi_tracker_rules_t, destroy, void,
	private_coi_tracker_rules_t *this)
{
	free(this);
}

coi_tracker_rules_t *coi_tracker_legacy_create()
{
	private_coi_tracker_rules_t *this;

	if (!coi_iptables_has(all, countof(all)))
	{
		return NULL;
	}
	INIT(this,
		.public = {
			.add = _add,
			.check = _check,
			.remove = _remove_,
			.destroy = _destroy,
		},
	);
	return &this->public;
}
