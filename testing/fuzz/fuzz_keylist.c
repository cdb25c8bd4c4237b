/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * The list of keys in an encrypted file: whoever has a certificate can encrypt
 * anything for its holder.
 *
 * Input: a list.
 */

#include <stdint.h>
#include <stdlib.h>

#include "core/coi_keylist.h"

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len);

static void must(bool condition)
{
	if (!condition)
	{
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	coi_keylist_t keys;
	const char *wrong;
	u_int line, i;

	if (coi_keylist_parse(chunk_create((uint8_t*)buf, len), &keys, &wrong,
						  &line))
	{
		must(!wrong && keys.count && keys.count <= COI_MAX_KEYS);
		for (i = 0; i < keys.count; i++)
		{
			must(*keys.list[i].name &&
				 strlen(keys.list[i].name) <= COI_MAX_NAME &&
				 strpfx(keys.list[i].section, "ppk"));
		}
	}
	else
	{
		must(wrong && line && !keys.list && !keys.count);
	}
	coi_keylist_clear(&keys);
	return 0;
}
