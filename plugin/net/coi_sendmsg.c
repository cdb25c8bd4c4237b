/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_sendmsg.h"

/**
 * Append ancillary data to a datagram's.
 */
static void append(struct msghdr *msg, coi_sendmsg_room_t *room, int level,
				   int type, const void *data, size_t len)
{
	struct cmsghdr *cmsg;

	msg->msg_control = room;
	cmsg = (void*)((uint8_t*)room + msg->msg_controllen);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

void coi_sendmsg_set_source(struct msghdr *msg, coi_sendmsg_room_t *room,
							host_t *src, u_int interface)
{
	if (src->get_family(src) == AF_INET)
	{
		struct sockaddr_in *sin = (void*)src->get_sockaddr(src);
		struct in_pktinfo info = {
			.ipi_spec_dst = sin->sin_addr,
			.ipi_ifindex = interface,
		};

		append(msg, room, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
	else
	{
		struct sockaddr_in6 *sin6 = (void*)src->get_sockaddr(src);
		struct in6_pktinfo info = {
			.ipi6_addr = sin6->sin6_addr,
			.ipi6_ifindex = interface ?: sin6->sin6_scope_id,
		};

		append(msg, room, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
}

void coi_sendmsg_set_mark(struct msghdr *msg, coi_sendmsg_room_t *room,
						  uint32_t mark)
{
	append(msg, room, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
}
