/* SPDX-License-Identifier: GPL-2.0-or-later */

/* encrypted key files: what is none changes nothing */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "keys/coi_key_files.h"

TestSuite(key_files, .init = fake_configs_init, .fini = fake_configs_deinit);

/** ContentInfo with data that nothing encrypts. */
static const uint8_t plain[] = {
	0x30, 0x10, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
	0x01, 0xa0, 0x03, 0x04, 0x01, 0x78,
};

static u_int count_secrets()
{
	enumerator_t *enumerator;
	shared_key_t *secret;
	u_int count = 0;

	enumerator = lib->credmgr->create_shared_enumerator(lib->credmgr,
													SHARED_PPK, NULL, NULL);
	while (enumerator->enumerate(enumerator, &secret, NULL, NULL))
	{
		count++;
	}
	enumerator->destroy(enumerator);
	return count;
}

static void load_bad(coi_key_files_t *files, chunk_t data, const char *what)
{
	array_t *names = array_create(0, 0);
	char *error;

	error = files->load(files, "file", data, names);
	cr_assert(error && strstr(error, what), "%s", error ?: "loaded");
	free(error);
	cr_assert_eq(array_count(names), 0);
	array_destroy(names);
	cr_assert_eq(count_secrets(), 0);
	cr_assert(!files->unload(files, "file", NULL));
}

Test(key_files, bad)
{
	coi_key_files_t *files = coi_key_files_create();
	uint8_t octets[sizeof(plain)];
	u_int i;

	load_bad(files, chunk_empty, "no CMS in DER");
	load_bad(files, chunk_from_str("alpha = 0123"), "no CMS in DER");
	load_bad(files, chunk_from_thing(plain), "no EnvelopedData of CMS");
	for (i = 0; i < sizeof(plain); i++)
	{
		load_bad(files, chunk_create((uint8_t*)plain, i), "it is no ");
		memcpy(octets, plain, sizeof(octets));
		octets[i] ^= 0xff;
		load_bad(files, chunk_from_thing(octets), "it is no ");
	}
	files->destroy(files);
}
