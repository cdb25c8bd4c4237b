/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_opening_result.h"

#include <threading/condvar.h>
#include <threading/mutex.h>
#include <threading/thread.h>

struct coi_opening_result_t {
	/** guards end */
	mutex_t *mutex;
	condvar_t *condvar;
	coi_opening_end_t end;
	refcount_t refcount;
};

coi_opening_result_t *coi_opening_result_create()
{
	coi_opening_result_t *this;

	INIT(this,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
		.end = COI_OPENING_PENDING,
		.refcount = 1,
	);
	return this;
}

coi_opening_result_t *coi_opening_result_get_ref(coi_opening_result_t *this)
{
	ref_get(&this->refcount);
	return this;
}

void coi_opening_result_set(coi_opening_result_t *this, coi_opening_end_t end)
{
	this->mutex->lock(this->mutex);
	if (this->end == COI_OPENING_PENDING)
	{
		this->end = end;
		this->condvar->broadcast(this->condvar);
	}
	this->mutex->unlock(this->mutex);
}

coi_opening_end_t coi_opening_result_wait(coi_opening_result_t *this,
										  u_int timeout)
{
	coi_opening_end_t end;
	timeval_t until;

	time_monotonic(&until);
	timeval_add_ms(&until, timeout);

	thread_cleanup_push((thread_cleanup_t)coi_opening_result_destroy, this);
	this->mutex->lock(this->mutex);
	thread_cleanup_push((thread_cleanup_t)this->mutex->unlock, this->mutex);
	while (this->end == COI_OPENING_PENDING)
	{
		if (!timeout)
		{
			this->condvar->wait(this->condvar, this->mutex);
		}
		else if (this->condvar->timed_wait_abs(this->condvar, this->mutex,
											   until))
		{
			break;
		}
	}
	end = this->end == COI_OPENING_PENDING ? COI_OPENING_TIMEOUT : this->end;
	thread_cleanup_pop(TRUE);
	thread_cleanup_pop(TRUE);
	return end;
}

void coi_opening_result_destroy(coi_opening_result_t *this)
{
	if (ref_put(&this->refcount))
	{
		this->condvar->destroy(this->condvar);
		this->mutex->destroy(this->mutex);
		free(this);
	}
}
