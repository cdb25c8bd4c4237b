/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_reconfigure.h"
#include "util/coi_event.h"

#include <collections/array.h>
#include <threading/mutex.h>

typedef struct private_coi_reconfigure_t private_coi_reconfigure_t;

struct private_coi_reconfigure_t {
	coi_reconfigure_t public;
	coi_reconfigure_config_t config;

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
	coi_keyring_t *keyring = this->config.keyring;
	coi_admin_state_t *admin_state = this->config.admin_state;
	coi_executor_t *executor = this->config.executor;
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
		if (common[i].used && !keyring->holds(keyring, common[i].key))
		{
			disabled = admin_state->is_disabled(admin_state, common[i].name);
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
	return executor->step(executor, entry, &event);
}

/**
 * Let communities join a session that this host has gained since.
 */
static void let_join(private_coi_reconfigure_t *this,
					 coi_session_entry_t *entry)
{
	coi_session_policy_t *policy = this->config.session_policy;
	coi_keepalive_t *keepalive = this->config.keepalive;
	coi_config_t *config = this->config.config;
	coi_session_joins_t *joins = entry->joins;
	uint32_t gained = joins->get_gained(joins);
	coi_connection_t *conn;

	conn = config->find(config, entry->me, entry->other);
	if (conn && joins->update(joins, conn, this->config.keyring))
	{
		policy->publish(policy, entry);
		if (joins->get_gained(joins) != gained)
		{
			keepalive->send(keepalive, entry);
		}
	}
	coi_connection_destroy(conn);
}

/** Whether a session is open, and none that ends by itself. */
static bool is_current(private_coi_reconfigure_t *this,
					   const coi_session_entry_t *entry)
{
	coi_session_table_t *sessions = this->config.sessions;

	return entry->established &&
		   !sessions->has_flag(sessions, entry->id, COI_SESSION_SUPERSEDED);
}

/**
 * Ask for a new exchange if the peer of an open session knows of another user.
 *
 * @return			TRUE if it does
 */
static bool renew_user(private_coi_reconfigure_t *this,
					   const coi_session_entry_t *entry)
{
	coi_local_user_t *local_user = this->config.local_user;
	coi_opening_t *opening = this->config.opening;
	coi_user_t user;
	bool told;

	if (!is_current(this, entry))
	{
		return FALSE;
	}
	user = local_user->get(local_user, entry->conn);
	told = coi_user_equals(&user, coi_session_own_user(entry->session));
	coi_user_clear(&user);
	if (!told)
	{
		DBG1(DBG_IKE, "the user of this host has changed, renewing the COI "
			 "session with %H", entry->other);
		opening->renew(opening, entry->id);
	}
	return !told;
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
	coi_session_table_t *sessions = this->config.sessions;
	coi_executor_t *executor = this->config.executor;
	coi_session_entry_t *entry;

	entry = sessions->checkout(sessions, id);
	if (entry && end_without_key(this, entry))
	{
		if (is_current(this, entry))
		{
			let_join(this, entry);
		}
		executor->checkin(executor, entry);
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
	renew_user(this, entry);
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

/** List all sessions by their ids. */
static array_t *list_all(private_coi_reconfigure_t *this)
{
	coi_session_table_t *sessions = this->config.sessions;
	array_t *ids = array_create(0, 0);

	sessions->for_all(sessions, collect_id, ids);
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
	/* what opens from now on is in the list again */
	array_destroy(take_opened(this));
	compare_all(this, list_all(this));
}

METHOD(coi_reconfigure_t, renew_users, u_int,
	private_coi_reconfigure_t *this)
{
	coi_session_table_t *sessions = this->config.sessions;
	coi_executor_t *executor = this->config.executor;
	coi_session_entry_t *entry;
	array_t *ids = list_all(this);
	u_int count = 0;
	void *id;

	while (array_remove(ids, ARRAY_HEAD, &id))
	{
		entry = sessions->checkout(sessions, (uintptr_t)id);
		if (entry)
		{
			count += renew_user(this, entry);
			executor->checkin(executor, entry);
		}
	}
	array_destroy(ids);
	return count;
}

METHOD(coi_reconfigure_t, destroy, void,
	private_coi_reconfigure_t *this)
{
	array_destroy(this->opened);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_reconfigure_t *coi_reconfigure_create(const coi_reconfigure_config_t *config)
{
	private_coi_reconfigure_t *this;

	INIT(this,
		.public = {
			.apply = _apply,
			.opened = _opened,
			.apply_opened = _apply_opened,
			.renew_users = _renew_users,
			.destroy = _destroy,
		},
		.config = *config,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.opened = array_create(0, 0),
	);
	return &this->public;
}
