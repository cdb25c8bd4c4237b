/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_netlink.h"

#include <errno.h>
#include <unistd.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

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
	/** held by whoever uses it; NULL if there is none */
	mutex_t *mutex;
} reserve;

/** Make a socket, -1 if that fails. */
static int open_socket(int protocol)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
	};
	struct timeval timeout = {
		.tv_sec = ANSWER_TIME,
	};
	int fd, error;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
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
		reserve.fd = open_socket(NETLINK_XFRM);
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

bool coi_netlink_connect(coi_netlink_t *this, int protocol)
{
	*this = (coi_netlink_t){
		.fd = open_socket(protocol),
	};
	if (this->fd == -1)
	{
		this->error = errno;
		return FALSE;
	}
	this->buf = malloc(BUFFER_LEN);
	return TRUE;
}

bool coi_netlink_open(coi_netlink_t *this)
{
	if (coi_netlink_connect(this, NETLINK_XFRM))
	{
		return TRUE;
	}
	if (!reserve.mutex)
	{
		DBG1(DBG_KNL, "opening XFRM socket failed: %s", strerror(this->error));
		return FALSE;
	}
	reserve.mutex->lock(reserve.mutex);
	*this = (coi_netlink_t){
		.fd = reserve.fd,
		.seq = reserve.seq,
		.buf = malloc(BUFFER_LEN),
		.reserve = TRUE,
	};
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

bool coi_netlink_join(coi_netlink_t *this, int group)
{
	if (setsockopt(this->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
				   sizeof(group)) != 0)
	{
		this->error = errno;
		return FALSE;
	}
	return TRUE;
}

/** Complete messages and send them in one datagram. */
static bool send_messages(coi_netlink_t *this, void *messages, size_t len)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
	};
	struct nlmsghdr *hdr = messages;
	int left = len;
	ssize_t sent;

	this->seq++;
	for (; mnl_nlmsg_ok(hdr, left); hdr = mnl_nlmsg_next(hdr, &left))
	{
		hdr->nlmsg_seq = this->seq;
		/* as kernel-netlink does: what we change is known from what others do */
		hdr->nlmsg_pid = getpid();
	}
	if (!len || left > 0)
	{	/* one had no room for all of it */
		this->error = EMSGSIZE;
		return FALSE;
	}
	do
	{
		sent = sendto(this->fd, messages, len, 0, (struct sockaddr*)&addr,
					  sizeof(addr));
	}
	while (sent == -1 && errno == EINTR);
	if (sent != (ssize_t)len)
	{
		this->error = sent == -1 ? errno : EIO;
		return FALSE;
	}
	return TRUE;
}

/**
 * Receive a datagram from the kernel.
 *
 * @return			its length, -1 if none came, see error
 */
static int receive(coi_netlink_t *this, int flags)
{
	struct sockaddr_nl addr;
	struct iovec iov = {
		.iov_base = this->buf,
		.iov_len = BUFFER_LEN,
	};
	struct msghdr msg;
	ssize_t len;

	do
	{
		addr = (struct sockaddr_nl){};
		msg = (struct msghdr){
			.msg_name = &addr,
			.msg_namelen = sizeof(addr),
			.msg_iov = &iov,
			.msg_iovlen = 1,
		};
		len = recvmsg(this->fd, &msg, flags);
	}
	while ((len == -1 && errno == EINTR) || (len != -1 && addr.nl_pid != 0));
	if (len > 0 && !(msg.msg_flags & MSG_TRUNC))
	{
		return len;
	}
	this->error = len == -1 ? errno : len ? EMSGSIZE : EIO;
	return -1;
}

int coi_netlink_hear(coi_netlink_t *this, coi_netlink_cb_t cb, void *data)
{
	struct nlmsghdr *hdr;
	int len, left;

	len = left = receive(this, MSG_DONTWAIT);
	if (len == -1)
	{
		return this->error;
	}
	for (hdr = (struct nlmsghdr*)this->buf; mnl_nlmsg_ok(hdr, left);
		 hdr = mnl_nlmsg_next(hdr, &left))
	{
		cb(data, hdr);
	}
	memwipe(this->buf, len);
	return 0;
}

/** Errno of an NLMSG_ERROR, 0 for an acknowledgement. */
static int get_error(struct nlmsghdr *hdr)
{
	struct nlmsgerr *err = mnl_nlmsg_get_payload(hdr);

	return hdr->nlmsg_len < NLMSG_LENGTH(sizeof(*err)) ? EBADMSG : -err->error;
}

bool coi_netlink_dump_by(coi_netlink_t *this, struct nlmsghdr *request,
						 coi_netlink_cb_t cb, void *data)
{
	struct nlmsghdr *hdr;
	bool complete = TRUE;
	int left;

	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	if (!send_messages(this, request, request->nlmsg_len))
	{
		return FALSE;
	}
	while ((left = receive(this, 0)) != -1)
	{
		for (hdr = (struct nlmsghdr*)this->buf; mnl_nlmsg_ok(hdr, left);
			 hdr = mnl_nlmsg_next(hdr, &left))
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
				this->error = complete ? 0 : EINTR;
				return complete;
			}
			if (hdr->nlmsg_type == NLMSG_ERROR)
			{
				this->error = get_error(hdr) ?: EBADMSG;
				return FALSE;
			}
			cb(data, hdr);
		}
	}
	return FALSE;
}

