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

Test(reason, of_each_term)
{
	static const struct {
		coi_reason_t reason;
		coi_term_t term;
	} pairs[] = {
		{ COI_IDENTITY, COI_TERM_IDENTITY },
		{ COI_NO_ADDRESS, COI_TERM_ADDRESS },
		{ COI_NO_ESP, COI_TERM_NO_ESP },
	};
	u_int i, found = 0;

	for (i = 0; i < countof(pairs); i++)
	{
		cr_expect_eq(coi_reason_term(pairs[i].reason), pairs[i].term);
		cr_expect_eq(coi_reason_by_term(pairs[i].term), pairs[i].reason);
	}
	for (i = 0; i < COI_REASON_MAX + 2; i++)
	{
		found += coi_reason_term(i) != 0;
	}
	cr_expect_eq(found, countof(pairs));
	for (i = found = 0; i < COI_TERM_MAX + 2; i++)
	{
		found += coi_reason_by_term(i) != COI_OK;
	}
	cr_expect_eq(found, countof(pairs));
}

Test(reason, what_is_said_of_each)
{
	static const struct {
		coi_reason_t reason;
		const char *refusal;
		const char *failure;
	} said[] = {
		{ COI_IDENTITY, "it does not prove who it is", "identity refused" },
		{ COI_NO_ADDRESS, "it has no virtual addresses to give",
		  "no virtual address" },
		{ COI_TIMEOUT, NULL, "no answer" },
		{ COI_NO_ESP, NULL, "it answers, but ESP does not get through" },
	};
	const char *refusal, *failure;
	u_int i, j;

	for (i = 0; i < COI_REASON_MAX + 2; i++)
	{
		refusal = failure = NULL;
		for (j = 0; j < countof(said); j++)
		{
			if (said[j].reason == i)
			{
				refusal = said[j].refusal;
				failure = said[j].failure;
			}
		}
		cr_expect(refusal ? streq(coi_reason_refusal(i), refusal)
						  : !coi_reason_refusal(i), "reason %u", i);
		cr_expect(failure ? streq(coi_reason_failure(i), failure)
						  : !coi_reason_failure(i), "reason %u", i);
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
