/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_timer.h"

#include <time.h>
#include <processing/jobs/callback_job.h>

typedef struct wake_t wake_t;

/** What a job knows of a session: nothing but its name. */
struct wake_t {
	coi_timer_cb_t cb;
	void *data;
	uintptr_t id;
	u_int generation;
};

CALLBACK(wake, job_requeue_t,
	wake_t *this)
{
	this->cb(this->data, this->id, this->generation);
	return JOB_REQUEUE_NONE;
}

void coi_timer_arm(coi_timer_cb_t cb, void *data, uintptr_t id,
				   u_int generation, u_int delay)
{
	wake_t *this;

	INIT(this,
		.cb = cb,
		.data = data,
		.id = id,
		.generation = generation,
	);
	lib->scheduler->schedule_job_ms(lib->scheduler,
					(job_t*)callback_job_create_with_prio(wake, this, free,
										NULL, JOB_PRIO_HIGH), delay);
}

static uint64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
	{
		return 0;
	}
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t coi_timer_now()
{
	return clock_ms(CLOCK_MONOTONIC);
}

uint64_t coi_timer_wall()
{
	return clock_ms(CLOCK_REALTIME);
}
