/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the keys of this host: which connection has which, and what comes and goes */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_keys.h"
#include "keys/coi_keyring.h"

static coi_options_t options;
static coi_admin_state_t *admin;
static coi_events_t *events;
static coi_config_t *config;
static coi_keyring_t *keyring;

static void on_error(void *data, const char *name, const char *error)
{
}

static void add_connection(const char *name, const char *child,
						   const char *second)
{
	fake_connection_t fake = fake_connection(name);

	fake.children[0].name = child;
	if (second)
	{
		fake.children[1] = fake.children[0];
		fake.children[1].name = second;
		fake.count = 2;
	}
	fake_configs_add(fake_connection_load(&fake));
}

static void setup()
{
	fake_keys_init();
	admin = coi_admin_state_create(&options);
	events = coi_events_create();
	config = coi_config_create(0, on_error, NULL);
	keyring = coi_keyring_create(events, admin);
}

static void teardown()
{
	keyring->destroy(keyring);
	config->destroy(config);
	events->destroy(events);
	admin->destroy(admin);
	fake_keys_deinit();
}

TestSuite(keyring, .init = setup, .fini = teardown);

static bool refresh()
{
	config->refresh(config);
	return keyring->refresh(keyring, config);
}

/** How many keys a connection has, all if it is NULL. */
static u_int count_keys(const char *name)
{
	coi_connection_t *conn;
	coi_keyset_t *set;
	u_int count;

	if (!name)
	{
		set = keyring->get_all(keyring);
	}
	else
	{
		conn = config->find_name(config, name);
		set = keyring->get(keyring, conn, conn->suite);
		coi_connection_destroy(conn);
	}
	count = set->count;
	coi_keyset_destroy(set);
	return count;
}

static coi_key_t *get_first()
{
	coi_keyset_t *set = keyring->get_all(keyring);
	coi_key_t *key;

	cr_assert_gt(set->count, 0);
	key = coi_key_get_ref(set->keys[0]);
	coi_keyset_destroy(set);
	return key;
}

Test(keyring, connections)
{
	add_connection("one", "alpha", "beta");
	add_connection("two", "beta", NULL);
	fake_keys_add("alpha", 1, COI_KEY_LEN);
	fake_keys_add("beta", 2, COI_KEY_LEN);
	fake_keys_add("beta", 3, COI_KEY_LEN);
	fake_keys_add("gamma", 4, COI_KEY_LEN);
	cr_assert_eq(count_keys(NULL), 0);
	cr_assert(refresh());
	cr_assert_eq(count_keys(NULL), 3);
	cr_assert_eq(count_keys("one"), 3);
	cr_assert_eq(count_keys("two"), 2);
	cr_assert(keyring->has(keyring, "alpha") && keyring->has(keyring, "beta"));
	cr_assert(!keyring->has(keyring, "gamma"));
	cr_assert_eq(events->get_last(events), 3);
	/* the same again is no news */
	cr_assert(!refresh());
	cr_assert_eq(events->get_last(events), 3);
}

Test(keyring, no_key)
{
	add_connection("one", "alpha", NULL);
	fake_keys_add("alpha", 1, COI_KEY_LEN + 1);
	fake_configs_logged();
	cr_assert(!refresh());
	cr_assert(strstr(fake_configs_logged(), "256 bit are allowed"));
	cr_assert(!keyring->has(keyring, "alpha"));
	/* said once */
	cr_assert(!refresh());
	cr_assert_str_empty(fake_configs_logged());
}

Test(keyring, removed)
{
	coi_key_t *key;

	add_connection("one", "alpha", NULL);
	fake_keys_add("alpha", 1, COI_KEY_LEN);
	refresh();
	key = get_first();
	cr_assert(keyring->holds(keyring, key));
	fake_keys_clear();
	/* what charon does not have is not used, refreshed or not */
	cr_assert(refresh());
	cr_assert(!keyring->has(keyring, "alpha"));
	cr_assert(!keyring->holds(keyring, key));
	cr_assert_eq(count_keys(NULL), 0);
	coi_key_destroy(key);
}

/** A session rests on the secret, not on the connection. */
Test(keyring, connection_gone)
{
	coi_key_t *key;

	add_connection("one", "alpha", NULL);
	fake_keys_add("alpha", 1, COI_KEY_LEN);
	refresh();
	key = get_first();
	fake_configs_flush();
	cr_assert(refresh());
	cr_assert(!keyring->has(keyring, "alpha"));
	cr_assert_eq(count_keys(NULL), 0);
	cr_assert(keyring->holds(keyring, key));
	/* until the secret goes, which is a change though nobody has it */
	fake_keys_clear();
	cr_assert(refresh());
	cr_assert(!keyring->holds(keyring, key));
	coi_key_destroy(key);
}

Test(keyring, disabled)
{
	coi_key_t *key;

	add_connection("one", "alpha", "beta");
	fake_keys_add("alpha", 1, COI_KEY_LEN);
	fake_keys_add("beta", 2, COI_KEY_LEN);
	refresh();
	key = get_first();
	admin->disable(admin, key->name);
	cr_assert(!keyring->holds(keyring, key));
	cr_assert(refresh());
	cr_assert(!keyring->has(keyring, key->name));
	cr_assert_eq(count_keys(NULL), 1);
	cr_assert_eq(count_keys("one"), 1);
	admin->disable(admin, NULL);
	cr_assert(refresh());
	cr_assert_eq(count_keys(NULL), 0);
	admin->enable(admin, NULL, FALSE);
	cr_assert(refresh());
	cr_assert_eq(count_keys(NULL), 2);
	cr_assert(keyring->holds(keyring, key));
	coi_key_destroy(key);
}

/** Of too many keys the oldest of the community that has most are left out. */
Test(keyring, too_many)
{
	u_int i;

	add_connection("one", "alpha", "beta");
	fake_keys_add("beta", 200, COI_KEY_LEN);
	for (i = 0; i < COI_MAX_KEYS + 5; i++)
	{
		fake_keys_add("alpha", i, COI_KEY_LEN);
	}
	cr_assert(refresh());
	cr_assert_eq(count_keys(NULL), COI_MAX_KEYS);
	cr_assert(keyring->has(keyring, "beta"));
	cr_assert(strstr(fake_configs_logged(), "COI 'alpha': a key is not used"));
}
