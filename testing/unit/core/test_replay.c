/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_replay.h"

#define START 1000000ULL

/**
 * The tag with a number.
 */
static const uint8_t *tag(uint64_t number)
{
	static uint8_t buf[COI_TAG_LEN];

	memset(buf, 0, sizeof(buf));
	htoun64(buf + 8, number);
	return buf;
}

Test(replay, remembers)
{
	coi_replay_t *replay = coi_replay_create(8, START);
	u_int i;

	cr_assert_eq(coi_replay_floor(replay), START);
	cr_assert_eq(coi_replay_count(replay), 0);
	for (i = 0; i < 8; i++)
	{
		cr_assert_not(coi_replay_has(replay, tag(i)));
		cr_assert(coi_replay_add(replay, tag(i), START + 10 + i, START));
		cr_assert(coi_replay_has(replay, tag(i)));
		cr_assert_eq(coi_replay_count(replay), i + 1);
	}
	for (i = 0; i < 8; i++)
	{
		cr_assert(coi_replay_has(replay, tag(i)));
	}
	cr_assert_eq(coi_replay_floor(replay), START, "nothing was forgotten");
	coi_replay_destroy(replay);
	coi_replay_destroy(NULL);
}

Test(replay, a_capacity_below_one_sess0_is_raised)
{
	coi_replay_t *replay = coi_replay_create(0, START);
	u_int i;

	for (i = 0; i < COI_SESS0_PLACES; i++)
	{
		cr_assert(coi_replay_add(replay, tag(i), START + 1, START));
	}
	cr_assert_eq(coi_replay_count(replay), COI_SESS0_PLACES);
	cr_assert(coi_replay_has(replay, tag(0)));
	coi_replay_destroy(replay);
}

Test(replay, the_earliest_is_forgotten_and_becomes_the_floor)
{
	static const uint64_t times[] = { 50, 20, 90, 10, 70, 30, 60, 40 };
	coi_replay_t *replay = coi_replay_create(countof(times), START);
	uint64_t now = START + 1000;
	u_int i, forgotten;

	for (i = 0; i < countof(times); i++)
	{
		cr_assert(coi_replay_add(replay, tag(times[i]), START + times[i], now));
	}
	/* in the order of time, not of arrival */
	for (i = 0; i < countof(times); i++)
	{
		cr_assert(coi_replay_add(replay, tag(1000 + i), START + 500 + i, now));
		forgotten = i < 7 ? 10 * (i + 1) : 90;
		cr_assert_eq(coi_replay_floor(replay), START + forgotten);
		cr_assert_not(coi_replay_has(replay, tag(forgotten)));
		cr_assert_eq(coi_replay_count(replay), countof(times));
	}
	for (i = 0; i < countof(times); i++)
	{
		cr_assert_not(coi_replay_has(replay, tag(times[i])));
		cr_assert(coi_replay_has(replay, tag(1000 + i)));
	}
	coi_replay_destroy(replay);
}

Test(replay, the_floor_never_falls)
{
	coi_replay_t *replay = coi_replay_create(COI_SESS0_PLACES, START);
	uint64_t floor = START, now = START, highest;
	u_int i;

	for (i = 0; i < 100; i++)
	{
		now += 10;
		cr_assert(coi_replay_add(replay, tag(i), now, now));
		cr_assert_geq(coi_replay_floor(replay), floor);
		floor = coi_replay_floor(replay);
	}
	cr_assert_gt(floor, START);
	/* the clock steps back: what was accepted stays known and the floor where it
	 * is, so there is no space until the clock has caught up */
	highest = now;
	now -= 500;
	cr_assert_not(coi_replay_add(replay, tag(i), now, now));
	cr_assert_eq(coi_replay_floor(replay), floor);
	for (i = 100 - COI_SESS0_PLACES; i < 100; i++)
	{
		cr_assert(coi_replay_has(replay, tag(i)));
	}
	cr_assert(coi_replay_add(replay, tag(i), highest, highest));
	cr_assert_gt(coi_replay_floor(replay), floor);
	coi_replay_destroy(replay);
}

Test(replay, the_floor_follows_a_clock_that_was_wrong_at_the_start)
{
	coi_replay_t *replay = coi_replay_create(COI_SESS0_PLACES, START);
	u_int i;

	coi_replay_clock(replay, START + 500);
	cr_assert_eq(coi_replay_floor(replay), START, "it does not rise with it");
	coi_replay_clock(replay, START - 500);
	cr_assert_eq(coi_replay_floor(replay), START - 500);
	coi_replay_clock(replay, START);
	cr_assert_eq(coi_replay_floor(replay), START - 500);
	/* not once something was forgotten: that could come again */
	for (i = 0; i <= COI_SESS0_PLACES; i++)
	{
		cr_assert(coi_replay_add(replay, tag(i), START + i, START + 100));
	}
	cr_assert_eq(coi_replay_floor(replay), START);
	coi_replay_clock(replay, START - 500);
	cr_assert_eq(coi_replay_floor(replay), START);
	coi_replay_destroy(replay);
}

