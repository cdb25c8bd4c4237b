/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"

static const char *community, *reason;

static void print(const char *address)
{
	printf("session with %s is closed%s%s\n", address,
		   community ? " for " : "", community ?: "");
}

static coi_exit_t call(int count, char *operands[])
{
	return control_call_peer(operands[0], print, "close", "community", community,
							 "reason", reason, NULL);
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
