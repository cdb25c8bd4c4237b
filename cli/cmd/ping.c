/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"
#include "base/probe.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

/** ms to wait for an answer */
#define WAIT 2000

static const char *count_option, *interval_option;
static const char *const events[] = { "peer", "refused", NULL };

/** What was measured. */
typedef struct {
	u_int sent;
	u_int received;
	double least;
	double most;
	double sum;
} result_t;

/** The open session with a peer, to be put; NULL if there is none. */
static coi_exit_t find_session(const char *address, json_object **session)
{
	json_object *answer, *peers, *peer, *superseded;
	coi_exit_t status;
	size_t i;

	*session = NULL;
	status = control_call(&answer, "status", events, NULL);
	if (status != EXIT_OK)
	{
		return status;
	}
	peers = json_object_object_get(answer, "peer");
	for (i = 0; i < json_object_array_length(peers); i++)
	{
		peer = json_object_array_get_idx(peers, i);
		if (streq(control_str(peer, "peer") ?: "", address) &&
			json_object_object_get_ex(peer, "age", NULL) &&
			!(json_object_object_get_ex(peer, "superseded", &superseded) &&
			  json_object_get_boolean(superseded)))
		{
			json_object_put(*session);
			*session = json_object_get(peer);
		}
	}
	json_object_put(answer);
	return EXIT_OK;
}

/** Packets that a community of a session has carried, both directions. */
static uint64_t get_packets(json_object *session, const char *community,
							const char *direction)
{
	json_object *list, *one;
	size_t i;

	list = json_object_object_get(session, "communities");
	for (i = 0; i < json_object_array_length(list); i++)
	{
		one = json_object_array_get_idx(list, i);
		if (streq(control_str(one, "name") ?: "", community))
		{
			return control_number(one, direction);
		}
	}
	return 0;
}

/** Open a session, unless there is one. */
static coi_exit_t open_session(const char *address, json_object *report,
							   json_object **session)
{
	json_object *answer;
	coi_exit_t status;
	double begin;

	status = find_session(address, session);
	if (status != EXIT_OK || *session)
	{
		return status;
	}
	begin = probe_now();
	status = control_call(&answer, "open", NULL, "peer", address, NULL);
	if (status == EXIT_OK)
	{
		json_object_object_add(report, "exchange-ms",
							json_object_new_double(probe_now() - begin));
		json_object_put(answer);
		status = find_session(address, session);
	}
	if (status == EXIT_OK && !*session)
	{
		status = command_error(EXIT_FAILED, "the session with %s has ended "
							   "again", address);
	}
	return status;
}

/** Whether what is to be sent goes through a tunnel, and which. */
static coi_exit_t check_path(const char *address, const char *service,
							 json_object *report, char **community)
{
	const char *verdict, *text;
	json_object *answer;
	coi_exit_t status;

	status = control_call(&answer, "why", NULL, "peer", address, "service",
						  service, NULL);
	if (status != EXIT_OK)
	{
		return status;
	}
	verdict = control_str(answer, "verdict") ?: "";
	text = control_str(answer, "text") ?: "";
	*community = strdupnull((char*)control_str(answer, "community"));
	if (!streq(verdict, "tunnel") || !*community)
	{
		json_object_object_add(report, "not-measured", output_json_string(text));
		status = EXIT_FAILED;
	}
	else
	{
		json_object_object_add(report, "community",
							   output_json_string(*community));
	}
	json_object_put(answer);
	return status;
}

/** Measure round trips. */
static coi_exit_t measure(const char *me, const char *address,
						  const char *service, u_int count, double interval,
						  result_t *result)
{
	coi_exit_t status;
	probe_t *probe;
	double ms;
	u_int i;

	status = probe_create(me, address, service, &probe);
	for (i = 0; i < count && status == EXIT_OK; i++)
	{
		if (i)
		{
			nanosleep(&(struct timespec){ interval, fmod(interval, 1) * 1e9 },
					  NULL);
		}
		result->sent++;
		switch (probe_run(probe, i + 1, WAIT, &ms))
		{
			case PROBE_ANSWER:
				result->least = result->received ? fmin(result->least, ms) : ms;
				result->most = fmax(result->most, ms);
				result->sum += ms;
				result->received++;
				if (!command_json())
				{
					printf("%s from %s: seq=%u time=%.3f ms\n", service, address,
						   i + 1, ms);
				}
				break;
			case PROBE_SILENCE:
				if (!command_json())
				{
					printf("%s from %s: seq=%u no answer in %u ms\n", service,
						   address, i + 1, WAIT);
				}
				break;
			case PROBE_ERROR:
				status = EXIT_FAILED;
				break;
		}
		fflush(stdout);
	}
	probe_destroy(probe);
	return status;
}

static void add_result(json_object *report, const result_t *result)
{
	json_object_object_add(report, "sent", json_object_new_int(result->sent));
	json_object_object_add(report, "received",
						   json_object_new_int(result->received));
	if (result->received)
	{
		json_object_object_add(report, "min-ms",
							   json_object_new_double(result->least));
		json_object_object_add(report, "avg-ms", json_object_new_double(
											result->sum / result->received));
		json_object_object_add(report, "max-ms",
							   json_object_new_double(result->most));
	}
}

