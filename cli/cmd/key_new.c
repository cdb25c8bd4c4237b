/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns "coi key new": a fresh key for a community.
 */

#include "keys/key_text.h"

static const char *suffix, *out;
static bool force;

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status = EXIT_FAILED;
	uint8_t key[COI_KEY_LEN];
	rng_t *rng;

	if (!secrets_check_name(operands[0]) ||
		(suffix && !secrets_check_suffix(suffix)))
	{
		return EXIT_USAGE;
	}
	rng = secrets_init() ? secrets_rng() : NULL;
	if (!rng)
	{
		return EXIT_FAILED;
	}
	if (rng->get_bytes(rng, sizeof(key), key))
	{
		status = secrets_print(operands[0], suffix, key, out, force);
	}
	else
	{
		command_error(EXIT_FAILED, "no random numbers");
	}
	memwipe(key, sizeof(key));
	rng->destroy(rng);
	return status;
}

static const command_t key_new = {
	.name = "key new",
	.summary = "make a key for a COI, as a section for swanctl.conf",
	.operands = "COI",
	.min = 1,
	.max = 1,
	.options = {
		{ "generation-name", 'g', "SUFFIX", .value = &suffix,
		  .help = "section ppk-COI-SUFFIX" },
		{ "out", 'o', "FILE", .value = &out,
		  .help = "create it, for its owner alone" },
		{ "force", 'f', .flag = &force, .help = "replace FILE" },
	},
	.more =
		"Each member gets the same section. A further generation has another\n"
		"SUFFIX and stands behind the older ones.\n",
	.call = call,
};

COMMAND(key_new)
