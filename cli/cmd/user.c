/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"

#include <time.h>

static const char *since;

/** Print who is logged in, and what that means for peers. */
static void print(json_object *answer)
{
	time_t seconds = control_number(answer, "user-since") / 1000;
	char date[32] = "";
	struct tm tm;
	char *name;

	name = output_clean(control_str(answer, "user") ?: "");
	if (seconds && gmtime_r(&seconds, &tm))
	{
		strftime(date, sizeof(date), " since %Y-%m-%d %H:%M:%S UTC", &tm);
	}
	printf("%s%s\n", *name ? name : "nobody is logged in", date);
	free(name);
}

static coi_exit_t ask(const char *name, const char *clear, bool renews)
{
	json_object *answer;
	coi_exit_t status;

	status = control_call(&answer, "user", NULL, "name", name, "since", since,
						  "clear", clear, NULL);
	if (status != EXIT_OK)
	{
		return status;
	}
	if (!control_print_json(answer, NULL))
	{
		print(answer);
		if (renews)
		{
			printf("%u sessions are renewed\n",
				   (u_int)control_number(answer, "renewed"));
		}
	}
	json_object_put(answer);
	return EXIT_OK;
}

static coi_exit_t call_show(int count, char *operands[])
{
	return ask(NULL, NULL, FALSE);
}

static coi_exit_t call_set(int count, char *operands[])
{
	return ask(operands[0], NULL, TRUE);
}

static coi_exit_t call_clear(int count, char *operands[])
{
	return ask(NULL, "yes", TRUE);
}

static const command_t show_command = {
	.name = "user show",
	.summary = "show who is logged in at this host, as peers are told",
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call_show,
};

static const command_t set_command = {
	.name = "user set",
	.summary = "tell peers who has logged in at this host",
	.operands = "NAME",
	.min = 1,
	.max = 1,
	.json = TRUE,
	.options = {
		{ "since", 's', "MS", .value = &since,
		  .help = "when, milliseconds since 1970 (default: now)" },
		CONTROL_OPTION,
	},
	.call = call_set,
	.more = "Open sessions are renewed, so that peers learn of it at once.\n",
};

static const command_t clear_command = {
	.name = "user clear",
	.summary = "tell peers that nobody is logged in at this host any more",
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call_clear,
	.more = "The local xauth_id of a connection counts then, if it has one.\n",
};

COMMAND(show_command)
COMMAND(set_command)
COMMAND(clear_command)
