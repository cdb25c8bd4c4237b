/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_tracker.h"
#include "coi_nftables.h"

#include <errno.h>
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

/** before connections are tracked */
#define TRACK "track"
#define TRACK_PRIORITY NF_IP_PRI_RAW

/** what is not for this host, which is looked up right after; behind the chains
 * of others, and NAT, by which that may change */
#define PASSING "passing"
/** what is, which is looked up when all chains are through */
#define ARRIVING "arriving"
#define LATE NF_IP_PRI_CONNTRACK_HELPER

/** what has been looked up, before the chains of others */
#define FORWARD "forward"
#define FORWARD_PRIORITY (NF_IP_PRI_RAW - 1)

/** index of the loopback interface in each network namespace */
#define LOOPBACK 1

/** where the flags of TCP are, in 32 bits from there */
#define TCP_FLAGS 12
#define TCP_RST 0x00040000
#define TCP_SYN 0x00020000
#define TCP_ACK 0x00100000

/** states of a connection, NFT_CT_STATE */
#define STATE_BIT(info) (1 << ((info) % IP_CT_IS_REPLY + 1))
#define KNOWN (STATE_BIT(IP_CT_ESTABLISHED) | STATE_BIT(IP_CT_RELATED))

typedef struct private_coi_tracker_rules_t private_coi_tracker_rules_t;

struct private_coi_tracker_rules_t {
	coi_tracker_rules_t public;
	coi_tracker_rule_config_t config;
	coi_nftables_t nft;
};

/** Append: what matches passes. */
static bool append_accept(struct nftnl_rule *rule)
{
	struct nftnl_expr *verdict;

	verdict = coi_nftables_append(rule, "immediate");
	if (!verdict)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
	return TRUE;
}

