/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_router_errors.h"
#include "hold/coi_icmp_deliver.h"
#include "sa/coi_quoted_sa.h"
#include "util/coi_timer.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <threading/mutex.h>

/** errors for whose SA the kernel is asked: at once, and each second */
#define BURST 100
#define RATE 50

/** marks of SAs with a peer that are tried */
#define MARKS_MAX 8

/** octets of errors that may wait */
#define RECEIVE_BUFFER 65536

/** index of the loopback interface in each network namespace */
#define LOOPBACK 1

typedef struct private_coi_router_errors_t private_coi_router_errors_t;

struct private_coi_router_errors_t {
	coi_router_errors_t public;
	uint16_t port;
	coi_session_table_t *sessions;
	coi_counters_t *counters;
	coi_icmp_deliver_t *icmp;
	/** packet sockets, -1 if there is none */
	int v4;
	int v6;
	/** guards the two below */
	mutex_t *mutex;
	/** errors that may be looked into now, in thousandths */
	uint64_t level;
	/** when that was so, monotonic ms */
	uint64_t filled;
};

/** Marks of the SAs in transport mode with a peer, each once. */
typedef struct {
	uint32_t list[MARKS_MAX];
	u_int count;
} marks_t;

static void add_mark(marks_t *marks, uint32_t mark)
{
	u_int i;

	for (i = 0; i < marks->count; i++)
	{
		if (marks->list[i] == mark)
		{
			return;
		}
	}
	if (marks->count < MARKS_MAX)
	{
		marks->list[marks->count++] = mark;
	}
}

/** Collect the marks of a session, a coi_session_table_cb_t. */
static void collect_marks(void *data, const coi_session_entry_t *entry)
{
	marks_t *marks = data;
	enumerator_t *enumerator;
	coi_share_t *share;

	if (!entry->shares)
	{
		return;
	}
	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		if (share->outbound && share->mode == MODE_TRANSPORT)
		{
			add_mark(marks, share->marks.mark_out.value);
		}
	}
	enumerator->destroy(enumerator);
}

static void find_marks(private_coi_router_errors_t *this,
					   const coi_esp_quote_t *quote,
					   marks_t *marks)
{
	host_t *me, *other;

	me = host_create_from_chunk(quote->family, quote->me, 0);
	other = host_create_from_chunk(quote->family, quote->other, 0);
	if (me && other)
	{
		this->sessions->for_pair(this->sessions, me, other, collect_marks, marks);
	}
	DESTROY_IF(me);
	DESTROY_IF(other);
}

/** Whether one more may be looked into now. */
static bool may_look(private_coi_router_errors_t *this)
{
	uint64_t now = coi_timer_now();
	bool may;

	this->mutex->lock(this->mutex);
	if (now > this->filled)
	{
		this->level = min(BURST * 1000ULL,
						  this->level + (now - this->filled) * RATE);
		this->filled = now;
	}
	may = this->level >= 1000;
	this->level -= may ? 1000 : 0;
	this->mutex->unlock(this->mutex);
	return may;
}

/** Find the SA of what is quoted, verify it and tell. */
static bool hear(private_coi_router_errors_t *this, int family, chunk_t packet)
{
	marks_t marks = {};
	coi_esp_quote_t quote;
	coi_esp_quote_sa_t sa;
	chunk_t error = chunk_empty;
	bool told = FALSE;
	u_int i;

	if (!coi_esp_quote_read(family, packet, this->port, &quote))
	{
		return FALSE;
	}
	find_marks(this, &quote, &marks);
	for (i = 0; i < marks.count && !error.ptr && may_look(this); i++)
	{
		if (coi_quoted_sa_find(&quote, marks.list[i], &sa) &&
			coi_esp_quote_open(&quote, &sa, &error))
		{
			told = this->icmp->deliver(this->icmp, family, quote.me, error);
		}
		coi_quoted_sa_clear(&sa);
	}
	/* it quotes what a program has sent */
	chunk_clear(&error);
	return told;
}

CALLBACK(on_error, bool,
	private_coi_router_errors_t *this, int fd, watcher_event_t event)
{
	uint8_t buf[COI_ESP_QUOTE_MAX];
	ssize_t len;

	len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (len > 0)
	{
		this->counters->count(this->counters,
				hear(this, fd == this->v4 ? AF_INET : AF_INET6,
					 chunk_create(buf, len)) ? COI_COUNT_HEARD
											 : COI_COUNT_MISQUOTED);
	}
	return TRUE;
}

/** An instruction that loads, computes or returns, and one that jumps to others. */
#define DO(code, k) BPF_STMT(code, k)
#define IF(here, code, k, then, other) \
	BPF_JUMP(BPF_JMP | code | BPF_K, k, then - here - 1, other - here - 1)

/** What came from elsewhere for this host. */
#define FROM_OUTSIDE(drop) \
	DO(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE), \
	IF(1, BPF_JEQ, PACKET_HOST, 2, drop), \
	DO(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX), \
	IF(3, BPF_JEQ, LOOPBACK, drop, 4)

/**
 * Let a socket receive only errors that quote ESP, or ESP in UDP from a port: what is
 * no ESP has 0 in place of the SPI.
 */
