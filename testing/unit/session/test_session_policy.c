/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the sum of what all sessions between two hosts want allowed */

#include <criterion/criterion.h>

#include "entries.h"
#include "session/coi_session_policy.h"

#define SESSIONS 3

/** sessions of the pair, oldest first */
static coi_session_entry_t *all[SESSIONS];
static u_int count;

/** what was set last */
static struct {
	u_int times;
	u_int count;
	struct {
		const char *name;
		bool outbound;
		bool idle;
		bool on_demand;
		ipsec_mode_t mode;
	} allow[8];
} set;

/** the kernel refuses it; another thread asks for an update meanwhile */
static bool refuse, again;

static coi_child_t children[] = {
	{ .name = "lab" }, { .name = "home" },
};

static coi_connection_t conn = {
	.children = children,
	.count = countof(children),
	.refcount = 1,
};

static coi_session_policy_t *policy;
static host_t *me, *other;

static void for_pair(coi_session_table_t *this, host_t *a, host_t *b,
					 coi_session_table_cb_t cb, void *data)
{
	u_int i;

	cr_expect(a == me && b == other);
	for (i = 0; i < count; i++)
	{
		cb(data, all[i]);
	}
}

static bool policy_set(coi_pair_policy_t *this, host_t *a, host_t *b,
					   const coi_pair_allow_t *allow, u_int number)
{
	u_int i;

	cr_assert_leq(number, countof(set.allow));
	set.times++;
	set.count = number;
	for (i = 0; i < number; i++)
	{
		set.allow[i].name = allow[i].child->name;
		set.allow[i].outbound = allow[i].outbound;
		set.allow[i].idle = allow[i].idle;
		set.allow[i].on_demand = allow[i].on_demand;
		set.allow[i].mode = allow[i].mode;
		cr_expect(allow[i].community);
		cr_expect_str_eq(allow[i].community->name, allow[i].child->name);
	}
	if (again)
	{
		again = FALSE;
		count = 0;
		policy->update(policy, me, other);
	}
	return !refuse;
}

static coi_session_table_t table = {
	.for_pair = for_pair,
};

static coi_pair_policy_t pair = {
	.set = policy_set,
};

static void setup()
{
	coi_test_init();
	me = host_create_from_string("192.0.2.1", 0);
	other = host_create_from_string("192.0.2.2", 0);
	conn.profile = coi_test_profile(NULL, "lab home");
	policy = coi_session_policy_create(&table, &pair, NULL);
}

static void teardown()
{
	policy->destroy(policy);
	for (count = 0; count < SESSIONS; count++)
	{
		if (all[count])
		{
			coi_share_list_destroy(all[count]->shares);
			free(all[count]);
		}
	}
	cr_expect_eq(conn.refcount, 1, "references are given back");
	coi_profile_destroy(conn.profile);
	me->destroy(me);
	other->destroy(other);
}

TestSuite(session_policy, .init = setup, .fini = teardown);

/** Add a session with a peer that says to be somewhere. */
static coi_session_entry_t *add(const char *own)
{
	coi_session_entry_t *entry;

	INIT(entry,
		.has_out = TRUE,
		.peer_own = entries_address(own, 500),
		.shares = coi_share_list_create(),
	);
	all[count++] = entry;
	return entry;
}

/** Add what a community adds: "lab", or "?lab" if traffic asks for it. */
static void share(coi_session_entry_t *entry, const char *name, bool outbound)
{
	coi_share_t one = {
		.conn = coi_connection_get_ref(&conn),
		.on_demand = *name == '?',
		.mode = MODE_TRANSPORT,
		.outbound = outbound,
		.peer = entry->peer_own,
	};

	name += one.on_demand;
	one.child = streq(name, "lab") ? &children[0] : &children[1];
	array_insert(entry->shares, ARRAY_TAIL, &one);
}

/** Expect one of what was set. */
static void expect(u_int i, const char *name, bool outbound, bool idle)
{
	bool asks = *name == '?';

	cr_assert_lt(i, set.count);
	cr_expect_str_eq(set.allow[i].name, name + asks);
	cr_expect_eq(set.allow[i].outbound, outbound, "%s out", name);
	cr_expect_eq(set.allow[i].idle, idle, "%s idle", name);
	cr_expect_eq(set.allow[i].on_demand, asks, "%s asks", name);
}

Test(session_policy, none)
{
	cr_expect(policy->update(policy, me, other));
	cr_expect(set.times == 1 && set.count == 0);
}

/** IDLEs go with the first that is carried. */
Test(session_policy, one)
{
	coi_session_entry_t *entry = add("192.0.2.2");

	share(entry, "?home", TRUE);
	share(entry, "lab", TRUE);
	cr_expect(policy->update(policy, me, other));
	cr_assert_eq(set.count, 2);
	expect(0, "?home", TRUE, FALSE);
	expect(1, "lab", TRUE, TRUE);
}

/** The newer session counts, but what the older one lets out still goes out. */
Test(session_policy, newer)
{
	coi_session_entry_t *old = add("192.0.2.2"), *new = add("192.0.2.2");

	share(old, "lab", TRUE);
	share(old, "home", TRUE);
	new->has_out = FALSE;
	share(new, "lab", FALSE);
	policy->update(policy, me, other);
	cr_assert_eq(set.count, 2);
	expect(0, "lab", TRUE, TRUE);
	expect(1, "home", TRUE, FALSE);
}

/** Traffic of a community that is carried asks for nothing. */
Test(session_policy, on_demand)
{
	coi_session_entry_t *old = add("192.0.2.2"), *new = add("192.0.2.2");

	share(old, "lab", TRUE);
	share(new, "?lab", TRUE);
	policy->update(policy, me, other);
	cr_assert_eq(set.count, 1);
	expect(0, "lab", TRUE, TRUE);
}

/** What an older session would ask for, the newer one has asked for; it has not
 * while it lets nothing out. */
Test(session_policy, asked)
{
	coi_session_entry_t *old = add("192.0.2.2"), *new = add("192.0.2.2");

	share(old, "lab", TRUE);
	share(old, "?home", TRUE);
	share(new, "lab", FALSE);
	new->has_out = FALSE;
	policy->update(policy, me, other);
	cr_assert_eq(set.count, 2);
	new->has_out = TRUE;
	policy->update(policy, me, other);
	cr_assert_eq(set.count, 1);
	expect(0, "lab", TRUE, TRUE);
}

/** Peers behind one address have their own communities and IDLEs each. */
Test(session_policy, two_peers)
{
	coi_session_entry_t *one = add("10.0.0.1"), *two = add("10.0.0.2");

	share(one, "lab", TRUE);
	share(two, "lab", FALSE);
	share(two, "home", FALSE);
	policy->update(policy, me, other);
	cr_assert_eq(set.count, 3);
	expect(0, "lab", TRUE, TRUE);
	expect(1, "lab", FALSE, TRUE);
	expect(2, "home", FALSE, FALSE);
}

Test(session_policy, refused)
{
	share(add("192.0.2.2"), "lab", TRUE);
	refuse = TRUE;
	cr_expect_not(policy->update(policy, me, other));
	refuse = FALSE;
	cr_expect(policy->update(policy, me, other));
}

/** An older list that is set late does not stay: it is set once more. */
Test(session_policy, overtaken)
{
	share(add("192.0.2.2"), "lab", TRUE);
	again = TRUE;
	cr_expect(policy->update(policy, me, other));
	cr_expect_eq(set.times, 3);
	cr_expect_eq(set.count, 0, "the last list is the newest");
}
