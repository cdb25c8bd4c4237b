/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"
#include "base/words.h"

static const char *const events[] = { "community", NULL };

/** Fingerprint of the newest generation, NULL if there is none. */
static const char *newest(json_object *generations)
{
	const char *fingerprint = NULL;
	json_object *generation;
	uint64_t highest = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(generations); i++)
	{
		generation = json_object_array_get_idx(generations, i);
		if (control_number(generation, "number") >= highest)
		{
			highest = control_number(generation, "number");
			fingerprint = control_str(generation, "fingerprint");
		}
	}
	return fingerprint ?: "no key";
}

static void add_community(table_t *table, json_object *community)
{
	json_object *generations = NULL, *offers = NULL, *uses = NULL;
	char members[WORDS_LEN], count[WORDS_LEN], *offered, *used;

	json_object_object_get_ex(community, "generations", &generations);
	json_object_object_get_ex(community, "offers", &offers);
	json_object_object_get_ex(community, "uses", &uses);
	snprintf(count, sizeof(count), "%u",
			 (u_int)json_object_array_length(generations));
	offered = words_list(offers, NULL);
	used = words_list(uses, NULL);
	table->add(table, control_str(community, "name"),
			   control_str(community, "connection"), newest(generations),
			   count, offered, used,
			   words_number(community, "member-count", members),
			   control_str(community, "state"));
	free(offered);
	free(used);
}

/**
 * Take those with a name, or all.
 *
 * @return		array
 */
static json_object *filter(json_object *list, const char *name)
{
	json_object *kept = json_object_new_array(), *item;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
	{
		item = json_object_array_get_idx(list, i);
		if (!name || streq(control_str(item, "name"), name))
		{
			json_object_array_add(kept, json_object_get(item));
		}
	}
	return kept;
}

static coi_exit_t no_such(json_object *all, const char *name)
{
	coi_exit_t status;
	char *names, *clean;

	names = words_list(all, "name");
	clean = output_clean(names);
	status = command_error(EXIT_USAGE, "no community '%s' is configured, there "
						   "are: %s", name, *clean ? clean : "none");
	free(clean);
	free(names);
	return status;
}

/**
 * Print communities, adopted.
 */
static void print(json_object *list)
{
	json_object *all;
	table_t *table;
	size_t i;

	if (command_json())
	{
		all = json_object_new_object();
		json_object_object_add(all, "communities", list);
		output_json(all);
		return;
	}
	table = table_create(8, "COMMUNITY", "CONNECTION", "FINGERPRINT", "KEYS",
						 "OFFERS", "USES", "MEMBERS", "STATE");
	for (i = 0; i < json_object_array_length(list); i++)
	{
		add_community(table, json_object_array_get_idx(list, i));
	}
	table->print(table);
	table->destroy(table);
	json_object_put(list);
}

static coi_exit_t call(int count, char *operands[])
{
	const char *name = count ? operands[0] : NULL;
	json_object *answer, *list;
	coi_exit_t status;

	status = control_call(&answer, "communities", events, NULL);
	if (status != EXIT_OK)
	{
		return status;
	}
	list = filter(json_object_object_get(answer, "community"), name);
	if (name && !json_object_array_length(list))
	{
		status = no_such(json_object_object_get(answer, "community"), name);
		json_object_put(list);
	}
	else
	{
		print(list);
	}
	json_object_put(answer);
	return status;
}

static const command_t communities_command = {
	.name = "communities",
	.summary = "list communities, their keys and members",
	.operands = "[NAME]",
	.max = 1,
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call,
	.more = "FINGERPRINT is that of the newest of KEYS generations: two members "
			"that show\nthe same one hold the same key. MEMBERS have an open "
			"session with it.\nSTATE is on, disabled by command, or on-demand "
			"and then enabled by command.\n",
};

COMMAND(communities_command)
