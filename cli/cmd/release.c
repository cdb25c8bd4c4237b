/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/leftovers.h"
#include "base/output.h"

#include <errno.h>
#include <stdio.h>

#include <linux/xfrm.h>

static bool force;

/** What was done. */
typedef struct {
	json_object *policies;
	u_int sas;
	u_int others;
	u_int failed;
	int error;
} result_t;

/** Remove one, say what it was. */
static void release_one(const left_t *left, result_t *result)
{
	char *text;
	int error;

	error = left_remove(left);
	if (error == ENOENT || error == ESRCH)
	{	/* somebody else was faster, or it has no name: the kernel ends it */
		return;
	}
	if (error)
	{
		result->failed++;
		result->error = error;
	}
	else if (left->hdr->nlmsg_type == XFRM_MSG_NEWSA)
	{
		result->sas++;
	}
	else if (!left->plain)
	{
		result->others++;
	}
	else
	{
		json_object_array_add(result->policies, left_json(&left->block));
		if (!command_json())
		{
			text = left_text(&left->block);
			printf("%s\n", text ?: "");
			free(text);
		}
	}
}

/**
 * Remove what a charon left: what drops before what is let pass.
 *
 * @param runs		TRUE to leave alone what a charon that runs may use
 */
static int release_all(uint16_t type, bool runs, result_t *result)
{
	array_t *list;
	left_t left;
	u_int pass;
	int error, i;

	error = left_list(type, &list);
	for (pass = 0; pass < 2; pass++)
	{
		for (i = 0; i < array_count(list); i++)
		{
			array_get(list, i, &left);
			if ((left.plain || !runs) &&
				(left.block.kind == COI_BLOCK_OPEN) == (pass == 1))
			{
				release_one(&left, result);
			}
		}
	}
	left_destroy(list);
	return error;
}

static void print_result(result_t *result)
{
	json_object *object;
	u_int count = json_object_array_length(result->policies);

	if (command_json())
	{
		object = json_object_new_object();
		json_object_object_add(object, "released",
							   json_object_get(result->policies));
		json_object_object_add(object, "of-dead-charon",
							   json_object_new_int(result->others));
		json_object_object_add(object, "sas", json_object_new_int(result->sas));
		json_object_object_add(object, "failed",
							   json_object_new_int(result->failed));
		output_json(object);
	}
	else if (!count && !result->sas && !result->others)
	{
		printf("nothing was left by a charon that is no more\n");
	}
	else
	{
		printf("removed %u policies that stayed when charon stopped, and %u SAs "
			   "and %u policies of one that died; what they covered is open "
			   "now\n", count, result->sas, result->others);
	}
}

static coi_exit_t call(int count, char *operands[])
{
	result_t result = {};
	bool runs = left_charon_runs();
	int error;

	if (runs && !force)
	{
		return command_error(EXIT_FAILED, "charon runs and removes what is not "
							 "needed when its configuration is loaded; --force "
							 "removes it now");
	}
	result.policies = json_object_new_array();
	error = release_all(XFRM_MSG_GETPOLICY, runs, &result);
	if (!error && !runs)
	{
		error = release_all(XFRM_MSG_GETSA, runs, &result);
	}
	error = error ?: result.error;
	if (!error)
	{
		print_result(&result);
	}
	json_object_put(result.policies);
	if (error)
	{
		return command_error(EXIT_FAILED, "releasing failed: %s%s",
							 strerror(error), error == EPERM || error == EACCES
							 ? "; run it as root" : "");
	}
	return EXIT_OK;
}

static const command_t release_command = {
	.name = "release",
	.summary = "remove the blocks that stay when charon stops",
	.json = TRUE,
	.options = {
		{ "force", 'f', .flag = &force,
		  .help = "although charon runs; what it uses stays" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "It needs no charon. What was protected goes in clear afterwards.\n",
};

COMMAND(release_command)
