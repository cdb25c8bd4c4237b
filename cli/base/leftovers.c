/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "leftovers.h"
#include "config/coi_reqids.h"
#include "control_client.h"
#include "output.h"
#include "policy/coi_policy_priority.h"
#include "util/coi_netlink.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include <libvici.h>
#include <linux/xfrm.h>

/** Most SAs and policies that are listed. */
#define LIST_MAX 1000000

static void read_block(left_t *left, const struct xfrm_userpolicy_info *info)
{
	coi_block_t *block = &left->block;
	struct xfrm_mark *mark;
	uint32_t *if_id;
	size_t len;

	block->family = info->sel.family == AF_INET ? AF_INET : AF_INET6;
	len = block->family == AF_INET ? 4 : 16;
	block->dir = info->dir;
	memcpy(block->src, &info->sel.saddr, len);
	memcpy(block->dst, &info->sel.daddr, len);
	block->src_bits = info->sel.prefixlen_s;
	block->dst_bits = info->sel.prefixlen_d;
	block->proto = info->sel.proto;
	block->sport = ntohs(info->sel.sport);
	block->sport_mask = ntohs(info->sel.sport_mask);
	block->dport = ntohs(info->sel.dport);
	block->dport_mask = ntohs(info->sel.dport_mask);
	mark = coi_netlink_find(left->hdr, sizeof(*info), XFRMA_MARK,
							sizeof(*mark));
	if (mark)
	{
		block->mark = mark->v;
		block->mark_mask = mark->m;
	}
	if_id = coi_netlink_find(left->hdr, sizeof(*info), XFRMA_IF_ID,
							 sizeof(*if_id));
	block->if_id = if_id ? *if_id : 0;
	block->kind = info->action == XFRM_POLICY_ALLOW ? COI_BLOCK_OPEN
													: COI_BLOCK_REST;
	if (left->plain)
	{
		block->kind = info->priority - COI_PRIO_KEPT;
	}
}

