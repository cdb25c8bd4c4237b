/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_rules.h"

#include <errno.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/xfrm.h>

/** both families in one table */
#define FAMILY NFPROTO_INET
/** what this host sends, before the chains of others: nothing is tracked that is
 * then dropped */
#define OUTPUT "output"
#define OUTPUT_PRIORITY (NF_IP_PRI_RAW - 1)

/** what it forwards, behind the chains of others, which may change the mark;
 * before NAT, after which routing is done again */
#define FORWARD "forward"
#define FORWARD_PRIORITY (NF_IP_PRI_SECURITY + 1)

/** the table is its socket's: others cannot change it, not even by flush
 * ruleset, and it goes when the socket does; since Linux 5.12 */
#ifndef NFT_TABLE_F_OWNER
#define NFT_TABLE_F_OWNER 0x2
#endif

/** room for our longest transaction */
#define BATCH_LEN 4096

/** room for the kernel's answers, each in a datagram of its own */
#define ANSWER_LEN 8192

typedef struct private_coi_rules_t private_coi_rules_t;

struct private_coi_rules_t {
	coi_rules_t public;
	coi_rules_config_t config;
	/** owns the table */
	struct mnl_socket *socket;
	/** number of the last message */
	uint32_t seq;
};

/**
 * Begin a message of a transaction.
 */
static struct nlmsghdr *begin(private_coi_rules_t *this,
							  struct mnl_nlmsg_batch *batch, uint16_t type,
							  uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(batch), type, FAMILY,
								 flags, ++this->seq);
}

static bool put_table(private_coi_rules_t *this, struct mnl_nlmsg_batch *batch,
					  uint16_t type, uint16_t flags)
{
	struct nftnl_table *table;

	table = nftnl_table_alloc();
	if (!table)
	{
		return FALSE;
	}
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, COI_RULES_NAME);
	if (type == NFT_MSG_NEWTABLE)
	{
		nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	}
	nftnl_table_nlmsg_build_payload(begin(this, batch, type, flags), table);
	nftnl_table_free(table);
	return mnl_nlmsg_batch_next(batch);
}

static bool put_chain(private_coi_rules_t *this, struct mnl_nlmsg_batch *batch,
					  const char *name, u_int hook, int priority)
{
	struct nftnl_chain *chain;

	chain = nftnl_chain_alloc();
	if (!chain)
	{
		return FALSE;
	}
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, COI_RULES_NAME);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	nftnl_chain_nlmsg_build_payload(begin(this, batch, NFT_MSG_NEWCHAIN,
										  NLM_F_CREATE | NLM_F_EXCL), chain);
	nftnl_chain_free(chain);
	return mnl_nlmsg_batch_next(batch);
}

/**
 * Append an expression to a rule, owned by it.
 *
 * @return			NULL if there is no memory
 */
static struct nftnl_expr *append(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *expr;

	expr = nftnl_expr_alloc(name);
	if (expr)
	{
		nftnl_rule_add_expr(rule, expr);
	}
	return expr;
}

/**
 * Append: register 1 has this value.
 */
static bool append_is(struct nftnl_rule *rule, uint32_t value)
{
	struct nftnl_expr *cmp;

	cmp = append(rule, "cmp");
	if (!cmp)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_DATA, value);
	return TRUE;
}

/**
 * Append: its first SA on the way out has this reqid.
 */
static bool append_reqid(struct nftnl_rule *rule, uint32_t reqid)
{
	struct nftnl_expr *xfrm;

	xfrm = append(rule, "xfrm");
	if (!xfrm)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(xfrm, NFTNL_EXPR_XFRM_DREG, NFT_REG_1);
	nftnl_expr_set_u32(xfrm, NFTNL_EXPR_XFRM_KEY, NFT_XFRM_KEY_REQID);
	nftnl_expr_set_u8(xfrm, NFTNL_EXPR_XFRM_DIR, XFRM_POLICY_OUT);
	nftnl_expr_set_u32(xfrm, NFTNL_EXPR_XFRM_SPNUM, 0);
	return append_is(rule, reqid);
}

/**
 * Append: register 1 becomes its mark, some bits of it kept and others turned.
 */
