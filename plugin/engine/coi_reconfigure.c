/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_reconfigure.h"

#include <collections/array.h>
#include <threading/mutex.h>

typedef struct private_coi_reconfigure_t private_coi_reconfigure_t;

struct private_coi_reconfigure_t {
	coi_reconfigure_t public;
	coi_parts_t parts;
	coi_executor_t *runner;
	coi_keepalive_t *keepalive;

	/** guards opened */
	mutex_t *mutex;

	/** ids of sessions that have opened and were not compared since */
	array_t *opened;
};

/**
 * End the communities of a session that rest on a key this host no longer has.
 *
 * @return			FALSE if that ended the session: the entry is gone
 */
static bool end_without_key(private_coi_reconfigure_t *this,
							coi_session_entry_t *entry)
{
	uint16_t indexes[COI_MAX_KEYS];
	const coi_shared_community_t *common;
	coi_event_t event;
	u_int count, i;
	bool disabled;

	coi_event_init(&event, COI_EV_CLOSE);
	event.term = COI_TERM_KEY_REMOVED;
	event.tell = TRUE;
	event.indexes = indexes;
	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used &&
			!this->parts.keyring->holds(this->parts.keyring, common[i].key))
		{
			disabled = this->parts.switches->is_disabled(
									this->parts.switches, common[i].name);
			DBG1(DBG_IKE, "closing COI '%s' with %H: %s", common[i].name,
				 entry->other, disabled ? "it is disabled by command" :
				 "its key is gone");
			event.text = disabled ? "disabled by an administrator" : event.text;
			indexes[event.index_count++] = i;
		}
	}
	if (!event.index_count)
	{
		return TRUE;
	}
	if (coi_session_state(entry->session) != COI_OPEN)
	{
		event.index_count = 0;
	}
	entry->why = event.term;
	return this->runner->step(this->runner, entry, &event);
}

/**
 * Let communities join a session that this host has gained since.
 */
static void let_join(private_coi_reconfigure_t *this,
					 coi_session_entry_t *entry)
{
	coi_session_joins_t *joins = entry->joins;
	uint32_t gained = joins->get_gained(joins);
	coi_connection_t *conn;

	conn = this->parts.config->find(this->parts.config, entry->me,
									entry->other);
	if (conn && joins->update(joins, conn, this->parts.keyring))
	{
		this->runner->publish(this->runner, entry);
		if (joins->get_gained(joins) != gained)
		{
			this->keepalive->send(this->keepalive, entry);
		}
	}
	coi_connection_destroy(conn);
}

static void collect_id(void *data, const coi_session_entry_t *entry)
{
	array_insert(data, ARRAY_TAIL, (void*)entry->id);
}

/**
 * Compare a session, if it is still there.
 */
static void compare(private_coi_reconfigure_t *this, uintptr_t id)
{
	coi_session_entry_t *entry;

	entry = this->parts.sessions->checkout(this->parts.sessions, id);
	if (entry && end_without_key(this, entry))
	{
		if (entry->established &&
			!this->parts.sessions->has_flag(this->parts.sessions, id,
											 COI_SESSION_SUPERSEDED))
		{
			let_join(this, entry);
		}
		this->runner->checkin(this->runner, entry);
	}
}

/**
 * Compare sessions.
 *
 * @param ids		uintptr_t, destroyed
 */
static void compare_all(private_coi_reconfigure_t *this, array_t *ids)
{
	void *id;

	while (array_remove(ids, ARRAY_HEAD, &id))
	{
		compare(this, (uintptr_t)id);
	}
	array_destroy(ids);
}

METHOD(coi_reconfigure_t, opened, void,
	private_coi_reconfigure_t *this, const coi_session_entry_t *entry)
{
	this->mutex->lock(this->mutex);
	array_insert(this->opened, ARRAY_TAIL, (void*)entry->id);
	this->mutex->unlock(this->mutex);
}

/** Take the list of those that have opened. */
static array_t *take_opened(private_coi_reconfigure_t *this)
{
	array_t *ids = NULL;

	this->mutex->lock(this->mutex);
	if (array_count(this->opened))
	{
		ids = this->opened;
		this->opened = array_create(0, 0);
	}
	this->mutex->unlock(this->mutex);
	return ids;
}

METHOD(coi_reconfigure_t, apply_opened, void,
	private_coi_reconfigure_t *this)
{
	compare_all(this, take_opened(this));
}

METHOD(coi_reconfigure_t, apply, void,
	private_coi_reconfigure_t *this)
{
	array_t *ids;

	/* who opens from now on is in the list again */
	array_destroy(take_opened(this));
	ids = array_create(0, 0);
	this->parts.sessions->for_all(this->parts.sessions, collect_id, ids);
	compare_all(this, ids);
}

METHOD(coi_reconfigure_t, destroy, void,
	private_coi_reconfigure_t *this)
{
	array_destroy(this->opened);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_reconfigure_t *coi_reconfigure_create(const coi_parts_t *parts,
										  coi_executor_t *runner,
										  coi_keepalive_t *keepalive)
{
	private_coi_reconfigure_t *this;

	INIT(this,
		.public = {
			.apply = _apply,
			.opened = _opened,
			.apply_opened = _apply_opened,
			.destroy = _destroy,
		},
		.parts = *parts,
		.runner = runner,
		.keepalive = keepalive,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.opened = array_create(0, 0),
	);
	return &this->public;
}
