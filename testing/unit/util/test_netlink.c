/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "util/coi_netlink.h"

#include <collections/array.h>
#include <threading/thread.h>

#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

/** A socket whose other end is not the kernel. */
static coi_netlink_t netlink;
static int kernel;

static void setup()
{
	int pair[2];

	coi_test_init();
	cr_assert(coi_netlink_connect(&netlink, NETLINK_ROUTE));
	/* one of these ignores the address that it sends to */
	cr_assert(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	cr_assert(dup2(pair[0], netlink.fd) == netlink.fd);
	close(pair[0]);
	kernel = pair[1];
}

static void teardown()
{
	coi_netlink_close(&netlink);
	close(kernel);
	coi_test_deinit();
}

TestSuite(netlink, .init = setup, .fini = teardown, .timeout = 20);

/** A datagram of messages. */
typedef struct {
	uint8_t buf[4096];
	size_t len;
} datagram_t;

/** Add a message of a sequence number. */
static struct nlmsghdr *put(datagram_t *datagram, uint16_t type, uint32_t seq,
							const void *body, size_t len)
{
	struct nlmsghdr *hdr = (struct nlmsghdr*)(datagram->buf + datagram->len);

	*hdr = (struct nlmsghdr){
		.nlmsg_len = NLMSG_LENGTH(len),
		.nlmsg_type = type,
		.nlmsg_seq = seq,
	};
	if (len)
	{
		memcpy(NLMSG_DATA(hdr), body, len);
	}
	datagram->len += NLMSG_SPACE(len);
	return hdr;
}

static void put_error(datagram_t *datagram, uint32_t seq, int error)
{
	struct nlmsgerr err = {
		.error = -error,
	};

	put(datagram, NLMSG_ERROR, seq, &err, sizeof(err));
}

/** Let the kernel say something. */
static void say(const datagram_t *datagram)
{
	cr_assert(send(kernel, datagram->buf, datagram->len, 0) ==
			  (ssize_t)datagram->len);
}

/** Count messages. */
static void count(void *data, struct nlmsghdr *hdr)
{
	(*(u_int*)data)++;
}

/** A change of which the kernel says what a datagram has. */
static bool change()
{
	coi_netlink_request_t request;

	coi_netlink_request(&request, XFRM_MSG_DELSA,
						sizeof(struct xfrm_usersa_id));
	return coi_netlink_change(&netlink, &request.hdr);
}

Test(netlink, request_as_on_the_wire)
{
	struct xfrm_mark mark = { .v = 7, .m = 0xff }, none = {};
	coi_netlink_request_t request;
	struct xfrm_usersa_id *id;
	uint8_t got[256];
	datagram_t answer = {};
	uint32_t if_id = 42;
	struct nlmsghdr *hdr = (struct nlmsghdr*)got;
	uint32_t *found;
	ssize_t len;

	id = coi_netlink_request(&request, XFRM_MSG_DELSA, sizeof(*id));
	id->spi = htonl(0x1234);
	coi_netlink_add_mark(&request, &none);
	coi_netlink_add_mark(&request, &mark);
	coi_netlink_add(&request, XFRMA_IF_ID, &if_id, sizeof(if_id));
	put_error(&answer, 1, 0);
	say(&answer);
	cr_assert(coi_netlink_change(&netlink, &request.hdr));
	cr_assert(netlink.error == 0);

	len = recv(kernel, got, sizeof(got), 0);
	cr_assert(len == NLMSG_LENGTH(sizeof(*id)) + 4 + sizeof(mark) + 4 + 4);
	cr_assert(hdr->nlmsg_len == len);
	cr_assert(hdr->nlmsg_type == XFRM_MSG_DELSA);
	cr_assert(hdr->nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK));
	cr_assert(hdr->nlmsg_pid == (uint32_t)getpid());
	cr_assert(hdr->nlmsg_seq == 1);
	found = coi_netlink_find(hdr, sizeof(*id), XFRMA_MARK, sizeof(mark));
	cr_assert(found && memcmp(found, &mark, sizeof(mark)) == 0);
	found = coi_netlink_find(hdr, sizeof(*id), XFRMA_IF_ID, sizeof(if_id));
	cr_assert(found && *found == if_id);
	cr_assert(!coi_netlink_find(hdr, sizeof(*id), XFRMA_IF_ID, 5));
	cr_assert(!coi_netlink_find(hdr, sizeof(*id), XFRMA_TMPL, 0));
}

