/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi wgt show": for whom a file of keys is, and what is in it.
 */

#include "base/output.h"
#include "keys/key_text.h"
#include "keys/wgt.h"

static const char *key;

static json_object *list_recipients(const wgt_t *wgt)
{
	json_object *list = json_object_new_array(), *item;
	char *issuer, *serial;
	u_int i;

	for (i = 0; i < wgt_recipients(wgt); i++)
	{
		item = json_object_new_object();
		if (wgt_recipient(wgt, i, &issuer, &serial))
		{
			json_object_object_add(item, "issuer", output_json_string(issuer));
			json_object_object_add(item, "serial", output_json_string(serial));
			free(issuer);
			free(serial);
		}
		json_object_array_add(list, item);
	}
	return list;
}

static json_object *list_keys(const coi_keylist_t *keys)
{
	json_object *list = json_object_new_array(), *item;
	char fingerprint[COI_FINGERPRINT_TEXT];
	const coi_listed_t *listed;
	coi_key_t *derived;
	u_int i;

	for (i = 0; i < keys->count; i++)
	{
		listed = &keys->list[i];
		item = json_object_new_object();
		json_object_object_add(item, "coi", output_json_string(listed->name));
		derived = coi_key_create(coi_suite_by_name("p384"), listed->name, 0,
								 chunk_create((u_char*)listed->key,
											  COI_KEY_LEN));
		if (derived)
		{
			coi_key_fingerprint(derived, fingerprint);
			json_object_object_add(item, "fingerprint",
								   output_json_string(fingerprint));
			coi_key_destroy(derived);
		}
		json_object_object_add(item, "section",
							   output_json_string(listed->section));
		json_object_array_add(list, item);
	}
	return list;
}

static const char *get(json_object *list, size_t i, const char *name)
{
	json_object *value;

	return json_object_object_get_ex(json_object_array_get_idx(list, i), name,
									 &value) ? json_object_get_string(value)
											 : NULL;
}

static void print(json_object *recipients, json_object *keys)
{
	table_t *table;
	size_t i;

	table = table_create(2, "RECIPIENT'S ISSUER", "SERIAL");
	for (i = 0; i < json_object_array_length(recipients); i++)
	{
		table->add(table, get(recipients, i, "issuer"),
				   get(recipients, i, "serial"));
	}
	table->print(table);
	table->destroy(table);
	if (!keys)
	{
		return;
	}
	table = table_create(3, "COI", "FINGERPRINT", "SECTION");
	for (i = 0; i < json_object_array_length(keys); i++)
	{
		table->add(table, get(keys, i, "coi"), get(keys, i, "fingerprint"),
				   get(keys, i, "section"));
	}
	table->print(table);
	table->destroy(table);
}

/**
 * Show a file that was parsed.
 */
static coi_exit_t show(const wgt_t *wgt, const char *path)
{
	json_object *recipients, *list = NULL, *all;
	coi_keylist_t keys = {};
	coi_exit_t status;

	if (key)
	{
		status = wgt_decrypt(wgt, path, key, &keys);
		if (status)
		{
			return status;
		}
		list = list_keys(&keys);
		coi_keylist_clear(&keys);
	}
	recipients = list_recipients(wgt);
	if (command_json())
	{
		all = json_object_new_object();
		json_object_object_add(all, "recipients", json_object_get(recipients));
		if (list)
		{
			json_object_object_add(all, "keys", json_object_get(list));
		}
		output_json(all);
	}
	else
	{
		print(recipients, list);
	}
	json_object_put(recipients);
	json_object_put(list);
	return EXIT_OK;
}

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status;
	chunk_t data;
	wgt_t wgt;

	if (!secrets_init())
	{
		return EXIT_FAILED;
	}
	status = wgt_read(operands[0], &data);
	if (!status)
	{
		status = wgt_parse(operands[0], data, &wgt);
		if (!status)
		{
			status = show(&wgt, operands[0]);
			wgt_clear(&wgt);
		}
		chunk_free(&data);
	}
	return status;
}

static const command_t wgt_show = {
	.name = "wgt show",
	.summary = "show for whom a file of keys is, and with --key what is in it",
	.operands = "FILE",
	.min = 1,
	.max = 1,
	.json = TRUE,
	.options = {
		{ "key", 'k', "FILE", .value = &key,
		  .help = "private key of a recipient, PEM" },
	},
	.call = call,
};

COMMAND(wgt_show)
