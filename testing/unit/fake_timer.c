/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_timer.h"

fake_timer_t fake_timer;

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
