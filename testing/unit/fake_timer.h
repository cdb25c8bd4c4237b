/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tests have instead of charon's scheduler: jobs wait until they are
 * fired by hand, and time passes when it is told to.
 */

#ifndef FAKE_TIMER_H_
#define FAKE_TIMER_H_

#include "util/coi_timer.h"

typedef struct fake_timer_t fake_timer_t;

/** What was armed last. */
struct fake_timer_t {
	coi_timer_cb_t cb;
	void *data;
	uintptr_t id;
	u_int generation;
	u_int delay;
	/** how often something was armed */
	u_int count;
	/** monotonic clock, ms; the other one is COI_TEST_WALL ahead */
	uint64_t now;
};

extern fake_timer_t fake_timer;

/** Its time has come. */
void fake_timer_fire();

#endif /** FAKE_TIMER_H_ */
