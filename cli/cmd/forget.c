/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"

static coi_exit_t call(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;
	char *address = NULL;

	if (count)
	{
		address = control_address(operands[0]);
		if (!address)
		{
			return EXIT_USAGE;
		}
	}
	status = control_call(&answer, "forget", NULL, "peer", address, NULL);
	if (status == EXIT_OK)
	{
		if (!control_print_json(answer, NULL))
		{
			printf("%u peers are refused no more\n",
				   (u_int)control_number(answer, "forgotten"));
		}
		json_object_put(answer);
	}
	free(address);
	return status;
}

static const command_t forget_command = {
	.name = "forget",
	.summary = "let peers that did not answer be asked again at once",
	.operands = "[ADDR]",
	.max = 1,
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call,
};

COMMAND(forget_command)
