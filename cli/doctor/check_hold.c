/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"
#include "try.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/xfrm.h>

/** since Linux 5.12 */
#ifndef NFT_TABLE_F_OWNER
#define NFT_TABLE_F_OWNER 0x2
#endif

/** Bind a netfilter queue. */
static int try_queue(void)
{
	struct nfqnl_msg_config_cmd cmd = {
		.command = NFQNL_CFG_CMD_BIND,
	};
	struct nfgenmsg *msg;
	coi_netlink_request_t request;

	msg = coi_netlink_request(&request, (NFNL_SUBSYS_QUEUE << 8) |
							  NFQNL_MSG_CONFIG, sizeof(*msg));
	request.hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg->version = NFNETLINK_V0;
	msg->res_id = htons(4570);
	coi_netlink_add(&request, NFQA_CFG_CMD, &cmd, sizeof(cmd));
	return doctor_ask(NETLINK_NETFILTER, &request, request.hdr.nlmsg_len);
}

/** Look for a raw table. */
static int try_table(int family, int level, int option, void *info,
					 socklen_t len)
{
	int fd, error = 0;

	fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0 || getsockopt(fd, level, option, info, &len) != 0)
	{
		error = errno;
	}
	if (fd >= 0)
	{
		close(fd);
	}
	return error;
}

static int try_raw4(void)
{
	struct ipt_getinfo info = { .name = "raw" };

	return try_table(AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, &info, sizeof(info));
}

static int try_raw6(void)
{
	struct ip6t_getinfo info = { .name = "raw" };

	return try_table(AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, &info,
					 sizeof(info));
}

#ifdef COI_NFT

#define NAME "coi"

/** Several messages: those that make one table, chain and rule. */
typedef struct {
	char buf[5 * COI_NETLINK_REQUEST_LEN];
	size_t len;
} batch_t;

static void add(batch_t *batch, const coi_netlink_request_t *request)
{
	memcpy(batch->buf + batch->len, request, request->hdr.nlmsg_len);
	batch->len += NLMSG_ALIGN(request->hdr.nlmsg_len);
}

static void begin(coi_netlink_request_t *request, uint16_t type, uint16_t flags)
{
	struct nfgenmsg *msg;

	msg = coi_netlink_request(request, (NFNL_SUBSYS_NFTABLES << 8) | type,
							  sizeof(*msg));
	request->hdr.nlmsg_flags = NLM_F_REQUEST | flags;
	msg->version = NFNETLINK_V0;
	msg->nfgen_family = NFPROTO_INET;
}

/** Add the message that begins a transaction, or the one that ends it. */
static void add_border(batch_t *batch, uint16_t type)
{
	struct nfgenmsg *msg;
	coi_netlink_request_t request;

	msg = coi_netlink_request(&request, type, sizeof(*msg));
	request.hdr.nlmsg_flags = NLM_F_REQUEST;
	msg->version = NFNETLINK_V0;
	msg->res_id = htons(NFNL_SUBSYS_NFTABLES);
	add(batch, &request);
}

static void add_u32(coi_netlink_request_t *request, uint16_t type, uint32_t value)
{
	value = htonl(value);
	coi_netlink_add(request, type, &value, sizeof(value));
}