Test(netlink, request_too_long_is_not_sent)
{
	uint8_t large[COI_NETLINK_REQUEST_LEN] = {}, got[16];
	coi_netlink_request_t request;
	struct nlattr *nest;

	coi_netlink_request(&request, XFRM_MSG_NEWSA, 16);
	coi_netlink_add(&request, 1, large, sizeof(large) - 100);
	cr_assert(request.hdr.nlmsg_len);
	coi_netlink_add(&request, 2, large, 100);
	/* a shorter one after it does not make it whole again */
	coi_netlink_add(&request, 3, large, 1);
	nest = coi_netlink_begin(&request, 4);
	coi_netlink_add(&request, 5, large, 1);
	coi_netlink_end(&request, nest);
	cr_assert(!coi_netlink_change(&netlink, &request.hdr));
	cr_assert(netlink.error == EMSGSIZE);
	cr_assert(recv(kernel, got, sizeof(got), MSG_DONTWAIT) == -1);

	/* nor one that has no room for what others are put into, nor for SIZE_MAX */
	coi_netlink_request(&request, XFRM_MSG_NEWSA, 16);
	coi_netlink_add(&request, 1, large, sizeof(request) - NLMSG_LENGTH(16) - 4);
	cr_assert(request.hdr.nlmsg_len == sizeof(request));
	nest = coi_netlink_begin(&request, 2);
	coi_netlink_end(&request, nest);
	cr_assert(!coi_netlink_change(&netlink, &request.hdr));
	coi_netlink_request(&request, XFRM_MSG_NEWSA, 16);
	coi_netlink_add(&request, 1, large, SIZE_MAX - 2);
	cr_assert(!coi_netlink_change(&netlink, &request.hdr));
	cr_assert(recv(kernel, got, sizeof(got), MSG_DONTWAIT) == -1);
}

Test(netlink, nested)
{
	struct nlattr *outer, *inner, *found;
	coi_netlink_request_t request;
	uint32_t value = 0x01020304;

	coi_netlink_request(&request, 1, 4);
	outer = coi_netlink_begin(&request, 10);
	coi_netlink_add(&request, 11, "kind", sizeof("kind"));
	inner = coi_netlink_begin(&request, 12);
	coi_netlink_add(&request, 13, &value, sizeof(value));
	coi_netlink_end(&request, inner);
	coi_netlink_end(&request, outer);
	coi_netlink_add(&request, 14, "x", 1);

	found = coi_netlink_find_attr(&request.hdr, 4, 10);
	cr_assert(found);
	cr_assert_str_eq(coi_netlink_value(coi_netlink_find_nested(found, 11),
									   sizeof("kind")), "kind");
	/* those behind it are not in it */
	cr_assert(!coi_netlink_find_nested(found, 14));
	found = coi_netlink_find_nested(coi_netlink_find_nested(found, 12), 13);
	cr_assert(memcmp(coi_netlink_value(found, 4), &value, 4) == 0);
	cr_assert(!coi_netlink_value(found, 5));
	cr_assert(!coi_netlink_find_nested(NULL, 13));
	cr_assert(!coi_netlink_value(NULL, 0));
}

