/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi key fingerprint": what people compare instead of keys.
 */

#include "base/output.h"
#include "keys/key_text.h"

static const char *name;

static void print_table(const secrets_t *secrets)
{
	table_t *table;
	u_int i;

	table = table_create(3, "COI", "FINGERPRINT", "SECTION");
	for (i = 0; i < secrets->count; i++)
	{
		table->add(table, secrets->list[i].name, secrets->list[i].fingerprint,
				   secrets->list[i].section);
	}
	table->print(table);
	table->destroy(table);
}

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status;
	secrets_t secrets;

	status = secrets_load(operands[0], name, &secrets);
	if (!status)
	{
		if (command_json())
		{
			output_json(secrets_json(&secrets, TRUE));
		}
		else
		{
			print_table(&secrets);
		}
		secrets_clear(&secrets);
	}
	return status;
}

static const command_t key_fingerprint = {
	.name = "key fingerprint",
	.summary = "print what tells keys apart and reveals nothing",
	.operands = "[FILE]",
	.max = 1,
	.json = TRUE,
	.options = {
		{ "coi", 'c', "COI", .value = &name,
		  .help = "only its keys; whose a bare key is" },
	},
	.more =
		"FILE is a swanctl.conf, or a key of 64 hexadecimal digits. Without it,\n"
		"standard input is read.\n",
	.call = call,
};

COMMAND(key_fingerprint)
