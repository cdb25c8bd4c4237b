/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "hold/coi_may_acquire.h"
#include "hold/coi_held_packets.h"

#include <netinet/in.h>

/** room for headers and what is carried */
#define ROOM 128

/** where IDLEs come from */
#define IDLE_PORT 0x1100

TestSuite(asking, .init = coi_test_init);

/** Build an IPv4 packet with options of a length, get its length. */
static size_t make_v4(uint8_t buf[ROOM], uint8_t proto, size_t options,
					  uint16_t offset, const uint8_t *data, size_t len)
{
	memset(buf, 0, ROOM);
	buf[0] = 0x40 | (20 + options) / 4;
	buf[6] = offset >> 8;
	buf[7] = offset;
	buf[9] = proto;
	memcpy(buf + 20 + options, data, len);
	return 20 + options + len;
}

/** Build an IPv6 packet behind other headers, get its length. */
static size_t make_v6(uint8_t buf[ROOM], uint8_t first, const uint8_t *headers,
					  size_t headers_len, const uint8_t *data, size_t len)
{
	memset(buf, 0, ROOM);
	buf[0] = 0x60;
	buf[6] = first;
	memcpy(buf + 40, headers, headers_len);
	memcpy(buf + 40 + headers_len, data, len);
	return 40 + headers_len + len;
}

/** What is carried, and whether it asks. */
static const struct {
	char *what;
	uint8_t proto;
	uint8_t at;
	uint8_t value;
	bool asks;
} payloads[] = {
	{ "SYN", IPPROTO_TCP, 13, 0x02, TRUE },
	{ "SYN with ECN", IPPROTO_TCP, 13, 0xc2, TRUE },
	{ "ACK", IPPROTO_TCP, 13, 0x10, TRUE },
	{ "FIN ACK", IPPROTO_TCP, 13, 0x11, TRUE },
	{ "SYN ACK", IPPROTO_TCP, 13, 0x12, FALSE },
	{ "SYN ACK with ECN", IPPROTO_TCP, 13, 0x52, FALSE },
	{ "RST", IPPROTO_TCP, 13, 0x04, FALSE },
	{ "RST ACK", IPPROTO_TCP, 13, 0x14, FALSE },
	{ "UDP", IPPROTO_UDP, 0, 0, TRUE },
	{ "IDLE", IPPROTO_UDP, 0, IDLE_PORT >> 8, FALSE },
	{ "UDP to the port of IDLEs", IPPROTO_UDP, 2, IDLE_PORT >> 8, TRUE },
	{ "INIT", IPPROTO_SCTP, 12, 1, TRUE },
	{ "DATA", IPPROTO_SCTP, 12, 0, TRUE },
	{ "INIT ACK", IPPROTO_SCTP, 12, 2, FALSE },
	{ "ABORT", IPPROTO_SCTP, 12, 6, FALSE },
	{ "SHUTDOWN COMPLETE", IPPROTO_SCTP, 12, 14, FALSE },
	{ "DCCP request", IPPROTO_DCCP, 8, 0 << 1 | 1, TRUE },
	{ "DCCP response", IPPROTO_DCCP, 8, 1 << 1 | 1, FALSE },
	{ "DCCP reset", IPPROTO_DCCP, 8, 7 << 1, FALSE },
	{ "GRE", IPPROTO_GRE, 0, 0, TRUE },
	{ "IGMP", IPPROTO_IGMP, 0, 0x22, FALSE },
	{ "VRRP", 112, 0, 0x21, FALSE },
	{ "nothing", IPPROTO_NONE, 0, 0, FALSE },
};

Test(asking, payloads)
{
	uint8_t data[16], buf[ROOM];
	bool v4, v6;
	size_t len;
	u_int i;

	for (i = 0; i < countof(payloads); i++)
	{
		memset(data, 0, sizeof(data));
		data[payloads[i].at] = payloads[i].value;
		len = make_v4(buf, payloads[i].proto, 0, 0, data, sizeof(data));
		v4 = coi_may_acquire_may(buf, len, IDLE_PORT);
		cr_expect_eq(v4, payloads[i].asks, "%s in IPv4", payloads[i].what);
		len = make_v6(buf, payloads[i].proto, NULL, 0, data, sizeof(data));
		v6 = coi_may_acquire_may(buf, len, IDLE_PORT);
		cr_expect_eq(v6, payloads[i].asks, "%s in IPv6", payloads[i].what);
	}
}

