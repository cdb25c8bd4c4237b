/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_unreachable.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

/** of TCP, UDP: the ports; what the kernel finds a socket by */
#define PORTS_LEN 8

typedef struct private_coi_unreachable_t private_coi_unreachable_t;

struct private_coi_unreachable_t {
	coi_unreachable_t public;
	/** raw sockets of ICMP and ICMPv6, -1 if there is none */
	int v4;
	int v6;
};

static void send_to(int fd, const struct sockaddr *addr, socklen_t addr_len,
					const uint8_t *data, size_t len)
{
	if (sendto(fd, data, len, MSG_DONTWAIT, addr, addr_len) < 0)
	{
		DBG2(DBG_KNL, "telling a program that its peer is unreachable failed: "
			 "%s", strerror(errno));
	}
}

static void send_v4(private_coi_unreachable_t *this,
					const coi_held_packet_t *packet)
{
	uint8_t message[sizeof(struct icmphdr) + COI_HELD_PACKETS_HEAD];
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct icmphdr icmp = {
		.type = ICMP_DEST_UNREACH,
		.code = ICMP_HOST_UNREACH,
	};
	struct iphdr ip;
	size_t len;

	if (packet->len < sizeof(ip))
	{
		return;
	}
	memcpy(&ip, packet->head, sizeof(ip));
	len = ip.ihl * 4 + PORTS_LEN;
	if (ip.ihl * 4 < sizeof(ip) || packet->len < len ||
		ip.frag_off & htons(IP_OFFMASK))
	{
		return;
	}
	to.sin_addr.s_addr = ip.saddr;
	memcpy(message + sizeof(icmp), packet->head, len);
	len += sizeof(icmp);
	memcpy(message, &icmp, sizeof(icmp));
	/* that of ICMPv6 is made by the kernel */
	icmp.checksum = chunk_internet_checksum(chunk_create(message, len));
	memcpy(message, &icmp, sizeof(icmp));
	send_to(this->v4, (struct sockaddr*)&to, sizeof(to), message, len);
}

static void send_v6(private_coi_unreachable_t *this,
					const coi_held_packet_t *packet)
{
	uint8_t message[sizeof(struct icmp6_hdr) + COI_HELD_PACKETS_HEAD];
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	struct icmp6_hdr icmp = {
		.icmp6_type = ICMP6_DST_UNREACH,
		.icmp6_code = ICMP6_DST_UNREACH_ADDR,
	};
	struct ip6_hdr ip;

	/* with an extension header the kernel may find no socket, as from a
	 * router */
	if (packet->len < sizeof(ip) + PORTS_LEN)
	{
		return;
	}
	memcpy(&ip, packet->head, sizeof(ip));
	to.sin6_addr = ip.ip6_src;
	memcpy(message, &icmp, sizeof(icmp));
	memcpy(message + sizeof(icmp), packet->head, packet->len);
	send_to(this->v6, (struct sockaddr*)&to, sizeof(to), message,
			sizeof(icmp) + packet->len);
}

METHOD(coi_unreachable_t, send_, void,
	private_coi_unreachable_t *this, const coi_held_packet_t *packet)
{
	if (!packet->len)
	{
		return;
	}
	if (packet->head[0] >> 4 == 4 && this->v4 >= 0)
	{
		send_v4(this, packet);
	}
	else if (packet->head[0] >> 4 == 6 && this->v6 >= 0)
	{
		send_v6(this, packet);
	}
}

METHOD(coi_unreachable_t, destroy, void,
	private_coi_unreachable_t *this)
{
	if (this->v4 >= 0)
	{
		close(this->v4);
	}
	if (this->v6 >= 0)
	{
		close(this->v6);
	}
	free(this);
}

/**
 * Open a raw socket that sends and never reads.
 */
static int open_raw(int family, int protocol)
{
	int fd, least = 1;

	fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd >= 0)
	{	/* what comes in is of no interest, and is not to pile up */
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
		shutdown(fd, SHUT_RD);
	}
	return fd;
}

coi_unreachable_t *coi_unreachable_create()
{
	private_coi_unreachable_t *this;

	INIT(this,
		.public = {
			.send = _send_,
			.destroy = _destroy,
		},
		.v4 = open_raw(AF_INET, IPPROTO_ICMP),
		.v6 = open_raw(AF_INET6, IPPROTO_ICMPV6),
	);
	if (this->v4 < 0 && this->v6 < 0)
	{
		DBG1(DBG_KNL, "opening raw sockets failed: %s; programs are not told "
			 "that a peer does not answer", strerror(errno));
		destroy(this);
		return NULL;
	}
	return &this->public;
}
