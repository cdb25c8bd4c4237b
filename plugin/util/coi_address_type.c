/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_address_type.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <daemon.h>

/** ms to wait for the kernel, which answers at once */
#define ANSWER_TIME 500

/** A question for the route to an address, and room for the answer. */
typedef union {
	struct nlmsghdr hdr;
	uint8_t buf[2048];
} route_t;

coi_address_type_t coi_address_type_look(host_t *host)
{
	chunk_t addr = host->get_address(host);

	if (host->is_anyaddr(host))
	{
		return COI_ADDRESS_TYPE_OWN;
	}
	if (addr.len == 4)
	{
		if (memeq(addr.ptr, "\xff\xff\xff\xff", 4))
		{
			return COI_ADDRESS_TYPE_BROADCAST;
		}
		return (addr.ptr[0] & 0xf0) == 0xe0 ? COI_ADDRESS_TYPE_MULTICAST
											: COI_ADDRESS_TYPE_OTHER;
	}
	if (addr.ptr[0] == 0xff)
	{
		return COI_ADDRESS_TYPE_MULTICAST;
	}
	return addr.ptr[0] == 0xfe && (addr.ptr[1] & 0xc0) == 0x80
				? COI_ADDRESS_TYPE_LINK : COI_ADDRESS_TYPE_OTHER;
}

/** Write the question. */
static void write_question(route_t *route, host_t *host)
{
	chunk_t addr = host->get_address(host);
	struct rtattr *attr;
	struct rtmsg *msg;

	memset(route, 0, sizeof(*route));
	route->hdr.nlmsg_type = RTM_GETROUTE;
	route->hdr.nlmsg_flags = NLM_F_REQUEST;
	msg = NLMSG_DATA(&route->hdr);
	msg->rtm_family = host->get_family(host);
	msg->rtm_dst_len = addr.len * 8;
	attr = (struct rtattr*)((uint8_t*)msg + NLMSG_ALIGN(sizeof(*msg)));
	attr->rta_type = RTA_DST;
	attr->rta_len = RTA_LENGTH(addr.len);
	memcpy(RTA_DATA(attr), addr.ptr, addr.len);
	route->hdr.nlmsg_len = NLMSG_LENGTH(sizeof(*msg)) + RTA_ALIGN(attr->rta_len);
}

/**
 * Ask for the type of the route that leads to an address. A socket for each
 * question: there is one for each opening, and no state is to be guarded.
 *
 * @return			RTN_UNSPEC if none does, or nobody says
 */
static u_char ask_type(host_t *host)
{
	struct timeval timeout = {
		.tv_usec = ANSWER_TIME * 1000,
	};
	u_char type = RTN_UNSPEC;
	route_t route;
	ssize_t len;
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd == -1)
	{
		return RTN_UNSPEC;
	}
	write_question(&route, host);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
		send(fd, &route, route.hdr.nlmsg_len, 0) == route.hdr.nlmsg_len)
	{
		len = recv(fd, &route, sizeof(route), 0);
		if (len >= (ssize_t)NLMSG_LENGTH(sizeof(struct rtmsg)) &&
			route.hdr.nlmsg_type == RTM_NEWROUTE)
		{
			type = ((struct rtmsg*)NLMSG_DATA(&route.hdr))->rtm_type;
		}
	}
	close(fd);
	return type;
}

coi_address_type_t coi_address_type(host_t *host)
{
	coi_address_type_t cast = coi_address_type_look(host);

	if (charon->kernel->get_interface(charon->kernel, host, NULL))
	{
		return COI_ADDRESS_TYPE_OWN;
	}
	if (cast != COI_ADDRESS_TYPE_OTHER)
	{
		return cast;
	}
	switch (ask_type(host))
	{
		case RTN_LOCAL:
		case RTN_ANYCAST:
			return COI_ADDRESS_TYPE_OWN;
		case RTN_BROADCAST:
			return COI_ADDRESS_TYPE_BROADCAST;
		case RTN_MULTICAST:
			return COI_ADDRESS_TYPE_MULTICAST;
		default:
			return COI_ADDRESS_TYPE_OTHER;
	}
}
