/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_queue_rules.h"
#include "coi_nftables.h"
#include "config/coi_reqids.h"

#include <errno.h>

#include <linux/netfilter_ipv4.h>
#include <linux/xfrm.h>

/** what this host sends, before the chains of others: nothing is tracked that
 * is then dropped */
#define OUTPUT "output"
#define OUTPUT_PRIORITY (NF_IP_PRI_RAW - 1)

/** the same, behind NAT, which may have given it another destination */
#define OUTPUT_NAT "output_nat"
#define OUTPUT_NAT_PRIORITY (NF_IP_PRI_NAT_DST + 1)

/** the same, behind the chains of others */
#define OUTPUT_LED "output_led"
#define OUTPUT_LED_PRIORITY (NF_IP_PRI_SECURITY + 1)

/** all that leaves, behind NAT and what it looks up again */
#define POSTROUTING "postrouting"
#define POSTROUTING_PRIORITY (NF_IP_PRI_NAT_SRC + 1)

/** what it forwards, behind the chains of others, which may change the mark;
 * before NAT, after which routing is done again */
#define FORWARD "forward"
#define FORWARD_PRIORITY (NF_IP_PRI_SECURITY + 1)

typedef struct private_coi_rules_t private_coi_rules_t;

struct private_coi_rules_t {
	coi_queue_rules_t public;
	coi_queue_rules_config_t config;
	/** our own */
	coi_nftables_t nft;
	/** has once more what marks, and stays */
	coi_nftables_t kept;
};

/** bits of a reqid that those of ours have in common */
#define OURS (~(COI_REQID_FIRST ^ COI_REQID_LAST))

/**
 * Append: register 1 becomes the reqid of its first SA on the way out.
 */
static bool append_reqid(struct nftnl_rule *rule)
{
	struct nftnl_expr *xfrm;

	xfrm = coi_nftables_append(rule, "xfrm");
	if (!xfrm)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(xfrm, NFTNL_EXPR_XFRM_DREG, NFT_REG_1);
	nftnl_expr_set_u32(xfrm, NFTNL_EXPR_XFRM_KEY, NFT_XFRM_KEY_REQID);
	nftnl_expr_set_u8(xfrm, NFTNL_EXPR_XFRM_DIR, XFRM_POLICY_OUT);
	nftnl_expr_set_u32(xfrm, NFTNL_EXPR_XFRM_SPNUM, 0);
	return TRUE;
}

/**
 * Append: it is counted and goes to the queue. No bypass: without a listener
 * it is dropped.
 */
static bool append_queue(struct nftnl_rule *rule, uint16_t number)
{
	struct nftnl_expr *queue;

	if (!coi_nftables_append(rule, "counter"))
	{
		return FALSE;
	}
	queue = coi_nftables_append(rule, "queue");
	if (!queue)
	{
		return FALSE;
	}
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_NUM, number);
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_TOTAL, 1);
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_FLAGS, 0);
	return TRUE;
}

/**
 * What has the hold SA and not our mark goes to the queue.
 */
static bool fill_output(void *data, struct nftnl_rule *rule)
{
	private_coi_rules_t *this = data;

	return append_reqid(rule) &&
		   coi_nftables_compare(rule, NFT_CMP_EQ, this->config.reqid) &&
		   coi_nftables_meta(rule, NFT_META_MARK) &&
		   coi_nftables_bits(rule, this->config.mark, 0) &&
		   coi_nftables_compare(rule, NFT_CMP_EQ, 0) &&
		   append_queue(rule, this->config.queue);
}

/**
 * What comes by gets our mark, and loses what it may have from elsewhere.
 */
static bool fill_forward(void *data, struct nftnl_rule *rule)
{
	private_coi_rules_t *this = data;

	return coi_nftables_turn_mark(rule, this->config.mark | this->config.led,
								  this->config.mark);
}

/**
 * What has an SA of ours gets the bits of what is led.
 */
static bool fill_led(void *data, struct nftnl_rule *rule)
{
	private_coi_rules_t *this = data;

	return append_reqid(rule) && coi_nftables_bits(rule, OURS, 0) &&
		   coi_nftables_compare(rule, NFT_CMP_EQ, COI_REQID_FIRST & OURS) &&
		   coi_nftables_turn_mark(rule, this->config.led, this->config.led);
}

/**
 * What is led loses these bits again: others may compare its mark, or that of
 * the ESP packet around it.
 */
static bool fill_gone(void *data, struct nftnl_rule *rule)
{
	private_coi_rules_t *this = data;

	return coi_nftables_meta(rule, NFT_META_MARK) &&
		   coi_nftables_bits(rule, this->config.led, 0) &&
		   coi_nftables_compare(rule, NFT_CMP_NEQ, 0) &&
		   coi_nftables_turn_mark(rule, this->config.led, 0);
}

