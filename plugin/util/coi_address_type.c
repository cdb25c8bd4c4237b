/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_address_type.h"

#include "coi_netlink.h"

#include <daemon.h>

/** The socket that was used last, NULL if there is none or a thread has it. */
static coi_netlink_t *spare;

void coi_address_type_deinit()
{
	if (spare)
	{
		coi_netlink_close(spare);
		free(spare);
		spare = NULL;
	}
}

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

/** Get a socket that no other thread uses, NULL if there is none. */
static coi_netlink_t *take_socket()
{
	coi_netlink_t *netlink;

	netlink = __atomic_exchange_n(&spare, NULL, __ATOMIC_ACQUIRE);
	if (!netlink)
	{
		netlink = malloc_thing(coi_netlink_t);
		if (!coi_netlink_connect(netlink, NETLINK_ROUTE))
		{
			free(netlink);
			return NULL;
		}
	}
	return netlink;
}

/** Keep a socket for the next question; there is one for each opening. */
static void put_socket(coi_netlink_t *netlink)
{
	netlink = __atomic_exchange_n(&spare, netlink, __ATOMIC_ACQ_REL);
	if (netlink)
	{	/* another thread was faster */
		coi_netlink_close(netlink);
		free(netlink);
	}
}

/**
 * Ask for the type of the route that leads to an address.
 *
 * @return			RTN_UNSPEC if none does, or nobody says
 */
static u_char ask_type(host_t *host)
{
	chunk_t addr = host->get_address(host);
	coi_netlink_request_t request;
	u_char type = RTN_UNSPEC;
	coi_netlink_t *netlink;
	struct nlmsghdr *hdr;
	struct rtmsg *msg;

	netlink = take_socket();
	if (!netlink)
	{
		return RTN_UNSPEC;
	}
	msg = coi_netlink_request(&request, RTM_GETROUTE, sizeof(*msg));
	msg->rtm_family = host->get_family(host);
	msg->rtm_dst_len = addr.len * 8;
	coi_netlink_add(&request, RTA_DST, addr.ptr, addr.len);
	hdr = coi_netlink_ask(netlink, &request.hdr, RTM_NEWROUTE);
	if (hdr && hdr->nlmsg_len >= NLMSG_LENGTH(sizeof(*msg)))
	{
		msg = NLMSG_DATA(hdr);
		type = msg->rtm_type;
	}
	put_socket(netlink);
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
