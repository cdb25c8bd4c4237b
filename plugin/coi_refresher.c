/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_refresher.h"

#include <collections/array.h>
#include <processing/jobs/callback_job.h>

/** ms between two comparisons */
#define INTERVAL 1000

typedef struct private_coi_refresher_t private_coi_refresher_t;

struct private_coi_refresher_t {
	coi_refresher_t public;
	coi_parts_t parts;
	coi_engine_t *engine;

	/** a key came or went since the last interval; atomic */
	bool changed;
};

/** Remember the ids of all sessions. */
static void collect_id(void *data, const coi_entry_t *entry)
{
	array_insert(data, ARRAY_TAIL, (void*)entry->id);
}

/** Whether a session rests on a key that this host no longer holds. */
static bool lacks_key(void *data, const coi_entry_t *entry)
{
	private_coi_refresher_t *this = data;
	const coi_common_t *common;
	u_int count, i;

	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used &&
			!this->parts.keyring->holds(this->parts.keyring, common[i].key))
		{
			DBG1(DBG_IKE, "closing COI session with %H: the key of '%s' is gone",
				 entry->other, common[i].name);
			return TRUE;
		}
	}
	return FALSE;
}

/** End the sessions that rest on a key that is gone. */
static void close_without_key(private_coi_refresher_t *this)
{
	array_t *ids;
	void *id;

	ids = array_create(0, 0);
	this->parts.sessions->for_all(this->parts.sessions, collect_id, ids);
	while (array_remove(ids, ARRAY_HEAD, &id))
	{
		this->engine->close(this->engine, (uintptr_t)id,
							COI_TERM_KEY_REMOVED, lacks_key, this);
	}
	array_destroy(ids);
}

METHOD(coi_refresher_t, refresh, void,
	private_coi_refresher_t *this)
{
	if (this->parts.config->refresh(this->parts.config))
	{
		this->parts.routes->prune(this->parts.routes, this->parts.config);
	}
	if (this->parts.keyring->refresh(this->parts.keyring, this->parts.config))
	{
		this->changed = TRUE;
	}
}

CALLBACK(on_interval, job_requeue_t,
	private_coi_refresher_t *this)
{
	/* swanctl unloads all secrets before it loads them again: only what is
	 * still missing an interval later is gone */
	bool due = cas_bool(&this->changed, TRUE, FALSE);

	refresh(this);
	if (due)
	{
		close_without_key(this);
	}
	return JOB_RESCHEDULE_MS(INTERVAL);
}

METHOD(coi_refresher_t, destroy, void,
	private_coi_refresher_t *this)
{
	free(this);
}

coi_refresher_t *coi_refresher_create(const coi_parts_t *parts,
									  coi_engine_t *engine)
{
	private_coi_refresher_t *this;

	INIT(this,
		.public = {
			.refresh = _refresh,
			.destroy = _destroy,
		},
		.parts = *parts,
		.engine = engine,
	);
	lib->scheduler->schedule_job_ms(lib->scheduler,
					(job_t*)callback_job_create(on_interval, this, NULL,
									(callback_job_cancel_t)return_false),
					INTERVAL);
	return &this->public;
}
