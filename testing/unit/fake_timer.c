/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_timer.h"
#include "coi_test.h"

fake_timer_t fake_timer = {
	.now = 100000,
};

uint64_t coi_timer_now()
{
	return fake_timer.now;
}

uint64_t coi_timer_wall()
{
	return COI_TEST_WALL + fake_timer.now;
}

void coi_timer_arm(coi_timer_cb_t cb, void *data, uintptr_t id,
				   u_int generation, u_int delay)
{
	fake_timer.cb = cb;
	fake_timer.data = data;
	fake_timer.id = id;
	fake_timer.generation = generation;
	fake_timer.delay = delay;
	fake_timer.count++;
}

void fake_timer_fire()
{
	fake_timer.cb(fake_timer.data, fake_timer.id, fake_timer.generation);
}
