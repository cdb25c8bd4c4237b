/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi key load" and "coi key unload": keys that come and go while charon
 * runs, as with a user's login and logout.
 */

#include "base/output.h"
#include "keys/key_text.h"
#include "base/vici_request.h"

#define MAX_UNLOAD 16

static const char *uri = SEND_CHARON_URI;

/**
 * Load one section, a key with its ids, as swanctl does.
 *
 * @param from		first key of it
 * @param to		one behind the last
 */
static coi_exit_t load_section(const secrets_t *secrets, u_int from, u_int to)
{
	const secret_t *first = &secrets->list[from];
	send_value_t values[3 + COI_MAX_KEYS] = {
		{ "id", chunk_from_str(first->section), FALSE },
		{ "type", chunk_from_str("ppk"), FALSE },
		{ "data", chunk_from_thing(first->key), FALSE },
	};
	u_int count = 3;

	for (; from < to && count < countof(values); from++)
	{
		values[count++] = (send_value_t){
			"owners", chunk_from_str(secrets->list[from].name), TRUE,
		};
	}
	return send_request(uri, "load-shared", values, count, NULL);
}

/** Load all. */
static coi_exit_t load_all(const secrets_t *secrets)
{
	coi_exit_t status = EXIT_OK;
	u_int from, to;

	for (from = 0; from < secrets->count && !status; from = to)
	{
		if (!secrets->list[from].section)
		{
			return command_error(EXIT_USAGE, "a bare key has no name by which "
								 "it could be unloaded: put it into a section "
								 "as 'coi key new' prints it");
		}
		for (to = from + 1; to < secrets->count &&
			 streq(secrets->list[to].section, secrets->list[from].section);
			 to++);
		status = load_section(secrets, from, to);
	}
	return status;
}

static void print(const secrets_t *secrets)
{
	char *name, *section;
	u_int i;

	if (command_json())
	{
		output_json(secrets_json(secrets, FALSE));
		return;
	}
	for (i = 0; i < secrets->count; i++)
	{
		name = output_clean(secrets->list[i].name);
		section = output_clean(secrets->list[i].section);
		printf("loaded %s of COI %s\n", section, name);
		free(name);
		free(section);
	}
}

static coi_exit_t call_load(int count, char *operands[])
{
	coi_exit_t status;
	secrets_t secrets;

	status = secrets_load(operands[0], NULL, &secrets);
	if (!status)
	{
		status = load_all(&secrets);
		if (!status)
		{
			print(&secrets);
		}
		secrets_clear(&secrets);
	}
	return status;
}

/** Whether charon has a secret of that name. */
static bool is_loaded(json_object *keys, const char *name)
{
	size_t i;

	for (i = 0; keys && i < json_object_array_length(keys); i++)
	{
		if (streq(json_object_get_string(json_object_array_get_idx(keys, i)),
				  name))
		{
			return TRUE;
		}
	}
	return FALSE;
}

static coi_exit_t call_unload(int count, char *operands[])
{
	json_object *answer, *keys = NULL;
	coi_exit_t status;
	int i;

	status = send_request(uri, "get-shared", NULL, 0, &answer);
	if (status)
	{
		return status;
	}
	json_object_object_get_ex(answer, "keys", &keys);
	for (i = 0; i < count && !status; i++)
	{
		if (!is_loaded(keys, operands[i]))
		{
			status = command_error(EXIT_USAGE, "no such secret is loaded: name "
								   "the section, as 'coi key load' prints it");
		}
	}
	for (i = 0; i < count && !status; i++)
	{
		send_value_t id = { "id", chunk_from_str(operands[i]), FALSE };

		status = send_request(uri, "unload-shared", &id, 1, NULL);
	}
	json_object_put(answer);
	if (!status && command_json())
	{
		answer = json_object_new_object();
		json_object_object_add(answer, "unloaded", json_object_new_int(count));
		output_json(answer);
	}
	return status;
}

static const command_t load_command = {
	.name = "key load",
	.summary = "give keys to charon while it runs, as at a login",
	.operands = "[FILE]",
	.max = 1,
	.json = TRUE,
	.options = {
		{ "uri", 'u', "URI", .value = &uri, .help = "charon's VICI socket" },
	},
	.more =
		"FILE is as 'coi key new' prints it. Without it, standard input is read.\n"
		"A later 'swanctl --load-creds' takes out again what is in no file of\n"
		"its own.\n",
	.call = call_load,
};

static const command_t unload_command = {
	.name = "key unload",
	.summary = "take keys from charon: what rests on them ends",
	.operands = "SECTION...",
	.min = 1,
	.max = MAX_UNLOAD,
	.json = TRUE,
	.options = {
		{ "uri", 'u', "URI", .value = &uri, .help = "charon's VICI socket" },
	},
	.more = "SECTION is the name of the key's section, as 'coi key load' prints it.\n",
	.call = call_unload,
};

COMMAND(load_command)
COMMAND(unload_command)
