/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_profile.h"

Test(profile, is_found_by_name)
{
	coi_profile_t *profile, *same;
	char id[] = "host";

	profile = coi_profile_create(2, chunk_from_str(id), 42, 2);
	cr_assert_not_null(profile);
	profile->communities[0].name = strdup("lab");
	profile->communities[1].name = strdup("lab2");
	id[0] = 'x';
	cr_expect(chunk_equals(profile->id, chunk_from_str("host")), "cloned");
	cr_expect_eq(profile->id_type, 2);
	cr_expect_eq(profile->start, 42);
	cr_expect_eq(coi_profile_find(profile, "lab"), &profile->communities[0]);
	cr_expect_eq(coi_profile_find(profile, "lab2"), &profile->communities[1]);
	cr_expect_null(coi_profile_find(profile, "la"));
	cr_expect_null(coi_profile_find(profile, ""));
	same = coi_profile_get_ref(profile);
	cr_expect_eq(same, profile);
	coi_profile_destroy(profile);
	cr_expect_not_null(coi_profile_find(same, "lab"), "one reference is left");
	coi_profile_destroy(same);
	coi_profile_destroy(NULL);
}

Test(profile, identity_of_512_octets_and_no_more)
{
	uint8_t id[COI_MAX_IDENTITY + 1] = {};
	coi_profile_t *profile;

	profile = coi_profile_create(11, chunk_create(id, COI_MAX_IDENTITY), 0, 0);
	cr_assert_not_null(profile);
	cr_expect_null(coi_profile_find(profile, "lab"));
	coi_profile_destroy(profile);
	cr_expect_null(coi_profile_create(11, chunk_from_thing(id), 0, 0));
}
