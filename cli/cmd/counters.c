/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"
#include "base/words.h"

static bool all;

static void add_section(table_t *table, json_object *answer, const char *name,
						const char *prefix)
{
	char value[WORDS_LEN], key[128];
	json_object *section;

	if (!json_object_object_get_ex(answer, name, &section))
	{
		return;
	}
	json_object_object_foreach(section, counter, number)
	{
		if (all || json_object_get_int64(number))
		{
			snprintf(key, sizeof(key), "%s%s", prefix, counter);
			table->add(table, key, words_number(section, counter, value));
		}
	}
}

static coi_exit_t call(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;
	table_t *table;

	status = control_call(&answer, "counters", NULL, NULL);
	if (status != EXIT_OK)
	{
		return status;
	}
	if (command_json())
	{
		output_json(answer);
		return EXIT_OK;
	}
	table = table_create(2, "COUNTER", "VALUE");
	add_section(table, answer, "counts", "");
	add_section(table, answer, "refused", "refused: ");
	table->print(table);
	table->destroy(table);
	json_object_put(answer);
	return EXIT_OK;
}

static const command_t counters_command = {
	.name = "counters",
	.summary = "count datagrams, openings and refusals since charon started",
	.json = TRUE,
	.options = {
		{ "all", 'a', .flag = &all, .help = "print those that are 0, too" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "JSON has all of them.\n",
};

COMMAND(counters_command)