/** Compare with what the kernel has counted for the community's SAs. */
static void add_carried(json_object *report, const char *address,
						const char *community, json_object *before)
{
	json_object *after;

	if (find_session(address, &after) == EXIT_OK && after &&
		streq(control_str(after, "spi-i"), control_str(before, "spi-i")))
	{
		json_object_object_add(report, "tunnel-packets-out",
			json_object_new_int64(
							get_packets(after, community, "packets-out") -
							get_packets(before, community, "packets-out")));
		json_object_object_add(report, "tunnel-packets-in",
			json_object_new_int64(
							get_packets(after, community, "packets-in") -
							get_packets(before, community, "packets-in")));
	}
	json_object_put(after);
}

static void print(json_object *report, const char *address)
{
	const char *not_measured = control_str(report, "not-measured"),
			   *community = control_str(report, "community");
	json_object *value;
	char *clean;

	if (not_measured)
	{
		clean = output_clean(not_measured);
		printf("no round trip measured: %s\n", clean);
		free(clean);
		return;
	}
	clean = output_clean(community ?: "");
	printf("%u sent to %s, %u answered", (u_int)control_number(report, "sent"),
		   address, (u_int)control_number(report, "received"));
	if (json_object_object_get_ex(report, "avg-ms", &value))
	{
		printf(", min/avg/max %.3f/%.3f/%.3f ms", json_object_get_double(
							json_object_object_get(report, "min-ms")),
			   json_object_get_double(value), json_object_get_double(
							json_object_object_get(report, "max-ms")));
	}
	printf("\n");
	if (json_object_object_get_ex(report, "tunnel-packets-out", &value))
	{
		printf("the tunnel of community %s carried %u packets there and %u "
			   "back\n", clean, (u_int)json_object_get_int64(value),
			   (u_int)control_number(report, "tunnel-packets-in"));
	}
	free(clean);
}

static coi_exit_t ping(const char *address, const char *service, u_int count,
					   double interval, json_object *report)
{
	json_object *session = NULL, *exchange;
	char *community = NULL;
	result_t result = {};
	coi_exit_t status;

	status = open_session(address, report, &session);
	if (status != EXIT_OK)
	{
		return status;
	}
	if (!command_json())
	{
		if (json_object_object_get_ex(report, "exchange-ms", &exchange))
		{
			printf("session with %s opened in %.1f ms\n", address,
				   json_object_get_double(exchange));
		}
		else
		{
			printf("session with %s was open\n", address);
		}
	}
	status = check_path(address, service, report, &community);
	if (status == EXIT_OK)
	{
		status = measure(control_str(session, "me"), address, service, count,
						 interval, &result);
		add_result(report, &result);
		if (status == EXIT_OK)
		{
			add_carried(report, address, community, session);
			status = result.received ? EXIT_OK : EXIT_FAILED;
		}
	}
	if (command_json())
	{
		output_json(json_object_get(report));
	}
	else
	{
		print(report, address);
	}
	free(community);
	json_object_put(session);
	return status;
}

static coi_exit_t call(int count, char *operands[])
{
	const char *service = count > 1 ? operands[1] : NULL;
	json_object *report;
	coi_exit_t status;
	u_int number = 4, interval = 1000;
	char *address;

	if ((count_option && !command_number("count", count_option, 1, 100000,
										 &number)) ||
		(interval_option && !command_number("interval", interval_option, 10,
											3600000, &interval)))
	{
		return EXIT_USAGE;
	}
	address = control_address(operands[0]);
	if (!address)
	{
		return EXIT_USAGE;
	}
	service = service ?: strchr(address, ':') ? "ipv6-icmp" : "icmp";
	if (!probe_knows(service, strchr(address, ':') != NULL))
	{
		free(address);
		return command_error(EXIT_USAGE, "'%s' cannot be pinged: icmp (ipv6-icmp "
							 "over IPv6), or tcp and a port, is allowed",
							 service);
	}
	report = json_object_new_object();
	json_object_object_add(report, "peer", json_object_new_string(address));
	json_object_object_add(report, "service", output_json_string(service));
	status = ping(address, service, number, interval / 1000.0, report);
	json_object_put(report);
	free(address);
	return status;
}

static const command_t ping_command = {
	.name = "ping",
	.summary = "measure the opening of a session, and round trips through it",
	.operands = "ADDR [SERVICE]",
	.min = 1,
	.max = 2,
	.json = TRUE,
	.options = {
		{ "count", 'c', "N", .value = &count_option,
		  .help = "round trips (default: 4)" },
		{ "interval", 'i', "MS", .value = &interval_option,
		  .help = "milliseconds between two (default: 1000)" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "SERVICE is icmp (ipv6-icmp over IPv6), or tcp and a port: tcp/443 "
			"measures the\ntime to a connection, or to its refusal. Nothing is "
			"sent that the filters do not\nlet through a tunnel.\n",
};

COMMAND(ping_command)
