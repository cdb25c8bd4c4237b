/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_raw.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

fake_raw_t fake_raw;

static bool is_raw(int fd)
{
	return fd >= 0 && fd < (int)countof(fake_raw.protocol) &&
		   fake_raw.protocol[fd];
}

int socket(int family, int type, int protocol)
{
	int fd;

	if ((type & 0xf) != SOCK_RAW || (family != AF_INET && family != AF_INET6))
	{
		return syscall(SYS_socket, family, type, protocol);
	}
	if (family == AF_INET ? fake_raw.no_v4 : fake_raw.no_v6)
	{
		errno = EPERM;
		return -1;
	}
	/* a descriptor that does nothing */
	fd = syscall(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && fd < (int)countof(fake_raw.protocol))
	{
		fake_raw.protocol[fd] = protocol;
		fake_raw.open++;
	}
	return fd;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	if (!is_raw(fd))
	{
		return syscall(SYS_setsockopt, fd, level, option, value, len);
	}
	if (level == SOL_SOCKET && option == SO_MARK)
	{
		memcpy(&fake_raw.mark[fd], value, sizeof(fake_raw.mark[fd]));
	}
	return 0;
}

ssize_t sendto(int fd, const void *data, size_t len, int flags,
			   const struct sockaddr *to, socklen_t to_len)
{
	if (!is_raw(fd))
	{
		return syscall(SYS_sendto, fd, data, len, flags, to, to_len);
	}
	if (fake_raw.refuse)
	{
		errno = EPERM;
		return -1;
	}
	fake_raw.count++;
	fake_raw.family = to->sa_family;
	fake_raw.by_protocol = fake_raw.protocol[fd];
	DESTROY_IF(fake_raw.to);
	fake_raw.to = host_create_from_sockaddr((struct sockaddr*)to);
	fake_raw.len = min(len, sizeof(fake_raw.data));
	memcpy(fake_raw.data, data, fake_raw.len);
	return len;
}

int close(int fd)
{
	if (is_raw(fd))
	{
		fake_raw.protocol[fd] = 0;
		fake_raw.open--;
	}
	return syscall(SYS_close, fd);
}
