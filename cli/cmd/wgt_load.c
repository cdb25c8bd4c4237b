/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi wgt load" and "coi wgt unload": files of keys that charon opens with
 * a private key that it has.
 */

#include "base/control_client.h"
#include "base/output.h"
#include "base/vici_request.h"
#include "keys/wgt.h"
#include "base/words.h"

#include <libgen.h>

#define DEFAULT_URI "unix:///run/charon.coi"

static const char *name;

/** Print what was done, with the communities concerned. */
static void print(json_object *answer, const char *done, const char *wgt)
{
	char *list, *clean;

	if (command_json())
	{
		json_object_object_add(answer, "name", output_json_string(wgt));
		json_object_object_add(answer, "success", json_object_new_boolean(TRUE));
		output_json(json_object_get(answer));
		return;
	}
	list = words_list(json_object_object_get(answer, "communities"), NULL);
	clean = output_clean(wgt);
	printf("%s %s: %s\n", done, clean, list);
	free(clean);
	free(list);
}

static coi_exit_t call_load(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;
	char *path, *wgt;
	chunk_t data;

	status = wgt_read(operands[0], &data);
	if (status)
	{
		return status;
	}
	path = strdup(operands[0]);
	wgt = strdup(name ?: basename(path));
	send_value_t values[] = {
		{ "name", chunk_from_str(wgt), FALSE },
		{ "data", data, FALSE },
	};
	status = send_request(control_uri ?: DEFAULT_URI, "load-wgt", values,
						  countof(values), &answer);
	if (!status)
	{
		print(answer, "loaded", wgt);
		json_object_put(answer);
	}
	free(path);
	free(wgt);
	chunk_free(&data);
	return status;
}

static coi_exit_t call_unload(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;
	send_value_t value = {
		"name", chunk_from_str(operands[0]), FALSE,
	};

	status = send_request(control_uri ?: DEFAULT_URI, "unload-wgt", &value, 1,
						  &answer);
	if (!status)
	{
		print(answer, "unloaded", operands[0]);
		json_object_put(answer);
	}
	return status;
}

static const command_t load_command = {
	.name = "wgt load",
	.summary = "let charon open a file of keys with a private key that it has",
	.operands = "FILE",
	.min = 1,
	.max = 1,
	.json = TRUE,
	.options = {
		{ "name", 'n', "NAME", .value = &name,
		  .help = "to unload it by (default: the file's)" },
		CONTROL_OPTION,
	},
	.more = "One that is loaded by the same name is replaced.\n",
	.call = call_load,
};

static const command_t unload_command = {
	.name = "wgt unload",
	.summary = "forget the keys of a file: what rests on them ends",
	.operands = "NAME",
	.min = 1,
	.max = 1,
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call_unload,
};

COMMAND(load_command)
COMMAND(unload_command)
