/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "probe.h"
#include "command.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** Octets behind the header of an echo, as ping has them. */
#define PAYLOAD 56

/** An echo; ICMPv6 has the same form. */
typedef struct {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint16_t id;
	uint16_t seq;
	uint8_t payload[PAYLOAD];
} echo_t;

struct probe_t {
	struct sockaddr_storage me;
	struct sockaddr_storage other;
	socklen_t len;
	bool v6;
	/** 0 for ICMP */
	uint16_t port;
	/** of ICMP, -1 for TCP */
	int fd;
};

/** Port of "tcp/443", 0 if it is none. */
static u_int get_port(const char *service)
{
	u_int port = 0;
	char end;

	return sscanf(service, "tcp/%5u%c", &port, &end) == 1 && port <= 65535 ?
																	port : 0;
}

bool probe_knows(const char *service, bool v6)
{
	return streq(service, v6 ? "ipv6-icmp" : "icmp") || get_port(service);
}

double probe_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000.0 + ts.tv_nsec / 1000000.0;
}

static bool read_address(const char *text, uint16_t port, bool v6,
						 struct sockaddr_storage *out)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6*)out;
	struct sockaddr_in *four = (struct sockaddr_in*)out;

	if (v6)
	{
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		return inet_pton(AF_INET6, text, &six->sin6_addr) == 1;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	return inet_pton(AF_INET, text, &four->sin_addr) == 1;
}

coi_exit_t probe_create(const char *me, const char *address,
						const char *service, probe_t **probe)
{
	probe_t *this;

	INIT(this,
		.v6 = strchr(address, ':') != NULL,
		.port = get_port(service),
		.fd = -1,
	);
	*probe = this;
	this->len = this->v6 ? sizeof(struct sockaddr_in6)
						 : sizeof(struct sockaddr_in);
	if (!read_address(me ?: "", 0, this->v6, &this->me) ||
		!read_address(address, this->port, this->v6, &this->other))
	{
		return command_error(EXIT_FAILED, "no addresses to measure between");
	}
	if (!this->port)
	{
		this->fd = socket(this->me.ss_family, SOCK_RAW | SOCK_CLOEXEC,
						  this->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
		if (this->fd < 0 ||
			bind(this->fd, (struct sockaddr*)&this->me, this->len) != 0)
		{
			return command_error(EXIT_FAILED, "no socket for ICMP: %s%s",
								 strerror(errno), errno == EPERM ?
								 ", run coi ping as root" : "");
		}
	}
	return EXIT_OK;
}

/** Wait for a descriptor until a time. */
static bool wait_for(int fd, short what, double until)
{
	struct pollfd poll_fd = { .fd = fd, .events = what };
	double left = until - probe_now();

	return left > 0 && poll(&poll_fd, 1, left + 1) == 1;
}

static probe_result_t run_tcp(probe_t *this, double until)
{
	int fd, error = 0;
	socklen_t len = sizeof(error);
	bool done;

	fd = socket(this->me.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				0);
	if (fd < 0 || bind(fd, (struct sockaddr*)&this->me, this->len) != 0 ||
		(connect(fd, (struct sockaddr*)&this->other, this->len) != 0 &&
		 errno != EINPROGRESS))
	{
		command_error(EXIT_FAILED, "no connection: %s", strerror(errno));
		if (fd >= 0)
		{
			close(fd);
		}
		return PROBE_ERROR;
	}
	done = wait_for(fd, POLLOUT, until) &&
		   getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
		   (!error || error == ECONNREFUSED);
	close(fd);
	return done ? PROBE_ANSWER : PROBE_SILENCE;
}

/** Whether a packet that has arrived answers an echo. */
static bool is_reply(const probe_t *this, const u_char *packet, ssize_t len,
					 const echo_t *sent)
{
	echo_t reply;
	ssize_t header = 0;

	if (!this->v6)
	{
		header = len > 0 ? (packet[0] & 0x0f) * 4 : 0;
	}
	if (len < header + (ssize_t)sizeof(reply))
	{
		return FALSE;
	}
	memcpy(&reply, packet + header, sizeof(reply));
	return reply.type == (this->v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
		   reply.id == sent->id && reply.seq == sent->seq &&
		   memeq(reply.payload, sent->payload, PAYLOAD);
}

static bool is_from(const probe_t *this, const struct sockaddr_storage *from)
{
	return this->v6 ?
		memeq(&((struct sockaddr_in6*)from)->sin6_addr,
			  &((struct sockaddr_in6*)&this->other)->sin6_addr, 16) :
		((struct sockaddr_in*)from)->sin_addr.s_addr ==
		((struct sockaddr_in*)&this->other)->sin_addr.s_addr;
}

static probe_result_t run_icmp(probe_t *this, u_int seq, double until)
{
	struct sockaddr_storage to = this->other, from;
	u_char packet[2048];
	socklen_t from_len;
	ssize_t len;
	echo_t echo = {
		.type = this->v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
		.id = htons(getpid() & 0xffff),
		.seq = htons(seq),
	};
	u_int i;

	for (i = 0; i < PAYLOAD; i++)
	{
		echo.payload[i] = i;
	}
	if (!this->v6)
	{	/* the kernel makes that of ICMPv6 */
		echo.checksum = chunk_internet_checksum(chunk_from_thing(echo));
	}
	if (sendto(this->fd, &echo, sizeof(echo), 0, (struct sockaddr*)&to,
			   this->len) < 0)
	{
		command_error(EXIT_FAILED, "an echo cannot be sent: %s",
					  strerror(errno));
		return PROBE_ERROR;
	}
	while (wait_for(this->fd, POLLIN, until))
	{
		from_len = sizeof(from);
		len = recvfrom(this->fd, packet, sizeof(packet), MSG_DONTWAIT,
					   (struct sockaddr*)&from, &from_len);
		if (len > 0 && is_from(this, &from) &&
			is_reply(this, packet, len, &echo))
		{
			return PROBE_ANSWER;
		}
	}
	return PROBE_SILENCE;
}

probe_result_t probe_run(probe_t *this, u_int seq, u_int wait, double *ms)
{
	double begin = probe_now();
	probe_result_t result;

	result = this->port ? run_tcp(this, begin + wait)
						: run_icmp(this, seq, begin + wait);
	*ms = probe_now() - begin;
	return result;
}

void probe_destroy(probe_t *this)
{
	if (this)
	{
		if (this->fd >= 0)
		{
			close(this->fd);
		}
		free(this);
	}
}
