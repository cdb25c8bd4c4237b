/* SPDX-License-Identifier: GPL-2.0-or-later */

/* generations of a community's key: which secrets count, and as what */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_keys.h"
#include "keys/coi_key_generations.h"

TestSuite(generations, .init = fake_keys_init, .fini = fake_keys_deinit);

static void read_it(coi_key_generations_t *this,
					const coi_key_generations_t *before)
{
	coi_key_generations_collect(this, "alpha", coi_suite_nth(0));
	coi_key_generations_derive(this, before);
}

/** The last one listed is the newest, and each secret counts once. */
Test(generations, order)
{
	coi_key_generations_t this;

	fake_keys_add("alpha", 1, COI_KEY_LEN);
	fake_keys_add("beta", 9, COI_KEY_LEN);
	fake_keys_add("alpha", 2, COI_KEY_LEN);
	fake_keys_add("alpha", 2, COI_KEY_LEN);
	read_it(&this, NULL);
	cr_assert_eq(this.count, 2);
	cr_assert_null(this.complaint);
	cr_assert(fake_keys_is(this.held[0].secret, 1));
	cr_assert(fake_keys_is(this.held[1].secret, 2));
	cr_assert_eq(this.held[0].key->generation, 1);
	cr_assert_eq(this.held[1].key->generation, 2);
	cr_assert(coi_key_generations_hold(&this, this.held[0].key));
	coi_key_generations_clear(&this);
}

/** A secret for anybody, or for another name, is no key; one too short neither. */
Test(generations, not_used)
{
	coi_key_generations_t this;

	fake_keys_add(NULL, 1, COI_KEY_LEN);
	fake_keys_add("alphabet", 2, COI_KEY_LEN);
	fake_keys_add("alpha", 3, COI_KEY_LEN - 1);
	read_it(&this, NULL);
	cr_assert_eq(this.count, 0);
	cr_assert_str_eq(this.complaint, "secrets.ppk<suffix>.secret of id 'alpha' "
					 "has 248 bit: 256 bit are allowed; this key of COI 'alpha' "
					 "is not used");
	coi_key_generations_clear(&this);

	/* beside a good one it is said as well */
	fake_keys_add("alpha", 4, COI_KEY_LEN);
	read_it(&this, NULL);
	cr_assert_eq(this.count, 1);
	cr_assert(strpfx(this.complaint, "secrets.ppk"));
	coi_key_generations_clear(&this);
}

Test(generations, none)
{
	coi_key_generations_t this;

	read_it(&this, NULL);
	cr_assert_eq(this.count, 0);
	cr_assert_str_eq(this.complaint, "COI 'alpha' is not used: it has no key, "
					 "secrets.ppk<suffix> with id = alpha and a secret of 256 "
					 "bit is needed");
	coi_key_generations_clear(&this);
	cr_assert(!coi_key_generations_hold(NULL, NULL));
}

/** What was held keeps its number, and a number is never used twice. */
Test(generations, reload)
{
	coi_key_generations_t one, two, three;

	fake_keys_add("alpha", 1, COI_KEY_LEN);
	fake_keys_add("alpha", 2, COI_KEY_LEN);
	read_it(&one, NULL);
	fake_keys_clear();
	fake_keys_add("alpha", 2, COI_KEY_LEN);
	fake_keys_add("alpha", 3, COI_KEY_LEN);
	read_it(&two, &one);
	cr_assert_eq(two.count, 2);
	cr_assert_eq(two.held[0].key, one.held[1].key);
	cr_assert_eq(two.held[0].key->generation, 2);
	cr_assert_eq(two.held[1].key->generation, 3);
	cr_assert(!coi_key_generations_hold(&two, one.held[0].key));

	/* the other way round: the older one becomes newer than all */
	fake_keys_clear();
	fake_keys_add("alpha", 3, COI_KEY_LEN);
	fake_keys_add("alpha", 2, COI_KEY_LEN);
	read_it(&three, &two);
	cr_assert_eq(three.held[0].key->generation, 3);
	cr_assert_eq(three.held[1].key->generation, 4);
	cr_assert(fake_keys_is(three.held[1].secret, 2));
	coi_key_generations_clear(&one);
	coi_key_generations_clear(&two);
	coi_key_generations_clear(&three);
}

Test(generations, drop)
{
	coi_key_generations_t this;

	fake_keys_add("alpha", 1, COI_KEY_LEN);
	fake_keys_add("alpha", 2, COI_KEY_LEN);
	coi_key_generations_collect(&this, "alpha", coi_suite_nth(0));
	coi_key_generations_drop(&this);
	coi_key_generations_derive(&this, NULL);
	cr_assert_eq(this.count, 1);
	cr_assert(fake_keys_is(this.held[0].secret, 2));
	cr_assert_str_eq(this.complaint, "COI 'alpha': a key is not used, 96 keys "
					 "in all COIs are allowed");
	coi_key_generations_clear(&this);
}
