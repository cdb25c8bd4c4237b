/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_netlink.h"

#include <errno.h>
#include <unistd.h>
#include <sys/socket.h>

#include <threading/mutex.h>

/** room for a datagram of a dump; the kernel makes none above 32 KiB */
#define BUFFER_LEN 65536

/** seconds to wait for the kernel, which answers at once */
#define ANSWER_TIME 5

/** The socket in reserve. */
static struct {
	int fd;
	/** answers to what was asked before are not taken for newer ones */
	uint32_t seq;
	/** held by who uses it; NULL if there is none */
	mutex_t *mutex;
} reserve;

/** Make a socket, -1 if that fails. */
static int open_socket()
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
	};
	struct timeval timeout = {
		.tv_sec = ANSWER_TIME,
	};
	int fd, error;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	if (fd != -1 &&
		(bind(fd, (struct sockaddr*)&addr, sizeof(addr)) != 0 ||
		 setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
					sizeof(timeout)) != 0))
	{
		error = errno;
		close(fd);
		errno = error;
		fd = -1;
	}
	return fd;
}

bool coi_netlink_init()
{
	if (!reserve.mutex)
	{
		reserve.fd = open_socket();
		if (reserve.fd == -1)
		{
			return FALSE;
		}
		reserve.mutex = mutex_create(MUTEX_TYPE_RECURSIVE);
	}
	return TRUE;
}

void coi_netlink_deinit()
{
	if (reserve.mutex)
	{
		reserve.mutex->destroy(reserve.mutex);
		reserve.mutex = NULL;
		close(reserve.fd);
	}
}

bool coi_netlink_open(coi_netlink_t *this)
{
	*this = (coi_netlink_t){
		.fd = open_socket(),
	};
	if (this->fd == -1)
	{
		if (!reserve.mutex)
		{
			DBG1(DBG_KNL, "opening XFRM socket failed: %s", strerror(errno));
			return FALSE;
		}
		reserve.mutex->lock(reserve.mutex);
		this->reserve = TRUE;
		this->fd = reserve.fd;
		this->seq = reserve.seq;
	}
	this->buf = malloc(BUFFER_LEN);
	return TRUE;
}

void coi_netlink_close(coi_netlink_t *this)
{
	/* dumped SAs have their keys */
	memwipe(this->buf, BUFFER_LEN);
	free(this->buf);
	if (this->reserve)
	{
		reserve.seq = this->seq;
		reserve.mutex->unlock(reserve.mutex);
	}
	else
	{
		close(this->fd);
	}
}

static bool xfrm_send(coi_netlink_t *this, struct nlmsghdr *hdr)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
	};
	ssize_t len;

	hdr->nlmsg_seq = ++this->seq;
	/* as kernel-netlink does: what we change is known from what others do */
	hdr->nlmsg_pid = getpid();
	do
	{
		len = sendto(this->fd, hdr, hdr->nlmsg_len, 0,
					 (struct sockaddr*)&addr, sizeof(addr));
	}
	while (len == -1 && errno == EINTR);
	return len == hdr->nlmsg_len;
}

/** Receive a datagram from the kernel, -1 if none came. */
static int xfrm_receive(coi_netlink_t *this)
{
	struct sockaddr_nl addr = {};
	struct iovec iov = {
		.iov_base = this->buf,
		.iov_len = BUFFER_LEN,
	};
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = sizeof(addr),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t len;

	do
	{
		len = recvmsg(this->fd, &msg, 0);
	}
	while ((len == -1 && errno == EINTR) || (len != -1 && addr.nl_pid != 0));
	if (msg.msg_flags & MSG_TRUNC)
	{
		return -1;
	}
	return len;
}

/** NLMSG_OK without its comparison of different signs */
static bool has_message(const struct nlmsghdr *hdr, int len)
{
	return len >= (int)sizeof(*hdr) && hdr->nlmsg_len >= sizeof(*hdr) &&
		   hdr->nlmsg_len <= (u_int)len;
}

