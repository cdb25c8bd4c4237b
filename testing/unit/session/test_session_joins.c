/* SPDX-License-Identifier: GPL-2.0-or-later */

/* communities that may still join an open session: which ones, and until
 * when */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "session/coi_session_joins.h"

/** names that there is a key for, between spaces */
static const char *keys;

static bool has(coi_keyring_t *this, const char *name)
{
	char word[32];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(keys, word) != NULL;
}

static coi_keyring_t keyring = {
	.has = has,
};

static coi_child_t children[] = {
	{ .name = "a" }, { .name = "b" }, { .name = "c" },
};

static coi_connection_t conn = {
	.children = children,
	.count = countof(children),
};

static coi_session_joins_t *joins;

static void setup()
{
	coi_test_init();
	keys = " a b ";
	joins = coi_session_joins_create(&conn, &keyring);
}

static void teardown()
{
	joins->destroy(joins);
}

TestSuite(session_joins, .init = setup, .fini = teardown);

static bool update(const char *now)
{
	keys = now;
	return joins->update(joins, &conn, &keyring);
}

static void expect(const char *names)
{
	u_int i;

	for (i = 0; i < countof(children); i++)
	{
		cr_expect_eq(joins->may_join(joins, children[i].name),
					 strchr(names, *children[i].name) != NULL, "%s",
					 children[i].name);
	}
}

/** What was offered is not asked for again. */
Test(session_joins, offered)
{
	expect("");
	cr_expect_not(update(" a b "));
	expect("");
	cr_expect_eq(joins->get_gained(joins), 0);
}

Test(session_joins, gained)
{
	cr_expect(update(" a b c "));
	expect("c");
	cr_expect_eq(joins->get_gained(joins), 1);
	cr_expect_not(update(" a b c "));
	cr_expect_eq(joins->get_gained(joins), 1);
	/* its key goes, and comes again */
	cr_expect(update(" a b "));
	expect("");
	cr_expect(update(" a b c "));
	expect("c");
	cr_expect_eq(joins->get_gained(joins), 2);
}

/** One that could not have joined changes nothing when its key goes. */
Test(session_joins, lost)
{
	cr_expect_not(update(" a "));
	expect("");
	cr_expect(update(" a b "));
	expect("b");
}

Test(session_joins, ended)
{
	joins->ended(joins, "b");
	expect("b");
	joins->ended(joins, "c");
	joins->ended(joins, "nobody's");
	expect("b");
	cr_expect_eq(joins->get_gained(joins), 0);
}

/** A peer that has gained any opens the way for all, once for each. */
Test(session_joins, peer)
{
	cr_expect_not(joins->peer_gained(joins, 0));
	cr_expect(joins->peer_gained(joins, 2));
	expect("ab");
	cr_expect_not(joins->peer_gained(joins, 2));
	/* an IDLE that was overtaken */
	cr_expect_not(joins->peer_gained(joins, 1));
	cr_expect(joins->peer_gained(joins, UINT32_MAX));
}

/** A community that the connection has no more may not join. */
Test(session_joins, reconfigured)
{
	coi_connection_t less = conn;

	joins->ended(joins, "b");
	less.count = 1;
	cr_expect(joins->update(joins, &less, &keyring));
	expect("");
}
