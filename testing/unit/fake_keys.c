/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_keys.h"
#include "fake_configs.h"

#include <credentials/sets/mem_cred.h>

static mem_cred_t *secrets;

void fake_keys_init()
{
	fake_configs_init();
	secrets = mem_cred_create();
	lib->credmgr->add_set(lib->credmgr, &secrets->set);
}

void fake_keys_deinit()
{
	lib->credmgr->remove_set(lib->credmgr, &secrets->set);
	secrets->destroy(secrets);
	fake_configs_deinit();
}

void fake_keys_add(const char *name, uint8_t fill, size_t len)
{
	chunk_t value = chunk_alloc(len);

	memset(value.ptr, fill, len);
	secrets->add_shared(secrets, shared_key_create(SHARED_PPK, value), name ?
						identification_create_from_string((char*)name) : NULL,
						NULL);
}

void fake_keys_clear()
{
	secrets->clear_secrets(secrets);
}

bool fake_keys_is(shared_key_t *secret, uint8_t fill)
{
	chunk_t value = secret->get_key(secret);

	return value.len && value.ptr[0] == fill;
}
