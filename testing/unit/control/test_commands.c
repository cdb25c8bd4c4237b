/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "fake_configs.h"
#include "fake_vici.h"

#include "control/coi_cmd_close.h"
#include "control/coi_cmd_compare.h"
#include "control/coi_cmd_forget.h"
#include "control/coi_cmd_open.h"
#include "control/coi_cmd_user.h"
#include "control/coi_cmd_watch.h"
#include "session/coi_share.h"

TestSuite(commands, .init = fake_configs_init, .fini = fake_configs_deinit);

/** Whether an answer says that the request is wrong. */
static bool is_invalid(const char *answer)
{
	return strpfx(answer, "success = no\nerror = invalid\nerrmsg = ");
}

/** What the fakes were asked to do. */
static u_int calls;

static bool check(coi_kernel_watch_t *this, coi_kernel_restored_t *restored)
{
	*restored = (coi_kernel_restored_t){
		.wanted = 9, .policies = 2, .shunts = 1, .drop_sas = 4, .children = 5,
		.failed = 6,
	};
	return calls++ == 0;
}

/* what was compared is told, and that it could not be */
Test(commands, compare)
{
	coi_kernel_watch_t watch = {
		.check = check,
	};
	coi_command_t *command = coi_cmd_compare_create(&watch);

	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(NULL)),
		"success = yes\npolicies = 9\nrestored = 3\nsas = 4\nended = 5\n"
		"failed = 6\n");
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(NULL)),
		"success = no\nerror = failed\nerrmsg = the kernel could not be asked for "
		"policies and SAs\n");
	command->destroy(command);
}

static u_int forget(coi_negative_cache_t *this, host_t *other)
{
	calls++;
	return other ? other->get_port(other) == 0 &&
				   other->get_address(other).ptr[3] == 2 : 3;
}

/* a peer that is refused is forgotten, or all are; what is no peer forgets nobody */
Test(commands, forget)
{
	coi_negative_cache_t cache = {
		.forget = forget,
	};
	coi_command_t *command = coi_cmd_forget_create(&cache);

	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request("peer",
														"10.0.0.2", NULL)),
					 "success = yes\nforgotten = 1\n");
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(NULL)),
					 "success = yes\nforgotten = 3\n");
	cr_assert(is_invalid(fake_vici_handle(command,
							fake_vici_request("peer", "10.0.0.3", NULL))));
	cr_assert_eq(calls, 3);
	cr_assert(is_invalid(fake_vici_handle(command,
							fake_vici_request("peer", "", NULL))));
	cr_assert(is_invalid(fake_vici_handle(command,
							fake_vici_request("peer", "x", NULL))));
	cr_assert_eq(calls, 3);
	command->destroy(command);
}

/** A share of one session of two. */
static coi_child_t child = {
	.name = "lab",
};

static void for_pair(coi_session_table_t *this, host_t *me, host_t *other,
					 coi_session_table_cb_t cb, void *data)
{
	coi_share_t share = {
		.child = &child,
	}, demand = {
		.child = &child,
		.on_demand = TRUE,
	};
	coi_session_entry_t entry = {
		.id = 7,
		.shares = array_create(sizeof(coi_share_t), 0),
	};

	if (other->get_address(other).ptr[3] == 2)
	{
		array_insert(entry.shares, ARRAY_TAIL, &demand);
		cb(data, &entry);
		array_insert(entry.shares, ARRAY_TAIL, &share);
		entry.id = 8;
		cb(data, &entry);
	}
	array_destroy(entry.shares);
}

/** what a session is closed with */
static char closed[256];

static bool close_session(coi_engine_t *this, uintptr_t id, const char *name,
						  const char *text)
{
	size_t len = strlen(closed);

	snprintf(closed + len, sizeof(closed) - len, "%d %s %s, ", (int)id,
			 name ?: "all", text ?: "none");
	return !name || streq(name, "lab");
}

/* all sessions with a peer are closed, or a community of them */
Test(commands, close)
{
	coi_session_table_t sessions = {
		.for_pair = for_pair,
	};
	coi_engine_t engine = {
		.close = close_session,
	};
	coi_command_t *command = coi_cmd_close_create(&sessions, &engine);

	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"peer", "10.0.0.2", NULL)), "success = yes\nclosed = 2\n");
	cr_assert_str_eq(closed, "7 all none, 8 all none, ");
	*closed = '\0';
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"peer", "10.0.0.2", "community", "lab", "reason", "moved",
					NULL)), "success = yes\nclosed = 2\n");
	cr_assert_str_eq(closed, "7 lab moved, 8 lab moved, ");
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"peer", "10.0.0.2", "community", "x", NULL)),
		"success = no\nerror = invalid\nerrmsg = the session with 10.0.0.2 has no "
		"community 'x', it has: lab\n");
	*closed = '\0';
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"peer", "10.0.0.3", NULL))));
	cr_assert_str_empty(closed);
	command->destroy(command);
}

