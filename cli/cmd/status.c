/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"
#include "base/words.h"

static const char *const status_events[] = { "peer", "refused", NULL };
static const char *const community_events[] = { "community", NULL };

static void add_number(json_object *object, const char *key, size_t number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

/** Add how many sessions there are of each kind. */
static void add_sessions(json_object *summary, json_object *answer)
{
	json_object *peers = json_object_object_get(answer, "peer");
	json_object *peer, *superseded;
	size_t i, open = 0, opening = 0, replaced = 0, unheard = 0;

	for (i = 0; i < json_object_array_length(peers); i++)
	{
		peer = json_object_array_get_idx(peers, i);
		if (json_object_object_get_ex(peer, "superseded", &superseded) &&
			json_object_get_boolean(superseded))
		{
			replaced++;
		}
		else if (json_object_object_get_ex(peer, "age", NULL))
		{
			open++;
			unheard += json_object_get_boolean(json_object_object_get(peer,
																"unheard"));
		}
		else
		{
			opening++;
		}
	}
	add_number(summary, "open", open);
	add_number(summary, "opening", opening);
	add_number(summary, "superseded", replaced);
	add_number(summary, "unheard", unheard);
	add_number(summary, "refused", json_object_array_length(
								json_object_object_get(answer, "refused")));
}

/** Add name, number of keys and of members of each community. */
static void add_communities(json_object *summary, json_object *answer)
{
	json_object *list = json_object_object_get(answer, "community");
	json_object *all = json_object_new_array(), *one, *community;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
	{
		community = json_object_array_get_idx(list, i);
		one = json_object_new_object();
		json_object_object_add(one, "name", json_object_new_string(
									control_str(community, "name") ?: ""));
		add_number(one, "keys", json_object_array_length(
							json_object_object_get(community, "generations")));
		add_number(one, "members", control_number(community, "member-count"));
		json_object_object_add(one, "state", output_json_string(
								control_str(community, "state") ?: "on"));
		json_object_array_add(all, one);
	}
	json_object_object_add(summary, "communities", all);
}

static void print_communities(json_object *list)
{
	json_object *one;
	char *name;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
	{
		one = json_object_array_get_idx(list, i);
		name = output_clean(control_str(one, "name") ?: "");
		printf("%-12s %s: ", i ? "" : "communities", name);
		if (streq(control_str(one, "state"), "disabled"))
		{
			printf("disabled\n");
		}
		else if (control_number(one, "keys"))
		{
			printf("%u connected\n", (u_int)control_number(one, "members"));
		}
		else
		{
			printf("no key\n");
		}
		free(name);
	}
}

/** Print why nothing is opened, if that is so. */
static void print_closed(json_object *list)
{
	size_t i, count;
	char *why;

	/* an older plugin has no such list */
	count = list ? json_object_array_length(list) : 0;
	for (i = 0; i < count; i++)
	{
		why = output_clean(json_object_get_string(
										json_object_array_get_idx(list, i)));
		printf("%-12s %s\n", i ? "" : "CLOSED", why);
		free(why);
	}
}

/** Print if services that are used get fewer answers than they should. */
static void print_tracking(const char *tracking)
{
	if (streq(tracking, "flags"))
	{
		printf("%-12s only over TCP from services that are only used: "
			   "connections are not tracked\n", "answers");
	}
	else if (streq(tracking, "none"))
	{
		printf("%-12s none from services that are only used: the kernel cannot "
			   "tell who began\n", "answers");
	}
}

static void print(json_object *summary)
{
	char *suites;

	suites = words_list(json_object_object_get(summary, "suites"), NULL);
	printf("%-12s %s for strongSwan %s, protocol %u, suites %s\n", "plugin",
		   control_str(summary, "version"), control_str(summary, "charon"),
		   (u_int)control_number(summary, "protocol"), suites);
	print_closed(json_object_object_get(summary, "closed"));
	print_tracking(control_str(summary, "tracking") ?: "");
	if (control_number(summary, "refused-policies"))
	{
		printf("%-12s %u refused by the kernel, tried again\n", "policies",
			   (u_int)control_number(summary, "refused-policies"));
	}
	printf("%-12s %u open, %u being opened, %u superseded\n", "sessions",
		   (u_int)control_number(summary, "open"),
		   (u_int)control_number(summary, "opening"),
		   (u_int)control_number(summary, "superseded"));
	if (control_number(summary, "unheard"))
	{
		printf("%-12s %u sessions through which nothing has come in: coi peers, "
			   "coi why\n", "unheard",
			   (u_int)control_number(summary, "unheard"));
	}
	printf("%-12s %u peers that did not answer\n", "refused",
		   (u_int)control_number(summary, "refused"));
	print_communities(json_object_object_get(summary, "communities"));
	free(suites);
}

static coi_exit_t call(int count, char *operands[])
{
	json_object *summary, *answer;
	coi_exit_t status;

	status = control_call(&summary, "version", NULL, NULL);
	if (status != EXIT_OK)
	{
		return status;
	}
	status = control_call(&answer, "status", status_events, NULL);
	if (status == EXIT_OK)
	{
		add_sessions(summary, answer);
		json_object_put(answer);
		status = control_call(&answer, "communities", community_events, NULL);
	}
	if (status == EXIT_OK)
	{
		add_communities(summary, answer);
		json_object_put(answer);
		if (command_json())
		{
			output_json(json_object_get(summary));
		}
		else
		{
			print(summary);
		}
	}
	json_object_put(summary);
	return status;
}

static const command_t status_command = {
	.name = "status",
	.summary = "show what runs, and how much of it",
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call,
};

COMMAND(status_command)
