/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi wgt make": keys encrypted for whoever holds a certificate.
 */

#include "keys/key_text.h"
#include "keys/wgt.h"

#include <stdio.h>

static const char *recipient, *out;
static bool force;

/** Octets that the section of one key takes at most. */
#define SECTION_LEN 512

/**
 * Write keys as a list, each in a section of its own.
 *
 * @param text		receives it, to be cleared
 */
static coi_exit_t write_list(const secrets_t *secrets, chunk_t *text)
{
	char hex[2 * COI_KEY_LEN + 1];
	coi_exit_t status = EXIT_OK;
	const secret_t *secret;
	coi_keylist_t keys;
	const char *wrong;
	size_t len = 0;
	u_int i, line;

	*text = chunk_alloc(secrets->count * SECTION_LEN);
	for (i = 0; i < secrets->count; i++)
	{
		secret = &secrets->list[i];
		chunk_to_hex(chunk_create((u_char*)secret->key, COI_KEY_LEN), hex,
					 FALSE);
		len += snprintf((char*)text->ptr + len, SECTION_LEN,
						"secrets {\n   %s%.60s {\n      # fingerprint %s\n"
						"      id = %s\n      secret = 0x%s\n   }\n}\n",
						secret->section ? "" : "ppk-",
						secret->section ?: secret->name, secret->fingerprint,
						secret->name, hex);
	}
	memwipe(hex, sizeof(hex));
	text->len = len;
	/* what charon could not read must not be handed out */
	if (coi_keylist_parse(*text, &keys, &wrong, &line))
	{
		coi_keylist_clear(&keys);
	}
	else
	{
		status = command_error(EXIT_USAGE, "the keys cannot be put into a list: "
							   "%s", wrong);
		chunk_clear(text);
	}
	return status;
}

static coi_exit_t make(const secrets_t *secrets)
{
	chunk_t text, data = chunk_empty;
	coi_exit_t status;

	status = write_list(secrets, &text);
	if (status)
	{
		return status;
	}
	status = wgt_encrypt(text, recipient, &data);
	chunk_clear(&text);
	if (!status)
	{
		status = secrets_write(data, out, force);
		chunk_free(&data);
	}
	return status;
}

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status;
	secrets_t secrets;

	if (!recipient || !out)
	{
		return command_error(EXIT_USAGE, "--recipient and --out are needed: for "
							 "whom, and the file to be created");
	}
	status = secrets_load(operands[0], NULL, &secrets);
	if (!status)
	{
		status = make(&secrets);
		secrets_clear(&secrets);
	}
	return status;
}

static const command_t wgt_make = {
	.name = "wgt make",
	.summary = "encrypt keys for the holders of certificates",
	.operands = "[KEYFILE]",
	.max = 1,
	.options = {
		{ "recipient", 'r', "CERT", .value = &recipient,
		  .help = "their certificates, PEM, with RSA keys" },
		{ "out", 'o', "FILE", .value = &out,
		  .help = "create it, for its owner alone" },
		{ "force", 'f', .flag = &force, .help = "replace FILE" },
	},
	.more =
		"KEYFILE is as 'coi key new' prints it, with any number of keys. Without\n"
		"it, standard input is read. FILE is CMS EnvelopedData; 'coi wgt load'\n"
		"gives it to charon.\n",
	.call = call,
};

COMMAND(wgt_make)