Test(netlink, attributes_with_bad_lengths)
{
	struct {
		struct nlmsghdr hdr;
		uint8_t body[4];
		struct nlattr one;
		uint8_t value[4];
		struct nlattr two;
		uint8_t other[4];
	} message;
	u_int len;

	/* each length of the first one */
	for (len = 0; len < 64; len++)
	{
		memset(&message, 0, sizeof(message));
		message.hdr.nlmsg_len = sizeof(message);
		message.one = (struct nlattr){ len, 1 };
		message.two = (struct nlattr){ 8, 2 };
		cr_assert((coi_netlink_find(&message.hdr, 4, 1, 4) != NULL) ==
				  (len >= 8 && len <= sizeof(message) - 20), "%u", len);
		/* those after it only where it ends */
		cr_assert((coi_netlink_find(&message.hdr, 4, 2, 4) != NULL) ==
				  (len > 4 && len <= 8), "%u", len);
	}
	/* each length of the message */
	message.one = (struct nlattr){ 8, 1 };
	for (len = 0; len <= sizeof(message); len++)
	{
		message.hdr.nlmsg_len = len;
		cr_assert((coi_netlink_find(&message.hdr, 4, 1, 4) != NULL) ==
				  (len >= 28), "%u", len);
		cr_assert((coi_netlink_find(&message.hdr, 4, 2, 4) != NULL) ==
				  (len >= 36), "%u", len);
		cr_assert(!coi_netlink_find(&message.hdr, sizeof(message), 1, 0));
	}
}

Test(netlink, error_of_the_kernel)
{
	datagram_t answer = {};

	put_error(&answer, 1, ESRCH);
	say(&answer);
	cr_assert(!change());
	cr_assert(netlink.error == ESRCH);
}

Test(netlink, answer_to_another_request_is_no_answer)
{
	datagram_t answer = {}, late = {};

	put_error(&late, 0, 0);
	put_error(&late, 7, 0);
	say(&late);
	put_error(&answer, 1, EEXIST);
	say(&answer);
	cr_assert(!change());
	cr_assert(netlink.error == EEXIST);
}

Test(netlink, error_that_is_too_short)
{
	datagram_t answer = {};

	put(&answer, NLMSG_ERROR, 1, "\0\0\0\0", 4);
	say(&answer);
	cr_assert(!change());
	cr_assert(netlink.error == EBADMSG);
}

Test(netlink, message_longer_than_its_datagram)
{
	datagram_t answer = {}, right = {};
	struct nlmsghdr *hdr;

	/* its end is not there: it is as if nothing had come */
	hdr = put(&answer, NLMSG_ERROR, 1, "\0\0\0\0", 4);
	hdr->nlmsg_len += 100;
	say(&answer);
	hdr->nlmsg_len = 3;
	say(&answer);
	put_error(&right, 1, EPERM);
	say(&right);
	cr_assert(!change());
	cr_assert(netlink.error == EPERM);
}

Test(netlink, answer_that_was_wanted)
{
	coi_netlink_request_t request;
	datagram_t answer = {};
	struct nlmsghdr *hdr;

	put(&answer, RTM_NEWROUTE, 1, "abcd", 4);
	say(&answer);
	coi_netlink_request(&request, RTM_GETROUTE, sizeof(struct rtmsg));
	hdr = coi_netlink_ask(&netlink, &request.hdr, RTM_NEWROUTE);
	cr_assert(hdr && memcmp(NLMSG_DATA(hdr), "abcd", 4) == 0);
	cr_assert(request.hdr.nlmsg_flags == NLM_F_REQUEST);

	/* an acknowledgement is none */
	answer.len = 0;
	put_error(&answer, 2, 0);
	say(&answer);
	coi_netlink_request(&request, RTM_GETROUTE, sizeof(struct rtmsg));
	cr_assert(!coi_netlink_ask(&netlink, &request.hdr, RTM_NEWROUTE));
	cr_assert(netlink.error == EBADMSG);
}

Test(netlink, nobody_answers)
{
	close(kernel);
	cr_assert(!change());
	cr_assert(netlink.error);
	kernel = dup(0);
}

Test(netlink, dump_of_several_datagrams)
{
	datagram_t answer = {};
	u_int found = 0;

	put(&answer, XFRM_MSG_NEWSA, 1, "abcd", 4);
	put(&answer, XFRM_MSG_NEWSA, 1, "abcd", 4);
	/* of another one, that broke off */
	put(&answer, XFRM_MSG_NEWSA, 9, "abcd", 4);
	say(&answer);
	answer.len = 0;
	put(&answer, XFRM_MSG_NEWSA, 1, "abcd", 4);
	put(&answer, NLMSG_DONE, 1, "\0\0\0\0", 4);
	put(&answer, XFRM_MSG_NEWSA, 1, "abcd", 4);
	say(&answer);
	cr_assert(coi_netlink_dump(&netlink, XFRM_MSG_GETSA, count, &found));
	cr_assert(found == 3);
	cr_assert(netlink.error == 0);
}

