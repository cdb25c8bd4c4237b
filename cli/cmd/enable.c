/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"

static bool all;

/** Send the command, with a community or for all. */
static coi_exit_t ask(json_object **answer, const char *command, int count,
					  char *operands[])
{
	if (all == (count > 0))
	{
		return command_error(EXIT_USAGE, "%s: either COI or --all is needed",
							 command);
	}
	return control_call(answer, command, NULL, "community",
						all ? NULL : operands[0], "all", all ? "yes" : NULL,
						NULL);
}

/** Say what is not kept. */
static void warn(json_object *answer)
{
	const char *kept = control_str(answer, "kept");

	if (kept && !streq(kept, "true"))
	{
		command_warn("this will not outlive a restart of charon, its log says "
					 "why");
	}
}

static void print(const char *fmt, char *name)
{
	char *clean = output_clean(name);

	printf(fmt, clean);
	free(clean);
}

static coi_exit_t call_disable(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;

	status = ask(&answer, "disable", count, operands);
	if (status == EXIT_OK)
	{
		if (!control_print_json(answer, NULL))
		{
			print(all ? "this host is isolated: all communities are disabled"
				  : "community %s is disabled", all ? "" : operands[0]);
			printf(", %u sessions carried %s\n",
				   (u_int)control_number(answer, "closed"), all ? "any" : "it");
		}
		warn(answer);
		json_object_put(answer);
	}
	return status;
}

static coi_exit_t call_enable(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;

	status = ask(&answer, "enable", count, operands);
	if (status == EXIT_OK)
	{
		if (!control_print_json(answer, NULL))
		{
			print(all ? "no community is disabled any more\n"
				  : "community %s is enabled\n", all ? "" : operands[0]);
		}
		warn(answer);
		json_object_put(answer);
	}
	return status;
}

static const command_t disable = {
	.name = "disable",
	.summary = "isolate a community: close its tunnels, use it no more",
	.operands = "[COI]",
	.max = 1,
	.json = TRUE,
	.options = {
		{ "all", 'a', .flag = &all,
		  .help = "all communities, now and later: isolate this host" },
		CONTROL_OPTION,
	},
	.call = call_disable,
};

static const command_t enable = {
	.name = "enable",
	.summary = "use a community again, or one with start_action = none",
	.operands = "[COI]",
	.max = 1,
	.json = TRUE,
	.options = {
		{ "all", 'a', .flag = &all,
		  .help = "all communities that are disabled" },
		CONTROL_OPTION,
	},
	.call = call_enable,
};

COMMAND(disable)
COMMAND(enable)
