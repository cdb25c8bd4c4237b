/* SPDX-License-Identifier: GPL-2.0-or-later */

/* what is said of a setting that cannot be used */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "config/coi_mistake.h"

TestSuite(mistake, .init = coi_test_init, .fini = coi_test_deinit);

Test(mistake, sections)
{
	static const struct {
		const char *conn;
		const char *child;
		const char *text;
	} sections[] = {
		{ "c", NULL, "connections.c.key = 1: 2 is allowed" },
		{ "c", "x", "connections.c.children.x.key = 1: 2 is allowed" },
		{ NULL, NULL, "charon.plugins.coi.key = 1: 2 is allowed" },
		{ NULL, "x", "charon.plugins.coi.communities.x.key = 1: 2 is allowed" },
	};
	u_int i;

	for (i = 0; i < countof(sections); i++)
	{
		coi_mistake_t mistake = {
			.conn = sections[i].conn,
			.child = sections[i].child,
		};

		cr_assert(!coi_mistake_note(&mistake, ".key = %d: %d is allowed", 1, 2));
		cr_assert(mistake.found);
		cr_assert_str_eq(mistake.text, sections[i].text);
		coi_mistake_clear(&mistake);
		cr_assert(!mistake.found && !mistake.text);
	}
}

Test(mistake, first_counts)
{
	coi_mistake_t mistake = {
		.conn = "c",
	}, inner = {
		.conn = "c",
		.child = "x",
	};

	cr_assert(coi_mistake_take(&mistake, &inner));
	cr_assert(!mistake.found);
	coi_mistake_note(&inner, ".first");
	cr_assert(!coi_mistake_take(&mistake, &inner));
	cr_assert(!inner.found && !inner.text);
	cr_assert_str_eq(mistake.text, "connections.c.children.x.first");
	cr_assert(!coi_mistake_note(&mistake, ".second"));
	coi_mistake_note(&inner, ".third");
	cr_assert(!coi_mistake_take(&mistake, &inner));
	cr_assert(!inner.text);
	cr_assert_str_eq(mistake.text, "connections.c.children.x.first");
	coi_mistake_clear(&mistake);
}

/** Names and values come from files: nothing cuts, nothing is a format. */
Test(mistake, long_and_odd)
{
	char name[3000], *what = "%s%n";
	coi_mistake_t mistake = {
		.conn = name,
		.child = "%d",
	};

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	coi_mistake_note(&mistake, ".key = %s", what);
	cr_assert_eq(strlen(mistake.text), strlen("connections.") + strlen(name) +
				 strlen(".children.%d.key = %s%n"));
	cr_assert(strstr(mistake.text, ".children.%d.key = %s%n"));
	coi_mistake_clear(&mistake);
}
