/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_work_queue.h"
#include "coi_session_table.h"

#include <processing/jobs/callback_job.h>

typedef struct private_coi_work_queue_t private_coi_work_queue_t;
typedef struct job_data_t job_data_t;

/** What a job has to do. */
struct job_data_t {
	/** NULL once it is somebody else's */
	coi_work_t *work;
	/** its session, NULL if that is to be checked out first */
	coi_session_entry_t *entry;
};

struct private_coi_work_queue_t {
	coi_work_queue_t public;
	coi_session_table_t *sessions;
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

bool coi_work_equals(const coi_work_t *a, const coi_work_t *b)
{
	return a->type == b->type && a->datagram.len &&
		   chunk_equals(a->datagram, b->datagram);
}

void coi_work_destroy(coi_work_t *this)
{
	private_coi_work_queue_t *queue = (private_coi_work_queue_t*)this->queue;
	u_int i;

	if (this->counted)
	{
		ignore_result(ref_put(&queue->waiting));
	}
	for (i = 0; i < this->match.count; i++)
	{
		coi_key_destroy(this->match.found[i].key);
	}
	chunk_clear(&this->datagram);
	DESTROY_IF(this->me);
	DESTROY_IF(this->other);
	free(this->name);
	free(this);
}

void coi_work_abandon(coi_work_t *this)
{
	this->cb(this, NULL);
	coi_work_destroy(this);
}

/**
 * Do a work, or leave it with its session if somebody has that.
 *
 * @param entry		its session, NULL if that is to be checked out
 */
static void run(coi_work_t *work, coi_session_entry_t *entry)
{
	private_coi_work_queue_t *this = (private_coi_work_queue_t*)work->queue;
	coi_session_table_t *sessions = this->sessions;

	do
	{
		work->again = FALSE;
		if (work->id && !entry)
		{
			switch (sessions->take(sessions, work->id, work, &entry))
			{
				case COI_CHECKOUT_NOW:
				case COI_CHECKOUT_GONE:
					break;
				case COI_CHECKOUT_LATER:
					return;
				case COI_CHECKOUT_DROPPED:
					work->dropped = TRUE;
					break;
			}
		}
		work->cb(work, entry);
		entry = NULL;
	}
	while (work->again);
	coi_work_destroy(work);
}

CALLBACK(do_job, job_requeue_t,
	job_data_t *data)
{
	coi_work_t *work = data->work;

	data->work = NULL;
	run(work, data->entry);
	return JOB_REQUEUE_NONE;
}

static void job_data_destroy(job_data_t *data)
{
	if (data->work)
	{
		coi_work_destroy(data->work);
	}
	free(data);
}

METHOD(coi_work_queue_t, resume, void,
	private_coi_work_queue_t *this, coi_work_t *work,
	   coi_session_entry_t *entry)
{
	job_data_t *data;

	INIT(data,
		.work = work,
		.entry = entry,
	);
	work->queue = &this->public;
	lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create_with_prio(do_job, data,
							(callback_job_cleanup_t)job_data_destroy, NULL,
							JOB_PRIO_HIGH));
}

METHOD(coi_work_queue_t, add, void,
	private_coi_work_queue_t *this, coi_work_t *work)
{
	resume(this, work, NULL);
}

METHOD(coi_work_queue_t, offer, bool,
	private_coi_work_queue_t *this, coi_work_t *work)
{
	work->queue = &this->public;
	work->counted = TRUE;
	ref_get(&this->waiting);
	if (ref_cur(&this->waiting) > this->max)
	{
		coi_work_destroy(work);
		return FALSE;
	}
	add(this, work);
	return TRUE;
}

METHOD(coi_work_queue_t, destroy, void,
	private_coi_work_queue_t *this)
{
	free(this);
}

coi_work_queue_t *coi_work_queue_create(coi_session_table_t *sessions,
										u_int max)
{
	private_coi_work_queue_t *this;

	INIT(this,
		.public = {
			.offer = _offer,
			.add = _add,
			.resume = _resume,
			.destroy = _destroy,
		},
		.sessions = sessions,
		.max = max,
	);
	return &this->public;
}