Test(replay, a_clock_that_steps_back_while_there_is_space)
{
	coi_replay_t *replay = coi_replay_create(100, START);
	u_int i;

	for (i = 0; i < 50; i++)
	{
		cr_assert(coi_replay_add(replay, tag(i), START + 1000 + i,
								 START + 1000));
	}
	for (; i < 100; i++)
	{
		cr_assert(coi_replay_add(replay, tag(i), START + i, START + 100));
	}
	cr_assert_eq(coi_replay_floor(replay), START);
	/* those after the step are the first to go, whatever the order of arrival */
	cr_assert(coi_replay_add(replay, tag(i), START + 200, START + 200));
	cr_assert_eq(coi_replay_floor(replay), START + 50);
	cr_assert(coi_replay_has(replay, tag(0)));
	cr_assert_not(coi_replay_has(replay, tag(50)));
	coi_replay_destroy(replay);
}

Test(replay, a_clock_in_the_future_shuts_out_nobody)
{
	coi_replay_t *replay = coi_replay_create(COI_SESS0_PLACES, START);
	uint64_t now = START + 100, ahead = START + 200000;
	u_int i;

	/* one member's clock is ahead, it fills what there is */
	for (i = 0; i < COI_SESS0_PLACES; i++)
	{
		cr_assert(coi_replay_add(replay, tag(i), ahead + i, now));
	}
	/* there is no space now, but the floor has not moved */
	cr_assert_not(coi_replay_add(replay, tag(100), now, now));
	cr_assert_not(coi_replay_add(replay, tag(101), ahead + 100, now));
	cr_assert_not(coi_replay_has(replay, tag(100)));
	cr_assert_eq(coi_replay_floor(replay), START);
	cr_assert_eq(coi_replay_count(replay), COI_SESS0_PLACES);
	for (i = 0; i < COI_SESS0_PLACES; i++)
	{
		cr_assert(coi_replay_has(replay, tag(i)));
	}
	/* when its time has come, it is forgotten like any other */
	now = ahead;
	cr_assert(coi_replay_add(replay, tag(102), now, now));
	cr_assert_eq(coi_replay_floor(replay), ahead);
	coi_replay_destroy(replay);
}

Test(replay, one_ahead_among_others_stays_longest)
{
	coi_replay_t *replay = coi_replay_create(COI_SESS0_PLACES, START);
	uint64_t now = START;
	u_int i;

	cr_assert(coi_replay_add(replay, tag(9999), START + 100000, now));
	for (i = 0; i < 50; i++)
	{
		now += 10;
		cr_assert(coi_replay_add(replay, tag(i), now, now));
		cr_assert(coi_replay_has(replay, tag(9999)));
		cr_assert_lt(coi_replay_floor(replay), now);
	}
	coi_replay_destroy(replay);
}

Test(replay, against_a_simple_model)
{
	enum { CAPACITY = 64, ROUNDS = 4000 };
	static struct { uint64_t number, time; } model[CAPACITY];
	coi_replay_t *replay = coi_replay_create(CAPACITY, START);
	uint64_t now = START, floor = START, time;
	u_int count = 0, i, j, first;
	bool room;

	srandom(42);
	for (i = 0; i < ROUNDS; i++)
	{
		now += random() % 50;
		/* distinct, so that the model needs no rule for equal ones */
		time = (now + random() % 2000 - 1000) / ROUNDS * ROUNDS + i;
		for (first = 0, j = 1; j < count; j++)
		{
			first = model[j].time < model[first].time ? j : first;
		}
		room = count < CAPACITY || model[first].time <= now;
		cr_assert_eq(coi_replay_add(replay, tag(i), time, now), room);
		if (room)
		{
			if (count == CAPACITY)
			{
				floor = max(floor, model[first].time);
			}
			else
			{
				first = count++;
			}
			model[first].number = i;
			model[first].time = time;
		}
		cr_assert_eq(coi_replay_floor(replay), floor);
		cr_assert_eq(coi_replay_count(replay), count);
		for (j = 0; j < count; j++)
		{
			cr_assert(coi_replay_has(replay, tag(model[j].number)));
		}
		cr_assert_not(coi_replay_has(replay, tag(i + 1)));
	}
	coi_replay_destroy(replay);
}
