/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_sendmsg.h"

void coi_sendmsg_set_source(struct msghdr *msg, coi_sendmsg_room_t *room,
							host_t *src, u_int interface)
{
	struct cmsghdr *cmsg;

	msg->msg_control = room;
	if (src->get_family(src) == AF_INET)
	{
		struct sockaddr_in *sin = (void*)src->get_sockaddr(src);
		struct in_pktinfo info = {
			.ipi_spec_dst = sin->sin_addr,
			.ipi_ifindex = interface,
		};

		msg->msg_controllen = CMSG_SPACE(sizeof(info));
		cmsg = CMSG_FIRSTHDR(msg);
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	}
	else
	{
		struct sockaddr_in6 *sin6 = (void*)src->get_sockaddr(src);
		struct in6_pktinfo info = {
			.ipi6_addr = sin6->sin6_addr,
			.ipi6_ifindex = interface ?: sin6->sin6_scope_id,
		};

		msg->msg_controllen = CMSG_SPACE(sizeof(info));
		cmsg = CMSG_FIRSTHDR(msg);
		cmsg->cmsg_level = IPPROTO_IPV6;
		cmsg->cmsg_type = IPV6_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	}
}

void coi_sendmsg_set_mark(struct msghdr *msg, coi_sendmsg_room_t *room,
						  uint32_t mark)
{
	struct cmsghdr *cmsg;

	msg->msg_control = room;
	cmsg = (void*)((uint8_t*)room + msg->msg_controllen);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SO_MARK;
	cmsg->cmsg_len = CMSG_LEN(sizeof(mark));
	memcpy(CMSG_DATA(cmsg), &mark, sizeof(mark));
	msg->msg_controllen += CMSG_SPACE(sizeof(mark));
}