/* a reason that the peer would refuse is told to nobody */
Test(commands, close_reason)
{
	coi_session_table_t sessions = {
		.for_pair = for_pair,
	};
	coi_engine_t engine = {
		.close = close_session,
	};
	coi_command_t *command = coi_cmd_close_create(&sessions, &engine);
	char reason[COI_MAX_TERM_TEXT + 2] = "";
	coi_command_request_t *request;
	static const chunk_t bad[] = {
		{ (u_char*)"two\nlines", 9 },
		{ (u_char*)"a\0b", 3 },
		{ (u_char*)"\xff", 1 },
		{ (u_char*)"\x1b[2J", 4 },
	};
	u_int i;

	for (i = 0; i < countof(bad); i++)
	{
		request = fake_vici_request("peer", "10.0.0.2", NULL);
		fake_vici_set(request, "reason", bad[i]);
		cr_expect(is_invalid(fake_vici_handle(command, request)), "%u", i);
	}
	memset(reason, 'a', COI_MAX_TERM_TEXT + 1);
	cr_expect(is_invalid(fake_vici_handle(command, fake_vici_request(
					"peer", "10.0.0.2", "reason", reason, NULL))));
	cr_assert_str_empty(closed);
	reason[COI_MAX_TERM_TEXT] = '\0';
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"peer", "10.0.0.2", "reason", reason, NULL)),
					 "success = yes\nclosed = 2\n");
	command->destroy(command);
}

/* who is no peer, and a time that is none, open nothing: config is not asked */
Test(commands, open_wrong)
{
	static const char *times[] = {
		"-2", "-1 ", "--1", "", "1s", " 5", "+5", "2147483648",
		"18446744073709551616",
	};
	coi_command_t *command = coi_cmd_open_create(NULL, NULL, NULL);
	u_int i;

	for (i = 0; i < countof(times); i++)
	{
		cr_expect(strstr(fake_vici_handle(command, fake_vici_request(
					"peer", "x", "timeout", times[i], NULL)), "'timeout'"),
				  "'%s'", times[i]);
	}
	cr_assert(strstr(fake_vici_handle(command, fake_vici_request(
					"peer", "x", "timeout", "-1", NULL)), "'x' is no address"));
	cr_assert(strstr(fake_vici_handle(command, fake_vici_request(
					"timeout", "2147483647", NULL)), "'peer' is missing"));
	command->destroy(command);
}

static coi_user_t user;

static void set_user(coi_local_user_t *this, const coi_user_t *set)
{
	calls++;
	coi_user_clear(&user);
	user = (coi_user_t){
		.name = chunk_clone(set->name),
		.since = set->since,
	};
}

static coi_user_t get_user(coi_local_user_t *this, const coi_connection_t *conn)
{
	return (coi_user_t){
		.name = chunk_clone(user.name),
		.since = user.since,
	};
}

static u_int renew(coi_engine_t *this)
{
	return 4;
}

/* a user comes and goes, and what is wrong changes nothing */
Test(commands, user)
{
	coi_local_user_t local_user = {
		.set = set_user,
		.get = get_user,
	};
	coi_engine_t engine = {
		.renew = renew,
	};
	coi_command_t *command = coi_cmd_user_create(&local_user, &engine);
	char name[COI_MAX_USER + 2] = "";

	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"name", "alice", "since", "1700000000000", NULL)),
		"success = yes\nuser = alice\nuser-since = 1700000000000\nrenewed = 4\n");
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"name", "bob", "clear", "yes", NULL))));
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"name", "bob", "since", "-1", NULL))));
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"name", "", NULL))));
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"name", "b\nob", NULL))));
	memset(name, 'b', COI_MAX_USER + 1);
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"name", name, NULL))));
	cr_assert_eq(calls, 1);
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(NULL)),
		"success = yes\nuser = alice\nuser-since = 1700000000000\nrenewed = 0\n");
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"clear", "yes", NULL)), "success = yes\nrenewed = 4\n");
	command->destroy(command);
}

/* events come from where a watcher was, or from now on; one that was told by
 * another charon begins anew */
Test(commands, watch)
{
	coi_events_t *events = coi_events_create();
	coi_command_t *command = coi_cmd_watch_create(events);
	coi_events_item_t *item;
	const char *sent;

	item = coi_events_begin(COI_EVENTS_DISABLED);
	coi_events_set(item, COI_EVENTS_COMMUNITY, "%s", "lab");
	events->add(events, item);
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(NULL)),
					 "success = yes\nnext = 1\nlost = 0\n");
	cr_assert_str_empty(fake_vici_events());
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"after", "0", NULL)), "success = yes\nnext = 1\nlost = 0\n");
	sent = fake_vici_events();
	cr_assert(strpfx(sent, "event: number = 1\ntime = "), "%s", sent);
	cr_assert(strstr(sent, "\nevent = disabled\ncommunity = lab\n"), "%s", sent);
	cr_assert_str_eq(fake_vici_handle(command, fake_vici_request(
					"after", "1", NULL)), "success = yes\nnext = 1\nlost = 0\n");
	cr_assert_str_empty(fake_vici_events());
	fake_vici_handle(command, fake_vici_request("after", "99", NULL));
	cr_assert_str_not_empty(fake_vici_events());
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"after", "0", "wait", "10001", NULL))));
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"after", "", NULL))));
	cr_assert(is_invalid(fake_vici_handle(command, fake_vici_request(
					"after", "-1", NULL))));
	cr_assert_str_empty(fake_vici_events());
	command->destroy(command);
	events->destroy(events);
}
