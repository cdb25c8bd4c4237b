/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi key combine": a key from its shares.
 */

#include "keys/key_text.h"
#include "keys/share.h"

#include <limits.h>

static const char *suffix, *out;
static bool force;

/** Shares read so far. */
static share_t shares[SHAMIR_MAX];
static u_int share_count;

/**
 * Read the shares of a file, one a line; empty lines and comments are allowed.
 */
static coi_exit_t read_shares(const char *path)
{
	coi_exit_t status;
	const char *wrong;
	char *pos, *line, *end;
	chunk_t content;
	u_int number;

	status = secrets_read(path, &content);
	if (status)
	{
		return status;
	}
	pos = (char*)content.ptr;
	for (number = 1; !status && (line = strsep(&pos, "\n")); number++)
	{
		line += strspn(line, " \t\r");
		for (end = line + strlen(line); end > line && strchr(" \t\r", end[-1]);)
		{
			*--end = '\0';
		}
		if (!*line || *line == '#')
		{
			continue;
		}
		if (share_count == countof(shares))
		{
			status = command_error(EXIT_FAILED, "more than %d shares",
								   SHAMIR_MAX);
			break;
		}
		wrong = share_read(line, &shares[share_count++]);
		if (wrong)
		{
			status = command_error(EXIT_FAILED, "%s, line %u: %s",
								   secrets_path(path), number, wrong);
		}
	}
	chunk_clear(&content);
	return status;
}

/**
 * Make the key and print it.
 */
static coi_exit_t combine(void)
{
	coi_exit_t status;
	uint8_t key[COI_KEY_LEN];
	char *wrong;

	wrong = share_combine(shares, share_count, key);
	if (wrong)
	{
		status = command_error(EXIT_FAILED, "%s", wrong);
		free(wrong);
		return status;
	}
	status = secrets_check_name(shares->name) ?
			 secrets_print(shares->name, suffix, key, out, force) : EXIT_FAILED;
	memwipe(key, sizeof(key));
	return status;
}

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status = EXIT_OK;
	int i;

	if (suffix && !secrets_check_suffix(suffix))
	{
		return EXIT_USAGE;
	}
	if (!secrets_init())
	{
		return EXIT_FAILED;
	}
	if (!count)
	{
		status = read_shares(NULL);
	}
	for (i = 0; i < count && !status; i++)
	{
		status = read_shares(operands[i]);
	}
	if (!status)
	{
		status = combine();
	}
	memwipe(shares, sizeof(shares));
	return status;
}

static const command_t key_combine = {
	.name = "key combine",
	.summary = "make a key from its shares",
	.operands = "[FILE...]",
	.max = INT_MAX,
	.options = {
		{ "generation-name", 'g', "SUFFIX", .value = &suffix,
		  .help = "section ppk-COI-SUFFIX" },
		{ "out", 'o', "FILE", .value = &out,
		  .help = "create it, for its owner alone" },
		{ "force", 'f', .flag = &force, .help = "replace what --out says" },
	},
	.more =
		"Each FILE has shares, one a line. Without one, standard input is read.\n"
		"The key is printed as by coi key new, if it is the one that was split.\n",
	.call = call,
};

COMMAND(key_combine)
