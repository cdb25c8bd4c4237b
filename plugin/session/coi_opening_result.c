/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_opening_result.h"

#include <threading/condvar.h>
#include <threading/mutex.h>
#include <threading/thread.h>

struct coi_outcome_t {
	/** guards result */
	mutex_t *mutex;
	condvar_t *condvar;
	coi_wait_t result;
	refcount_t refcount;
};

coi_outcome_t *coi_opening_result_create()
{
	coi_outcome_t *this;

	INIT(this,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
		.result = COI_WAIT_PENDING,
		.refcount = 1,
	);
	return this;
}

coi_outcome_t *coi_opening_result_get_ref(coi_outcome_t *this)
{
	ref_get(&this->refcount);
	return this;
}

void coi_opening_result_set(coi_outcome_t *this, coi_wait_t result)
{
	this->mutex->lock(this->mutex);
	if (this->result == COI_WAIT_PENDING)
	{
		this->result = result;
		this->condvar->broadcast(this->condvar);
	}
	this->mutex->unlock(this->mutex);
}

coi_wait_t coi_opening_result_wait(coi_outcome_t *this, u_int timeout)
{
	coi_wait_t result;
	timeval_t until;

	time_monotonic(&until);
	timeval_add_ms(&until, timeout);

	thread_cleanup_push((thread_cleanup_t)coi_opening_result_destroy, this);
	this->mutex->lock(this->mutex);
	thread_cleanup_push((thread_cleanup_t)this->mutex->unlock, this->mutex);
	while (this->result == COI_WAIT_PENDING)
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
	result = this->result == COI_WAIT_PENDING ? COI_WAIT_TIMEOUT : this->result;
	thread_cleanup_pop(TRUE);
	thread_cleanup_pop(TRUE);
	return result;
}

void coi_opening_result_destroy(coi_outcome_t *this)
{
	if (ref_put(&this->refcount))
	{
		this->condvar->destroy(this->condvar);
		this->mutex->destroy(this->mutex);
		free(this);
	}
}