/** Whether a policy is one of the plugin's. */
static bool is_our_policy(left_t *left)
{
	struct xfrm_userpolicy_info info;
	struct xfrm_user_tmpl *tmpl;

	if (left->hdr->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
	{
		return FALSE;
	}
	memcpy(&info, NLMSG_DATA(left->hdr), sizeof(info));
	if (info.dir >= COI_BLOCK_DIRS)
	{
		return FALSE;
	}
	tmpl = coi_netlink_find(left->hdr, sizeof(info), XFRMA_TMPL,
							sizeof(*tmpl));
	left->plain = info.sel.user == COI_BLOCK_USER && !tmpl &&
				  info.priority >= COI_PRIO_KEPT &&
				  info.priority <= COI_PRIO_KEPT_LAST;
	read_block(left, &info);
	return left->plain || (tmpl ? coi_reqids_is_ours(tmpl->reqid)
								: coi_policy_priority_is_ours(info.priority));
}

static bool is_our_sa(const left_t *left)
{
	struct xfrm_usersa_info sa;

	if (left->hdr->nlmsg_len < NLMSG_LENGTH(sizeof(sa)))
	{
		return FALSE;
	}
	memcpy(&sa, NLMSG_DATA(left->hdr), sizeof(sa));
	return coi_reqids_is_ours(sa.reqid);
}

/** Keep what is ours, a coi_netlink_cb_t. */
static void take(void *list, struct nlmsghdr *hdr)
{
	left_t left = {
		.hdr = hdr,
	};

	if (array_count(list) < LIST_MAX && (hdr->nlmsg_type == XFRM_MSG_NEWSA ?
										 is_our_sa(&left) : is_our_policy(&left)))
	{
		left.hdr = malloc(hdr->nlmsg_len);
		memcpy(left.hdr, hdr, hdr->nlmsg_len);
		array_insert(list, ARRAY_TAIL, &left);
	}
}

int left_list(uint16_t type, array_t **list)
{
	coi_netlink_t netlink;

	*list = array_create(sizeof(left_t), 0);
	if (!coi_netlink_connect(&netlink, NETLINK_XFRM))
	{
		return netlink.error;
	}
	coi_netlink_dump(&netlink, type, take, *list);
	coi_netlink_close(&netlink);
	return netlink.error;
}

void left_destroy(array_t *list)
{
	left_t left;

	while (array_remove(list, ARRAY_TAIL, &left))
	{
		memwipe(left.hdr, left.hdr->nlmsg_len);
		free(left.hdr);
	}
	array_destroy(list);
}

/** Append the mark that tells from others, if there is one. */
static void copy_mark(coi_netlink_request_t *request, const left_t *left,
					  size_t body)
{
	struct xfrm_mark *mark;

	mark = coi_netlink_find(left->hdr, body, XFRMA_MARK, sizeof(*mark));
	if (mark)
	{
		coi_netlink_add(request, XFRMA_MARK, mark, sizeof(*mark));
	}
}

/** Let the kernel do something. @return errno, 0 if it has */
static int change(coi_netlink_request_t *request)
{
	coi_netlink_t netlink;

	if (!coi_netlink_connect(&netlink, NETLINK_XFRM))
	{
		return netlink.error;
	}
	coi_netlink_change(&netlink, &request->hdr);
	coi_netlink_close(&netlink);
	return netlink.error;
}

static int remove_sa(const left_t *left)
{
	struct xfrm_usersa_info sa;
	struct xfrm_usersa_id *id;
	coi_netlink_request_t request;

	memcpy(&sa, NLMSG_DATA(left->hdr), sizeof(sa));
	id = coi_netlink_request(&request, XFRM_MSG_DELSA, sizeof(*id));
	id->daddr = sa.id.daddr;
	id->spi = sa.id.spi;
	id->proto = sa.id.proto;
	id->family = sa.family;
	copy_mark(&request, left, sizeof(sa));
	return change(&request);
}

int left_remove(const left_t *left)
{
	struct xfrm_userpolicy_info info;
	struct xfrm_userpolicy_id *id;
	coi_netlink_request_t request;

	if (left->hdr->nlmsg_type == XFRM_MSG_NEWSA)
	{
		return remove_sa(left);
	}
	memcpy(&info, NLMSG_DATA(left->hdr), sizeof(info));
	id = coi_netlink_request(&request, XFRM_MSG_DELPOLICY, sizeof(*id));
	id->sel = info.sel;
	id->dir = info.dir;
	copy_mark(&request, left, sizeof(info));
	if (left->block.if_id)
	{
		coi_netlink_add(&request, XFRMA_IF_ID, &left->block.if_id,
						sizeof(left->block.if_id));
	}
	return change(&request);
}

int left_install(const coi_block_t *block)
{
	struct xfrm_userpolicy_info *info;
	struct xfrm_mark mark = {
		.v = block->mark,
		.m = block->mark_mask,
	};
	size_t len = block->family == AF_INET ? 4 : 16;
	coi_netlink_request_t request;

	info = coi_netlink_request(&request, XFRM_MSG_UPDPOLICY, sizeof(*info));
	memcpy(&info->sel.saddr, block->src, len);
	memcpy(&info->sel.daddr, block->dst, len);
	info->sel.family = block->family;
	info->sel.prefixlen_s = block->src_bits;
	info->sel.prefixlen_d = block->dst_bits;
	info->sel.proto = block->proto;
	info->sel.sport = htons(block->sport);
	info->sel.sport_mask = htons(block->sport_mask);
	info->sel.dport = htons(block->dport);
	info->sel.dport_mask = htons(block->dport_mask);
	info->sel.user = COI_BLOCK_USER;
	info->dir = block->dir;
	info->priority = COI_PRIO_KEPT + block->kind;
	info->action = block->kind == COI_BLOCK_OPEN ? XFRM_POLICY_ALLOW
												 : XFRM_POLICY_BLOCK;
	info->lft.soft_byte_limit = info->lft.hard_byte_limit = XFRM_INF;
	info->lft.soft_packet_limit = info->lft.hard_packet_limit = XFRM_INF;
	coi_netlink_add_mark(&request, &mark);
	if (block->if_id)
	{
		coi_netlink_add(&request, XFRMA_IF_ID, &block->if_id,
						sizeof(block->if_id));
	}
	return change(&request);
}

/** The words of a policy's line: kind, direction, source, destination, rest. */
static void split_line(const coi_block_t *block, char *line, char *words[5])
{
	u_int i;

	coi_block_print(block, line);
	line[strcspn(line, "\n")] = '\0';
	for (i = 0; i < 5; i++)
	{
		words[i] = line;
		line += strcspn(line, i < 4 ? " " : "");
		if (*line)
		{
			*line++ = '\0';
		}
	}
}

json_object *left_json(const coi_block_t *block)
{
	static const char *const keys[] = { "kind", "direction", "source",
										"destination" };
	char line[COI_BLOCK_LINE_MAX], *words[5];
	json_object *object;
	u_int i;

	split_line(block, line, words);
	object = json_object_new_object();
	for (i = 0; i < countof(keys); i++)
	{
		json_object_object_add(object, keys[i],
							   output_json_string(words[i]));
	}
	json_object_object_add(object, "protocol",
						   json_object_new_int(block->proto));
	return object;
}

char *left_text(const coi_block_t *block)
{
	char line[COI_BLOCK_LINE_MAX], *words[5], *text;

	split_line(block, line, words);
	if (asprintf(&text, "%-5s %-3s %s -> %s%s", words[0], words[1], words[2],
				 words[3], block->proto ? ", one protocol only" : "") < 0)
	{
		return NULL;
	}
	return text;
}

bool left_charon_runs(void)
{
	const char *uri = control_uri ?: "unix:///run/charon.coi";
	vici_conn_t *conn;

	control_init();
	conn = vici_connect(NULL) ?: vici_connect((char*)uri);
	if (!conn)
	{
		return FALSE;
	}
	vici_disconnect(conn);
	return TRUE;
}
