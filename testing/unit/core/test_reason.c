/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_reason.h"

/* as docs/PROTOCOL.md section 14 writes them, in the order of the enum */
static const char *names[] = {
	"ok", "short", "marker", "version", "type", "suite", "length", "segment",
	"spi", "destination", "time", "no-community", "replay", "digest", "rate",
	"half-open", "entry", "own-token", "signature", "unknown-session", "state",
	"address", "tag", "malformed", "sealed", "dh", "info", "no-proposal", "identity",
	"no-address",
	"crossed", "timeout", "no-esp", "internal", "no-key", "own-half-open",
	"own-rate",
};

Test(reason, each_has_its_name)
{
	u_int i, j;

	cr_assert_eq(countof(names), COI_REASON_MAX);
	for (i = 0; i < COI_REASON_MAX; i++)
	{
		cr_expect_str_eq(enum_to_name(coi_reason_names, i), names[i]);
		for (j = 0; j < i; j++)
		{
			cr_expect_str_neq(names[i], names[j]);
		}
	}
	cr_assert_null(enum_to_name(coi_reason_names, COI_REASON_MAX));
}

Test(reason, names_find_their_reason)
{
	u_int i;
	int found;

	for (i = 0; i < countof(names); i++)
	{
		cr_assert(enum_from_name(coi_reason_names, names[i], &found));
		cr_expect_eq(found, (int)i);
	}
}

Test(reason, terms_are_those_of_the_wire)
{
	cr_expect_str_eq(enum_to_name(coi_term_names, 1), "terminated");
	cr_expect_str_eq(enum_to_name(coi_term_names, 2), "shutdown");
	cr_expect_str_eq(enum_to_name(coi_term_names, 3), "idle");
	cr_expect_str_eq(enum_to_name(coi_term_names, 4), "key removed");
	cr_expect_str_eq(enum_to_name(coi_term_names, 5), "identity refused");
	cr_expect_str_eq(enum_to_name(coi_term_names, 6), "superseded");
	cr_expect_str_eq(enum_to_name(coi_term_names, 7), "failed");
	cr_expect_null(enum_to_name(coi_term_names, 0));
	cr_expect_str_eq(enum_to_name(coi_term_names, 8), "no virtual address");
	cr_expect_str_eq(enum_to_name(coi_term_names, 9), "no ESP");
	cr_expect_null(enum_to_name(coi_term_names, 10));
}