static bool append_mark(struct nftnl_rule *rule, uint32_t keep, uint32_t turn)
{
	struct nftnl_expr *meta, *bitwise;

	meta = append(rule, "meta");
	bitwise = append(rule, "bitwise");
	if (!meta || !bitwise)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, sizeof(keep));
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_MASK, keep);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_XOR, turn);
	return TRUE;
}

/**
 * Append: its mark becomes what is in register 1.
 */
static bool append_set_mark(struct nftnl_rule *rule)
{
	struct nftnl_expr *meta;

	meta = append(rule, "meta");
	if (!meta)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_SREG, NFT_REG_1);
	return TRUE;
}

/**
 * Append: it is counted and goes to the queue. No bypass: without a listener
 * it is dropped.
 */
static bool append_queue(struct nftnl_rule *rule, uint16_t number)
{
	struct nftnl_expr *queue;

	if (!append(rule, "counter"))
	{
		return FALSE;
	}
	queue = append(rule, "queue");
	if (!queue)
	{
		return FALSE;
	}
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_NUM, number);
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_TOTAL, 1);
	nftnl_expr_set_u16(queue, NFTNL_EXPR_QUEUE_FLAGS, 0);
	return TRUE;
}

static struct nftnl_rule *create_rule(const char *chain)
{
	struct nftnl_rule *rule;

	rule = nftnl_rule_alloc();
	if (rule)
	{
		nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, COI_RULES_NAME);
		nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	}
	return rule;
}

/**
 * What has the sink's SA and not our mark goes to the queue.
 */
static bool fill_output(private_coi_rules_t *this, struct nftnl_rule *rule)
{
	return append_reqid(rule, this->config.reqid) &&
		   append_mark(rule, this->config.mark, 0) && append_is(rule, 0) &&
		   append_queue(rule, this->config.queue);
}

/**
 * What comes by gets our mark.
 */
static bool fill_forward(private_coi_rules_t *this, struct nftnl_rule *rule)
{
	uint32_t mark = this->config.mark;

	return append_mark(rule, ~mark, mark) && append_set_mark(rule);
}

static bool put_rule(private_coi_rules_t *this, struct mnl_nlmsg_batch *batch,
					 const char *chain,
					 bool (*fill)(private_coi_rules_t *this,
								  struct nftnl_rule *rule))
{
	struct nftnl_rule *rule;
	bool success;

	rule = create_rule(chain);
	if (!rule)
	{
		return FALSE;
	}
	success = fill(this, rule);
	if (success)
	{
		nftnl_rule_nlmsg_build_payload(
				begin(this, batch, NFT_MSG_NEWRULE,
					  NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK), rule);
		success = mnl_nlmsg_batch_next(batch);
	}
	nftnl_rule_free(rule);
	return success;
}

/**
 * Send a transaction; when that returns the kernel has answered.
 *
 * @return			0 or errno
 */
static int send_batch(private_coi_rules_t *this, struct mnl_nlmsg_batch *batch)
{
	char buf[ANSWER_LEN];
	bool done = FALSE;
	int err = 0;
	ssize_t len;

	if (mnl_socket_sendto(this->socket, mnl_nlmsg_batch_head(batch),
						  mnl_nlmsg_batch_size(batch)) < 0)
	{
		return errno;
	}
	while (TRUE)
	{
		len = recv(mnl_socket_get_fd(this->socket), buf, sizeof(buf),
				   MSG_DONTWAIT);
		if (len < 0)
		{
			break;
		}
		if (mnl_cb_run(buf, len, 0, 0, NULL, NULL) >= 0)
		{
			done = TRUE;
		}
		else if (!err)
		{
			err = errno;
		}
	}
	return err || done ? err : EIO;
}

/**
 * Run a transaction of what put() puts into it.
 *
 * @param commit	FALSE to have it checked only: the kernel undoes one that
 *					has no end
 * @return			0 or errno
 */
static int transact(private_coi_rules_t *this,
					bool (*put)(private_coi_rules_t *this,
								struct mnl_nlmsg_batch *batch), bool commit)
{
	struct mnl_nlmsg_batch *batch;
	char buf[BATCH_LEN * 2];
	int err = ENOMEM;

