/* SPDX-License-Identifier: GPL-2.0-or-later */

/* who uses this host, and how a user is written in the log: a name cannot seem
 * to end before its end */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "session/coi_local_user.h"

#include <daemon.h>

static char line[2048];
static u_int lines;

static void log_line(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	lines++;
}

static bus_t bus = {
	.log = log_line,
};

static daemon_t fake_daemon;
static coi_local_user_t *local;
static host_t *peer;

static void setup()
{
	coi_test_init();
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	local = coi_local_user_create();
	peer = host_create_from_string("192.0.2.2", 0);
}

static void teardown()
{
	local->destroy(local);
	peer->destroy(peer);
}

TestSuite(local_user, .init = setup, .fini = teardown);

static coi_user_t make(const char *name, uint64_t since)
{
	return (coi_user_t){
		.name = chunk_from_str((char*)name),
		.since = since,
	};
}

static void expect(const coi_connection_t *conn, const char *name)
{
	coi_user_t user = local->get(local, conn);

	cr_expect(user.name.len == strlen(name) &&
			  (!user.name.len ||
			   memeq(user.name.ptr, name, user.name.len)), "not '%s'",
			  name);
	coi_user_clear(&user);
}

Test(local_user, who)
{
	coi_user_t alice = make("alice", 5), nobody = {};
	coi_connection_t conn = {
		.user = make("configured", 0),
	}, without = {};

	expect(NULL, "");
	expect(&without, "");
	expect(&conn, "configured");
	local->set(local, &alice);
	expect(NULL, "alice");
	expect(&conn, "alice");
	local->set(local, &alice);
	expect(&conn, "alice");
	local->set(local, &nobody);
	expect(NULL, "");
	expect(&conn, "configured");
}

static void log_user(const char *name, uint64_t since, uint64_t start)
{
	coi_user_t user = make(name, since);

	coi_local_user_log(peer, start, &user);
}

Test(local_user, logged)
{
	log_user("alice", 0, 1700000000000ULL);
	cr_expect_str_eq(line, "192.0.2.2 says that user 'alice' is there, its "
					 "charon since 2023-11-14 22:13:20 UTC");
	log_user("alice", 1700000001000ULL, 1700000000000ULL);
	cr_expect(strstr(line, "since 2023-11-14 22:13:21 UTC, its charon since"),
			  "%s", line);
	log_user("", 0, 1700000000000ULL);
	cr_expect(strstr(line, "no user is there"), "%s", line);
	cr_expect_eq(lines, 3, "a line for each");
}

Test(local_user, quoted)
{
	log_user("x' is there, its charon since \\", 0, 0);
	cr_expect(strstr(line, "'x\\' is there, its charon since \\\\' is there"),
			  "%s", line);
}

/** The longest name, all of it quoted; and times that no calendar has. */
Test(local_user, extremes)
{
	char name[COI_MAX_USER + 1];

	memset(name, '\'', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	log_user(name, UINT64_MAX, UINT64_MAX);
	cr_expect(strstr(line, "18446744073709551615 ms"), "%s", line);
	log_user("a", 253402300799999ULL, 253402300800000ULL);
	cr_expect(strstr(line, "9999-12-31 23:59:59 UTC"), "%s", line);
	cr_expect(strstr(line, "253402300800000 ms"), "%s", line);
}
