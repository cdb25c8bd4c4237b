/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"

static const char *community, *reason;

static coi_exit_t call(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;
	char *address;

	address = control_address(operands[0]);
	if (!address)
	{
		return EXIT_USAGE;
	}
	status = control_call(&answer, "close", NULL, "peer", address, "community",
						  community, "reason", reason, NULL);
	if (status == EXIT_OK)
	{
		if (!control_print_json(answer, address))
		{
			printf("session with %s is closed%s%s\n", address,
				   community ? " for " : "", community ?: "");
		}
		json_object_put(answer);
	}
	free(address);
	return status;
}

static const command_t close_command = {
	.name = "close",
	.summary = "close the session with a peer, or a community of it",
	.operands = "ADDR",
	.min = 1,
	.max = 1,
	.json = TRUE,
	.options = {
		{ "community", 'c', "NAME", .value = &community,
		  .help = "only this community" },
		{ "reason", 'r', "TEXT", .value = &reason,
		  .help = "for the peer's log, one line" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "It does not stay closed: traffic that a trap catches opens it "
			"again.\n",
};

COMMAND(close_command)