bool coi_netlink_dump(coi_netlink_t *this, uint16_t type, coi_netlink_cb_t cb,
					  void *data)
{
	struct nlmsghdr request = {
		.nlmsg_len = NLMSG_LENGTH(0),
		.nlmsg_type = type,
	};

	return coi_netlink_dump_by(this, &request, cb, data);
}

/** Send messages and wait for an answer, as coi_netlink_ask(). */
static struct nlmsghdr *ask(coi_netlink_t *this, void *messages, size_t len,
							uint16_t reply)
{
	struct nlmsghdr *hdr;
	int left;

	if (!send_messages(this, messages, len))
	{
		return NULL;
	}
	while ((left = receive(this, 0)) != -1)
	{
		for (hdr = (struct nlmsghdr*)this->buf; mnl_nlmsg_ok(hdr, left);
			 hdr = mnl_nlmsg_next(hdr, &left))
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
				this->error = get_error(hdr);
				if (!this->error && reply)
				{	/* done, but the answer is missing */
					this->error = EBADMSG;
				}
				return this->error ? NULL : hdr;
			}
		}
	}
	return NULL;
}

struct nlmsghdr *coi_netlink_ask(coi_netlink_t *this, struct nlmsghdr *request,
								 uint16_t reply)
{
	request->nlmsg_flags |= NLM_F_REQUEST | (reply ? 0 : NLM_F_ACK);
	return ask(this, request, request->nlmsg_len, reply);
}

bool coi_netlink_change(coi_netlink_t *this, struct nlmsghdr *request)
{
	return coi_netlink_ask(this, request, 0) != NULL;
}

bool coi_netlink_change_all(coi_netlink_t *this, void *messages, size_t len)
{
	return ask(this, messages, len, 0) != NULL;
}

void *coi_netlink_request(coi_netlink_request_t *request, uint16_t type,
						  size_t len)
{
	memset(request, 0, sizeof(*request));
	mnl_nlmsg_put_header(request);
	request->hdr.nlmsg_type = type;
	return mnl_nlmsg_put_extra_header(&request->hdr, len);
}

/** Let a request never be sent if there was no room for a part of it. */
static void check_room(coi_netlink_request_t *request, bool room)
{
	if (!room)
	{
		request->hdr.nlmsg_len = 0;
	}
}

void coi_netlink_add(coi_netlink_request_t *request, uint16_t type,
					 const void *data, size_t len)
{
	check_room(request, request->hdr.nlmsg_len && len <= sizeof(*request) &&
			   mnl_attr_put_check(&request->hdr, sizeof(*request), type, len,
								  data));
}

void coi_netlink_add_mark(coi_netlink_request_t *request,
						  const struct xfrm_mark *mark)
{
	if (mark->v || mark->m)
	{
		coi_netlink_add(request, XFRMA_MARK, mark, sizeof(*mark));
	}
}

struct nlattr *coi_netlink_begin(coi_netlink_request_t *request, uint16_t type)
{
	struct nlattr *nest = NULL;

	if (request->hdr.nlmsg_len)
	{
		nest = mnl_attr_nest_start_check(&request->hdr, sizeof(*request), type);
	}
	check_room(request, nest != NULL);
	return nest;
}

void coi_netlink_end(coi_netlink_request_t *request, struct nlattr *nest)
{
	if (request->hdr.nlmsg_len)
	{
		mnl_attr_nest_end(&request->hdr, nest);
	}
}

/** Find an attribute among some octets of them, NULL if it is not there. */
static struct nlattr *find(void *first, int left, uint16_t type)
{
	struct nlattr *attr;

	for (attr = first; mnl_attr_ok(attr, left); attr = mnl_attr_next(attr))
	{
		if (mnl_attr_get_type(attr) == type)
		{
			return attr;
		}
		left -= MNL_ALIGN(attr->nla_len);
	}
	return NULL;
}

struct nlattr *coi_netlink_find_attr(struct nlmsghdr *hdr, size_t body,
									 uint16_t type)
{
	if (hdr->nlmsg_len < NLMSG_SPACE(body))
	{
		return NULL;
	}
	return find(mnl_nlmsg_get_payload_offset(hdr, body),
				hdr->nlmsg_len - NLMSG_SPACE(body), type);
}

struct nlattr *coi_netlink_find_nested(struct nlattr *attr, uint16_t type)
{
	return attr ? find(mnl_attr_get_payload(attr),
					   mnl_attr_get_payload_len(attr), type) : NULL;
}

void *coi_netlink_value(struct nlattr *attr, size_t len)
{
	return attr && mnl_attr_get_payload_len(attr) >= len
				? mnl_attr_get_payload(attr) : NULL;
}

void *coi_netlink_find(struct nlmsghdr *hdr, size_t body, uint16_t type,
					   size_t len)
{
	return coi_netlink_value(coi_netlink_find_attr(hdr, body, type), len);
}
