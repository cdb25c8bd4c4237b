/* SPDX-License-Identifier: GPL-2.0-or-later */

/* sockets that systemd has bound: which ones are taken */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "net/coi_inherited_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST 3

typedef struct {
	int family;
	int type;
	bool loopback;
	bool v6only;
	bool shared;
} kind_t;

/** Bind a socket to any port, which is returned. */
static uint16_t bind_one(const kind_t *kind, int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr = {};
	socklen_t len = sizeof(addr);
	int made, on = 1, only = kind->v6only;

	made = socket(kind->family, kind->type, 0);
	addr.any.sa_family = kind->family;
	if (kind->family == AF_INET6)
	{
		setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
		addr.in6.sin6_addr = kind->loopback ? in6addr_loopback : in6addr_any;
	}
	else
	{
		addr.in.sin_addr.s_addr = htonl(kind->loopback ? INADDR_LOOPBACK
													   : INADDR_ANY);
	}
	if (kind->shared)
	{
		setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	}
	if (bind(made, &addr.any, sizeof(addr)) != 0 ||
		getsockname(made, &addr.any, &len) != 0)
	{
		_exit(99);
	}
	dup2(made, fd);
	return ntohs(kind->family == AF_INET ? addr.in.sin_port
										 : addr.in6.sin6_port);
}

/** Let systemd be somebody who hands over this many sockets. */
static void hand_over(int count, int pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", count);
	setenv("LISTEN_FDS", number, 1);
	snprintf(number, sizeof(number), "%d", pid);
	setenv("LISTEN_PID", number, 1);
}

/** Whether a socket of a kind is taken, in a process of its own that may do with
 * its descriptors what it likes. */
static bool is_taken(kind_t kind, int family, int other_port, bool mine)
{
	int status, fd;
	uint16_t port;
	pid_t pid;

	pid = fork();
	if (!pid)
	{
		close(FIRST);
		port = bind_one(&kind, FIRST + 1);
		hand_over(2, mine ? getpid() : getpid() + 1);
		fd = coi_inherited_sockets_take(family, port + other_port);
		_exit(fd >= FIRST + 2 ? 1 : fd == -1 ? 0 : 98);
	}
	waitpid(pid, &status, 0);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "the child failed");
	return WEXITSTATUS(status) == 1;
}

Test(inherited, fits)
{
	const kind_t v4 = { .family = AF_INET, .type = SOCK_DGRAM };
	const kind_t v6 = { .family = AF_INET6, .type = SOCK_DGRAM, .v6only = TRUE };

	cr_assert(is_taken(v4, AF_INET, 0, TRUE));
	cr_assert(is_taken(v6, AF_INET6, 0, TRUE));
}

Test(inherited, does_not_fit)
{
	const kind_t good = { .family = AF_INET, .type = SOCK_DGRAM };
	const kind_t both = { .family = AF_INET6, .type = SOCK_DGRAM };
	kind_t kind = good;

	cr_assert(!is_taken(good, AF_INET6, 0, TRUE), "family");
	cr_assert(!is_taken(good, AF_INET, 1, TRUE), "port");
	cr_assert(!is_taken(good, AF_INET, 0, FALSE), "meant for a parent");
	cr_assert(!is_taken(both, AF_INET6, 0, TRUE), "both families");
	kind.type = SOCK_STREAM;
	cr_assert(!is_taken(kind, AF_INET, 0, TRUE), "type");
	kind = good;
	kind.loopback = TRUE;
	cr_assert(!is_taken(kind, AF_INET, 0, TRUE), "one address");
	kind = good;
	kind.shared = TRUE;
	cr_assert(!is_taken(kind, AF_INET, 0, TRUE), "shared");
}

Test(inherited, stale)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
	} addr = {};
	const kind_t kind = { .family = AF_INET, .type = SOCK_DGRAM };
	char octet;
	int status, from, fd;
	pid_t pid;

	pid = fork();
	if (!pid)
	{
		close(FIRST + 1);
		addr.in.sin_family = AF_INET;
		addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		addr.in.sin_port = htons(bind_one(&kind, FIRST));
		hand_over(1, getpid());
		from = socket(AF_INET, SOCK_DGRAM, 0);
		if (sendto(from, "old", 3, 0, &addr.any, sizeof(addr.in)) != 3)
		{
			_exit(1);
		}
		fd = coi_inherited_sockets_take(AF_INET, ntohs(addr.in.sin_port));
		/* the old one is gone, a new one arrives, and it may be taken again */
		_exit(fd < 0 || recv(fd, &octet, 1, MSG_DONTWAIT) >= 0 ||
			  sendto(from, "n", 1, 0, &addr.any, sizeof(addr.in)) != 1 ||
			  recv(fd, &octet, 1, 0) != 1 || octet != 'n' ||
			  coi_inherited_sockets_take(AF_INET,
										 ntohs(addr.in.sin_port)) < 0 ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