/** Append: an address of it is one of this host's. */
static bool append_local(struct nftnl_rule *rule, uint32_t which)
{
	struct nftnl_expr *fib;

	fib = coi_nftables_append(rule, "fib");
	if (!fib)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(fib, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(fib, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(fib, NFTNL_EXPR_FIB_FLAGS, which);
	return coi_nftables_compare(rule, NFT_CMP_EQ, RTN_LOCAL);
}

/** From outside nobody has our addresses: it has no part in our connections. */
static bool fill_track(void *data, struct nftnl_rule *rule)
{
	return coi_nftables_meta(rule, NFT_META_IIF) &&
		   coi_nftables_compare(rule, NFT_CMP_NEQ, LOOPBACK) &&
		   append_local(rule, NFTA_FIB_F_SADDR) &&
		   coi_nftables_append(rule, "notrack");
}

static bool fill_no_tunnel(void *data, struct nftnl_rule *rule)
{
	return coi_nftables_meta(rule, NFT_META_SECPATH) &&
		   coi_nftables_compare_octet(rule, NFT_CMP_EQ, FALSE) &&
		   append_accept(rule);
}

static bool fill_local(void *data, struct nftnl_rule *rule)
{
	return append_local(rule, NFTA_FIB_F_DADDR) && append_accept(rule);
}

/** Whoever has set it: a peer's mark, or a user's for an SA. */
static bool fill_clear(void *data, struct nftnl_rule *rule)
{
	private_coi_tracker_rules_t *this = data;

	return coi_nftables_turn_mark(rule, this->config.mark, 0);
}

static bool fill_dccp(void *data, struct nftnl_rule *rule)
{
	return coi_nftables_protocol(rule, IPPROTO_DCCP) && append_accept(rule);
}

static bool fill_udplite(void *data, struct nftnl_rule *rule)
{
	return coi_nftables_protocol(rule, IPPROTO_UDPLITE) && append_accept(rule);
}

static bool fill_sctp(void *data, struct nftnl_rule *rule)
{
	return coi_nftables_protocol(rule, IPPROTO_SCTP) && append_accept(rule);
}

static bool fill_known(void *data, struct nftnl_rule *rule)
{
	private_coi_tracker_rules_t *this = data;
	struct nftnl_expr *ct;

	ct = coi_nftables_append(rule, "ct");
	if (!ct)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(ct, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	nftnl_expr_set_u32(ct, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
	return coi_nftables_bits(rule, KNOWN, 0) &&
		   coi_nftables_compare(rule, NFT_CMP_NEQ, 0) &&
		   coi_nftables_turn_mark(rule, this->config.mark,
								  this->config.mark);
}

/** Append: of some flags of TCP it has these. */
static bool append_flags(struct nftnl_rule *rule, uint32_t flags, uint32_t set)
{
	struct nftnl_expr *payload;

	if (!coi_nftables_protocol(rule, IPPROTO_TCP))
	{
		return FALSE;
	}
	payload = coi_nftables_append(rule, "payload");
	if (!payload)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE,
					   NFT_PAYLOAD_TRANSPORT_HEADER);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, TCP_FLAGS);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, sizeof(flags));
	return coi_nftables_bits(rule, htonl(flags), 0) &&
		   coi_nftables_compare(rule, NFT_CMP_EQ, htonl(set));
}

static bool fill_answer(void *data, struct nftnl_rule *rule)
{
	private_coi_tracker_rules_t *this = data;

	return append_flags(rule, TCP_ACK, TCP_ACK) &&
		   coi_nftables_turn_mark(rule, this->config.mark,
								  this->config.mark);
}

static bool fill_reset(void *data, struct nftnl_rule *rule)
{
	private_coi_tracker_rules_t *this = data;

	return append_flags(rule, TCP_RST | TCP_SYN, TCP_RST) &&
		   coi_nftables_turn_mark(rule, this->config.mark,
								  this->config.mark);
}

/** A chain, and the rules in it. */
typedef struct {
	const char *name;
	u_int hook;
	int priority;
	/** what it is about, before the bit is turned off and on */
	coi_nftables_fill_t first[2];
	bool turns;
} chain_t;

static const chain_t chains[] = {
	{ TRACK, NF_INET_PRE_ROUTING, TRACK_PRIORITY, { fill_track }, FALSE },
	{ PASSING, NF_INET_PRE_ROUTING, LATE, { fill_no_tunnel, fill_local },
	  TRUE },
	{ ARRIVING, NF_INET_LOCAL_IN, LATE, { fill_no_tunnel }, TRUE },
	{ FORWARD, NF_INET_FORWARD, FORWARD_PRIORITY, { fill_clear }, FALSE },
};

/** How the bit is turned, by whether connections are tracked. */
static const coi_nftables_fill_t turns[2][5] = {
	{ fill_clear, fill_answer, fill_reset },
	{ fill_clear, fill_dccp, fill_udplite, fill_known },
}, no_sctp[] = { fill_clear, fill_dccp, fill_udplite, fill_sctp, fill_known };

static const coi_nftables_fill_t *get_turns(private_coi_tracker_rules_t *this)
{
	return this->config.connections && !this->config.sctp ? no_sctp
									: turns[this->config.connections];
}

static bool has_chain(private_coi_tracker_rules_t *this, const chain_t *chain)
{
	return this->config.connections || chain->first[0] != fill_track;
}

/** List the rules of a chain; returns their number. */
static u_int get_rules(private_coi_tracker_rules_t *this, const chain_t *chain,
					   coi_nftables_fill_t rules[8])
{
	const coi_nftables_fill_t *more = get_turns(this);
	u_int i, count = 0;

	for (i = 0; i < countof(chain->first) && chain->first[i]; i++)
	{
		rules[count++] = chain->first[i];
	}
	for (i = 0; chain->turns && i < countof(no_sctp) && more[i]; i++)
	{
		rules[count++] = more[i];
	}
	return count;
}

static bool put_all(void *data, struct mnl_nlmsg_batch *batch)
{
	private_coi_tracker_rules_t *this = data;
	coi_nftables_fill_t rules[8];
	bool success;
	u_int i, j, count;

	success = coi_nftables_put_table(&this->nft, batch);
	for (i = 0; i < countof(chains) && success; i++)
	{
		if (!has_chain(this, &chains[i]))
		{
			continue;
		}
		success = coi_nftables_put_chain(&this->nft, batch, chains[i].name,
										 chains[i].hook, chains[i].priority);
		count = get_rules(this, &chains[i], rules);
		for (j = 0; j < count && success; j++)
		{
			success = coi_nftables_put_rule(&this->nft, batch, chains[i].name,
											rules[j], this);
		}
	}
	return success;
}

METHOD(coi_tracker_rules_t, remove_, void,
	private_coi_tracker_rules_t *this)
{
	int err;

	err = coi_nftables_remove(&this->nft);
	if (err && err != ENOENT)
	{
		DBG1(DBG_KNL, "removing the nftables rules that tell who began a "
			 "connection failed: %s", strerror(err));
	}
}

METHOD(coi_tracker_rules_t, add, bool,
	private_coi_tracker_rules_t *this, const coi_tracker_rule_config_t *config)
{
	int err;

	remove_(this);
	this->config = *config;
	err = coi_nftables_transact(&this->nft, put_all, this, TRUE);
	if (err)
	{
		DBG1(DBG_KNL, "adding the nftables rules that tell who began a "
			 "connection failed: %s", strerror(err));
	}
	return !err;
}

METHOD(coi_tracker_rules_t, check, bool,
	private_coi_tracker_rules_t *this)
{
	/* nobody else can have changed it */
	return coi_nftables_count(&this->nft, FORWARD) == 1;
}

METHOD(coi_tracker_rules_t, destroy, void,
	private_coi_tracker_rules_t *this)
{
	coi_nftables_close(&this->nft);
	free(this);
}

coi_tracker_rules_t *coi_tracker_nft_create()
{
	private_coi_tracker_rules_t *this;
	coi_nftables_t nft;
	int err;

	if (!coi_nftables_open(&nft, COI_TRACKER_NAME))
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
		.nft = nft,
	);
	err = coi_nftables_transact(&this->nft, put_all, this, FALSE);
	if (err)
	{
		DBG2(DBG_KNL, "nftables cannot tell who began a connection: %s",
			 strerror(err));
		destroy(this);
		return NULL;
	}
	return &this->public;
}
