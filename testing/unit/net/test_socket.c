/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the UDP sockets: octets in and out over the loopback device, and what does
 * not come through */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "net/coi_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO chunk_from_str("hello")

static coi_socket_t *sock;

/** our ports, and that of somebody else; tests run at the same time */
static uint16_t ours, idle, theirs;

static char why[COI_OBSTACLE_TEXT];

/** what charon's watcher was given, NULL if nothing */
static watcher_cb_t watched;
static void *watched_data;
static int watched_fd;

/** descriptors that were exempted from IPsec, and whether the kernel does
 * that */
static int exempted[2], decap[2];
static bool refuse;

/** what came in last, and how much did */
static struct {
	u_int count;
	bool tunnel;
	host_t *src;
	host_t *dst;
	chunk_t datagram;
} got;

static bool bypass_socket(kernel_interface_t *this, int fd, int family)
{
	exempted[family == AF_INET6] = fd;
	return !refuse;
}

static bool enable_udp_decap(kernel_interface_t *this, int fd, int family,
							 uint16_t port)
{
	cr_expect_eq(port, ours);
	decap[family == AF_INET6]++;
	return TRUE;
}

static void watcher_add(watcher_t *this, int fd, watcher_event_t events,
						watcher_cb_t cb, void *data)
{
	watched = cb;
	watched_data = data;
	watched_fd = fd;
}

static void watcher_remove(watcher_t *this, int fd)
{
	cr_expect_eq(fd, watched_fd);
	watched = NULL;
}

static void no_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
}

static kernel_interface_t kernel = {
	.bypass_socket = bypass_socket,
	.enable_udp_decap = enable_udp_decap,
};

static watcher_t watcher = {
	.add = watcher_add,
	.remove = watcher_remove,
}, *real_watcher;

static bus_t bus = {
	.log = no_log,
};

static daemon_t fake_daemon;

static void on_datagram(void *data, bool tunnel, host_t *src, host_t *dst,
						chunk_t datagram)
{
	cr_expect_eq(data, &got);
	got.count++;
	got.tunnel = tunnel;
	DESTROY_IF(got.src);
	DESTROY_IF(got.dst);
	got.src = src->clone(src);
	got.dst = dst->clone(dst);
	chunk_free(&got.datagram);
	got.datagram = chunk_clone(datagram);
}

/** Get a port that nobody has, in either family. */
static uint16_t find_port()
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	cr_assert(bind(fd, (void*)&addr, len) == 0 &&
			  getsockname(fd, (void*)&addr, &len) == 0);
	close(fd);
	return ntohs(addr.sin6_port);
}

static void setup()
{
	coi_test_init();
	ours = find_port();
	idle = find_port();
	theirs = find_port();
	fake_daemon.kernel = &kernel;
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	real_watcher = lib->watcher;
	lib->watcher = &watcher;
	sock = coi_socket_create(ours, idle);
}

static void teardown()
{
	sock->destroy(sock);
	cr_expect_null(watched, "nothing is called back any more");
	lib->watcher = real_watcher;
	DESTROY_IF(got.src);
	DESTROY_IF(got.dst);
	chunk_free(&got.datagram);
}

TestSuite(socket, .init = setup, .fini = teardown);

static void open_and_start()
{
	cr_assert(sock->open(sock, why), "%s", why);
	sock->start(sock, on_datagram, &got);
	cr_assert(watched);
}

/** Take what has come in. */
static void take()
{
	watched(watched_data, watched_fd, WATCHER_READ);
}

/** Bind a socket of somebody else to an address of the loopback device. */
static int bind_one(const char *addr, uint16_t port)
{
	host_t *host = host_create_from_string((char*)addr, port);
	int fd;

	fd = socket(host->get_family(host), SOCK_DGRAM | SOCK_NONBLOCK, 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, host->get_sockaddr(host),
					  *host->get_sockaddr_len(host)), 0);
	host->destroy(host);
	return fd;
}

static void send_from(int fd, const char *addr, uint16_t port, chunk_t datagram)
{
	host_t *to = host_create_from_string((char*)addr, port);

	cr_assert_eq(sendto(fd, datagram.ptr, datagram.len, 0, to->get_sockaddr(to),
						*to->get_sockaddr_len(to)), (ssize_t)datagram.len);
	to->destroy(to);
}

