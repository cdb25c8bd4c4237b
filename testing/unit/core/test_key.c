/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <ctype.h>

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_key.h"

TestSuite(key, .init = coi_test_init);

static uint8_t secret[COI_KEY_LEN] = { 1, 2, 3 };

static coi_key_t *create(const char *name, u_int generation, uint8_t first)
{
	secret[0] = first;
	return coi_key_create(SUITE, name, generation,
						  chunk_from_thing(secret));
}

Test(key, name_and_length)
{
	char name[COI_MAX_NAME + 2] = {};
	coi_key_t *key;
	size_t len;

	for (len = 0; len <= COI_MAX_NAME + 1; len++)
	{
		memset(name, 'x', len);
		key = create(name, 0, 1);
		cr_expect_eq(key != NULL, len >= 1 && len <= COI_MAX_NAME);
		if (key)
		{
			cr_expect_str_eq(key->name, name);
			cr_expect_neq(key->name, name);
		}
		coi_key_destroy(key);
	}
	for (len = 0; len <= COI_KEY_LEN; len++)
	{
		key = coi_key_create(SUITE, "lab", 0,
							 chunk_create(secret, len));
		cr_expect_eq(key != NULL, len == COI_KEY_LEN);
		coi_key_destroy(key);
	}
}

Test(key, without_algorithms_there_is_none)
{
	coi_suite_t lame = *SUITE;

	lame.prf = PRF_UNDEFINED;
	cr_expect_null(coi_key_create(&lame, "lab", 0, chunk_from_thing(secret)));
	lame = *SUITE;
	lame.mac = AUTH_UNDEFINED;
	cr_expect_null(coi_key_create(&lame, "lab", 0, chunk_from_thing(secret)));
}

Test(key, same_secret_other_name_is_another_key)
{
	uint8_t a[COI_TAG_LEN], b[COI_TAG_LEN];
	coi_key_t *lab, *lab2, *rotated, *same;

	lab = create("lab", 1, 1);
	same = create("lab", 2, 1);
	lab2 = create("lab2", 1, 1);
	rotated = create("lab", 1, 2);
	cr_expect(coi_key_equals(lab, lab));
	cr_expect(coi_key_equals(lab, same), "its place in the order is not it");
	cr_expect_not(coi_key_equals(lab, lab2));
	cr_expect_not(coi_key_equals(lab, rotated));
	cr_assert(coi_suite_mac16(lab->gate0, chunk_from_str("x"), a));
	cr_assert(coi_suite_mac16(lab2->gate0, chunk_from_str("x"), b));
	cr_expect_not(memeq(a, b, sizeof(a)));
	cr_assert(coi_suite_mac16(rotated->gate0, chunk_from_str("x"), b));
	cr_expect_not(memeq(a, b, sizeof(a)));
	cr_assert(coi_suite_mac16(same->gate0, chunk_from_str("x"), b));
	cr_expect(memeq(a, b, sizeof(a)));
	coi_key_destroy(lab);
	coi_key_destroy(lab2);
	coi_key_destroy(rotated);
	coi_key_destroy(same);
	coi_key_destroy(NULL);
}

Test(key, fingerprint_is_of_key_and_name)
{
	char a[COI_FINGERPRINT_TEXT + 1], b[COI_FINGERPRINT_TEXT];
	coi_suite_t other = *coi_suite_get(1);
	coi_key_t *key;
	u_int i;

	key = create("lab", 1, 1);
	memset(a, 'x', sizeof(a));
	coi_key_fingerprint(key, a);
	cr_expect_eq(strlen(a), 19);
	cr_expect_eq(a[20], 'x');
	for (i = 0; i < 19; i++)
	{
		cr_expect(i % 5 == 4 ? a[i] == '-' : isxdigit(a[i]) && !isupper(a[i]));
	}
	cr_expect_not(memeq(key->fingerprint, key->base.ptr, COI_FINGERPRINT_LEN));
	coi_key_destroy(key);
	key = create("lab", 7, 1);
	coi_key_fingerprint(key, b);
	cr_expect_str_eq(a, b, "its place in the order is not it");
	coi_key_destroy(key);
	key = create("lab2", 1, 1);
	coi_key_fingerprint(key, b);
	cr_expect_str_neq(a, b);
	coi_key_destroy(key);
	key = create("lab", 1, 2);
	coi_key_fingerprint(key, b);
	cr_expect_str_neq(a, b);
	coi_key_destroy(key);

	other.name = "other";
	secret[0] = 1;
	key = coi_key_create(&other, "lab", 1, chunk_from_thing(secret));
	coi_key_fingerprint(key, b);
	cr_expect_str_eq(a, b, "nor is the suite");
	coi_key_destroy(key);
}

Test(key, references)
{
	coi_key_t *key, *again;

	key = create("lab", 1, 1);
	again = coi_key_get_ref(key);
	cr_assert_eq(key, again);
	coi_key_destroy(key);
	cr_expect_str_eq(again->name, "lab");
	coi_key_destroy(again);
}

Test(key, set_of_96_and_no_more)
{
	coi_key_t *keys[COI_MAX_KEYS + 1];
	coi_keyset_t *set, *again;
	u_int i;

	for (i = 0; i < countof(keys); i++)
	{
		keys[i] = create("lab", i, i);
	}
	set = coi_keyset_create(keys, COI_MAX_KEYS);
	cr_assert_not_null(set);
	cr_expect_eq(set->count, COI_MAX_KEYS);
	cr_expect_eq(set->keys[95], keys[95]);
	again = coi_keyset_get_ref(set);
	coi_keyset_destroy(set);
	cr_expect_str_eq(again->keys[0]->name, "lab");
	/* adopted on failure too */
	for (i = 0; i < COI_MAX_KEYS; i++)
	{
		coi_key_get_ref(keys[i]);
	}
	cr_expect_null(coi_keyset_create(keys, COI_MAX_KEYS + 1));
	coi_keyset_destroy(again);
	set = coi_keyset_create(NULL, 0);
	cr_assert_not_null(set);
	cr_expect_eq(set->count, 0);
	coi_keyset_destroy(set);
	coi_keyset_destroy(NULL);
}
