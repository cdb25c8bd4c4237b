/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/** ms to wait for news, and between two questions if nobody may wait */
#define WAIT "5000"
#define PAUSE 500

/** Space for a number. */
#define NUMBER_LEN 24

static const char *const events[] = { "event", NULL };
static bool past;
static const char *count_option;

/** What is told of an event, in this order, after its name and the peer. */
static const struct {
	const char *key;
	const char *fmt;
} parts[] = {
	{ "identity", " (%s)" },
	{ "communities", " with %s" },
	{ "community", " community %s" },
	{ "connection", ", connection %s" },
	{ "role", ", as %s" },
	{ "generation", ", key generation %s" },
	{ "fingerprint", " %s" },
	{ "by", ", by %s" },
	{ "reason", ", %s" },
	{ "text", ": %s" },
	{ "age", ", after %s s" },
};

static void print_time(uint64_t ms)
{
	time_t seconds = ms / 1000;
	struct tm tm;
	char buf[32];

	localtime_r(&seconds, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s.%03u ", buf, (u_int)(ms % 1000));
}

static void print(json_object *event)
{
	const char *value;
	char *clean;
	u_int i;

	if (command_json())
	{	/* one line each */
		output_json_line(json_object_get(event));
		return;
	}
	print_time(control_number(event, "time"));
	clean = output_clean(control_str(event, "event") ?: "?");
	printf("%s", clean);
	free(clean);
	value = control_str(event, "peer");
	if (value)
	{
		clean = output_clean(value);
		printf(" %s", clean);
		free(clean);
	}
	for (i = 0; i < countof(parts); i++)
	{
		value = control_str(event, parts[i].key);
		if (value && *value)
		{
			clean = output_clean(value);
			printf(parts[i].fmt, clean);
			free(clean);
		}
	}
	printf("\n");
}

/**
 * Print what came, as far as it is wanted.
 *
 * @param left		how many more are wanted, counted down
 */
static bool print_all(json_object *answer, u_int *left)
{
	json_object *list = json_object_object_get(answer, "event");
	size_t i;

	if (control_number(answer, "lost"))
	{
		command_warn("%u events came faster than they were read, they are "
					 "missing", (u_int)control_number(answer, "lost"));
	}
	for (i = 0; i < json_object_array_length(list) && *left; i++)
	{
		print(json_object_array_get_idx(list, i));
		--*left;
	}
	return fflush(stdout) == 0 && *left;
}

/** ms, monotonic. */
static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static coi_exit_t call(int count, char *operands[])
{
	char after[NUMBER_LEN] = "0";
	json_object *answer;
	coi_exit_t status;
	u_int left = UINT_MAX;
	uint64_t asked;
	bool more = TRUE;

	if (count_option &&
		!command_number("count", count_option, 1, 1000000000, &left))
	{
		return EXIT_USAGE;
	}
	status = EXIT_OK;
	if (!past)
	{
		status = control_call(&answer, "watch", events, NULL);
		if (status == EXIT_OK)
		{
			snprintf(after, sizeof(after), "%llu", (unsigned long long)
					 control_number(answer, "next"));
			json_object_put(answer);
		}
	}
	while (status == EXIT_OK && more)
	{
		asked = now();
		status = control_call(&answer, "watch", events, "after", after,
							  "wait", WAIT, NULL);
		if (status == EXIT_OK)
		{
			snprintf(after, sizeof(after), "%llu", (unsigned long long)
					 control_number(answer, "next"));
			more = print_all(answer, &left);
			if (more && now() - asked < PAUSE && !json_object_array_length(
									json_object_object_get(answer, "event")))
			{
				usleep(PAUSE * 1000);
			}
			json_object_put(answer);
		}
	}
	return status;
}

static const command_t watch_command = {
	.name = "watch",
	.summary = "print what happens to sessions and keys, as it happens",
	.json = TRUE,
	.options = {
		{ "past", 'p', .flag = &past,
		  .help = "begin with what the plugin remembers" },
		{ "count", 'c', "N", .value = &count_option,
		  .help = "end after so many events (default: by a signal)" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "JSON has an object on a line for each.\n",
};

COMMAND(watch_command)
