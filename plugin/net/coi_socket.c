/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_socket.h"
#include "coi_inherited_sockets.h"
#include "core/coi_limits.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/** datagrams taken from one socket before the others have their turn */
#define MAX_BURST 64

/**
 * octets of the receive buffer: a burst of openings must survive the time that
 * it takes to answer one, also while strangers fill it
 */
#define RECEIVE_BUFFER (1024 * 1024)

/** octets of ancillary data that are received: the address, and what options
 * may add that systemd has set on a socket of its own, such as a time */
#define CONTROL_LEN 256

typedef struct private_coi_socket_t private_coi_socket_t;
typedef struct endpoint_t endpoint_t;
typedef union control_t control_t;

/** Room for ancillary data that is received. */
union control_t {
	struct cmsghdr align;
	uint8_t octets[CONTROL_LEN];
};

/** One of the sockets, of one port and one family. */
struct endpoint_t {
	int fd;
	int family;
	bool tunnel;
	uint16_t port;
	/** written again for each datagram, so that none costs an allocation; used
	 * by the watcher's callback alone */
	host_t *src;
	host_t *dst;
};

enum {
	COI_V4,
	COI_V6,
	IDLE_V4,
	IDLE_V6,
	ENDPOINTS,
};

/**
 * Until it was started, one thread at a time changes it; then nothing changes,
 * hence no lock.
 */
struct private_coi_socket_t {

	coi_socket_t public;

	endpoint_t endpoints[ENDPOINTS];

	/** watches all endpoints; being one descriptor for charon's watcher is what
	 * makes it call us from one thread at a time */
	int epoll;

	/** TRUE from start() to stop() */
	bool watched;

	coi_socket_cb_t cb;
	void *data;
};

/**
 * Read ancillary data of a type; FALSE if it is another one, or cut off.
 */
static bool read_ancillary(struct cmsghdr *cmsg, int level, int type,
						   void *data, size_t len)
{
	if (cmsg->cmsg_level != level || cmsg->cmsg_type != type ||
		cmsg->cmsg_len < CMSG_LEN(len))
	{
		return FALSE;
	}
	memcpy(data, CMSG_DATA(cmsg), len);
	return TRUE;
}

/**
 * Get the address that a datagram was sent to from its ancillary data.
 */
static bool get_destination(struct msghdr *msg, endpoint_t *at)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg))
	{
		struct in_pktinfo info;
		struct in6_pktinfo info6;

		if (at->family == AF_INET &&
			read_ancillary(cmsg, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info)))
		{
			struct sockaddr_in *sin = (void*)at->dst->get_sockaddr(at->dst);

			sin->sin_addr = info.ipi_addr;
			return TRUE;
		}
		if (at->family == AF_INET6 &&
			read_ancillary(cmsg, IPPROTO_IPV6, IPV6_PKTINFO, &info6,
						   sizeof(info6)))
		{
			struct sockaddr_in6 *sin6 = (void*)at->dst->get_sockaddr(at->dst);

			sin6->sin6_addr = info6.ipi6_addr;
			/* a link-local answer must leave where the datagram came in */
			sin6->sin6_scope_id = IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr) ?
												info6.ipi6_ifindex : 0;
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Take one datagram from a socket and hand it on.
 *
 * @return			FALSE if there is none left
 */
