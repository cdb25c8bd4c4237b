/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_nftables.h"

#include <errno.h>
#include <sys/socket.h>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>

/** both families in one table */
#define FAMILY NFPROTO_INET

/** since Linux 5.12 */
#ifndef NFT_TABLE_F_OWNER
#define NFT_TABLE_F_OWNER 0x2
#endif

/** room for our longest transaction */
#define BATCH_LEN 8192

/** room for the kernel's answers, each in a datagram of its own */
#define ANSWER_LEN 8192

bool coi_nftables_open(coi_nftables_t *this, const char *table)
{
	*this = (coi_nftables_t){
		.table = table,
		/* whatever is started by us must not keep the table */
		.socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC),
	};
	if (this->socket &&
		mnl_socket_bind(this->socket, 0, MNL_SOCKET_AUTOPID) < 0)
	{
		coi_nftables_close(this);
	}
	return this->socket != NULL;
}

void coi_nftables_close(coi_nftables_t *this)
{
	if (this->socket)
	{
		mnl_socket_close(this->socket);
		this->socket = NULL;
	}
}

/**
 * Begin a message of a transaction.
 */
static struct nlmsghdr *begin(coi_nftables_t *this,
							  struct mnl_nlmsg_batch *batch,
							  uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(batch), type, FAMILY,
								 flags, ++this->seq);
}

static bool put_table(coi_nftables_t *this, struct mnl_nlmsg_batch *batch,
					  uint16_t type, uint16_t flags)
{
	struct nftnl_table *table;

	table = nftnl_table_alloc();
	if (!table)
	{
		return FALSE;
	}
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, this->table);
	if (type == NFT_MSG_NEWTABLE && !this->stays)
	{
		nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	}
	nftnl_table_nlmsg_build_payload(begin(this, batch, type, flags), table);
	nftnl_table_free(table);
	return mnl_nlmsg_batch_next(batch);
}

bool coi_nftables_put_table(coi_nftables_t *this, struct mnl_nlmsg_batch *batch)
{
	return put_table(this, batch, NFT_MSG_NEWTABLE,
					 NLM_F_CREATE | NLM_F_EXCL);
}

bool coi_nftables_put_instead(coi_nftables_t *this,
							  struct mnl_nlmsg_batch *batch)
{
	/* it can only be removed if it is there */
	return put_table(this, batch, NFT_MSG_NEWTABLE, NLM_F_CREATE) &&
		   put_table(this, batch, NFT_MSG_DELTABLE, 0) &&
		   coi_nftables_put_table(this, batch);
}

bool coi_nftables_put_chain(coi_nftables_t *this, struct mnl_nlmsg_batch *batch,
							const char *name, u_int hook, int priority)
{
	struct nftnl_chain *chain;

	chain = nftnl_chain_alloc();
	if (!chain)
	{
		return FALSE;
	}
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, this->table);
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

static struct nftnl_rule *create_rule(coi_nftables_t *this, const char *chain)
{
	struct nftnl_rule *rule;

	rule = nftnl_rule_alloc();
	if (rule)
	{
		nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, this->table);
		nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	}
	return rule;
}

bool coi_nftables_put_rule(coi_nftables_t *this, struct mnl_nlmsg_batch *batch,
						   const char *chain, coi_nftables_fill_t fill,
						   void *data)
{
	struct nftnl_rule *rule;
	bool success;

	rule = create_rule(this, chain);
	if (!rule)
	{
		return FALSE;
	}
	success = fill(data, rule);
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
 * Send a transaction.
 *
 * @return			0 or errno
 */
static int send_batch(coi_nftables_t *this, struct mnl_nlmsg_batch *batch)
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

int coi_nftables_transact(coi_nftables_t *this, coi_nftables_put_t put,
						  void *data,
						  bool commit)
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
	if (mnl_nlmsg_batch_next(batch) && put(data, batch))
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

static bool put_removal(void *data, struct mnl_nlmsg_batch *batch)
{
	return put_table(data, batch, NFT_MSG_DELTABLE, NLM_F_ACK);
}

int coi_nftables_remove(coi_nftables_t *this)
{
	return coi_nftables_transact(this, put_removal, this, TRUE);
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

u_int coi_nftables_count(coi_nftables_t *this, const char *chain)
{
	struct nftnl_rule *rule;
	struct nlmsghdr *hdr;
	/* for a request, then for answers */
	char buf[ANSWER_LEN];
	u_int count = 0;
	ssize_t len;

	rule = create_rule(this, chain);
	if (!rule)
	{
		return 0;
	}
	hdr = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, FAMILY, NLM_F_DUMP,
								++this->seq);
	nftnl_rule_nlmsg_build_payload(hdr, rule);
	nftnl_rule_free(rule);
	if (mnl_socket_sendto(this->socket, hdr, hdr->nlmsg_len) < 0)
	{
		return 0;
	}
	do
	{
		len = mnl_socket_recvfrom(this->socket, buf, sizeof(buf));
	}
	while (len > 0 && mnl_cb_run(buf, len, this->seq, 0, on_rule, &count) > 0);
	return count;
}

struct nftnl_expr *coi_nftables_append(struct nftnl_rule *rule,
									   const char *name)
{
	struct nftnl_expr *expr;

	expr = nftnl_expr_alloc(name);
	if (expr)
	{
		nftnl_rule_add_expr(rule, expr);
	}
	return expr;
}

/** Append: what is in register 1 compares so to a value. */
static bool compare(struct nftnl_rule *rule, u_int op, const void *value,
					uint32_t len)
{
	struct nftnl_expr *cmp;

	cmp = coi_nftables_append(rule, "cmp");
	if (!cmp)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(cmp, NFTNL_EXPR_CMP_DATA, value, len);
	return TRUE;
}

bool coi_nftables_compare(struct nftnl_rule *rule, u_int op, uint32_t value)
{
	return compare(rule, op, &value, sizeof(value));
}

bool coi_nftables_compare_octet(struct nftnl_rule *rule, u_int op,
								uint8_t value)
{
	return compare(rule, op, &value, sizeof(value));
}

bool coi_nftables_bits(struct nftnl_rule *rule, uint32_t keep, uint32_t turn)
{
	struct nftnl_expr *bitwise;

	bitwise = coi_nftables_append(rule, "bitwise");
	if (!bitwise)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, sizeof(keep));
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_MASK, keep);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_XOR, turn);
	return TRUE;
}

bool coi_nftables_meta(struct nftnl_rule *rule, u_int key)
{
	struct nftnl_expr *meta;

	meta = coi_nftables_append(rule, "meta");
	if (!meta)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, NFT_REG_1);
	return TRUE;
}

/** Append: its mark becomes what is in register 1. */
static bool set_mark(struct nftnl_rule *rule)
{
	struct nftnl_expr *meta;

	meta = coi_nftables_append(rule, "meta");
	if (!meta)
	{
		return FALSE;
	}
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_SREG, NFT_REG_1);
	return TRUE;
}

bool coi_nftables_turn_mark(struct nftnl_rule *rule, uint32_t bits, uint32_t to)
{
	return coi_nftables_meta(rule, NFT_META_MARK) &&
		   coi_nftables_bits(rule, ~bits, to) && set_mark(rule);
}

bool coi_nftables_protocol(struct nftnl_rule *rule, uint8_t protocol)
{
	return coi_nftables_meta(rule, NFT_META_L4PROTO) &&
		   coi_nftables_compare_octet(rule, NFT_CMP_EQ, protocol);
}
