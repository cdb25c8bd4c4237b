/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the audit log: one line of JSON for each event, whatever peers say; and its
 * file, which may be gone, moved away or somebody else's */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "events/coi_audit.h"
#include "fake_timer.h"

#include <daemon.h>

#include <sys/stat.h>
#include <unistd.h>

static void no_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
}

static bus_t bus = {
	.log = no_log,
};

static daemon_t fake_daemon;
static coi_events_t *events;
static char folder[] = "/tmp/coi-audit-XXXXXX";
static char path[64], moved[64];

static void setup()
{
	coi_test_init();
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	events = coi_events_create();
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(moved, sizeof(moved), "%s/log.1", folder);
}

static void teardown()
{
	events->destroy(events);
	unlink(path);
	unlink(moved);
	rmdir(folder);
}

TestSuite(audit, .init = setup, .fini = teardown);

/** How an event with a text looks. */
static char *write_text(const char *text)
{
	coi_events_item_t *item = coi_events_begin(COI_EVENTS_CLOSED);
	char *json;

	item->time = 1700000000123;
	item->values[COI_EVENTS_TEXT] = strdup(text);
	json = coi_audit_json(item);
	coi_events_item_destroy(item);
	return json;
}

Test(audit, text)
{
	static const struct {
		const char *text;
		const char *json;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac" },
		{ "a \"quote\" and \\", "a \\\"quote\\\" and \\\\" },
		/* no line, and no field, is added */
		{ "x\",\"by\":\"us", "x\\\",\\\"by\\\":\\\"us" },
		{ "x\n{\"event\":", "x\\u000a{\\\"event\\\":" },
		{ "\t\r\x1b[2J\x7f", "\\u0009\\u000d\\u001b[2J\\u007f" },
		/* C1, which some terminals obey */
		{ "\xc2\x9b" "2J", "\\u009b2J" },
		/* what turns the direction of writing, ends lines, or hides */
		{ "\xe2\x80\xae", "\\u202e" },
		{ "\xe2\x80\xa8", "\\u2028" },
		{ "\xf3\xa0\x81\x81", "\\udb40\\udc41" },
		/* no UTF-8: alone, cut off, too long a form, a surrogate, too high */
		{ "a\xff" "b", "a\\ufffd" "b" },
		{ "a\xc3", "a\\ufffd" },
		{ "\xc0\xaf", "\\ufffd\\ufffd" },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
	};
	char expected[256], *json;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		snprintf(expected, sizeof(expected), "{\"time\":"
				 "\"2023-11-14T22:13:20.123Z\",\"event\":\"closed\",\"text\":"
				 "\"%s\"}", cases[i].json);
		json = write_text(cases[i].text);
		cr_expect_str_eq(json, expected, "%u", i);
		free(json);
	}
}

/** Each octet alone makes one line that holds no control character. */
Test(audit, any_octet)
{
	char text[2] = "", *json, *at;
	u_int i;

	for (i = 1; i < 256; i++)
	{
		text[0] = i;
		json = write_text(text);
		for (at = json; *at; at++)
		{
			cr_expect((u_char)*at >= 0x20 && (u_char)*at < 0x7f, "%u", i);
		}
		free(json);
	}
}

Test(audit, all_fields)
{
	coi_events_item_t *item = coi_events_begin(COI_EVENTS_OPENED);
	char *json, field[64];
	u_int i;

	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{
		coi_events_set(item, i, "%u", i);
	}
	json = coi_audit_json(item);
	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{	/* what is a number is none to be quoted */
		snprintf(field, sizeof(field),
				 i == COI_EVENTS_AGE || i == COI_EVENTS_GENERATION ?
				 ",\"%s\":%u" : ",\"%s\":\"%u\"",
				 enum_to_name(coi_events_key_names, i), i);
		cr_expect(strstr(json, field), "%s in %s", field, json);
	}
	free(json);
	coi_events_item_destroy(item);
}

static void add(const char *text)
{
	coi_events_item_t *item = coi_events_begin(COI_EVENTS_LEFT);

	coi_events_set(item, COI_EVENTS_TEXT, "%s", text);
	events->add(events, item);
}

/** Expect the lines of a file to be of events with these texts. */
static void expect_file(const char *name, const char *texts[], u_int count)
{
	char line[1024], field[64];
	FILE *file = fopen(name, "r");
	u_int i;

	cr_assert(file, "%s", name);
	for (i = 0; i < count; i++)
	{
		cr_assert(fgets(line, sizeof(line), file), "%u lines", i);
		snprintf(field, sizeof(field), ",\"text\":\"%s\"}\n", texts[i]);
		cr_expect(strstr(line, field), "%s in %s", field, line);
	}
	cr_expect_null(fgets(line, sizeof(line), file), "%s", line);
	fclose(file);
}

Test(audit, nowhere)
{
	cr_expect_null(coi_audit_create(NULL, events));
	add("read by nobody");
	cr_expect_eq(fake_timer.count, 0);
}

Test(audit, file)
{
	const char *before[] = { "one", "two" }, *after[] = { "three", "four" };
	coi_audit_t *audit = coi_audit_create(path, events);
	char why[COI_OBSTACLE_TEXT] = "";
	struct stat st;

	cr_expect(audit->check(audit, why), "%s", why);
	add("one");
	add("two");
	cr_expect_eq(fake_timer.count, 1, "one job writes both");
	fake_timer_fire();
	expect_file(path, before, 2);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	/* moved away, as logrotate does */
	cr_assert_eq(rename(path, moved), 0);
	add("three");
	fake_timer_fire();
	expect_file(moved, before, 2);
	add("four");
	/* what is left is written at the end */
	audit->destroy(audit);
	expect_file(path, after, 2);
	add("after the end");
	expect_file(path, after, 2);
}

/** A link is somebody else's idea of where to write. */
Test(audit, link)
{
	coi_audit_t *audit = coi_audit_create(path, events);
	char why[COI_OBSTACLE_TEXT] = "";

	cr_assert_eq(symlink(moved, path), 0);
	cr_expect_not(audit->check(audit, why));
	cr_expect(strstr(why, path), "%s", why);
	add("not written");
	fake_timer_fire();
	cr_expect_neq(access(moved, F_OK), 0);
	/* it works again when that is gone */
	cr_assert_eq(unlink(path), 0);
	cr_expect(audit->check(audit, why));
	add("written");
	audit->destroy(audit);
	expect_file(path, (const char*[]){ "written" }, 1);
}

/** What could not be written in time is said to be missing. */
Test(audit, lost)
{
	coi_audit_t *audit = coi_audit_create(path, events);
	char line[1024];
	FILE *file;
	u_int i, count = 0, gaps = 0;

	for (i = 0; i < COI_EVENTS_KEPT + 3; i++)
	{
		add("many");
	}
	audit->destroy(audit);
	file = fopen(path, "r");
	cr_assert(file);
	while (fgets(line, sizeof(line), file))
	{
		count++;
		gaps += strstr(line, "\"event\":\"lost\"") &&
				strstr(line, "3 events were not written in time");
	}
	fclose(file);
	cr_expect_eq(gaps, 1);
	cr_expect_eq(count, COI_EVENTS_KEPT + 1);
}
