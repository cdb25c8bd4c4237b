/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_may_acquire.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>

/** flags of TCP, and where they are */
#define TCP_FLAGS 13
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/** where SCTP's first chunk has its type */
#define SCTP_CHUNK 12

/** where DCCP has its type, and its bits */
#define DCCP_TYPE 8
#define DCCP_SHIFT 1
#define DCCP_MASK 0x0f

/** extended echo request of RFC 8335, in ICMP and ICMPv6 */
#define ICMP_EXTENDED 42
#define ICMP6_EXTENDED 160
/** node information query of RFC 4620 */
#define ICMP6_NODE_QUERY 139

#define PROTO_VRRP 112

/** headers of IPv6 before it cannot be told what is behind them */
#define MAX_HEADERS 8

/** Whether one of a list. */
static bool is_one(uint8_t value, const uint8_t *list, u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (list[i] == value)
		{
			return TRUE;
		}
	}
	return FALSE;
}

/** Take an octet, FALSE if it is not there. */
static bool get(const uint8_t *data, size_t len, size_t at, uint8_t *value)
{
	if (at >= len)
	{
		return FALSE;
	}
	*value = data[at];
	return TRUE;
}

static bool tcp_asks(uint8_t flags)
{
	return !(flags & TCP_RST) && (flags & (TCP_SYN | TCP_ACK)) !=
		   (TCP_SYN | TCP_ACK);
}

/** Not INIT ACK, HEARTBEAT ACK, ABORT, SHUTDOWN ACK, ERROR, COOKIE ACK,
 * SHUTDOWN COMPLETE. */
static bool sctp_asks(uint8_t chunk)
{
	static const uint8_t answers[] = { 2, 5, 6, 8, 9, 11, 14 };

	return !is_one(chunk, answers, countof(answers));
}

/** Not Response, Reset. */
static bool dccp_asks(uint8_t type)
{
	static const uint8_t answers[] = { 1, 7 };

	return !is_one(type >> DCCP_SHIFT & DCCP_MASK, answers, countof(answers));
}

static bool icmp_asks(uint8_t type)
{
	static const uint8_t requests[] = {
		ICMP_ECHO, ICMP_TIMESTAMP, ICMP_INFO_REQUEST, ICMP_ADDRESS,
		ICMP_EXTENDED,
	};

	return is_one(type, requests, countof(requests));
}

static bool icmp6_asks(uint8_t type)
{
	static const uint8_t requests[] = {
		ICMP6_ECHO_REQUEST, ICMP6_NODE_QUERY, ICMP6_EXTENDED,
	};

	return is_one(type, requests, countof(requests));
}

/** Not what is from the port of IDLEs, which nobody else has. These have no
 * options or extension headers before them, and so show it. */
static bool udp_asks(const uint8_t *data, size_t len, uint16_t idle_port)
{
	return len < sizeof(idle_port) || untoh16((uint8_t*)data) != idle_port;
}

/**
 * Whether what is in an IP packet asks.
 *
 * @param proto		its protocol
 * @param data		what there is of it
 */
static bool payload_asks(uint8_t proto, const uint8_t *data, size_t len,
						 uint16_t idle_port)
{
	uint8_t value;

	switch (proto)
	{
		case IPPROTO_UDP:
			return udp_asks(data, len, idle_port);
		case IPPROTO_TCP:
			return get(data, len, TCP_FLAGS, &value) && tcp_asks(value);
		case IPPROTO_SCTP:
			return get(data, len, SCTP_CHUNK, &value) && sctp_asks(value);
		case IPPROTO_DCCP:
			return get(data, len, DCCP_TYPE, &value) && dccp_asks(value);
		case IPPROTO_ICMP:
			return get(data, len, 0, &value) && icmp_asks(value);
		case IPPROTO_ICMPV6:
			return get(data, len, 0, &value) && icmp6_asks(value);
		case IPPROTO_NONE:
		case IPPROTO_IGMP:
		case PROTO_VRRP:
			return FALSE;
		default:
			/* what is carried in IP, say */
			return TRUE;
	}
}

static bool may_v4(const uint8_t *head, size_t len, uint16_t idle_port)
{
	struct iphdr ip;
	size_t at;

	if (len < sizeof(ip))
	{
		return FALSE;
	}
	memcpy(&ip, head, sizeof(ip));
	at = ip.ihl * 4;
	return at >= sizeof(ip) && at <= len &&
		   !(ip.frag_off & htons(IP_OFFMASK)) &&
		   payload_asks(ip.protocol, head + at, len - at, idle_port);
}

/**
 * Get the length of an extension header.
 *
 * @param data		it and what follows
 * @param first		receives FALSE if it is that of a fragment but the first
 * @return			0 if it is none, or not all of its beginning is there
 */
static size_t extension_len(uint8_t type, const uint8_t *data, size_t len,
							bool *first)
{
	struct ip6_frag fragment;

	if (len < sizeof(fragment))
	{
		return 0;
	}
	switch (type)
	{
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			return (data[1] + 1) * 8;
		case IPPROTO_AH:
			return (data[1] + 2) * 4;
		case IPPROTO_FRAGMENT:
			memcpy(&fragment, data, sizeof(fragment));
			*first = !(fragment.ip6f_offlg & IP6F_OFF_MASK);
			return sizeof(fragment);
		default:
			return 0;
	}
}

/** Whether a type is that of an extension header. */
static bool is_extension(uint8_t type)
{
	static const uint8_t types[] = {
		IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_DSTOPTS, IPPROTO_AH,
		IPPROTO_FRAGMENT,
	};

	return is_one(type, types, countof(types));
}

static bool may_v6(const uint8_t *head, size_t len, uint16_t idle_port)
{
	struct ip6_hdr ip;
	size_t at = sizeof(ip), header;
	bool first = TRUE;
	uint8_t type;
	u_int i;

	if (len < sizeof(ip))
	{
		return FALSE;
	}
	memcpy(&ip, head, sizeof(ip));
	type = ip.ip6_nxt;
	for (i = 0; is_extension(type); i++)
	{
		header = extension_len(type, head + at, len - at, &first);
		if (!header || !first || header > len - at || i == MAX_HEADERS)
		{
			return FALSE;
		}
		type = head[at];
		at += header;
	}
	return payload_asks(type, head + at, len - at, idle_port);
}

bool coi_may_acquire_may(const uint8_t *head, size_t len, uint16_t idle_port)
{
	if (!len)
	{
		return FALSE;
	}
	switch (head[0] >> 4)
	{
		case 4:
			return may_v4(head, len, idle_port);
		case 6:
			return may_v6(head, len, idle_port);
		default:
			return FALSE;
	}
}
