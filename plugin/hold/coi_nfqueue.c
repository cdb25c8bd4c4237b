/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_nfqueue.h"

#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>

/** room for what the kernel tells about one, with what we do not ask for */
#define BUFFER_LEN 8192

/** packets taken at a time, that others of charon's sockets have their turn */
#define BATCH 64

typedef struct private_coi_nfqueue_t private_coi_nfqueue_t;

struct private_coi_nfqueue_t {
	coi_nfqueue_t public;
	struct mnl_socket *socket;
	uint16_t number;
	uint32_t mark;
	bool watched;
	coi_nfqueue_cb_t cb;
	void *data;
};

METHOD(coi_nfqueue_t, verdict, void,
	private_coi_nfqueue_t *this, coi_held_packet_t packet, bool pass)
{
	char buf[256];
	struct nlmsghdr *hdr;

	hdr = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT, this->number);
	/* once more through the table: with the mark our rule lets it pass, and
	 * rules of others that come after it are not left out */
	nfq_nlmsg_verdict_put(hdr, packet.id, pass ? NF_REPEAT : NF_DROP);
	if (pass)
	{
		nfq_nlmsg_verdict_put_mark(hdr, packet.mark | this->mark);
	}
	/* one datagram, so threads do not disturb each other */
	if (mnl_socket_sendto(this->socket, hdr, hdr->nlmsg_len) < 0)
	{
		DBG1(DBG_KNL, "verdict on a held packet failed: %s", strerror(errno));
	}
}

/**
 * Read the addresses of a packet.
 */
static bool read_addrs(const uint8_t *data, size_t len, host_t **src,
					   host_t **dst)
{
	struct ip6_hdr ip6;
	struct iphdr ip;

	if (len >= sizeof(ip) && data[0] >> 4 == 4)
	{
		memcpy(&ip, data, sizeof(ip));
		*src = host_create_from_chunk(AF_INET, chunk_from_thing(ip.saddr), 0);
		*dst = host_create_from_chunk(AF_INET, chunk_from_thing(ip.daddr), 0);
		return TRUE;
	}
	if (len >= sizeof(ip6) && data[0] >> 4 == 6)
	{
		memcpy(&ip6, data, sizeof(ip6));
		*src = host_create_from_chunk(AF_INET6, chunk_from_thing(ip6.ip6_src),
									  0);
		*dst = host_create_from_chunk(AF_INET6, chunk_from_thing(ip6.ip6_dst),
									  0);
		return TRUE;
	}
	return FALSE;
}

static int on_message(const struct nlmsghdr *hdr, void *data)
{
	private_coi_nfqueue_t *this = data;
	struct nlattr *attr[NFQA_MAX + 1] = {};
	struct nfqnl_msg_packet_hdr info;
	coi_held_packet_t packet = {};
	host_t *src = NULL, *dst = NULL;

	if (nfq_nlmsg_parse(hdr, attr) < 0 || !attr[NFQA_PACKET_HDR] ||
		mnl_attr_get_payload_len(attr[NFQA_PACKET_HDR]) < sizeof(info))
	{
		return MNL_CB_OK;
	}
	memcpy(&info, mnl_attr_get_payload(attr[NFQA_PACKET_HDR]), sizeof(info));
	packet.id = ntohl(info.packet_id);
	if (attr[NFQA_MARK])
	{
		packet.mark = ntohl(mnl_attr_get_u32(attr[NFQA_MARK]));
	}
	packet.origin = COI_ORIGIN_UNKNOWN;
	if (attr[NFQA_UID])
	{
		packet.origin = coi_origin_user(
								ntohl(mnl_attr_get_u32(attr[NFQA_UID])));
	}
	if (attr[NFQA_PAYLOAD])
	{
		packet.len = min(mnl_attr_get_payload_len(attr[NFQA_PAYLOAD]),
						 sizeof(packet.head));
		memcpy(packet.head, mnl_attr_get_payload(attr[NFQA_PAYLOAD]),
			   packet.len);
		read_addrs(packet.head, packet.len, &src, &dst);
	}
	this->cb(this->data, packet, src, dst);
	DESTROY_IF(src);
	DESTROY_IF(dst);
	return MNL_CB_OK;
}