Test(netlink, dump_that_changed_meanwhile)
{
	datagram_t answer = {};
	u_int found = 0;

	put(&answer, RTM_NEWLINK, 1, "abcd", 4)->nlmsg_flags = NLM_F_DUMP_INTR;
	put(&answer, RTM_NEWLINK, 1, "abcd", 4);
	put(&answer, NLMSG_DONE, 1, "\0\0\0\0", 4);
	say(&answer);
	cr_assert(!coi_netlink_dump(&netlink, RTM_GETLINK, count, &found));
	/* it is read to its end, so that the next one begins with its own */
	cr_assert(found == 2);
	cr_assert(netlink.error == EINTR);
	answer.len = 0;
	put(&answer, NLMSG_DONE, 2, "\0\0\0\0", 4);
	say(&answer);
	cr_assert(coi_netlink_dump(&netlink, RTM_GETLINK, count, &found));
	cr_assert(netlink.error == 0);
}

Test(netlink, dump_refused)
{
	datagram_t answer = {};
	u_int found = 0;

	put_error(&answer, 1, EPERM);
	say(&answer);
	cr_assert(!coi_netlink_dump(&netlink, XFRM_MSG_GETSA, count, &found));
	cr_assert(netlink.error == EPERM);
	/* one that is neither done nor refused */
	answer.len = 0;
	put_error(&answer, 2, 0);
	say(&answer);
	cr_assert(!coi_netlink_dump(&netlink, XFRM_MSG_GETSA, count, &found));
	cr_assert(netlink.error == EBADMSG);
	/* one that breaks off */
	close(kernel);
	cr_assert(!coi_netlink_dump(&netlink, XFRM_MSG_GETSA, count, &found));
	cr_assert(netlink.error);
	cr_assert(found == 0);
	kernel = dup(0);
}

Test(netlink, change_of_several_messages)
{
	coi_netlink_request_t request;
	datagram_t batch = {}, answer = {};
	uint8_t got[256];

	coi_netlink_request(&request, 1, 4);
	memcpy(batch.buf, &request, request.hdr.nlmsg_len);
	memcpy(batch.buf + 20, &request, request.hdr.nlmsg_len);
	put_error(&answer, 1, EOPNOTSUPP);
	put_error(&answer, 1, ENOENT);
	say(&answer);
	cr_assert(!coi_netlink_change_all(&netlink, batch.buf, 40));
	/* the first word counts */
	cr_assert(netlink.error == EOPNOTSUPP);
	cr_assert(recv(kernel, got, sizeof(got), 0) == 40);
	cr_assert(((struct nlmsghdr*)got)->nlmsg_seq == 1);
	cr_assert(((struct nlmsghdr*)(got + 20))->nlmsg_seq == 1);

	/* none, or one of which a part is missing */
	cr_assert(!coi_netlink_change_all(&netlink, batch.buf, 0));
	cr_assert(netlink.error == EMSGSIZE);
	cr_assert(!coi_netlink_change_all(&netlink, batch.buf, 30));
	cr_assert(netlink.error == EMSGSIZE);
	cr_assert(recv(kernel, got, sizeof(got), MSG_DONTWAIT) == -1);
}

Test(netlink, hear)
{
	datagram_t news = {};
	u_int found = 0, i;

	cr_assert(coi_netlink_hear(&netlink, count, &found) == EAGAIN);
	/* whatever their numbers are, up to one that is broken */
	put(&news, RTM_NEWLINK, 0, "abcd", 4);
	put(&news, RTM_DELLINK, 5, "abcd", 4);
	put(&news, RTM_DELLINK, 5, "abcd", 4)->nlmsg_len = 5;
	put(&news, RTM_DELLINK, 5, "abcd", 4);
	say(&news);
	cr_assert(coi_netlink_hear(&netlink, count, &found) == 0);
	cr_assert(found == 2);
	for (i = 0; i < news.len; i++)
	{
		cr_assert(netlink.buf[i] == 0);
	}
}

