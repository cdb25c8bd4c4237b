/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_icmp_deliver.h"
#include "policy/coi_policy_priority.h"
#include "policy/coi_policy_store.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/** tells our group of policies from that of coi_bypass.h */
#define GROUP 1

typedef struct private_coi_icmp_deliver_t private_coi_icmp_deliver_t;

struct private_coi_icmp_deliver_t {
	coi_icmp_deliver_t public;
	/** raw sockets, -1 if there is none */
	int v4;
	int v6;
};

METHOD(coi_icmp_deliver_t, deliver, bool,
	private_coi_icmp_deliver_t *this, int family, chunk_t me, chunk_t error)
{
	bool v4 = family == AF_INET, success = FALSE;
	host_t *host;
	int fd = v4 ? this->v4 : this->v6;

	host = host_create_from_chunk(family, me, 0);
	/* from anywhere else it would go out */
	if (host && fd >= 0 &&
		charon->kernel->get_interface(charon->kernel, host, NULL))
	{
		success = sendto(fd, error.ptr, error.len, MSG_DONTWAIT,
						 host->get_sockaddr(host),
						 *host->get_sockaddr_len(host)) ==
				  (ssize_t)error.len;
		if (!success)
		{
			DBG2(DBG_KNL, "passing on what a router says failed: %s",
				 strerror(errno));
		}
	}
	DESTROY_IF(host);
	return success;
}

METHOD(coi_icmp_deliver_t, destroy, void,
	private_coi_icmp_deliver_t *this)
{
	if (this->v4 >= 0)
	{
		close(this->v4);
	}
	if (this->v6 >= 0)
	{
		close(this->v6);
	}
	free(this);
}

/** Open a raw socket that sends whole packets and never reads. */
static int open_raw(int family)
{
	int fd, least = 1;

	/* IPPROTO_RAW: our headers are in what is sent */
	fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (fd >= 0)
	{
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	}
	return fd;
}

/**
 * Have the mark set on what the socket sends, and let in what has it.
 */
static bool let_in(coi_policy_store_t *store, int fd, uint32_t reserved)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_OPEN,
		.reqid = GROUP,
	};
	coi_policy_entry_t policy = {
		.type = POLICY_IPSEC,
		.prio = COI_PRIO_OPEN,
		.mode = MODE_TRANSPORT,
		.mark = {
			.mask = UINT32_MAX,
		},
	};
	traffic_selector_t *any;
	array_t *wanted;
	uint32_t mark;
	rng_t *rng;

	rng = lib->crypto->create_rng(lib->crypto, RNG_WEAK);
	if (!rng || !rng->get_bytes(rng, sizeof(mark), (uint8_t*)&mark))
	{
		DESTROY_IF(rng);
		return FALSE;
	}
	rng->destroy(rng);
	/* rules of ours would turn some bits off again */
	mark &= ~reserved;
	if (!mark || setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0)
	{
		return FALSE;
	}
	policy.mark.value = mark;
	wanted = coi_policy_entry_create();
	any = traffic_selector_create_from_cidr("::/0", IPPROTO_ICMPV6, 0, 0xffff);
	coi_policy_entry_add(wanted, policy, POLICY_IN, any, any);
	any->destroy(any);
	return store->set(store, &key, wanted, coi_policy_entry_create());
}

coi_icmp_deliver_t *coi_icmp_deliver_create(coi_policy_store_t *store,
											uint32_t reserved)
{
	private_coi_icmp_deliver_t *this;

	INIT(this,
		.public = {
			.deliver = _deliver,
			.destroy = _destroy,
		},
		.v4 = open_raw(AF_INET),
		.v6 = open_raw(AF_INET6),
	);
	if (this->v6 >= 0 && !let_in(store, this->v6, reserved))
	{
		close(this->v6);
		this->v6 = -1;
	}
	if (this->v4 < 0 && this->v6 < 0)
	{
		DBG1(DBG_KNL, "opening raw sockets failed: %s; programs do not hear "
			 "what routers say", strerror(errno));
		destroy(this);
		return NULL;
	}
	return &this->public;
}