static bool attach_filter(int fd, int family, uint16_t port)
{
	struct sock_filter v4[] = {
		FROM_OUTSIDE(28),
		/* protocol, and no fragment */
		[4] = DO(BPF_LD | BPF_B | BPF_ABS, 9),
		[5] = IF(5, BPF_JEQ, IPPROTO_ICMP, 6, 28),
		[6] = DO(BPF_LD | BPF_H | BPF_ABS, 6),
		[7] = IF(7, BPF_JSET, 0x3fff, 28, 8),
		/* type and code */
		[8] = DO(BPF_LDX | BPF_B | BPF_MSH, 0),
		[9] = DO(BPF_LD | BPF_B | BPF_IND, 0),
		[10] = IF(10, BPF_JEQ, ICMP_TIME_EXCEEDED, 15, 11),
		[11] = IF(11, BPF_JEQ, ICMP_PARAMETERPROB, 15, 12),
		[12] = IF(12, BPF_JEQ, ICMP_DEST_UNREACH, 13, 28),
		[13] = DO(BPF_LD | BPF_B | BPF_IND, 1),
		[14] = IF(14, BPF_JEQ, ICMP_FRAG_NEEDED, 28, 15),
		/* protocol of what is quoted */
		[15] = DO(BPF_LD | BPF_B | BPF_IND, 8 + 9),
		[16] = IF(16, BPF_JEQ, IPPROTO_ESP, 27, 17),
		[17] = IF(17, BPF_JEQ, IPPROTO_UDP, 18, 28),
		/* its source port, behind its own header, and the SPI */
		[18] = DO(BPF_LD | BPF_B | BPF_IND, 8),
		[19] = DO(BPF_ALU | BPF_AND | BPF_K, 0x0f),
		[20] = DO(BPF_ALU | BPF_LSH | BPF_K, 2),
		[21] = DO(BPF_ALU | BPF_ADD | BPF_X, 0),
		[22] = DO(BPF_MISC | BPF_TAX, 0),
		[23] = DO(BPF_LD | BPF_H | BPF_IND, 8),
		[24] = IF(24, BPF_JEQ, port, 25, 28),
		[25] = DO(BPF_LD | BPF_W | BPF_IND, 8 + 8),
		[26] = IF(26, BPF_JEQ, 0, 28, 27),
		[27] = DO(BPF_RET | BPF_K, COI_ESP_QUOTE_MAX),
		[28] = DO(BPF_RET | BPF_K, 0),
	}, v6[] = {
		FROM_OUTSIDE(18),
		/* next header, type */
		[4] = DO(BPF_LD | BPF_B | BPF_ABS, 6),
		[5] = IF(5, BPF_JEQ, IPPROTO_ICMPV6, 6, 18),
		[6] = DO(BPF_LD | BPF_B | BPF_ABS, 40),
		[7] = IF(7, BPF_JEQ, ICMP6_DST_UNREACH, 10, 8),
		[8] = IF(8, BPF_JEQ, ICMP6_TIME_EXCEEDED, 10, 9),
		[9] = IF(9, BPF_JEQ, ICMP6_PARAM_PROB, 10, 18),
		/* next header of what is quoted, source port, SPI */
		[10] = DO(BPF_LD | BPF_B | BPF_ABS, 48 + 6),
		[11] = IF(11, BPF_JEQ, IPPROTO_ESP, 17, 12),
		[12] = IF(12, BPF_JEQ, IPPROTO_UDP, 13, 18),
		[13] = DO(BPF_LD | BPF_H | BPF_ABS, 48 + 40),
		[14] = IF(14, BPF_JEQ, port, 15, 18),
		[15] = DO(BPF_LD | BPF_W | BPF_ABS, 48 + 40 + 8),
		[16] = IF(16, BPF_JEQ, 0, 18, 17),
		[17] = DO(BPF_RET | BPF_K, COI_ESP_QUOTE_MAX),
		[18] = DO(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.filter = family == AF_INET ? v4 : v6,
		.len = family == AF_INET ? countof(v4) : countof(v6),
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
					  sizeof(program)) == 0;
}

/** Open a packet socket, -1 if that fails. */
static int open_packet(int family, uint16_t port)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(family == AF_INET ? ETH_P_IP : ETH_P_IPV6),
	};
	int fd, len = RECEIVE_BUFFER;

	/* without a protocol it gets nothing before it is bound */
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
	{
		return -1;
	}
	if (!attach_filter(fd, family, port) ||
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &len, sizeof(len)) != 0 ||
		bind(fd, (struct sockaddr*)&addr, sizeof(addr)) != 0)
	{
		close(fd);
		return -1;
	}
	return fd;
}

static void stop(int fd)
{
	if (fd != -1)
	{
		lib->watcher->remove(lib->watcher, fd);
		close(fd);
	}
}

METHOD(coi_router_errors_t, destroy, void,
	private_coi_router_errors_t *this)
{
	stop(this->v4);
	stop(this->v6);
	DESTROY_IF(this->icmp);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_router_errors_t *coi_router_errors_create(uint16_t port,
											  coi_session_table_t *sessions,
											  coi_policy_store_t *store,
											  uint32_t reserved,
											  coi_counters_t *counters)
{
	private_coi_router_errors_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.port = port,
		.sessions = sessions,
		.counters = counters,
		.icmp = coi_icmp_deliver_create(store, reserved),
		.v4 = -1,
		.v6 = -1,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.level = BURST * 1000ULL,
		.filled = coi_timer_now(),
	);
	if (!this->icmp)
	{
		destroy(this);
		return NULL;
	}
	this->v4 = open_packet(AF_INET, port);
	this->v6 = open_packet(AF_INET6, port);
	if (this->v4 == -1 || this->v6 == -1)
	{
		DBG1(DBG_KNL, "opening packet sockets failed: %s; programs do not hear "
			 "what routers say", strerror(errno));
		destroy(this);
		return NULL;
	}
	lib->watcher->add(lib->watcher, this->v4, WATCHER_READ,
					  (watcher_cb_t)on_error, this);
	lib->watcher->add(lib->watcher, this->v6, WATCHER_READ,
					  (watcher_cb_t)on_error, this);
	return &this->public;
}