Test(netlink, hear_what_is_too_long)
{
	uint8_t *large = calloc(1, 70000);
	int size = 1 << 20;
	u_int found = 0;

	((struct nlmsghdr*)large)->nlmsg_len = 70000;
	cr_assert(setsockopt(kernel, SOL_SOCKET, SO_SNDBUFFORCE, &size,
						 sizeof(size)) == 0 ||
			  setsockopt(kernel, SOL_SOCKET, SO_SNDBUF, &size,
						 sizeof(size)) == 0);
	cr_assert(send(kernel, large, 70000, 0) == 70000);
	cr_assert(coi_netlink_hear(&netlink, count, &found) == EMSGSIZE);
	cr_assert(found == 0);
	free(large);
}

/** Find the loopback interface in a dump. */
static void find_loopback(void *data, struct nlmsghdr *hdr)
{
	char *name = coi_netlink_find(hdr, sizeof(struct ifinfomsg), IFLA_IFNAME,
								  sizeof("lo"));

	if (name && streq(name, "lo"))
	{
		*(bool*)data = TRUE;
	}
}

Test(netlink, real_kernel)
{
	coi_netlink_request_t request;
	struct nlmsghdr *hdr;
	struct rtmsg *msg;
	coi_netlink_t route;
	bool found = FALSE;

	cr_assert(coi_netlink_connect(&route, NETLINK_ROUTE));
	coi_netlink_request(&request, RTM_GETLINK, sizeof(struct ifinfomsg));
	cr_assert(coi_netlink_dump_by(&route, &request.hdr, find_loopback, &found));
	cr_assert(found);
	msg = coi_netlink_request(&request, RTM_GETROUTE, sizeof(*msg));
	msg->rtm_family = AF_INET;
	msg->rtm_dst_len = 32;
	coi_netlink_add(&request, RTA_DST, "\x7f\0\0\1", 4);
	hdr = coi_netlink_ask(&route, &request.hdr, RTM_NEWROUTE);
	cr_assert(hdr && ((struct rtmsg*)NLMSG_DATA(hdr))->rtm_type == RTN_LOCAL);
	/* it has no such request */
	coi_netlink_request(&request, 0x3ff, 4);
	cr_assert(!coi_netlink_change(&route, &request.hdr));
	cr_assert(route.error == EOPNOTSUPP);
	cr_assert(coi_netlink_join(&route, RTNLGRP_LINK));
	cr_assert(!coi_netlink_join(&route, 100000));
	cr_assert(route.error == EINVAL);
	coi_netlink_close(&route);
	cr_assert(!coi_netlink_connect(&route, 1000));
	cr_assert(route.error == EPROTONOSUPPORT);
}

static void *wait_for_reserve(void *data)
{
	coi_netlink_t *mine = data;

	cr_assert(coi_netlink_open(mine));
	return NULL;
}

Test(netlink, reserve)
{
	coi_netlink_t one, other, waiting;
	thread_t *thread;
	uint32_t seq;

	cr_assert(coi_netlink_init());
	cr_assert(coi_netlink_init());
	cr_assert(coi_netlink_open(&one));
	cr_assert(!one.reserve);
	/* no more descriptors */
	while (dup(0) != -1)
	{
	}
	cr_assert(errno == EMFILE);
	cr_assert(coi_netlink_open(&other));
	cr_assert(other.reserve);
	seq = ++other.seq;
	thread = thread_create(wait_for_reserve, &waiting);
	cr_assert(thread);
	usleep(20000);
	coi_netlink_close(&other);
	thread->join(thread);
	cr_assert(waiting.reserve);
	/* answers to what was asked before are none */
	cr_assert(waiting.seq == seq);
	coi_netlink_close(&waiting);
	coi_netlink_close(&one);
	coi_netlink_deinit();
}