/**
 * Put what marks; twice it does the same.
 */
static bool put_marks(private_coi_rules_t *this, coi_nftables_t *nft,
					  struct mnl_nlmsg_batch *batch)
{
	return coi_nftables_put_chain(nft, batch, OUTPUT_LED, NF_INET_LOCAL_OUT,
								  OUTPUT_LED_PRIORITY) &&
		   coi_nftables_put_rule(nft, batch, OUTPUT_LED, fill_led, this) &&
		   coi_nftables_put_chain(nft, batch, FORWARD, NF_INET_FORWARD,
								  FORWARD_PRIORITY) &&
		   coi_nftables_put_rule(nft, batch, FORWARD, fill_forward, this) &&
		   coi_nftables_put_rule(nft, batch, FORWARD, fill_led, this) &&
		   coi_nftables_put_chain(nft, batch, POSTROUTING, NF_INET_POST_ROUTING,
								  POSTROUTING_PRIORITY) &&
		   coi_nftables_put_rule(nft, batch, POSTROUTING, fill_gone, this);
}

static bool put_all(void *data, struct mnl_nlmsg_batch *batch)
{
	private_coi_rules_t *this = data;
	coi_nftables_t *nft = &this->nft;

	return coi_nftables_put_table(nft, batch) &&
		   coi_nftables_put_chain(nft, batch, OUTPUT, NF_INET_LOCAL_OUT,
								  OUTPUT_PRIORITY) &&
		   coi_nftables_put_rule(nft, batch, OUTPUT, fill_output, this) &&
		   coi_nftables_put_chain(nft, batch, OUTPUT_NAT, NF_INET_LOCAL_OUT,
								  OUTPUT_NAT_PRIORITY) &&
		   coi_nftables_put_rule(nft, batch, OUTPUT_NAT, fill_output, this) &&
		   put_marks(this, nft, batch);
}

static bool put_kept(void *data, struct mnl_nlmsg_batch *batch)
{
	private_coi_rules_t *this = data;

	return coi_nftables_put_instead(&this->kept, batch) &&
		   put_marks(this, &this->kept, batch);
}

METHOD(coi_queue_rules_t, remove_, void,
	private_coi_rules_t *this)
{
	coi_nftables_t *tables[] = { &this->nft, &this->kept };
	u_int i;
	int err;

	for (i = 0; i < countof(tables); i++)
	{
		err = coi_nftables_remove(tables[i]);
		if (err && err != ENOENT)
		{
			DBG1(DBG_KNL, "removing nftables' table %s failed: %s",
				 tables[i]->table, strerror(err));
		}
	}
}

METHOD(coi_queue_rules_t, add, bool,
	private_coi_rules_t *this)
{
	int err;

	/* what marks is never gone: that of a dead charon stays until then */
	coi_nftables_remove(&this->nft);
	err = coi_nftables_transact(&this->nft, put_all, this, TRUE) ?:
		  coi_nftables_transact(&this->kept, put_kept, this, TRUE);
	if (err)
	{
		DBG1(DBG_KNL, "adding the nftables rule for held packets failed: %s",
			 strerror(err));
		remove_(this);
	}
	return !err;
}

METHOD(coi_queue_rules_t, check, bool,
	private_coi_rules_t *this)
{
	/* nobody else can have changed it */
	return coi_nftables_count(&this->nft, OUTPUT) == 1;
}

METHOD(coi_queue_rules_t, destroy, void,
	private_coi_rules_t *this)
{
	coi_nftables_close(&this->nft);
	coi_nftables_close(&this->kept);
	free(this);
}

coi_queue_rules_t *coi_queue_rules_nft_create(
									const coi_queue_rules_config_t *config)
{
	private_coi_rules_t *this;
	coi_nftables_t nft, kept;
	int err;

	if (!coi_nftables_open(&nft, COI_QUEUE_RULES_NAME))
	{
		return NULL;
	}
	if (!coi_nftables_open(&kept, COI_QUEUE_RULES_KEPT))
	{
		coi_nftables_close(&nft);
		return NULL;
	}
	kept.stays = TRUE;
	INIT(this,
		.public = {
			.add = _add,
			.check = _check,
			.remove = _remove_,
			.destroy = _destroy,
		},
		.config = *config,
		.nft = nft,
		.kept = kept,
	);
	err = coi_nftables_transact(&this->nft, put_all, this, FALSE);
	if (err)
	{
		DBG2(DBG_KNL, "nftables cannot hold packets: %s", strerror(err));
		destroy(this);
		return NULL;
	}
	return &this->public;
}