Test(asking, icmp)
{
	static const uint8_t v4_requests[] = { 8, 13, 15, 17, 42 };
	static const uint8_t v6_requests[] = { 128, 139, 160 };
	uint8_t data[8] = {}, buf[ROOM];
	bool v4, v6;
	u_int type, i, j;

	for (type = 0, i = 0, j = 0; type < 256; type++)
	{
		data[0] = type;
		v4 = coi_may_acquire_may(buf, make_v4(buf, IPPROTO_ICMP, 0, 0, data, 8),
								 IDLE_PORT);
		v6 = coi_may_acquire_may(buf, make_v6(buf, IPPROTO_ICMPV6, NULL, 0,
											  data, 8),
								 IDLE_PORT);
		cr_expect_eq(v4, i < countof(v4_requests) && type == v4_requests[i],
					 "ICMP type %u", type);
		cr_expect_eq(v6, j < countof(v6_requests) && type == v6_requests[j],
					 "ICMPv6 type %u", type);
		i += v4;
		j += v6;
	}
	cr_expect_eq(i, countof(v4_requests));
	cr_expect_eq(j, countof(v6_requests));
}

Test(asking, options)
{
	const uint8_t syn[14] = { [13] = 0x02 }, reset[14] = { [13] = 0x04 };
	uint8_t buf[ROOM];

	cr_expect(coi_may_acquire_may(buf, make_v4(buf, IPPROTO_TCP, 24, 0, syn,
											   14),
								  IDLE_PORT));
	cr_expect_not(coi_may_acquire_may(buf, make_v4(buf, IPPROTO_TCP, 24, 0,
												   reset,
												   14), IDLE_PORT));
	/* shorter than its header says */
	make_v4(buf, IPPROTO_UDP, 24, 0, syn, 8);
	cr_expect_not(coi_may_acquire_may(buf, 43, IDLE_PORT));
	cr_expect(coi_may_acquire_may(buf, 44, IDLE_PORT));
	/* a header that is too short */
	buf[0] = 0x44;
	cr_expect_not(coi_may_acquire_may(buf, 52, IDLE_PORT));
}

Test(asking, fragments)
{
	const uint8_t data[8] = {};
	/* next header, reserved, offset and more */
	uint8_t fragment[8] = { IPPROTO_UDP, 0, 0, 1 }, buf[ROOM];

	cr_expect(coi_may_acquire_may(buf, make_v4(buf, IPPROTO_UDP, 0, 0x2000,
											   data, 8),
								  IDLE_PORT));
	cr_expect_not(coi_may_acquire_may(buf, make_v4(buf, IPPROTO_UDP, 0, 0x2001,
												   data,
												   8), IDLE_PORT));
	cr_expect(coi_may_acquire_may(buf, make_v6(buf, IPPROTO_FRAGMENT, fragment, 8,
											   data, 8), IDLE_PORT));
	fragment[3] = 8;
	cr_expect_not(coi_may_acquire_may(buf, make_v6(buf, IPPROTO_FRAGMENT, fragment, 8,
												   data, 8), IDLE_PORT));
}

Test(asking, extensions)
{
	/* hop-by-hop, routing, AH */
	uint8_t headers[28] = {
		IPPROTO_ROUTING, 0, 1, 4, 0, 0, 0, 0,
		IPPROTO_AH, 0, 0, 0, 0, 0, 0, 0,
		IPPROTO_UDP, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	const uint8_t data[8] = {};
	uint8_t buf[ROOM];
	size_t len, i;

	len = make_v6(buf, IPPROTO_HOPOPTS, headers, sizeof(headers), data, 8);
	cr_expect(coi_may_acquire_may(buf, len, IDLE_PORT));
	cr_expect(coi_may_acquire_may(buf, COI_HELD_PACKETS_HEAD, IDLE_PORT));
	for (i = 0; i < COI_HELD_PACKETS_HEAD; i++)
	{	/* where the last header ends it can be told */
		cr_expect_not(coi_may_acquire_may(buf, i, IDLE_PORT), "%zu octets", i);
	}
	/* longer than what there is */
	buf[41] = 255;
	cr_expect_not(coi_may_acquire_may(buf, len, IDLE_PORT));
	/* without end */
	memset(headers, 0, sizeof(headers));
	len = make_v6(buf, IPPROTO_HOPOPTS, headers, sizeof(headers), data, 8);
	cr_expect_not(coi_may_acquire_may(buf, len, IDLE_PORT));
	cr_expect_not(coi_may_acquire_may(buf, ROOM, IDLE_PORT));
}

Test(asking, truncated)
{
	const uint8_t syn[14] = { [13] = 0x02 };
	uint8_t buf[ROOM];
	size_t len, i;

	len = make_v4(buf, IPPROTO_TCP, 0, 0, syn, sizeof(syn));
	for (i = 0; i < len; i++)
	{
		cr_expect_not(coi_may_acquire_may(buf, i, IDLE_PORT), "%zu octets of IPv4", i);
	}
	len = make_v6(buf, IPPROTO_TCP, NULL, 0, syn, sizeof(syn));
	for (i = 0; i < len; i++)
	{
		cr_expect_not(coi_may_acquire_may(buf, i, IDLE_PORT), "%zu octets of IPv6", i);
	}
	/* neither version */
	memset(buf, 0x51, sizeof(buf));
	cr_expect_not(coi_may_acquire_may(buf, sizeof(buf), IDLE_PORT));
}
