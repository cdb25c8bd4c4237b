/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_work.h"

#include <processing/jobs/callback_job.h>

typedef struct private_coi_queue_t private_coi_queue_t;

struct private_coi_queue_t {
	coi_queue_t public;
	u_int max;

	/** works of offer() that wait or are being done */
	refcount_t waiting;
};

coi_work_t *coi_work_create(void *owner, uintptr_t id, coi_work_cb_t cb)
{
	coi_work_t *this;

	INIT(this,
		.owner = owner,
		.id = id,
		.cb = cb,
	);
	return this;
}

void coi_work_set_datagram(coi_work_t *this, coi_event_type_t type,
						   host_t *other, chunk_t datagram,
						   const coi_header_t *header)
{
	this->type = type;
	this->datagram = chunk_clone(datagram);
	this->header = *header;
	this->other = other->clone(other);
}

void coi_work_set_match(coi_work_t *this, const coi_gate_match_t *match)
{
	u_int i;

	this->match = *match;
	for (i = 0; i < match->count; i++)
	{
		coi_key_get_ref(match->found[i].key);
	}
}

static void work_destroy(coi_work_t *this)
{
	private_coi_queue_t *queue = (private_coi_queue_t*)this->queue;
	u_int i;

	if (this->counted)
	{
		ignore_result(ref_put(&queue->waiting));
	}
	for (i = 0; i < this->match.count; i++)
	{
		coi_key_destroy(this->match.found[i].key);
	}
	chunk_free(&this->datagram);
	DESTROY_IF(this->me);
	DESTROY_IF(this->other);
	free(this->name);
	free(this);
}

CALLBACK(do_work, job_requeue_t,
	coi_work_t *work)
{
	work->cb(work);
	return JOB_REQUEUE_NONE;
}

METHOD(coi_queue_t, add, void,
	private_coi_queue_t *this, coi_work_t *work)
{
	work->queue = &this->public;
	lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create_with_prio(do_work, work,
							(callback_job_cleanup_t)work_destroy, NULL,
							JOB_PRIO_HIGH));
}

METHOD(coi_queue_t, offer, bool,
	private_coi_queue_t *this, coi_work_t *work)
{
	work->queue = &this->public;
	work->counted = TRUE;
	ref_get(&this->waiting);
	if (ref_cur(&this->waiting) > this->max)
	{
		work_destroy(work);
		return FALSE;
	}
	add(this, work);
	return TRUE;
}

METHOD(coi_queue_t, destroy, void,
	private_coi_queue_t *this)
{
	free(this);
}

coi_queue_t *coi_queue_create(u_int max)
{
	private_coi_queue_t *this;

	INIT(this,
		.public = {
			.offer = _offer,
			.add = _add,
			.destroy = _destroy,
		},
		.max = max,
	);
	return &this->public;
}
