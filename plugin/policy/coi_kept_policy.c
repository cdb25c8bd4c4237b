/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_kept_policy.h"
#include "coi_policy_priority.h"

#include <netinet/in.h>

_Static_assert(COI_PRIO_KEPT + COI_BLOCK_KINDS - 1 == COI_PRIO_KEPT_LAST,
			   "each kind has a priority");

/** Get the octets of an address. */
static size_t addr_len(const coi_block_t *block)
{
	return block->family == AF_INET ? 4 : 16;
}

void coi_kept_policy_fill(struct xfrm_selector *sel, const coi_block_t *block)
{
	memcpy(&sel->saddr, block->src, addr_len(block));
	memcpy(&sel->daddr, block->dst, addr_len(block));
	sel->family = block->family;
	sel->prefixlen_s = block->src_bits;
	sel->prefixlen_d = block->dst_bits;
	sel->proto = block->proto;
	sel->sport = htons(block->sport);
	sel->sport_mask = htons(block->sport_mask);
	sel->dport = htons(block->dport);
	sel->dport_mask = htons(block->dport_mask);
	sel->ifindex = block->ifindex;
	sel->user = COI_BLOCK_USER;
}

static void add_attributes(coi_netlink_request_t *request,
						   const coi_block_t *block)
{
	struct xfrm_mark mark = {
		.v = block->mark,
		.m = block->mark_mask,
	};

	coi_netlink_add_mark(request, &mark);
	if (block->if_id)
	{
		coi_netlink_add(request, XFRMA_IF_ID, &block->if_id,
						sizeof(block->if_id));
	}
}

bool coi_kept_policy_set(coi_netlink_t *xfrm, const coi_block_t *block)
{
	struct xfrm_userpolicy_info *info;
	coi_netlink_request_t request;

	info = coi_netlink_request(&request, XFRM_MSG_UPDPOLICY, sizeof(*info));
	coi_kept_policy_fill(&info->sel, block);
	info->dir = block->dir;
	info->priority = COI_PRIO_KEPT + block->kind;
	info->action = block->kind == COI_BLOCK_OPEN ? XFRM_POLICY_ALLOW
												 : XFRM_POLICY_BLOCK;
	info->lft.soft_byte_limit = XFRM_INF;
	info->lft.hard_byte_limit = XFRM_INF;
	info->lft.soft_packet_limit = XFRM_INF;
	info->lft.hard_packet_limit = XFRM_INF;
	add_attributes(&request, block);
	return coi_netlink_change(xfrm, &request.hdr);
}

bool coi_kept_policy_unset(coi_netlink_t *xfrm, const coi_block_t *block)
{
	struct xfrm_userpolicy_id *id;
	coi_netlink_request_t request;

	id = coi_netlink_request(&request, XFRM_MSG_DELPOLICY, sizeof(*id));
	coi_kept_policy_fill(&id->sel, block);
	id->dir = block->dir;
	add_attributes(&request, block);
	return coi_netlink_change(xfrm, &request.hdr);
}

coi_block_t coi_kept_policy_of(coi_block_kind_t kind,
							   const struct xfrm_userpolicy_info *info,
							   const struct xfrm_mark *mark, uint32_t if_id)
{
	coi_block_t block;

	/* compared with its padding */
	memset(&block, 0, sizeof(block));
	block.kind = kind;
	block.dir = info->dir;
	block.family = info->sel.family;
	memcpy(block.src, &info->sel.saddr, addr_len(&block));
	memcpy(block.dst, &info->sel.daddr, addr_len(&block));
	block.src_bits = info->sel.prefixlen_s;
	block.dst_bits = info->sel.prefixlen_d;
	block.proto = info->sel.proto;
	block.sport = ntohs(info->sel.sport);
	block.sport_mask = ntohs(info->sel.sport_mask);
	block.dport = ntohs(info->sel.dport);
	block.dport_mask = ntohs(info->sel.dport_mask);
	block.ifindex = info->sel.ifindex;
	block.if_id = if_id;
	if (mark)
	{
		block.mark = mark->v;
		block.mark_mask = mark->m;
	}
	return block;
}

/** Cover a range of ports by one with a mask, as kernel-netlink does. */
static void cover_ports(traffic_selector_t *ts, uint16_t *port, uint16_t *mask)
{
	uint16_t from = ts->get_from_port(ts), differ = from ^ ts->get_to_port(ts);

	*mask = 0xffff;
	while (differ)
	{
		differ >>= 1;
		*mask <<= 1;
	}
	*port = from & *mask;
}

static void cover_net(traffic_selector_t *ts, uint8_t addr[16], uint8_t *bits)
{
	host_t *net;
	chunk_t raw;

	ts->to_subnet(ts, &net, bits);
	raw = net->get_address(net);
	memcpy(addr, raw.ptr, min(raw.len, (size_t)16));
	net->destroy(net);
}

coi_block_t coi_kept_policy_select(coi_block_kind_t kind, policy_dir_t dir,
								   traffic_selector_t *src,
								   traffic_selector_t *dst)
{
	coi_block_t block;
	uint16_t type;

	/* compared with its padding */
	memset(&block, 0, sizeof(block));
	block.kind = kind;
	block.dir = dir == POLICY_IN ? COI_BLOCK_IN :
				dir == POLICY_OUT ? COI_BLOCK_OUT : COI_BLOCK_FWD;
	block.family = src->get_type(src) == TS_IPV4_ADDR_RANGE ? AF_INET
															: AF_INET6;
	cover_net(src, block.src, &block.src_bits);
	cover_net(dst, block.dst, &block.dst_bits);
	block.proto = max(src->get_protocol(src), dst->get_protocol(dst));
	cover_ports(src, &block.sport, &block.sport_mask);
	cover_ports(dst, &block.dport, &block.dport_mask);
	if ((block.proto == IPPROTO_ICMP || block.proto == IPPROTO_ICMPV6) &&
		(block.sport || block.dport))
	{	/* the kernel has the type as source port, the code as the other one */
		type = max(block.sport, block.dport);
		block.sport = traffic_selector_icmp_type(type);
		block.sport_mask = block.sport ? 0xffff : 0;
		block.dport = traffic_selector_icmp_code(type);
		block.dport_mask = block.dport ? 0xffff : 0;
	}
	return block;
}

void coi_kept_policy_collect(void *found, struct nlmsghdr *hdr)
{
	struct xfrm_userpolicy_info info;
	struct xfrm_mark *mark;
	uint32_t *if_id;
	coi_block_t block;

	if (hdr->nlmsg_type != XFRM_MSG_NEWPOLICY ||
		hdr->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
	{
		return;
	}
	/* messages are aligned to 4 octets only */
	memcpy(&info, NLMSG_DATA(hdr), sizeof(info));
	if (info.sel.user != COI_BLOCK_USER || info.dir >= COI_BLOCK_DIRS ||
		info.priority < COI_PRIO_KEPT || info.priority > COI_PRIO_KEPT_LAST)
	{
		return;
	}
	mark = coi_netlink_find(hdr, sizeof(info), XFRMA_MARK, sizeof(*mark));
	if_id = coi_netlink_find(hdr, sizeof(info), XFRMA_IF_ID, sizeof(*if_id));
	block = coi_kept_policy_of(info.priority - COI_PRIO_KEPT, &info, mark,
							   if_id ? *if_id : 0);
	array_insert(found, ARRAY_TAIL, &block);
}
