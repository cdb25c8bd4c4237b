/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "util/coi_text.h"

#include <networking/host.h>

TestSuite(text, .init = coi_test_init, .fini = coi_test_deinit);

/** A buffer between octets that are not to be touched. */
typedef struct {
	char before[8];
	char buf[12];
	char behind[8];
} guarded_t;

static void check_guards(const guarded_t *guarded)
{
	static const char guard[8] = "|||||||";

	cr_assert(memcmp(guarded->before, guard, sizeof(guard)) == 0);
	cr_assert(memcmp(guarded->behind, guard, sizeof(guard)) == 0);
}

#define GUARDED(text) { "|||||||", text, "|||||||" }

Test(text, append)
{
	guarded_t guarded = GUARDED("tcp");
	host_t *host;
	char buf[32] = "by ";

	coi_text_append(guarded.buf, sizeof(guarded.buf), "/%u", 443);
	cr_assert_str_eq(guarded.buf, "tcp/443");
	coi_text_append(guarded.buf, sizeof(guarded.buf), "%s", "");
	cr_assert_str_eq(guarded.buf, "tcp/443");
	/* to the last octet but the zero, and no more */
	coi_text_append(guarded.buf, sizeof(guarded.buf), "%s", "-999");
	cr_assert_str_eq(guarded.buf, "tcp/443-999");
	coi_text_append(guarded.buf, sizeof(guarded.buf), "%s", "more");
	cr_assert_str_eq(guarded.buf, "tcp/443-999");
	check_guards(&guarded);

	host = host_create_from_string("192.0.2.1", 0);
	coi_text_append(buf, sizeof(buf), "%H", host);
	cr_assert_str_eq(buf, "by 192.0.2.1");
	host->destroy(host);
}

Test(text, each_size_of_buffer)
{
	static const char text[] = "abcdefghijk";
	guarded_t guarded;
	size_t size, len;

	for (size = 0; size <= sizeof(guarded.buf); size++)
	{
		guarded = (guarded_t)GUARDED("");
		coi_text_append(guarded.buf, size, "%s", text);
		coi_text_append(guarded.buf, size, "%s", text);
		len = size ? size - 1 : 0;
		cr_assert(strlen(guarded.buf) == len);
		cr_assert(strncmp(guarded.buf, text, len) == 0);
		check_guards(&guarded);
	}
}

Test(text, buffer_without_end)
{
	guarded_t guarded = GUARDED("");

	memset(guarded.buf, 'x', sizeof(guarded.buf));
	coi_text_append(guarded.buf, sizeof(guarded.buf), "%s", "more");
	coi_text_list(guarded.buf, sizeof(guarded.buf), ", ", "%s", "more");
	cr_assert(guarded.buf[sizeof(guarded.buf) - 1] == 'x');
	check_guards(&guarded);
}

Test(text, list)
{
	guarded_t guarded = GUARDED("");

	coi_text_list(guarded.buf, sizeof(guarded.buf), ", ", "%s", "one");
	cr_assert_str_eq(guarded.buf, "one");
	coi_text_list(guarded.buf, sizeof(guarded.buf), ", ", "'%s'", "two");
	cr_assert_str_eq(guarded.buf, "one, 'two'");
	/* what has no room is cut off, wherever that is */
	coi_text_list(guarded.buf, sizeof(guarded.buf), ", ", "%s", "three");
	cr_assert_str_eq(guarded.buf, "one, 'two',");
	coi_text_list(guarded.buf, sizeof(guarded.buf), ", ", "%s", "four");
	cr_assert_str_eq(guarded.buf, "one, 'two',");
	coi_text_list(guarded.buf, 0, ", ", "%s", "none");
	check_guards(&guarded);
}

Test(text, grows)
{
	coi_text_t text;
	u_int i;

	coi_text_init(&text, 100000);
	cr_assert_str_eq(text.str, "");
	coi_text_put(&text, "", 0);
	coi_text_put(&text, "a\0b", 3);
	coi_text_print(&text, "%s %u", "c", 4);
	cr_assert(text.len == 6);
	cr_assert(memcmp(text.str, "a\0bc 4", 7) == 0);
	for (i = 0; i < 9999; i++)
	{
		coi_text_print(&text, "%010u", i);
	}
	cr_assert(text.len == 99996);
	cr_assert(strlen(text.str + 6) == 99990);
	cr_assert(!text.cut);
	coi_text_clear(&text);
}

Test(text, grows_up_to_its_limit)
{
	coi_text_t text;

	coi_text_init(&text, 5);
	coi_text_put(&text, "abcde", 5);
	cr_assert(!text.cut);
	coi_text_put(&text, "", 0);
	cr_assert(!text.cut);
	coi_text_print(&text, "%s", "f");
	cr_assert(text.cut);
	cr_assert_str_eq(text.str, "abcde");
	coi_text_clear(&text);

	/* what is behind a part that did not fit is left out, too */
	coi_text_init(&text, 5);
	coi_text_put(&text, "abc", 3);
	coi_text_put(&text, "def", 3);
	coi_text_put(&text, "g", 1);
	coi_text_put(&text, "h", SIZE_MAX);
	cr_assert(text.cut);
	cr_assert_str_eq(text.str, "abc");
	coi_text_clear(&text);
}
