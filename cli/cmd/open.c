/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"

/** ms, a day */
#define MAX_TIMEOUT 86400000

static const char *community, *timeout;

static void print(const char *address)
{
	printf("session with %s is open\n", address);
}

static coi_exit_t call(int count, char *operands[])
{
	u_int ms;

	if (timeout && !command_number("timeout", timeout, 0, MAX_TIMEOUT, &ms))
	{
		return EXIT_USAGE;
	}
	return control_call_peer(operands[0], print, "open", "child", community,
							 "timeout", timeout, NULL);
}

static const command_t open_command = {
	.name = "open",
	.summary = "open a session with a peer, unless there is one, and wait for it",
	.operands = "ADDR",
	.min = 1,
	.max = 1,
	.json = TRUE,
	.options = {
		{ "community", 'c', "NAME", .value = &community,
		  .help = "community that has to be part of it" },
		{ "timeout", 't', "MS", .value = &timeout,
		  .help = "milliseconds to wait (default: until it fails)" },
		CONTROL_OPTION,
	},
	.call = call,
};

COMMAND(open_command)