static bool receive(private_coi_socket_t *this, endpoint_t *at)
{
	uint8_t buf[COI_MAX_DATAGRAM + 1];
	control_t control;
	struct iovec iov = {
		.iov_base = buf,
		.iov_len = sizeof(buf),
	};
	struct msghdr msg = {
		.msg_name = at->src->get_sockaddr(at->src),
		.msg_namelen = *at->src->get_sockaddr_len(at->src),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;

	len = recvmsg(at->fd, &msg, MSG_DONTWAIT);
	if (len < 0)
	{
		if (errno == EAGAIN || errno == EWOULDBLOCK)
		{
			return FALSE;
		}
		/* whatever it is, it concerns one datagram and not the socket */
		DBG2(DBG_NET, "receiving on COI socket failed: %s", strerror(errno));
		return TRUE;
	}
	/* what did not fit is cut to one octet too many: refused by its length */
	if (get_destination(&msg, at))
	{
		this->cb(this->data, at->tunnel, at->src, at->dst,
				 chunk_create(buf, len));
	}
	return TRUE;
}

CALLBACK(on_readable, bool,
	private_coi_socket_t *this, int fd, watcher_event_t event)
{
	struct epoll_event ready[ENDPOINTS];
	int count, i, burst;

	count = epoll_wait(fd, ready, countof(ready), 0);
	for (i = 0; i < count; i++)
	{
		for (burst = 0; burst < MAX_BURST; burst++)
		{
			if (!receive(this, ready[i].data.ptr))
			{
				break;
			}
		}
	}
	return TRUE;
}

/**
 * Find the socket for a port and family.
 */
static endpoint_t *get_endpoint(private_coi_socket_t *this, bool tunnel,
								int family)
{
	int i;

	for (i = 0; i < ENDPOINTS; i++)
	{
		if (this->endpoints[i].fd != -1 &&
			this->endpoints[i].tunnel == tunnel &&
			this->endpoints[i].family == family)
		{
			return &this->endpoints[i];
		}
	}
	return NULL;
}

METHOD(coi_socket_t, send_, bool,
	private_coi_socket_t *this, bool tunnel, host_t *src, host_t *dst,
	coi_sendmsg_t via, chunk_t datagram)
{
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} to;
	coi_sendmsg_room_t control = {};
	struct iovec iov = {
		.iov_base = datagram.ptr,
		.iov_len = datagram.len,
	};
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = *dst->get_sockaddr_len(dst),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	endpoint_t *from;
	uint16_t port;
	ssize_t len;

	from = get_endpoint(this, tunnel, dst->get_family(dst));
	if (!from || msg.msg_namelen > sizeof(to))
	{
		DBG2(DBG_NET, "no COI socket to reach %H", dst);
		return FALSE;
	}
	port = dst->get_port(dst);
	if (tunnel || !port)
	{
		port = from->port;
	}
	memcpy(&to, dst->get_sockaddr(dst), msg.msg_namelen);
	if (from->family == AF_INET)
	{
		to.in.sin_port = htons(port);
	}
	else
	{
		to.in6.sin6_port = htons(port);
	}
	if (src && !src->is_anyaddr(src) && src->get_family(src) == from->family)
	{
		coi_sendmsg_set_source(&msg, &control, src, via.interface);
	}
	if (via.mark)
	{
		coi_sendmsg_set_mark(&msg, &control, via.mark);
	}

	do
	{
		len = sendmsg(from->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	while (len < 0 && errno == EINTR);
	if (len < 0)
	{
		DBG2(DBG_NET, "sending COI datagram to %H failed: %s", dst,
			 strerror(errno));
		return FALSE;
	}
	return TRUE;
}

METHOD(coi_socket_t, start, void,
	private_coi_socket_t *this, coi_socket_cb_t cb, void *data)
{
	int i;

	this->cb = cb;
	this->data = data;
	/* some were open while others were waited for: what arrived meanwhile is
	 * of openings that have been given up */
	for (i = 0; i < ENDPOINTS; i++)
	{
		if (this->endpoints[i].fd != -1)
		{
			coi_inherited_sockets_drain(this->endpoints[i].fd);
		}
	}
	this->watched = TRUE;
	lib->watcher->add(lib->watcher, this->epoll, WATCHER_READ, on_readable,
					  this);
}

METHOD(coi_socket_t, stop, void,
	private_coi_socket_t *this)
{
	if (this->watched)
	{
		lib->watcher->remove(lib->watcher, this->epoll);
		this->watched = FALSE;
	}
}

METHOD(coi_socket_t, destroy, void,
	private_coi_socket_t *this)
{
	int i;

	stop(this);
	for (i = 0; i < ENDPOINTS; i++)
	{
		if (this->endpoints[i].fd != -1)
		{
			close(this->endpoints[i].fd);
		}
		DESTROY_IF(this->endpoints[i].src);
		DESTROY_IF(this->endpoints[i].dst);
	}
	if (this->epoll != -1)
	{
		close(this->epoll);
	}
	free(this);
}

/**
 * Set an option whose value is an int.
 */
static bool set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/**
 * Set the options of a socket, which may be bound already.
 */
static bool configure(endpoint_t *at)
{
	/* needs CAP_NET_ADMIN, the other one is limited by net.core.rmem_max; a
	 * smaller buffer than wanted is no reason to fail */
	if (!set_option(at->fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER))
	{
		set_option(at->fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	}
	/* OMIT takes the size from the interface and sets no DF: our datagrams fit
	 * any path of IPv6, a router may cut them on a smaller one of IPv4, and a
	 * forged ICMP error changes nothing */
	if (at->family == AF_INET)
	{
		return set_option(at->fd, IPPROTO_IP, IP_PKTINFO, 1) &&
			   set_option(at->fd, IPPROTO_IP, IP_MTU_DISCOVER,
						  IP_PMTUDISC_OMIT);
	}
	return set_option(at->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
		   set_option(at->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
					  IPV6_PMTUDISC_OMIT);
}

/** Say what is wrong with a socket. */
static bool fail(char why[COI_OBSTACLE_TEXT], const endpoint_t *at,
				 const char *what)
{
	if (!*why)
	{	/* the first one is said */
		snprintf(why, COI_OBSTACLE_TEXT, "charon.plugins.coi.%s = %u: %s %s: "
				 "%s", at->tunnel ? "idle_port" : "port", at->port,
				 at->family == AF_INET ? "UDP/IPv4" : "UDP/IPv6", what,
				 strerror(errno));
	}
	return FALSE;
}

/**
 * Make a socket of our own.
 *
 * @return			FALSE if that failed; TRUE without a descriptor if the
 *					kernel lacks the family
 */
static bool make(endpoint_t *at, char why[COI_OBSTACLE_TEXT])
{
	at->fd = socket(at->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
					IPPROTO_UDP);
	if (at->fd == -1)
	{
		return errno == EAFNOSUPPORT || fail(why, at, "no socket");
	}
	/* without SO_REUSEADDR, so that nobody shares it */
	if (at->family == AF_INET6 &&
		!set_option(at->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
	{
		return fail(why, at, "socket has no options");
	}
	/* dst is still %any and has the port */
	return bind(at->fd, at->dst->get_sockaddr(at->dst),
				*at->dst->get_sockaddr_len(at->dst)) == 0 ||
		   fail(why, at, "port cannot be used");
}

/**
 * Set up a socket that is bound, and watch it.
 */
static bool prepare(private_coi_socket_t *this, endpoint_t *at,
					char why[COI_OBSTACLE_TEXT])
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.ptr = at,
	};

	if (!configure(at))
	{
		return fail(why, at, "socket has no options");
	}
	/* without it our own traps would hold our own datagrams; IDLE datagrams are
	 * meant to go through the tunnel */
	if (!at->tunnel &&
		!charon->kernel->bypass_socket(charon->kernel, at->fd, at->family))
	{
		return fail(why, at, "port cannot be exempted from IPsec");
	}
	/* lets ESP come in UDP; without it, which the kernel backend says, no
	 * NAT */
	if (!at->tunnel)
	{
		charon->kernel->enable_udp_decap(charon->kernel, at->fd, at->family,
										 at->port);
	}
	return epoll_ctl(this->epoll, EPOLL_CTL_ADD, at->fd, &event) == 0 ||
		   fail(why, at, "socket cannot be watched");
}

/**
 * Open one socket.
 */
static bool open_endpoint(private_coi_socket_t *this, endpoint_t *at,
						  char why[COI_OBSTACLE_TEXT])
{
	bool success = TRUE;

	at->fd = coi_inherited_sockets_take(at->family, at->port);
	if (at->fd == -1)
	{
		success = make(at, why);
	}
	if (success && at->fd != -1)
	{
		success = prepare(this, at, why);
	}
	if (!success && at->fd != -1)
	{
		close(at->fd);
		at->fd = -1;
	}
	return success;
}

METHOD(coi_socket_t, open_, bool,
	private_coi_socket_t *this, char why[COI_OBSTACLE_TEXT])
{
	bool any = FALSE, success = TRUE;
	int i;

	if (this->epoll == -1)
	{
		this->epoll = epoll_create1(EPOLL_CLOEXEC);
	}
	if (this->epoll == -1)
	{
		snprintf(why, COI_OBSTACLE_TEXT, "sockets cannot be watched: %s",
				 strerror(errno));
		return FALSE;
	}
	for (i = 0; i < ENDPOINTS; i++)
	{
		/* those that can be had are kept while others are waited for */
		if (this->endpoints[i].fd == -1)
		{
			success &= open_endpoint(this, &this->endpoints[i], why);
		}
		any |= this->endpoints[i].fd != -1;
	}
	if (success && !any)
	{
		snprintf(why, COI_OBSTACLE_TEXT,
				 "the kernel has neither IPv4 nor IPv6");
	}
	return success && any;
}

coi_socket_t *coi_socket_create(uint16_t port, uint16_t idle_port)
{
	private_coi_socket_t *this;
	endpoint_t *at;
	int i;

	INIT(this,
		.public = {
			.open = _open_,
			.send = _send_,
			.start = _start,
			.stop = _stop,
			.destroy = _destroy,
		},
		.endpoints = {
			[COI_V4] = { .fd = -1, .family = AF_INET, .port = port },
			[COI_V6] = { .fd = -1, .family = AF_INET6, .port = port },
			[IDLE_V4] = { .fd = -1, .family = AF_INET, .port = idle_port,
						  .tunnel = TRUE },
			[IDLE_V6] = { .fd = -1, .family = AF_INET6, .port = idle_port,
						  .tunnel = TRUE },
		},
		.epoll = -1,
	);
	for (i = 0; i < ENDPOINTS; i++)
	{
		at = &this->endpoints[i];
		at->src = host_create_any(at->family);
		at->dst = host_create_any(at->family);
		at->dst->set_port(at->dst, at->port);
	}
	return &this->public;
}
