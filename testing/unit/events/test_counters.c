/* SPDX-License-Identifier: GPL-2.0-or-later */

/* counters and histograms: each thing counted once, in its own place */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "events/coi_counters.h"
#include "events/coi_histograms.h"

/** lines that were logged at level 1, and the last of them */
static u_int lines;
static char line[2048];

static void log_line(debug_t group, level_t level, char *fmt, ...)
{
	va_list args;

	if (level == 1)
	{
		va_start(args, fmt);
		vsnprintf(line, sizeof(line), fmt, args);
		va_end(args);
		lines++;
	}
}

static void setup()
{
	coi_test_init();
	dbg = log_line;
}

TestSuite(counters, .init = setup);

Test(counters, each_its_own)
{
	coi_counters_t *counters = coi_counters_create();
	u_int i, j;

	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		cr_expect_eq(counters->get(counters, i), 0);
		for (j = 0; j <= i; j++)
		{
			counters->count(counters, i);
		}
	}
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		for (j = 0; j <= i; j++)
		{
			counters->refused(counters, i);
		}
	}
	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		cr_expect_eq(counters->get(counters, i), i + 1, "%u", i);
	}
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		cr_expect_eq(counters->get_refused(counters, i), i + 1, "%u", i);
	}
	cr_expect_eq(lines, 0, "strangers cause no line");
	counters->destroy(counters);
}

/** What is no refusal, and what is none that we know, changes nothing. */
Test(counters, no_reason)
{
	coi_counters_t *counters = coi_counters_create();
	u_int i;

	counters->refused(counters, COI_OK);
	counters->refused(counters, COI_REASON_MAX);
	counters->refused(counters, (coi_reason_t)-1);
	for (i = 0; i < COI_REASON_MAX; i++)
	{
		cr_expect_eq(counters->get_refused(counters, i), 0);
	}
	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		cr_expect_eq(counters->get(counters, i), 0);
	}
	counters->destroy(counters);
}

Test(counters, logged)
{
	coi_counters_t *counters = coi_counters_create();

	counters->count(counters, COI_COUNT_HELD);
	counters->count(counters, COI_COUNT_HELD);
	counters->log(counters);
	cr_expect_eq(lines, 1);
	cr_expect(strstr(line, "held"), "%s", line);
	cr_expect(strstr(line, "2"), "%s", line);
	cr_expect_null(strstr(line, "released"), "zero is not said: %s", line);
	counters->destroy(counters);
}

Test(counters, histograms)
{
	coi_histograms_t *histograms = coi_histograms_create();
	coi_histogram_t got, none = {};
	uint64_t sum = 0;
	u_int i;

	for (i = 0; i < COI_BUCKETS; i++)
	{	/* what takes as long as a bucket's end is in it, a little longer is
		 * not */
		histograms->add(histograms, COI_STAGE_HOLD, coi_histogram_buckets[i]);
		histograms->add(histograms, COI_STAGE_HOLD,
						coi_histogram_buckets[i] + 1);
		sum += 2 * coi_histogram_buckets[i] + 1;
		cr_assert(!i ||
				  coi_histogram_buckets[i] > coi_histogram_buckets[i - 1]);
	}
	histograms->get(histograms, COI_STAGE_HOLD, &got);
	cr_expect_eq(got.sum, sum);
	/* 1, 2, 2, 3, 5, 6, .. */
	cr_expect_eq(got.counts[0], 1);
	cr_expect_eq(got.counts[1], 2);
	cr_expect_eq(got.counts[2], 2);
	cr_expect_eq(got.counts[COI_BUCKETS], 1, "what has no end");
	histograms->get(histograms, COI_STAGE_OPEN, &got);
	cr_expect(memeq(&got, &none, sizeof(got)), "another stage's");
	histograms->add(histograms, COI_STAGE_OPEN, UINT64_MAX);
	histograms->get(histograms, COI_STAGE_OPEN, &got);
	cr_expect_eq(got.counts[COI_BUCKETS], 1);
	histograms->destroy(histograms);
}

Test(counters, one_for_each_reason)
{
	coi_counters_t *counters = coi_counters_create();
	u_int i, j;

	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		for (j = 0; j < i; j++)
		{
			counters->refused(counters, i);
		}
	}
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		cr_expect_eq(counters->get_refused(counters, i), i, "%s",
					 enum_to_name(coi_reason_names, i));
	}
	counters->destroy(counters);
}

Test(counters, none_for_what_is_no_reason)
{
	coi_counters_t *counters = coi_counters_create();
	u_int i;

	counters->refused(counters, COI_OK);
	counters->refused(counters, COI_REASON_MAX);
	for (i = 0; i <= COI_REASON_MAX; i++)
	{
		cr_expect_eq(counters->get_refused(counters, i), 0);
	}
	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		cr_expect_eq(counters->get(counters, i), 0);
	}
	counters->destroy(counters);
}
