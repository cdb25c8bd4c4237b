/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_kernel_watch.h"
#include "util/coi_timer.h"
#include "util/coi_netlink.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/filter.h>

#include <threading/mutex.h>

/** ms between comparisons that others cause, and how many times as long as one
 * takes that is at least; so many of a second are at once */
#define PAUSE 100
#define SHARE 10
#define BURST 4

/** ms until a second look: what was under way was not compared */
#define SECOND_LOOK 2000

/** ms between looks of which nobody was told */
#define PERIOD 30000

/** ms between lines of log */
#define SAY_AGAIN 10000

/** octets that wait; what is lost is told, and all is compared then */
#define RECEIVE_BUFFER (1024 * 1024)
#define MESSAGE_LEN 8192

/** notifications that are read at a time */
#define READ_MAX 1024

/** instructions of the filter at most */
#define CODE_MAX 64

typedef struct private_coi_kernel_watch_t private_coi_kernel_watch_t;

struct private_coi_kernel_watch_t {
	coi_kernel_watch_t public;
	coi_policy_store_t *store;
	coi_counters_t *counters;

	/** -1 if nothing is told */
	int fd;

	/** one comparison at a time */
	mutex_t *comparing;

	/** when the last one ended and how long it took, ms */
	uint64_t compared;
	uint64_t took;

	/** comparisons in a row with less than a second between them */
	u_int burst;

	/** when the next one is scheduled, 0 if none is */
	uint64_t scheduled;

	/** policies were flushed */
	bool flushed;

	/** process id of who has done it last, as he says, or 0 */
	uint32_t pid;

	/** when it was said last, and what was not */
	uint64_t said;
	u_int unsaid;

	/** guards all since compared */
	mutex_t *mutex;
};

/** Name who has a process id. Many programs do not say theirs. */
static void name_program(uint32_t pid, char *buf, size_t len)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = pid ? fopen(path, "re") : NULL;
	if (file)
	{
		if (fgets(name, sizeof(name), file))
		{
			name[strcspn(name, "\n")] = '\0';
		}
		fclose(file);
	}
	if (pid)
	{
		snprintf(buf, len, " (%s, pid %u)", *name ? name : "?", pid);
	}
	else
	{
		*buf = '\0';
	}
}

/**
 * Say what has happened, not too often.
 *
 * @param took		ms until all was put back
 */
static void say(private_coi_kernel_watch_t *this,
				const coi_kernel_restored_t *restored,
				u_int took)
{
	uint64_t now = coi_timer_now();
	char program[80];
	u_int unsaid;
	uint32_t pid;

	this->mutex->lock(this->mutex);
	if (this->said && now - this->said < SAY_AGAIN)
	{
		this->unsaid++;
		this->mutex->unlock(this->mutex);
		return;
	}
	unsaid = this->unsaid;
	pid = this->pid;
	this->unsaid = 0;
	this->said = now;
	this->mutex->unlock(this->mutex);
	name_program(pid, program, sizeof(program));
	DBG1(DBG_KNL, "another program%s has taken out or changed what COI has in "
		 "the kernel: %u policies, %u shunts and %u SAs are put back within %u "
		 "ms, %u CHILD_SAs end", program, restored->policies, restored->shunts,
		 restored->drop_sas, took, restored->children);
	if (restored->failed)
	{
		DBG1(DBG_KNL, "the kernel has refused %u of what COI puts back",
			 restored->failed);
	}
	if (unsaid)
	{
		DBG1(DBG_KNL, "the same happened %u times since it was said last",
			 unsaid);
	}
}

/** Compare and put back. */
static bool compare(private_coi_kernel_watch_t *this,
					coi_kernel_restored_t *restored)
{
	uint64_t begin = coi_timer_now();
	bool flushed, success;
	u_int took;

	this->comparing->lock(this->comparing);
	this->mutex->lock(this->mutex);
	flushed = this->flushed;
	this->flushed = FALSE;
	this->mutex->unlock(this->mutex);
	success = coi_kernel_restore(this->store, flushed, restored);
	this->mutex->lock(this->mutex);
	this->compared = coi_timer_now();
	this->took = took = this->compared - begin;
	this->mutex->unlock(this->mutex);
	this->comparing->unlock(this->comparing);
	if (restored->policies || restored->shunts || restored->drop_sas ||
		restored->children || restored->failed)
	{
		this->counters->count(this->counters, COI_COUNT_MEDDLED);
		say(this, restored, took);
	}
	return success;
}

METHOD(coi_kernel_watch_t, check, bool,
	private_coi_kernel_watch_t *this, coi_kernel_restored_t *restored)
{
	return compare(this, restored);
}

/** Compare once more, when that was scheduled. */
static void on_look(void *data, uintptr_t id, u_int generation)
{
	private_coi_kernel_watch_t *this = data;
	coi_kernel_restored_t restored;

	this->mutex->lock(this->mutex);
	if (this->scheduled <= coi_timer_now())
	{
		this->scheduled = 0;
	}
	this->mutex->unlock(this->mutex);
	compare(this, &restored);
}

/** Schedule a comparison, unless there will be one earlier. */
static void schedule(private_coi_kernel_watch_t *this, uint64_t now,
					 uint64_t due)
{
	bool arm;

	this->mutex->lock(this->mutex);
	arm = !this->scheduled || due < this->scheduled;
	if (arm)
	{
		this->scheduled = due;
	}
	this->mutex->unlock(this->mutex);
	if (arm)
	{
		coi_timer_arm(on_look, this, 0, 0, due - now);
	}
}