static void add_table(batch_t *batch)
{
	coi_netlink_request_t request;

	begin(&request, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	coi_netlink_add(&request, NFTA_TABLE_NAME, NAME, sizeof(NAME));
	add_u32(&request, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	add(batch, &request);
}

static void add_chain(batch_t *batch)
{
	coi_netlink_request_t request;
	struct nlattr *nest;

	begin(&request, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	coi_netlink_add(&request, NFTA_CHAIN_TABLE, NAME, sizeof(NAME));
	coi_netlink_add(&request, NFTA_CHAIN_NAME, NAME, sizeof(NAME));
	coi_netlink_add(&request, NFTA_CHAIN_TYPE, "filter", sizeof("filter"));
	nest = coi_netlink_begin(&request, NFTA_CHAIN_HOOK);
	add_u32(&request, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
	add_u32(&request, NFTA_HOOK_PRIORITY, 0);
	coi_netlink_end(&request, nest);
	add(batch, &request);
}

/** Add a rule that puts into a queue what has an SA on its way out. */
static void add_rule(batch_t *batch)
{
	uint8_t out = XFRM_POLICY_OUT;
	uint16_t number = htons(4570);
	coi_netlink_request_t request;
	struct nlattr *list, *expr, *data;

	begin(&request, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_ACK);
	coi_netlink_add(&request, NFTA_RULE_TABLE, NAME, sizeof(NAME));
	coi_netlink_add(&request, NFTA_RULE_CHAIN, NAME, sizeof(NAME));
	list = coi_netlink_begin(&request, NFTA_RULE_EXPRESSIONS);
	expr = coi_netlink_begin(&request, NFTA_LIST_ELEM);
	coi_netlink_add(&request, NFTA_EXPR_NAME, "xfrm", sizeof("xfrm"));
	data = coi_netlink_begin(&request, NFTA_EXPR_DATA);
	add_u32(&request, NFTA_XFRM_DREG, NFT_REG_1);
	add_u32(&request, NFTA_XFRM_KEY, NFT_XFRM_KEY_REQID);
	add_u32(&request, NFTA_XFRM_SPNUM, 0);
	coi_netlink_add(&request, NFTA_XFRM_DIR, &out, sizeof(out));
	coi_netlink_end(&request, data);
	coi_netlink_end(&request, expr);
	expr = coi_netlink_begin(&request, NFTA_LIST_ELEM);
	coi_netlink_add(&request, NFTA_EXPR_NAME, "queue", sizeof("queue"));
	data = coi_netlink_begin(&request, NFTA_EXPR_DATA);
	coi_netlink_add(&request, NFTA_QUEUE_NUM, &number, sizeof(number));
	coi_netlink_end(&request, data);
	coi_netlink_end(&request, expr);
	coi_netlink_end(&request, list);
	add(batch, &request);
}

/** Add such a table as the plugin's. */
static int try_nft(void)
{
	batch_t batch = {};

	add_border(&batch, NFNL_MSG_BATCH_BEGIN);
	add_table(&batch);
	add_chain(&batch);
	add_rule(&batch);
	add_border(&batch, NFNL_MSG_BATCH_END);
	return doctor_ask(NETLINK_NETFILTER, batch.buf, batch.len);
}

#endif /* COI_NFT */

/** Try one thing, say what came of it. @return FALSE if it is missing */
static bool check(doctor_t *doctor, const char *name, int (*what)(void),
				  const char *well, const char *remedy)
{
	int error;

	error = doctor_try(what);
	if (!error)
	{
		doctor_add(doctor, DOCTOR_OK, name, NULL, "%s", well);
	}
	else if (!doctor_tried(doctor, name, error))
	{
		if (!remedy)
		{
			return FALSE;
		}
		doctor_add(doctor, DOCTOR_WARN, name, remedy, "missing, so the first "
				   "packet to a peer is lost: %s", strerror(error));
	}
	return TRUE;
}

void doctor_hold(doctor_t *doctor)
{
	const char *backend = doctor_option("hold_backend");
	bool legacy = !backend || !streq(backend, "nft");

	if (!settings_value_as_bool((char*)doctor_option("hold"), TRUE))
	{
		return;
	}
	check(doctor, "nfqueue", try_queue, "the kernel has netfilter's queue",
		  "use a kernel with module nfnetlink_queue, or set hold = no in "
		  "coi.conf");
#ifdef COI_NFT
	if (!(backend && streq(backend, "legacy")) &&
		check(doctor, "nft", try_nft, "the kernel has nftables, with IPsec and "
			  "the queue", legacy ? NULL : "use a kernel since 5.12 with "
			  "modules nf_tables, nft_xfrm and nft_queue, or set hold_backend "
			  "= auto in coi.conf"))
	{	/* the others are not used */
		return;
	}
#endif /* COI_NFT */
	if (legacy)
	{
		check(doctor, "raw4", try_raw4, "the kernel has iptables' raw table",
			  "load modules nf_tables, nft_xfrm and nft_queue, or iptable_raw, "
			  "or set hold = no in coi.conf");
		check(doctor, "raw6", try_raw6, "the kernel has ip6tables' raw table",
			  "load modules nf_tables, nft_xfrm and nft_queue, or "
			  "ip6table_raw, or set hold = no in coi.conf");
	}
}
