/* SPDX-License-Identifier: GPL-2.0-or-later */

/* what goes with a datagram to the kernel: the kernel's own form, whatever is
 * added */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "net/coi_sendmsg.h"

#define MARK 0x12345678

static struct msghdr msg;
static coi_sendmsg_room_t room;

static void setup()
{
	coi_test_init();
	memset(&msg, 0, sizeof(msg));
	memset(&room, 0, sizeof(room));
}

TestSuite(sendmsg, .init = setup);

static void set_source(const char *addr, u_int interface)
{
	host_t *host = host_create_from_string((char*)addr, 500);

	coi_sendmsg_set_source(&msg, &room, host, interface);
	host->destroy(host);
}

/** Expect the next of what was added, and return what comes after it. */
static struct cmsghdr *expect(struct cmsghdr *cmsg, int level, int type,
							  const void *data, size_t len)
{
	cr_assert(cmsg);
	cr_expect_eq(cmsg->cmsg_level, level);
	cr_expect_eq(cmsg->cmsg_type, type);
	cr_assert_eq(cmsg->cmsg_len, CMSG_LEN(len));
	cr_expect(memeq(CMSG_DATA(cmsg), data, len));
	return CMSG_NXTHDR(&msg, cmsg);
}

Test(sendmsg, source)
{
	struct in_pktinfo info = {
		.ipi_spec_dst.s_addr = htonl(0xc0000201),
	};

	set_source("192.0.2.1", 0);
	cr_expect_null(expect(CMSG_FIRSTHDR(&msg), IPPROTO_IP, IP_PKTINFO, &info,
						  sizeof(info)));
	cr_expect_leq(msg.msg_controllen, sizeof(room));
}

Test(sendmsg, source_v6)
{
	struct in6_pktinfo info = {
		.ipi6_addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	};

	set_source("2001:db8::1", 0);
	cr_expect_null(expect(CMSG_FIRSTHDR(&msg), IPPROTO_IPV6, IPV6_PKTINFO,
						  &info, sizeof(info)));
}

Test(sendmsg, interface)
{
	struct in_pktinfo info = {
		.ipi_spec_dst.s_addr = htonl(0xc0000201),
		.ipi_ifindex = 7,
	};

	set_source("192.0.2.1", 7);
	expect(CMSG_FIRSTHDR(&msg), IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}

/** The address says by which interface, unless that is said. */
Test(sendmsg, link_local)
{
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6,
		.sin6_addr.s6_addr = { 0xfe, 0x80, [15] = 1 },
		.sin6_scope_id = 4,
	};
	struct in6_pktinfo info = {
		.ipi6_addr = addr.sin6_addr,
		.ipi6_ifindex = 4,
	};
	host_t *host = host_create_from_sockaddr((void*)&addr);

	coi_sendmsg_set_source(&msg, &room, host, 0);
	expect(CMSG_FIRSTHDR(&msg), IPPROTO_IPV6, IPV6_PKTINFO, &info,
		   sizeof(info));
	msg.msg_controllen = 0;
	info.ipi6_ifindex = 9;
	coi_sendmsg_set_source(&msg, &room, host, 9);
	expect(CMSG_FIRSTHDR(&msg), IPPROTO_IPV6, IPV6_PKTINFO, &info,
		   sizeof(info));
	host->destroy(host);
}

Test(sendmsg, mark)
{
	uint32_t mark = MARK;

	coi_sendmsg_set_mark(&msg, &room, mark);
	cr_expect_null(expect(CMSG_FIRSTHDR(&msg), SOL_SOCKET, SO_MARK, &mark,
						  sizeof(mark)));
}

Test(sendmsg, both)
{
	struct in6_pktinfo info = {
		.ipi6_addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
	};
	uint32_t mark = MARK;
	struct cmsghdr *next;

	set_source("2001:db8::1", 0);
	coi_sendmsg_set_mark(&msg, &room, mark);
	cr_assert_leq(msg.msg_controllen, sizeof(room), "it fits");
	next = expect(CMSG_FIRSTHDR(&msg), IPPROTO_IPV6, IPV6_PKTINFO, &info,
				  sizeof(info));
	cr_expect_null(expect(next, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
}