/** Compare from time to time. */
static void on_period(void *data, uintptr_t id, u_int generation)
{
	private_coi_kernel_watch_t *this = data;
	coi_kernel_restored_t restored;

	compare(this, &restored);
	coi_timer_arm(on_period, this, 0, 0, PERIOD);
}

/** Compare now, or when enough time has gone by since the last one. */
static void compare_soon(private_coi_kernel_watch_t *this)
{
	uint64_t now = coi_timer_now(), due;
	coi_kernel_restored_t restored;
	bool at_once;

	this->mutex->lock(this->mutex);
	if (now - this->compared >= 1000)
	{
		this->burst = 0;
	}
	due = this->compared + max((uint64_t)PAUSE, this->took * SHARE);
	at_once = !this->compared || now >= due ||
			  (this->took < PAUSE && ++this->burst <= BURST);
	this->mutex->unlock(this->mutex);
	if (!at_once)
	{
		schedule(this, now, due);
		return;
	}
	compare(this, &restored);
	/* sessions may have been opening, whose SAs nobody knows yet */
	now = coi_timer_now();
	schedule(this, now, now + SECOND_LOOK);
}

/**
 * Read what the kernel tells. The filter has left what others have done.
 *
 * @return			FALSE if it was nothing
 */
static bool read_news(private_coi_kernel_watch_t *this)
{
	struct nlmsghdr *hdr;
	bool news = FALSE;
	uint8_t *buf;
	ssize_t len;
	u_int i;

	buf = malloc(MESSAGE_LEN);
	for (i = 0; i < READ_MAX; i++)
	{
		len = recv(this->fd, buf, MESSAGE_LEN, MSG_DONTWAIT);
		if (len < 0 && errno == EINTR)
		{
			continue;
		}
		if (len < 0 && errno != ENOBUFS)
		{
			break;
		}
		news = TRUE;
		hdr = (struct nlmsghdr*)buf;
		if (len >= (ssize_t)sizeof(*hdr))
		{
			this->mutex->lock(this->mutex);
			this->pid = hdr->nlmsg_pid;
			this->flushed |= hdr->nlmsg_type == XFRM_MSG_FLUSHPOLICY;
			this->mutex->unlock(this->mutex);
			if (hdr->nlmsg_type == XFRM_MSG_FLUSHPOLICY)
			{	/* first of all put things back */
				break;
			}
		}
	}
	/* it tells of SAs with their keys */
	memwipe(buf, MESSAGE_LEN);
	free(buf);
	return news;
}

CALLBACK(on_news, bool,
	private_coi_kernel_watch_t *this, int fd, watcher_event_t event)
{
	if (read_news(this))
	{
		compare_soon(this);
	}
	return TRUE;
}

/**
 * Let the socket receive only what others have removed or changed.
 */
static bool attach_filter(int fd)
{
	static const uint16_t types[] = {
		XFRM_MSG_DELPOLICY, XFRM_MSG_FLUSHPOLICY, XFRM_MSG_UPDPOLICY,
		XFRM_MSG_NEWPOLICY, XFRM_MSG_POLEXPIRE, XFRM_MSG_DELSA,
		XFRM_MSG_FLUSHSA,
	};
	const struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_filter keep = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
	struct sock_filter code[CODE_MAX];
	struct sock_fprog program = {
		.filter = code,
	};
	u_int i, n = 0;

	/* the kernel repeats whose id the request has, and kernel-netlink and we write
	 * ours there; what is loaded is taken for network order */
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
									offsetof(struct nlmsghdr, nlmsg_pid));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
									htonl(getpid()), 0, 1);
	code[n++] = drop;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
									offsetof(struct nlmsghdr, nlmsg_type));
	for (i = 0; i < countof(types); i++)
	{
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
									htons(types[i]), 0, 1);
		code[n++] = keep;
	}
	code[n++] = drop;
	program.len = n;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
					  sizeof(program)) == 0;
}

static int open_socket()
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1 << (XFRMNLGRP_EXPIRE - 1) | 1 << (XFRMNLGRP_SA - 1) |
					 1 << (XFRMNLGRP_POLICY - 1),
	};
	int fd, len = RECEIVE_BUFFER;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
				NETLINK_XFRM);
	if (fd == -1)
	{
		return -1;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &len, sizeof(len)) != 0)
	{
		DBG2(DBG_KNL, "no larger buffer for what XFRM tells");
	}
	/* first the filter: nothing else may come in */
	if (!attach_filter(fd) ||
		bind(fd, (struct sockaddr*)&addr, sizeof(addr)) != 0)
	{
		close(fd);
		return -1;
	}
	return fd;
}

METHOD(coi_kernel_watch_t, destroy, void,
	private_coi_kernel_watch_t *this)
{
	if (this->fd != -1)
	{
		lib->watcher->remove(lib->watcher, this->fd);
		close(this->fd);
	}
	this->comparing->destroy(this->comparing);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_kernel_watch_t *coi_kernel_watch_create(coi_policy_store_t *store,
											coi_counters_t *counters)
{
	private_coi_kernel_watch_t *this;

	INIT(this,
		.public = {
			.check = _check,
			.destroy = _destroy,
		},
		.store = store,
		.counters = counters,
		.fd = open_socket(),
		.comparing = mutex_create(MUTEX_TYPE_DEFAULT),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	if (this->fd != -1)
	{
		lib->watcher->add(lib->watcher, this->fd, WATCHER_READ,
						  (watcher_cb_t)on_news, this);
	}
	else
	{
		DBG1(DBG_KNL, "the kernel does not tell what others do to policies: %s",
			 strerror(errno));
	}
	coi_timer_arm(on_period, this, 0, 0, PERIOD);
	return &this->public;
}
