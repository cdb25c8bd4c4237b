/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns coi-exporter(8): the metrics of metrics.h over HTTP, for Prometheus, on a
 * socket that systemd hands over or on one of its own.
 */

#include "base/command.h"
#include "base/control_client.h"
#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <microhttpd.h>

#include <utils/debug.h>

#define DEFAULT_ADDRESS "127.0.0.1"
#define DEFAULT_PORT 9470

/** What is served at a time, and s until who says nothing is cut off. */
#define MAX_CONNECTIONS 16
#define TIMEOUT 10

/** First descriptor that systemd hands over, sd_listen_fds(3). */
#define LISTEN_FDS_START 3

/** Answer with a text, which is adopted. */
static enum MHD_Result answer(struct MHD_Connection *connection, u_int status,
							  const char *type, char *text, size_t len)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = MHD_create_response_from_buffer(len, text,
											   MHD_RESPMEM_MUST_FREE);
	if (!response)
	{
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
	{
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	}
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, u_int status,
							  const char *text)
{
	return answer(connection, status, "text/plain; charset=utf-8",
				  strdup(text), strlen(text));
}

/** Called by one thread for each request. */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection,
								  const char *url, const char *method,
								  const char *version, const char *body,
								  size_t *body_len, void **request)
{
	static int seen;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!streq(method, MHD_HTTP_METHOD_GET) &&
		!streq(method, MHD_HTTP_METHOD_HEAD))
	{
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
					  "only GET and HEAD are allowed\n");
	}
	if (!*request)
	{	/* the header is there, what comes of a body is not looked at */
		*request = &seen;
		return MHD_YES;
	}
	if (*body_len)
	{
		*body_len = 0;
		return MHD_YES;
	}
	if (!streq(url, "/metrics"))
	{
		return refuse(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	}
	out = open_memstream(&text, &len);
	if (!out)
	{
		return MHD_NO;
	}
	/* charon may have been restarted since */
	control_disconnect();
	/* who reads the metrics sees it, the journal need not have it each time */
	command_mute(TRUE);
	metrics_write(out);
	command_mute(FALSE);
	fclose(out);
	return answer(connection, MHD_HTTP_OK, METRICS_TYPE, text, len);
}

/** A socket that systemd hands over, -1 if it hands over none. */
static int get_listening(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!pid || !fds || atoi(pid) != getpid() || atoi(fds) != 1)
	{
		return -1;
	}
	fcntl(LISTEN_FDS_START, F_SETFD, FD_CLOEXEC);
	return LISTEN_FDS_START;
}

/** Listen on an address. @return socket, -1 after saying why not */
static int create_listening(const char *address, u_int port)
{
	struct sockaddr_storage any = {};
	struct sockaddr_in6 *six = (struct sockaddr_in6*)&any;
	struct sockaddr_in *four = (struct sockaddr_in*)&any;
	socklen_t len = sizeof(*four);
	int fd, on = 1;

	if (inet_pton(AF_INET, address, &four->sin_addr) == 1)
	{
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
	}
	else if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1)
	{
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		len = sizeof(*six);
	}
	else
	{
		command_error(EXIT_USAGE, "'%s' is no address, an IPv4 or IPv6 address "
					  "is allowed", address);
		return -1;
	}
	fd = socket(any.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(fd, (struct sockaddr*)&any, len) != 0 || listen(fd, 16) != 0)
	{
		command_error(EXIT_FAILED, "%s, port %u, cannot be listened on: %s",
					  address, port, strerror(errno));
		if (fd >= 0)
		{
			close(fd);
		}
		return -1;
	}
	return fd;
}

static void help(FILE *out)
{
	fprintf(out,
		"usage: coi-exporter [OPTION...]\n\n"
		"  serve metrics of the COI plugin at /metrics, for Prometheus\n\n"
		"  -l, --listen ADDRESS   where to listen (default: " DEFAULT_ADDRESS
		"),\n                         unless systemd hands a socket over\n"
		"  -p, --port PORT        default: %u\n"
		"  -u, --uri URI          control socket (default: "
		"unix:///run/charon.coi)\n"
		"  -h, --help             print this\n", DEFAULT_PORT);
}

/** Serve until a signal comes. */
static coi_exit_t serve(int fd)
{
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int sig;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
					on_request, NULL,
					MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd,
					MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
					MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT,
					MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384,
					MHD_OPTION_END);
	if (!daemon)
	{
		return command_error(EXIT_FAILED, "the HTTP server does not start");
	}
	sigwait(&signals, &sig);
	MHD_stop_daemon(daemon);
	return EXIT_OK;
}

int main(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "port", required_argument, NULL, 'p' },
		{ "uri", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	const char *address = DEFAULT_ADDRESS;
	u_int port = DEFAULT_PORT;
	int op, fd;

	while ((op = getopt_long(argc, argv, "l:p:u:h", longs, NULL)) != EOF)
	{
		switch (op)
		{
			case 'l':
				address = optarg;
				break;
			case 'p':
				if (!command_number("port", optarg, 1, 65535, &port))
				{
					return EXIT_USAGE;
				}
				break;
			case 'u':
				control_uri = optarg;
				break;
			case 'h':
				help(stdout);
				return EXIT_OK;
			default:
				help(stderr);
				return EXIT_USAGE;
		}
	}
	if (optind < argc)
	{
		help(stderr);
		return EXIT_USAGE;
	}
	if (!library_init(NULL, "coi"))
	{
		return command_error(EXIT_FAILED, "libstrongswan does not start: is "
							 "strongswan.conf right?");
	}
	atexit(library_deinit);
	dbg_default_set_level(LEVEL_SILENT);
	fd = get_listening();
	if (fd < 0)
	{
		fd = create_listening(address, port);
	}
	if (fd < 0)
	{
		return EXIT_FAILED;
	}
	control_init();
	return serve(fd);
}