static void expect_host(host_t *host, const char *addr, uint16_t port)
{
	host_t *wanted = host_create_from_string((char*)addr, port);

	cr_assert(host);
	cr_expect(host->ip_equals(host, wanted), "not %s", addr);
	cr_expect(!port || host->get_port(host) == port, "port %u",
			  host->get_port(host));
	wanted->destroy(wanted);
}

/** Send by our socket. */
static bool send_to(bool tunnel, const char *src, const char *dst,
					uint16_t port)
{
	host_t *from, *to;
	bool success;

	from = src ? host_create_from_string((char*)src, 1) : NULL;
	to = host_create_from_string((char*)dst, port);
	success = sock->send(sock, tunnel, from, to, (coi_sendmsg_t){}, HELLO);
	DESTROY_IF(from);
	to->destroy(to);
	return success;
}

Test(socket, received)
{
	const struct {
		const char *from;
		const char *to;
		uint16_t port;
	} cases[] = {
		{ "127.0.0.2", "127.0.0.3", ours },
		{ "127.0.0.2", "127.0.0.4", idle },
		{ "::1", "::1", ours },
		{ "::1", "::1", idle },
	};
	u_int i;
	int fd;

	open_and_start();
	cr_expect(decap[0] == 1 && decap[1] == 1);
	for (i = 0; i < countof(cases); i++)
	{
		fd = bind_one(cases[i].from, theirs);
		send_from(fd, cases[i].to, cases[i].port, HELLO);
		take();
		cr_assert_eq(got.count, i + 1);
		cr_expect_eq(got.tunnel, cases[i].port == idle);
		expect_host(got.src, cases[i].from, theirs);
		expect_host(got.dst, cases[i].to, cases[i].port);
		cr_expect(chunk_equals(got.datagram, HELLO));
		close(fd);
	}
	take();
	cr_expect_eq(got.count, countof(cases), "none comes twice");
}

Test(socket, oversized)
{
	uint8_t buf[COI_MAX_DATAGRAM + 100] = {};
	int fd = bind_one("127.0.0.2", 0);

	open_and_start();
	send_from(fd, "127.0.0.1", ours, chunk_create(buf, COI_MAX_DATAGRAM));
	take();
	cr_expect_eq(got.datagram.len, COI_MAX_DATAGRAM);
	/* told by an octet more than may be */
	send_from(fd, "127.0.0.1", ours, chunk_from_thing(buf));
	take();
	cr_expect_eq(got.datagram.len, COI_MAX_DATAGRAM + 1);
	/* an empty one is one, too */
	send_from(fd, "127.0.0.1", ours, chunk_empty);
	take();
	cr_expect(got.count == 3 && !got.datagram.len);
	close(fd);
}

/** Without the address that it was sent to a datagram is of no use. */
Test(socket, no_destination)
{
	int v4 = bind_one("127.0.0.2", 0), v6 = bind_one("::1", 0), off = 0, on = 1;

	open_and_start();
	setsockopt(exempted[0], IPPROTO_IP, IP_PKTINFO, &off, sizeof(off));
	setsockopt(exempted[1], IPPROTO_IPV6, IPV6_RECVPKTINFO, &off, sizeof(off));
	send_from(v4, "127.0.0.1", ours, HELLO);
	send_from(v6, "::1", ours, HELLO);
	take();
	cr_expect_eq(got.count, 0);
	setsockopt(exempted[0], IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	send_from(v4, "127.0.0.1", ours, HELLO);
	take();
	cr_expect_eq(got.count, 1, "the next is taken");
	close(v4);
	close(v6);
}

/** A socket of systemd's may have options that add more than the address. */
Test(socket, more_ancillary_data)
{
	static const struct {
		int level;
		int option;
	} more[] = {
		{ SOL_SOCKET, SO_TIMESTAMP },
		{ SOL_SOCKET, SO_RXQ_OVFL },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT },
		{ IPPROTO_IPV6, IPV6_RECVTCLASS },
	};
	int fd = bind_one("::1", 0), on = 1;
	u_int i;

	open_and_start();
	for (i = 0; i < countof(more); i++)
	{
		cr_assert_eq(setsockopt(exempted[1], more[i].level, more[i].option, &on,
								sizeof(on)), 0);
		send_from(fd, "::1", ours, HELLO);
		take();
		cr_assert_eq(got.count, i + 1, "%u", i);
		expect_host(got.dst, "::1", ours);
		cr_expect(chunk_equals(got.datagram, HELLO));
	}
	close(fd);
}

