/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "util/coi_number.h"

/** what a number is before it is read */
#define BEFORE 4242

/** A text, bounds, and what comes of it. */
typedef struct {
	const char *text;
	uint64_t min;
	uint64_t max;
	bool valid;
	uint64_t number;
} case_t;

static const case_t cases[] = {
	{ "0", 0, 0, true, 0 },
	{ "7", 0, 9, true, 7 },
	{ "65535", 0, 65535, true, 65535 },
	{ "1", 1, 65535, true, 1 },
	{ "007", 0, 9, true, 7 },
	{ "00000000000000000000000000000000", 0, 0, true, 0 },
	{ "000000000000000000000000000000001", 0, 9, true, 1 },
	{ "4294967296", 0, UINT64_MAX, true, 4294967296 },
	{ "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX },
	{ "18446744073709551615", UINT64_MAX, UINT64_MAX, true, UINT64_MAX },

	/* out of bounds, by one and by far */
	{ "0", 1, 65535, false, 0 },
	{ "65536", 0, 65535, false, 0 },
	{ "9", 10, 9, false, 0 },
	{ "10", 10, 9, false, 0 },
	{ "18446744073709551614", UINT64_MAX, UINT64_MAX, false, 0 },

	/* more than 64 bits: none comes back around */
	{ "18446744073709551616", 0, UINT64_MAX, false, 0 },
	{ "18446744073709551617", 0, 1, false, 0 },
	{ "18446744073709551625", 0, UINT64_MAX, false, 0 },
	{ "28446744073709551615", 0, UINT64_MAX, false, 0 },
	{ "184467440737095516150", 0, UINT64_MAX, false, 0 },
	{ "999999999999999999999999999999999", 0, UINT64_MAX, false, 0 },

	/* what strtoull() and atoi() would take */
	{ NULL, 0, UINT64_MAX, false, 0 },
	{ "", 0, UINT64_MAX, false, 0 },
	{ " ", 0, UINT64_MAX, false, 0 },
	{ " 1", 0, UINT64_MAX, false, 0 },
	{ "1 ", 0, UINT64_MAX, false, 0 },
	{ "1\n", 0, UINT64_MAX, false, 0 },
	{ "+1", 0, UINT64_MAX, false, 0 },
	{ "-1", 0, UINT64_MAX, false, 0 },
	{ "-0", 0, UINT64_MAX, false, 0 },
	{ "1s", 0, UINT64_MAX, false, 0 },
	{ "1.0", 0, UINT64_MAX, false, 0 },
	{ "1e3", 0, UINT64_MAX, false, 0 },
	{ "0x10", 0, UINT64_MAX, false, 0 },
	{ "1-2", 0, UINT64_MAX, false, 0 },
	{ "one", 0, UINT64_MAX, false, 0 },
	/* neighbours of the digits, and digits that are not ASCII's */
	{ "1/", 0, UINT64_MAX, false, 0 },
	{ "1:", 0, UINT64_MAX, false, 0 },
	{ "\xd9\xa1", 0, UINT64_MAX, false, 0 },
	{ "\xff", 0, UINT64_MAX, false, 0 },
};

/* whole numbers within bounds are read, all else leaves what was there */
Test(number, read)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		number = BEFORE;
		cr_expect_eq(coi_number_read(cases[i].text, cases[i].min, cases[i].max,
									 &number), cases[i].valid, "'%s'",
					 cases[i].text ?: "NULL");
		cr_expect_eq(number, cases[i].valid ? cases[i].number : BEFORE, "'%s'",
					 cases[i].text ?: "NULL");
	}
}
