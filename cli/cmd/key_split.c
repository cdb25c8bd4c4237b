/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi key split": a key in shares.
 */

#include "keys/key_text.h"
#include "keys/share.h"

static const char *name, *out, *shares_text, *threshold_text;
static bool force;

/**
 * Split one key and print its shares.
 */
static coi_exit_t split(const secret_t *secret, u_int threshold, u_int count)
{
	coi_exit_t status = EXIT_FAILED;
	share_t shares[SHAMIR_MAX];
	chunk_t text = chunk_alloc(SHAMIR_MAX * SHARE_TEXT);
	size_t len = 0;
	bool success;
	rng_t *rng;
	u_int i;

	rng = secrets_rng();
	success = rng && share_split(secret->name, secret->key, rng, threshold,
								 shares, count);
	for (i = 0; i < count && success; i++)
	{
		success = share_write(&shares[i], (char*)text.ptr + len);
		len += strlen((char*)text.ptr + len);
		text.ptr[len++] = '\n';
	}
	if (success)
	{
		status = secrets_write(chunk_create(text.ptr, len), out, force);
	}
	else if (rng)
	{
		command_error(EXIT_FAILED, "the key cannot be split: no random "
					  "numbers, or no SHA-256");
	}
	DESTROY_IF(rng);
	memwipe(shares, sizeof(shares));
	chunk_clear(&text);
	return status;
}

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status;
	secrets_t secrets;
	u_int shares, threshold;

	if (!shares_text || !threshold_text)
	{
		return command_error(EXIT_USAGE, "--shares and --threshold are needed: "
							 "how many to make, and how many give the key");
	}
	if (!command_number("shares", shares_text, SHAMIR_MIN, SHAMIR_MAX,
						&shares) ||
		!command_number("threshold", threshold_text, SHAMIR_MIN, shares,
						&threshold))
	{
		return EXIT_USAGE;
	}
	status = secrets_load(operands[0], name, &secrets);
	if (status)
	{
		return status;
	}
	if (secrets.count > 1)
	{
		status = command_error(EXIT_USAGE, "%s has %u keys%s: one is split at "
							   "a time", secrets_path(operands[0]),
							   secrets.count, name ? " of the COI" :
							   ", say which COI's with --coi");
	}
	else if (!secrets_check_name(secrets.list->name))
	{
		status = EXIT_FAILED;
	}
	else
	{
		status = split(secrets.list, threshold, shares);
	}
	secrets_clear(&secrets);
	return status;
}

static const command_t key_split = {
	.name = "key split",
	.summary = "split a key into shares, some of which give it back",
	.operands = "--shares N --threshold K [FILE]",
	.max = 1,
	.options = {
		{ "shares", 'n', "N", .value = &shares_text,
		  .help = "shares to make, 2 to 255" },
		{ "threshold", 'k', "K", .value = &threshold_text,
		  .help = "shares that give the key, 2 to N" },
		{ "coi", 'c', "COI", .value = &name,
		  .help = "its key; whose a bare key is" },
		{ "out", 'o', "FILE", .value = &out,
		  .help = "create it, for its owner alone" },
		{ "force", 'f', .flag = &force, .help = "replace what --out says" },
	},
	.more =
		"FILE is a swanctl.conf with one key, or a key of 64 hexadecimal digits.\n"
		"Without it, standard input is read. Each line printed is a share; fewer\n"
		"than K of them say nothing about the key.\n",
	.call = call,
};

COMMAND(key_split)