/** What came before anybody listened is of openings that were given up. */
Test(socket, drained)
{
	int fd = bind_one("127.0.0.2", 0);

	cr_assert(sock->open(sock, why), "%s", why);
	send_from(fd, "127.0.0.1", ours, HELLO);
	sock->start(sock, on_datagram, &got);
	take();
	cr_expect_eq(got.count, 0);
	close(fd);
}

Test(socket, sent)
{
	int fd = bind_one("127.0.0.2", theirs);
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char buf[16];

	open_and_start();
	cr_expect(send_to(FALSE, "127.0.0.9", "127.0.0.2", theirs));
	cr_assert_eq(recvfrom(fd, buf, sizeof(buf), 0, (void*)&from, &len), 5);
	cr_expect(memeq(buf, "hello", 5));
	cr_expect_eq(from.sin_addr.s_addr, htonl(0x7f000009), "as asked for");
	cr_expect_eq(from.sin_port, htons(ours));
	/* no port means ours, and a tunnel has the other one at both ends */
	cr_expect(send_to(FALSE, "127.0.0.9", "127.0.0.1", 0));
	take();
	cr_expect(got.count == 1 && !got.tunnel);
	expect_host(got.src, "127.0.0.9", ours);
	cr_expect(send_to(TRUE, NULL, "::1", theirs));
	take();
	cr_expect(got.count == 2 && got.tunnel);
	expect_host(got.src, "::1", idle);
	expect_host(got.dst, "::1", idle);
	close(fd);
}

/** A source of the other family does not count; one that is not ours is
 * refused. */
Test(socket, wrong_source)
{
	open_and_start();
	cr_expect(send_to(FALSE, "::1", "127.0.0.1", 0));
	take();
	cr_expect_eq(got.count, 1);
	cr_expect(send_to(FALSE, "0.0.0.0", "127.0.0.1", 0));
	take();
	cr_expect_eq(got.count, 2);
	cr_expect_not(send_to(FALSE, "192.0.2.77", "127.0.0.1", 0));
	take();
	cr_expect_eq(got.count, 2);
}

Test(socket, not_open)
{
	cr_expect_not(send_to(FALSE, NULL, "127.0.0.1", ours));
	cr_expect_not(send_to(TRUE, NULL, "::1", ours));
}

/** One port that somebody has: the others are kept while that is waited for. */
Test(socket, taken)
{
	int fd = bind_one("127.0.0.1", idle);

	cr_assert_not(sock->open(sock, why));
	cr_expect(strstr(why, "idle_port = "), "%s", why);
	cr_expect(strstr(why, "UDP/IPv4"), "%s", why);
	cr_expect(send_to(FALSE, NULL, "127.0.0.1", 0));
	cr_expect_not(send_to(TRUE, NULL, "127.0.0.1", 0));
	close(fd);
	memset(why, 0, sizeof(why));
	cr_expect(sock->open(sock, why), "%s", why);
	cr_expect(decap[0] == 1 && decap[1] == 1, "what was open stays");
	cr_expect(send_to(TRUE, NULL, "127.0.0.1", 0));
}

/** A port that is not exempted from IPsec is not kept: traps would hold it. */
Test(socket, not_exempted)
{
	refuse = TRUE;
	cr_assert_not(sock->open(sock, why));
	cr_expect(strstr(why, ".port = "), "%s", why);
	cr_expect_not(send_to(FALSE, NULL, "127.0.0.1", 0));
	refuse = FALSE;
	cr_expect(sock->open(sock, why));
	cr_expect(send_to(FALSE, NULL, "127.0.0.1", 0));
}

Test(socket, stopped)
{
	open_and_start();
	sock->stop(sock);
	cr_expect_null(watched);
	sock->stop(sock);
	cr_expect(send_to(FALSE, NULL, "127.0.0.1", 0), "but it can still send");
}
