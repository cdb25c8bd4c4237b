/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_sd_notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void coi_sd_notify_status(const char *fmt, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = {
		.sun_family = AF_UNIX,
	};
	char text[1024] = "STATUS=";
	socklen_t len;
	va_list args;
	int fd;

	if (!path || (*path != '/' && *path != '@') ||
		strlen(path) >= sizeof(addr.sun_path))
	{
		return;
	}
	va_start(args, fmt);
	vsnprintf(text + strlen(text), sizeof(text) - strlen(text), fmt, args);
	va_end(args);
	/* a line ends a field */
	text[strcspn(text, "\n")] = '\0';
	memcpy(addr.sun_path, path, strlen(path));
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (*path == '@')
	{	/* abstract */
		addr.sun_path[0] = '\0';
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
	{
		/* whether it is heard makes no difference to us */
		if (sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
				   (struct sockaddr*)&addr, len) < 0)
		{
			text[0] = '\0';
		}
		close(fd);
	}
}