	/* the batch's limit, and what may go beyond it before it is noticed */
	batch = mnl_nlmsg_batch_start(buf, BATCH_LEN);
	if (!batch)
	{
		return err;
	}
	nftnl_batch_begin(mnl_nlmsg_batch_current(batch), ++this->seq);
	if (mnl_nlmsg_batch_next(batch) && put(this, batch))
	{
		if (commit)
		{
			nftnl_batch_end(mnl_nlmsg_batch_current(batch), ++this->seq);
			mnl_nlmsg_batch_next(batch);
		}
		err = send_batch(this, batch);
	}
	mnl_nlmsg_batch_stop(batch);
	return err;
}

static bool put_all(private_coi_rules_t *this, struct mnl_nlmsg_batch *batch)
{
	return put_table(this, batch, NFT_MSG_NEWTABLE,
					 NLM_F_CREATE | NLM_F_EXCL) &&
		   put_chain(this, batch, OUTPUT, NF_INET_LOCAL_OUT, OUTPUT_PRIORITY) &&
		   put_rule(this, batch, OUTPUT, fill_output) &&
		   put_chain(this, batch, FORWARD, NF_INET_FORWARD, FORWARD_PRIORITY) &&
		   put_rule(this, batch, FORWARD, fill_forward);
}

static bool put_removal(private_coi_rules_t *this,
						struct mnl_nlmsg_batch *batch)
{
	return put_table(this, batch, NFT_MSG_DELTABLE, NLM_F_ACK);
}

METHOD(coi_rules_t, remove_, void,
	private_coi_rules_t *this)
{
	int err;

	err = transact(this, put_removal, TRUE);
	if (err && err != ENOENT)
	{
		DBG1(DBG_KNL, "removing the nftables rule for held packets failed: %s",
			 strerror(err));
	}
}

METHOD(coi_rules_t, add, bool,
	private_coi_rules_t *this)
{
	int err;

	remove_(this);
	err = transact(this, put_all, TRUE);
	if (err)
	{
		DBG1(DBG_KNL, "adding the nftables rule for held packets failed: %s",
			 strerror(err));
	}
	return !err;
}

/**
 * Count rules, a mnl_cb_t.
 */
static int on_rule(const struct nlmsghdr *hdr, void *data)
{
	u_int *count = data;

	(*count)++;
	return MNL_CB_OK;
}

METHOD(coi_rules_t, check, bool,
	private_coi_rules_t *this)
{
	struct nftnl_rule *rule;
	struct nlmsghdr *hdr;
	/* for a request, then for answers */
	char buf[ANSWER_LEN];
	u_int count = 0;
	ssize_t len;

	rule = create_rule(OUTPUT);
	if (!rule)
	{
		return FALSE;
	}
	hdr = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, FAMILY, NLM_F_DUMP,
								++this->seq);
	nftnl_rule_nlmsg_build_payload(hdr, rule);
	nftnl_rule_free(rule);
	if (mnl_socket_sendto(this->socket, hdr, hdr->nlmsg_len) < 0)
	{
		return FALSE;
	}
	do
	{
		len = mnl_socket_recvfrom(this->socket, buf, sizeof(buf));
	}
	while (len > 0 && mnl_cb_run(buf, len, this->seq, 0, on_rule, &count) > 0);
	/* nobody else can have changed it */
	return count == 1;
}

METHOD(coi_rules_t, destroy, void,
	private_coi_rules_t *this)
{
	mnl_socket_close(this->socket);
	free(this);
}

coi_rules_t *coi_rules_nft_create(const coi_rules_config_t *config)
{
	private_coi_rules_t *this;
	struct mnl_socket *socket;
	int err;

	/* who is started by us must not keep the table */
	socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!socket)
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
		.config = *config,
		.socket = socket,
	);
	err = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0
										? errno : transact(this, put_all, FALSE);
	if (err)
	{
		DBG2(DBG_KNL, "nftables cannot hold packets: %s", strerror(err));
		destroy(this);
		return NULL;
	}
	return &this->public;
}
