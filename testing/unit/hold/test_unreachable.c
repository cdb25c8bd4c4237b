/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the errors that programs get whose packets will not go out: what they are
 * made of, and for what none is made */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "fake_raw.h"
#include "hold/coi_unreachable.h"

#include <daemon.h>

#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>

static void no_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
}

static bus_t bus = {
	.log = no_log,
};

static daemon_t fake_daemon;
static coi_unreachable_t *unreachable;

static void setup()
{
	coi_test_init();
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	unreachable = coi_unreachable_create();
	cr_assert(unreachable);
}

static void teardown()
{
	DESTROY_IF(unreachable);
	cr_expect_eq(fake_raw.open, 0);
	DESTROY_IF(fake_raw.to);
}

TestSuite(unreachable, .init = setup, .fini = teardown);

/** Make the head of a packet of UDP, with so many octets of options of IPv4. */
static coi_held_packet_t make_v4(u_int options)
{
	coi_held_packet_t packet = {};
	struct iphdr ip = {
		.version = 4,
		.ihl = 5 + options / 4,
		.protocol = IPPROTO_UDP,
		.saddr = htonl(0xc0000201),
		.daddr = htonl(0xc0000202),
	};

	memcpy(packet.head, &ip, sizeof(ip));
	memcpy(packet.head + ip.ihl * 4, "\x30\x39\x01\xbb\x00\x10\xab\xcd", 8);
	packet.len = ip.ihl * 4 + 8;
	return packet;
}

static coi_held_packet_t make_v6()
{
	coi_held_packet_t packet = {};
	struct ip6_hdr ip = {
		.ip6_nxt = IPPROTO_UDP,
		.ip6_src.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		.ip6_dst.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
	};

	ip.ip6_vfc = 0x60;
	memcpy(packet.head, &ip, sizeof(ip));
	memcpy(packet.head + sizeof(ip), "\x30\x39\x01\xbb\x00\x10\xab\xcd", 8);
	packet.len = sizeof(ip) + 8;
	return packet;
}

/** The one's complement sum of a message with its checksum, 0xffff if that is
 * right; RFC 1071. */
static uint16_t sum(const uint8_t *data, size_t len)
{
	uint32_t all = 0;
	size_t i;

	for (i = 0; i < len; i++)
	{
		all += i & 1 ? data[i] : data[i] << 8;
	}
	while (all >> 16)
	{
		all = (all & 0xffff) + (all >> 16);
	}
	return all;
}

static void expect_to(const char *addr)
{
	host_t *host = host_create_from_string((char*)addr, 0);

	cr_assert(fake_raw.to);
	cr_expect(fake_raw.to->ip_equals(fake_raw.to, host), "not to %s", addr);
	host->destroy(host);
}

Test(unreachable, v4)
{
	coi_held_packet_t packet;
	struct icmphdr icmp;
	u_int options;

	for (options = 0; options <= 40; options += 4)
	{
		packet = make_v4(options);
		unreachable->send(unreachable, &packet);
		cr_assert_eq(fake_raw.count, options / 4 + 1);
		cr_expect(fake_raw.family == AF_INET &&
				  fake_raw.by_protocol == IPPROTO_ICMP);
		expect_to("192.0.2.1");
		memcpy(&icmp, fake_raw.data, sizeof(icmp));
		cr_expect(icmp.type == ICMP_DEST_UNREACH &&
				  icmp.code == ICMP_HOST_UNREACH);
		cr_expect_eq(sum(fake_raw.data, fake_raw.len), 0xffff);
		cr_assert_eq(fake_raw.len, sizeof(icmp) + packet.len);
		cr_expect(memeq(fake_raw.data + sizeof(icmp), packet.head, packet.len));
	}
}

Test(unreachable, v6)
{
	coi_held_packet_t packet = make_v6();
	struct icmp6_hdr icmp;

	unreachable->send(unreachable, &packet);
	cr_assert_eq(fake_raw.count, 1);
	cr_expect(fake_raw.family == AF_INET6 &&
			  fake_raw.by_protocol == IPPROTO_ICMPV6);
	expect_to("2001:db8::1");
	memcpy(&icmp, fake_raw.data, sizeof(icmp));
	cr_expect(icmp.icmp6_type == ICMP6_DST_UNREACH &&
			  icmp.icmp6_code == ICMP6_DST_UNREACH_ADDR);
	cr_assert_eq(fake_raw.len, sizeof(icmp) + packet.len);
	cr_expect(memeq(fake_raw.data + sizeof(icmp), packet.head, packet.len));
}

/** Of what is cut off anywhere nothing is said: no socket is found by it. */
Test(unreachable, truncated)
{
	coi_held_packet_t v4 = make_v4(0), options = make_v4(40), v6 = make_v6();

	while (v4.len--)
	{
		unreachable->send(unreachable, &v4);
	}
	while (options.len--)
	{
		unreachable->send(unreachable, &options);
	}
	while (v6.len--)
	{
		unreachable->send(unreachable, &v6);
	}
	cr_expect_eq(fake_raw.count, 0);
}

Test(unreachable, malformed)
{
	coi_held_packet_t packet = make_v4(0);

	packet.head[0] = 0x44;	/* a header that is too short */
	unreachable->send(unreachable, &packet);
	packet.head[0] = 0x4f;	/* or longer than what there is */
	unreachable->send(unreachable, &packet);
	packet.head[0] = 0x55;	/* of another version */
	unreachable->send(unreachable, &packet);
	packet = make_v4(0);
	packet.head[7] = 1;		/* not the first fragment: it has no ports */
	unreachable->send(unreachable, &packet);
	cr_expect_eq(fake_raw.count, 0);
	packet.head[7] = 0;
	packet.head[6] = 0x20;	/* the first one has */
	unreachable->send(unreachable, &packet);
	cr_expect_eq(fake_raw.count, 1);
}

/** One family is enough; the other one's programs are not told. */
Test(unreachable, one_family)
{
	coi_held_packet_t v4 = make_v4(0), v6 = make_v6();

	unreachable->destroy(unreachable);
	fake_raw.no_v4 = TRUE;
	unreachable = coi_unreachable_create();
	cr_assert(unreachable);
	unreachable->send(unreachable, &v4);
	cr_expect_eq(fake_raw.count, 0);
	unreachable->send(unreachable, &v6);
	cr_expect_eq(fake_raw.count, 1);
}

Test(unreachable, refused)
{
	coi_held_packet_t packet = make_v4(0);

	fake_raw.refuse = TRUE;
	unreachable->send(unreachable, &packet);
	fake_raw.refuse = FALSE;
	unreachable->send(unreachable, &packet);
	cr_expect_eq(fake_raw.count, 1, "the next is sent");
	unreachable->destroy(unreachable);
	fake_raw.no_v4 = fake_raw.no_v6 = TRUE;
	unreachable = coi_unreachable_create();
	cr_expect_null(unreachable);
}