CALLBACK(on_readable, bool,
	private_coi_nfqueue_t *this, int fd, watcher_event_t event)
{
	char buf[BUFFER_LEN];
	ssize_t len;
	u_int i;

	for (i = 0; i < BATCH; i++)
	{
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0)
		{
			break;
		}
		mnl_cb_run(buf, len, 0, 0, on_message, this);
	}
	return TRUE;
}

/**
 * Send a configuration message and wait for the kernel to accept it.
 */
static bool configure(private_coi_nfqueue_t *this, struct nlmsghdr *hdr)
{
	char buf[BUFFER_LEN];
	ssize_t len;

	hdr->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(this->socket, hdr, hdr->nlmsg_len) < 0)
	{
		return FALSE;
	}
	len = mnl_socket_recvfrom(this->socket, buf, sizeof(buf));
	return len > 0 && mnl_cb_run(buf, len, 0, 0, NULL, NULL) >= 0;
}

static bool open_queue(private_coi_nfqueue_t *this, u_int length)
{
	char buf[512];
	struct timeval patience = {
		.tv_sec = 5,
	};
	struct nlmsghdr *hdr;
	int on = 1;

	this->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!this->socket ||
		mnl_socket_bind(this->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
		setsockopt(mnl_socket_get_fd(this->socket), SOL_SOCKET, SO_RCVTIMEO,
				   &patience, sizeof(patience)) < 0)
	{
		return FALSE;
	}
	/* a packet that is not told to us is dropped, and that is enough */
	mnl_socket_setsockopt(this->socket, NETLINK_NO_ENOBUFS, &on, sizeof(on));

	hdr = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, this->number);
	nfq_nlmsg_cfg_put_cmd(hdr, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	if (!configure(this, hdr))
	{
		return FALSE;
	}
	hdr = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, this->number);
	nfq_nlmsg_cfg_put_params(hdr, NFQNL_COPY_PACKET, COI_HELD_PACKETS_HEAD);
	nfq_nlmsg_cfg_put_qmaxlen(hdr, length);
	/* as we change no octet, it need not be cut into segments for us; whose
	 * socket it is from, limits want to know */
	mnl_attr_put_u32(hdr, NFQA_CFG_FLAGS,
					 htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_UID_GID));
	mnl_attr_put_u32(hdr, NFQA_CFG_MASK,
					 htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_UID_GID |
						   NFQA_CFG_F_FAIL_OPEN));
	return configure(this, hdr);
}

METHOD(coi_nfqueue_t, destroy, void,
	private_coi_nfqueue_t *this)
{
	if (this->watched)
	{
		lib->watcher->remove(lib->watcher, mnl_socket_get_fd(this->socket));
	}
	if (this->socket)
	{
		mnl_socket_close(this->socket);
	}
	free(this);
}

coi_nfqueue_t *coi_nfqueue_create(uint16_t number, u_int length, uint32_t mark,
								  coi_nfqueue_cb_t cb, void *data)
{
	private_coi_nfqueue_t *this;

	INIT(this,
		.public = {
			.verdict = _verdict,
			.destroy = _destroy,
		},
		.number = number,
		.mark = mark,
		.cb = cb,
		.data = data,
	);
	if (!open_queue(this, length))
	{
		DBG1(DBG_KNL, "opening netfilter queue %u failed: %s", number,
			 strerror(errno));
		destroy(this);
		return NULL;
	}
	this->watched = TRUE;
	lib->watcher->add(lib->watcher, mnl_socket_get_fd(this->socket),
					  WATCHER_READ, on_readable, this);
	return &this->public;
}
