/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_plain.h"

/** Get the octets of an address. */
static size_t addr_len(const coi_block_t *block)
{
	return block->family == AF_INET ? 4 : 16;
}

static void fill_selector(struct xfrm_selector *sel, const coi_block_t *block)
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

static void add_attributes(coi_xfrm_request_t *request,
						   const coi_block_t *block)
{
	struct xfrm_mark mark = {
		.v = block->mark,
		.m = block->mark_mask,
	};

	coi_xfrm_add_mark(request, &mark);
	if (block->if_id)
	{
		coi_xfrm_add(request, XFRMA_IF_ID, &block->if_id,
					 sizeof(block->if_id));
	}
}

bool coi_plain_set(coi_xfrm_t *xfrm, const coi_block_t *block)
{
	struct xfrm_userpolicy_info *info;
	coi_xfrm_request_t request;

	info = coi_xfrm_request(&request, XFRM_MSG_UPDPOLICY, sizeof(*info));
	fill_selector(&info->sel, block);
	info->dir = block->dir;
	info->priority = COI_BLOCK_PRIO + block->kind;
	info->action = block->kind == COI_BLOCK_OPEN ? XFRM_POLICY_ALLOW
												 : XFRM_POLICY_BLOCK;
	info->lft.soft_byte_limit = XFRM_INF;
	info->lft.hard_byte_limit = XFRM_INF;
	info->lft.soft_packet_limit = XFRM_INF;
	info->lft.hard_packet_limit = XFRM_INF;
	add_attributes(&request, block);
	return coi_xfrm_change(xfrm, &request.hdr);
}

bool coi_plain_unset(coi_xfrm_t *xfrm, const coi_block_t *block)
{
	struct xfrm_userpolicy_id *id;
	coi_xfrm_request_t request;

	id = coi_xfrm_request(&request, XFRM_MSG_DELPOLICY, sizeof(*id));
	fill_selector(&id->sel, block);
	id->dir = block->dir;
	add_attributes(&request, block);
	return coi_xfrm_change(xfrm, &request.hdr);
}

coi_block_t coi_plain_of(coi_block_kind_t kind,
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

void coi_plain_collect(array_t *found, struct nlmsghdr *hdr)
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
		info.priority < COI_BLOCK_PRIO ||
		info.priority >= COI_BLOCK_PRIO + COI_BLOCK_KINDS)
	{
		return;
	}
	mark = coi_xfrm_find(hdr, sizeof(info), XFRMA_MARK, sizeof(*mark));
	if_id = coi_xfrm_find(hdr, sizeof(info), XFRMA_IF_ID, sizeof(*if_id));
	block = coi_plain_of(info.priority - COI_BLOCK_PRIO, &info, mark,
						 if_id ? *if_id : 0);
	array_insert(found, ARRAY_TAIL, &block);
}
