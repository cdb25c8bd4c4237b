/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_inherited_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/** the first descriptor that systemd hands over */
#define FIRST 3

/** no unit has more sockets */
#define MAX_COUNT 64

/** datagrams that are thrown away at most: nobody shall keep us busy */
#define MAX_STALE 100000

/**
 * Get the number of descriptors that were handed to this process, not to a
 * parent of it.
 */
static int get_count()
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!pid || !fds || strtoul(pid, NULL, 10) != (unsigned long)getpid())
	{
		return 0;
	}
	return max(min(atoi(fds), MAX_COUNT), 0);
}

static int get_int(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, option, &value, &len) == 0 ? value : -1;
}

/**
 * Whether a socket is what we would have made, but for options that can still
 * be set.
 */
static bool fits(int fd, int family, uint16_t port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr = {};
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.any, &len) != 0 ||
		addr.any.sa_family != family ||
		get_int(fd, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM ||
		get_int(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_UDP ||
		/* with it another user's socket may get what is meant for us */
		get_int(fd, SOL_SOCKET, SO_REUSEPORT) != 0)
	{
		return FALSE;
	}
	if (family == AF_INET)
	{
		return addr.in.sin_port == htons(port) &&
			   addr.in.sin_addr.s_addr == htonl(INADDR_ANY);
	}
	return addr.in6.sin6_port == htons(port) &&
		   IN6_IS_ADDR_UNSPECIFIED(&addr.in6.sin6_addr) &&
		   get_int(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 1;
}

void coi_inherited_sockets_drain(int fd)
{
	char octet;
	int i;

	for (i = 0; i < MAX_STALE; i++)
	{
		if (recv(fd, &octet, sizeof(octet), MSG_DONTWAIT | MSG_TRUNC) < 0 &&
			(errno == EAGAIN || errno == EWOULDBLOCK))
		{
			break;
		}
	}
}

int coi_inherited_sockets_take(int family, uint16_t port)
{
	int i, fd, mine, count = get_count();

	for (i = 0; i < count; i++)
	{
		fd = FIRST + i;
		if (!fits(fd, family, port))
		{
			continue;
		}
		/* a copy, so that it is there again when the plugin is reloaded; the
		 * original does not reach updown scripts */
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		mine = fcntl(fd, F_DUPFD_CLOEXEC, FIRST + count);
		if (mine >= 0)
		{
			fcntl(mine, F_SETFL, fcntl(mine, F_GETFL) | O_NONBLOCK);
			coi_inherited_sockets_drain(mine);
		}
		return mine;
	}
	return -1;
}
