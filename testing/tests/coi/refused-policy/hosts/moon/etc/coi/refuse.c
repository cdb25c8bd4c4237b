/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loaded into charon before libc: bends messages with policies, so that the kernel
 * refuses them, while /tmp/refuse is there: all if it is empty, else those with
 * the address in it as network at either end that do not drop.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int refused(const struct xfrm_userpolicy_info *info)
{
	char text[64] = "";
	struct in_addr addr;
	FILE *file;

	file = fopen("/tmp/refuse", "re");
	if (!file)
	{
		return 0;
	}
	if (!fgets(text, sizeof(text), file))
	{
		text[0] = '\0';
	}
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return !*text || (info->action == XFRM_POLICY_ALLOW &&
					  inet_pton(AF_INET, text, &addr) == 1 &&
					  (info->sel.daddr.a4 == addr.s_addr ||
					   info->sel.saddr.a4 == addr.s_addr));
}

ssize_t sendto(int fd, const void *data, size_t len, int flags,
			   const struct sockaddr *to, socklen_t to_len)
{
	ssize_t (*next)(int, const void*, size_t, int, const struct sockaddr*,
					socklen_t) = dlsym(RTLD_NEXT, "sendto");
	struct xfrm_userpolicy_info info;
	struct nlmsghdr hdr;
	char bent[8192];

	if (!to || to->sa_family != AF_NETLINK || len > sizeof(bent) ||
		len < NLMSG_LENGTH(sizeof(info)))
	{
		return next(fd, data, len, flags, to, to_len);
	}
	memcpy(&hdr, data, sizeof(hdr));
	memcpy(&info, (const char*)data + NLMSG_HDRLEN, sizeof(info));
	if ((hdr.nlmsg_type == XFRM_MSG_NEWPOLICY ||
		 hdr.nlmsg_type == XFRM_MSG_UPDPOLICY) && refused(&info))
	{
		memcpy(bent, data, len);
		info.dir = 0x7f;
		memcpy(bent + NLMSG_HDRLEN, &info, sizeof(info));
		data = bent;
	}
	return next(fd, data, len, flags, to, to_len);
}
