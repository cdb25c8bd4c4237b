/* SPDX-License-Identifier: GPL-2.0-or-later */

/* parts of the set-up that fail: tried again, later and later, until all is done */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "events/coi_obstacles.h"
#include "fake_timer.h"

/** A part that fails a number of times. */
typedef struct {
	u_int failures;
	u_int tries;
} part_t;

static bool try(void *data, char why[COI_OBSTACLE_TEXT])
{
	part_t *part = data;

	snprintf(why, COI_OBSTACLE_TEXT, "%u left", part->failures - part->tries);
	return part->tries++ >= part->failures;
}

static void on_ready(void *data)
{
	(*(u_int*)data)++;
}

static void count(void *data, const char *name, const char *why)
{
	(*(u_int*)data)++;
	cr_assert(streq(name, "b") && strstr(why, " left"), "%s: %s", name, why);
}

TestSuite(obstacles, .init = coi_test_init);

Test(obstacles, none)
{
	coi_counters_t *counters = coi_counters_create();
	coi_obstacles_t *obstacles = coi_obstacles_create(counters);
	part_t part = {};
	u_int ready = 0;

	obstacles->add(obstacles, "a", try, &part);
	cr_assert(!obstacles->is_ready(obstacles));
	obstacles->start(obstacles, on_ready, &ready);
	cr_assert(obstacles->is_ready(obstacles));
	cr_assert(ready == 1 && part.tries == 1 && !fake_timer.count);
	cr_assert(!counters->get(counters, COI_COUNT_OBSTRUCTED));
	obstacles->destroy(obstacles);
	counters->destroy(counters);
}

Test(obstacles, tried_again)
{
	static const u_int delays[] = {
		1000, 2000, 4000, 8000, 16000, 30000, 30000,
	};
	coi_counters_t *counters = coi_counters_create();
	coi_obstacles_t *obstacles = coi_obstacles_create(counters);
	part_t good = {}, bad = { .failures = countof(delays) };
	u_int ready = 0, listed, i;

	obstacles->add(obstacles, "a", try, &good);
	obstacles->add(obstacles, "b", try, &bad);
	obstacles->start(obstacles, on_ready, &ready);
	for (i = 0; i < countof(delays); i++)
	{
		cr_assert(fake_timer.count == i + 1 && fake_timer.delay == delays[i],
			   "%u: %u after %u", i, fake_timer.count, fake_timer.delay);
		cr_assert(!obstacles->is_ready(obstacles) && !ready);
		listed = 0;
		obstacles->for_all(obstacles, count, &listed);
		cr_assert(listed == 1);
		fake_timer_fire();
	}
	cr_assert(obstacles->is_ready(obstacles) && ready == 1);
	cr_assert(fake_timer.count == countof(delays) && good.tries == 1);
	listed = 0;
	obstacles->for_all(obstacles, count, &listed);
	cr_assert(listed == 0);
	cr_assert(counters->get(counters, COI_COUNT_OBSTRUCTED) == countof(delays));
	obstacles->destroy(obstacles);
	counters->destroy(counters);
}