bool coi_netlink_dump(coi_netlink_t *this, uint16_t type, coi_netlink_cb_t cb,
					  array_t *found)
{
	struct nlmsghdr *hdr, request = {
		.nlmsg_len = NLMSG_LENGTH(0),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
	};
	bool complete = TRUE;
	int len;

	if (!xfrm_send(this, &request))
	{
		return FALSE;
	}
	while (TRUE)
	{
		len = xfrm_receive(this);
		if (len <= 0)
		{
			return FALSE;
		}
		for (hdr = (struct nlmsghdr*)this->buf; has_message(hdr, len);
			 hdr = NLMSG_NEXT(hdr, len))
		{
			if (hdr->nlmsg_seq != this->seq)
			{
				continue;
			}
			if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
			{
				complete = FALSE;
			}
			if (hdr->nlmsg_type == NLMSG_DONE)
			{
				return complete;
			}
			if (hdr->nlmsg_type == NLMSG_ERROR)
			{
				return FALSE;
			}
			cb(found, hdr);
		}
	}
}

struct nlmsghdr *coi_netlink_ask(coi_netlink_t *this, struct nlmsghdr *request,
								 uint16_t reply)
{
	struct nlmsgerr *err;
	struct nlmsghdr *hdr;
	int len;

	request->nlmsg_flags = NLM_F_REQUEST | (reply ? 0 : NLM_F_ACK);
	if (!xfrm_send(this, request))
	{
		return NULL;
	}
	while ((len = xfrm_receive(this)) > 0)
	{
		for (hdr = (struct nlmsghdr*)this->buf; has_message(hdr, len);
			 hdr = NLMSG_NEXT(hdr, len))
		{
			if (hdr->nlmsg_seq != this->seq)
			{
				continue;
			}
			if (reply && hdr->nlmsg_type == reply)
			{
				return hdr;
			}
			if (hdr->nlmsg_type == NLMSG_ERROR)
			{
				err = NLMSG_DATA(hdr);
				return !reply && hdr->nlmsg_len >= NLMSG_LENGTH(sizeof(*err)) &&
					   err->error == 0 ? hdr : NULL;
			}
		}
	}
	return NULL;
}

bool coi_netlink_change(coi_netlink_t *this, struct nlmsghdr *request)
{
	return coi_netlink_ask(this, request, 0) != NULL;
}

void *coi_netlink_request(coi_netlink_request_t *request, uint16_t type,
						  size_t len)
{
	memset(request, 0, sizeof(*request));
	request->hdr.nlmsg_type = type;
	request->hdr.nlmsg_len = NLMSG_LENGTH(len);
	return NLMSG_DATA(&request->hdr);
}

void coi_netlink_add(coi_netlink_request_t *request, uint16_t type,
					 const void *data,
						size_t len)
{
	struct rtattr *rta;

	rta = (struct rtattr*)(request->buf + NLMSG_ALIGN(request->hdr.nlmsg_len));
	rta->rta_type = type;
	rta->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(rta), data, len);
	request->hdr.nlmsg_len = NLMSG_ALIGN(request->hdr.nlmsg_len) +
							 RTA_ALIGN(rta->rta_len);
}

void coi_netlink_add_mark(coi_netlink_request_t *request, const struct xfrm_mark *mark)
{
	if (mark->v || mark->m)
	{
		coi_netlink_add(request, XFRMA_MARK, mark, sizeof(*mark));
	}
}

void *coi_netlink_find(struct nlmsghdr *hdr, size_t body, uint16_t type,
							size_t len)
{
	struct rtattr *rta;
	int left;

	if (hdr->nlmsg_len < NLMSG_SPACE(body))
	{
		return NULL;
	}
	left = hdr->nlmsg_len - NLMSG_SPACE(body);
	rta = (struct rtattr*)((uint8_t*)NLMSG_DATA(hdr) + NLMSG_ALIGN(body));
	for (; RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
	{
		if (rta->rta_type == type && RTA_PAYLOAD(rta) >= len)
		{
			return RTA_DATA(rta);
		}
	}
	return NULL;
}
