/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_obstacles.h"
#include "util/coi_sd_notify.h"
#include "util/coi_timer.h"

#include <library.h>
#include <threading/mutex.h>

/** parts at most */
#define MAX_PARTS 8

/** ms until what failed is tried again; doubled each time */
#define PAUSE_FIRST 1000
#define PAUSE_LAST 30000

typedef struct private_coi_obstacles_t private_coi_obstacles_t;

/** One part of the set-up. */
typedef struct {
	const char *name;
	coi_obstacle_try_t try;
	void *data;
	/** used by the one who tries, written with the mutex held */
	bool done;
	char why[COI_OBSTACLE_TEXT];
} part_t;

struct private_coi_obstacles_t {
	coi_obstacles_t public;
	coi_counters_t *counters;

	/** called when all is done */
	void (*cb)(void *data);
	void *data;

	/** nobody adds any after start() */
	part_t parts[MAX_PARTS];
	u_int count;

	/** until the next try, used by the one who tries */
	u_int pause;

	/** something has failed; used by the one who tries */
	bool failed;

	/** guards ready, and what is wrong; not held while something is tried */
	mutex_t *mutex;

	bool ready;
};

/**
 * Try one part, and remember what came of it.
 */
static bool try_part(private_coi_obstacles_t *this, part_t *part)
{
	char why[COI_OBSTACLE_TEXT] = "";
	bool done, same;

	done = part->try(part->data, why);
	this->mutex->lock(this->mutex);
	same = streq(part->why, why);
	snprintf(part->why, sizeof(part->why), "%s", done ? "" : why);
	part->done = done;
	this->mutex->unlock(this->mutex);
	if (!done)
	{
		this->counters->count(this->counters, COI_COUNT_OBSTRUCTED);
		if (!same)
		{
			DBG1(DBG_CFG, "COI is closed, nothing is opened or let through: %s",
				 why);
		}
		coi_sd_notify_status("COI is closed: %s", why);
	}
	return done;
}

static void try_all(private_coi_obstacles_t *this)
{
	bool ready = TRUE;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		if (!this->parts[i].done)
		{
			ready &= try_part(this, &this->parts[i]);
		}
	}
	if (ready)
	{
		if (this->failed)
		{
			DBG1(DBG_CFG, "COI is open for business, nothing stands in its way "
				 "any more");
			coi_sd_notify_status("charon-systemd running, COI is open for "
								 "business");
		}
		this->mutex->lock(this->mutex);
		this->ready = TRUE;
		this->mutex->unlock(this->mutex);
		this->cb(this->data);
	}
	this->failed |= !ready;
}

/** Time to try again. */
static void on_pause(void *data, uintptr_t id, u_int generation)
{
	private_coi_obstacles_t *this = data;

	try_all(this);
	if (!this->ready)
	{
		this->pause = min(this->pause * 2, PAUSE_LAST);
		coi_timer_arm(on_pause, this, 0, 0, this->pause);
	}
}

METHOD(coi_obstacles_t, add, void,
	private_coi_obstacles_t *this, const char *part, coi_obstacle_try_t try,
	void *data)
{
	part_t *added;

	if (this->count < countof(this->parts))
	{
		added = &this->parts[this->count++];
		added->name = part;
		added->try = try;
		added->data = data;
	}
}

METHOD(coi_obstacles_t, start, void,
	private_coi_obstacles_t *this, void (*ready)(void *data), void *data)
{
	this->cb = ready;
	this->data = data;
	try_all(this);
	if (!this->ready)
	{
		coi_timer_arm(on_pause, this, 0, 0, this->pause);
	}
}

METHOD(coi_obstacles_t, is_ready, bool,
	private_coi_obstacles_t *this)
{
	bool ready;

	this->mutex->lock(this->mutex);
	ready = this->ready;
	this->mutex->unlock(this->mutex);
	return ready;
}

METHOD(coi_obstacles_t, for_all, void,
	private_coi_obstacles_t *this, coi_obstacle_cb_t cb, void *data)
{
	u_int i;

	this->mutex->lock(this->mutex);
	for (i = 0; i < this->count; i++)
	{
		if (!this->parts[i].done)
		{
			cb(data, this->parts[i].name, this->parts[i].why);
		}
	}
	this->mutex->unlock(this->mutex);
}

METHOD(coi_obstacles_t, destroy, void,
	private_coi_obstacles_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_obstacles_t *coi_obstacles_create(coi_counters_t *counters)
{
	private_coi_obstacles_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.start = _start,
			.is_ready = _is_ready,
			.for_all = _for_all,
			.destroy = _destroy,
		},
		.counters = counters,
		.pause = PAUSE_FIRST,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}
