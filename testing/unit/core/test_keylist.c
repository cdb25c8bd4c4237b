/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_keylist.h"

#define HEX "5152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f70"
#define FINANCE \
	"secrets {\n   ppk-finance {\n      # fingerprint 1234-{}\n" \
	"      id = finance\n      secret = 0x" HEX "\n   }\n}\n"

/** Parse text; what is wrong and where. */
static bool parse(const char *text, coi_keylist_t *keys, const char **wrong,
				  u_int *line)
{
	return coi_keylist_parse(chunk_from_str((char*)text), keys, wrong, line);
}

Test(keylist, what_key_new_prints)
{
	coi_keylist_t keys;
	const char *wrong;
	u_int line, i;

	cr_assert(parse(FINANCE, &keys, &wrong, &line), "%s", wrong);
	cr_assert_null(wrong);
	cr_assert_eq(keys.count, 1);
	cr_expect_str_eq(keys.list[0].section, "ppk-finance");
	cr_expect_str_eq(keys.list[0].name, "finance");
	for (i = 0; i < COI_KEY_LEN; i++)
	{
		cr_expect_eq(keys.list[0].key[i], 0x51 + i);
	}
	coi_keylist_clear(&keys);
	cr_expect_null(keys.list);
	cr_expect_eq(keys.count, 0);
}

Test(keylist, several_in_their_order)
{
	coi_keylist_t keys;
	const char *wrong;
	u_int line;

	cr_assert(parse("# two\nsecrets{ppk-a{id=a secret=0x" HEX "}ppk-a-2{secret"
					"= 0x" HEX "\r\n\tid\n=\na}}" FINANCE "# end", &keys,
					&wrong, &line), "%s", wrong);
	cr_assert_eq(keys.count, 3);
	cr_expect_str_eq(keys.list[0].section, "ppk-a");
	cr_expect_str_eq(keys.list[1].section, "ppk-a-2");
	cr_expect_str_eq(keys.list[1].name, "a");
	cr_expect_str_eq(keys.list[2].name, "finance");
	coi_keylist_clear(&keys);
}

Test(keylist, every_truncation)
{
	coi_keylist_t keys;
	const char *wrong;
	char *copy;
	u_int line;
	size_t len;

	/* the last newline may be missing */
	for (len = 0; len < strlen(FINANCE) - 1; len++)
	{
		copy = strndup(FINANCE, len);
		cr_expect_not(parse(copy, &keys, &wrong, &line), "%zu octets", len);
		cr_expect_not_null(wrong);
		cr_expect_null(keys.list);
		free(copy);
	}
}

Test(keylist, what_is_no_list)
{
	static const struct {
		const char *text;
		u_int line;
	} bad[] = {
		{ "", 1 },
		{ "# nothing\n", 2 },
		{ "secrets {\n}\n", 3 },
		{ "connections {\n}\n" FINANCE, 1 },
		{ FINANCE "include /etc/shadow\n", 8 },
		{ "include /etc/passwd\n", 1 },
		{ "secrets {\n   include x\n}\n", 2 },
		{ "secrets {\n ike-a {\n  id = a\n  secret = 0x" HEX "\n }\n}\n", 2 },
		{ "secrets {\n ppk {\n  id = a\n  id = b\n  secret = 0x" HEX "\n}}", 4 },
		{ "secrets {\n ppk {\n  id = a\n  id2 = b\n secret = 0x" HEX "\n}}", 4 },
		{ "secrets {\n ppk {\n  secret = 0x" HEX "\n }\n}\n", 4 },
		{ "secrets {\n ppk {\n  id = a\n }\n}\n", 4 },
		{ "secrets {\n ppk {\n  id = a\n  secret = 0x" HEX "00\n }\n}\n", 4 },
		{ "secrets {\n ppk {\n  id = a\n  secret = " HEX "0x\n }\n}\n", 4 },
		{ "secrets {\n ppk {\n  id = a\n  secret = 0xg" HEX "\n }\n}\n", 4 },
		{ "secrets {\n ppk {\n  id = \"a b\"\n  secret = 0x" HEX "\n }\n}", 3 },
		{ "secrets {\n ppk {\n  id = a\x01\n  secret = 0x" HEX "\n }\n}\n", 3 },
		{ "secrets {\n ppk {\n  id = a\n  secret = 0x" HEX "\n }\n}}\n", 6 },
		{ "secrets {\n ppk : other {\n  id = a\n  secret = 0x" HEX "\n }\n}", 2 },
		{ "\xff\xfe\x30\x82", 1 },
	};
	coi_keylist_t keys;
	const char *wrong;
	u_int line, i;

	for (i = 0; i < countof(bad); i++)
	{
		cr_expect_not(parse(bad[i].text, &keys, &wrong, &line), "case %u", i);
		cr_expect_not_null(wrong);
		cr_expect_eq(line, bad[i].line, "case %u: line %u, %s", i, line, wrong);
		cr_expect_null(keys.list);
	}
}

Test(keylist, lengths_and_numbers)
{
	char text[COI_KEYLIST_MAX + 2], id[COI_MAX_NAME + 2] = {};
	coi_keylist_t keys;
	const char *wrong;
	u_int line, i;
	size_t len;

	memset(id, 'x', COI_MAX_NAME);
	snprintf(text, sizeof(text), "secrets { ppk-%s { id = %s secret = 0x%s } }",
			 id, id, HEX);
	cr_assert(parse(text, &keys, &wrong, &line), "%s", wrong);
	cr_expect_str_eq(keys.list[0].name, id);
	coi_keylist_clear(&keys);
	id[COI_MAX_NAME] = 'x';
	snprintf(text, sizeof(text), "secrets { ppk { id = %s secret = 0x%s } }",
			 id, HEX);
	cr_expect_not(parse(text, &keys, &wrong, &line));

	for (i = 0, len = 0; i <= COI_MAX_KEYS; i++)
	{
		len += snprintf(text + len, sizeof(text) - len,
						"secrets { ppk%u { id = c%u secret = 0x%s } }\n", i, i,
						HEX);
		cr_expect_eq(parse(text, &keys, &wrong, &line), i < COI_MAX_KEYS);
		coi_keylist_clear(&keys);
	}
	memset(text, ' ', sizeof(text));
	memcpy(text, FINANCE, strlen(FINANCE));
	cr_expect(coi_keylist_parse(chunk_create((u_char*)text, COI_KEYLIST_MAX),
								&keys, &wrong, &line));
	coi_keylist_clear(&keys);
	cr_expect_not(coi_keylist_parse(chunk_create((u_char*)text,
												 COI_KEYLIST_MAX + 1), &keys,
									&wrong, &line));
}
