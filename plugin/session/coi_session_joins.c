/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_joins.h"

#include <collections/array.h>

typedef struct private_coi_session_joins_t private_coi_session_joins_t;

/** A community that this host has a key for. */
typedef struct {
	char *name;
	/** worth another exchange */
	bool open;
	/** seen in the comparison that is under way */
	bool seen;
} held_t;

struct private_coi_session_joins_t {
	coi_session_joins_t public;

	/** held_t */
	array_t *held;

	uint32_t gained;
	uint32_t peer_gained;
};

static held_t *find(private_coi_session_joins_t *this, const char *name)
{
	enumerator_t *enumerator;
	held_t *current, *found = NULL;

	enumerator = array_create_enumerator(this->held);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->name, name))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

static void add(private_coi_session_joins_t *this, const char *name, bool open)
{
	held_t held = {
		.name = strdup(name),
		.open = open,
		.seen = TRUE,
	};

	array_insert(this->held, ARRAY_TAIL, &held);
}

/**
 * Take note of communities that have a key now.
 *
 * @param open		whether new ones may join
 * @return			number of new ones
 */
static u_int take(private_coi_session_joins_t *this,
				  const coi_connection_t *conn,
				  coi_keyring_t *keyring, bool open)
{
	u_int i, count = 0;
	held_t *held;

	for (i = 0; i < conn->count; i++)
	{
		if (keyring->has(keyring, conn->children[i].name))
		{
			held = find(this, conn->children[i].name);
			if (held)
			{
				held->seen = TRUE;
			}
			else
			{
				add(this, conn->children[i].name, open);
				count++;
			}
		}
	}
	return count;
}

/**
 * Forget communities that have no key any more.
 *
 * @return			number of those that might have joined
 */
static u_int forget(private_coi_session_joins_t *this)
{
	enumerator_t *enumerator;
	held_t *current;
	u_int count = 0;

	enumerator = array_create_enumerator(this->held);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (!current->seen)
		{
			count += current->open;
			free(current->name);
			array_remove_at(this->held, enumerator);
		}
		else
		{
			current->seen = FALSE;
		}
	}
	enumerator->destroy(enumerator);
	return count;
}

METHOD(coi_session_joins_t, update, bool,
	private_coi_session_joins_t *this, const coi_connection_t *conn,
	coi_keyring_t *keyring)
{
	u_int came, went;

	came = take(this, conn, keyring, TRUE);
	went = forget(this);
	this->gained += came;
	return came || went;
}

METHOD(coi_session_joins_t, ended, void,
	private_coi_session_joins_t *this, const char *name)
{
	held_t *held;

	held = find(this, name);
	if (held)
	{
		held->open = TRUE;
	}
}

METHOD(coi_session_joins_t, peer_gained, bool,
	private_coi_session_joins_t *this, uint32_t count)
{
	enumerator_t *enumerator;
	held_t *current;

	if (count <= this->peer_gained)
	{
		return FALSE;
	}
	this->peer_gained = count;
	enumerator = array_create_enumerator(this->held);
	while (enumerator->enumerate(enumerator, &current))
	{
		current->open = TRUE;
	}
	enumerator->destroy(enumerator);
	return TRUE;
}

METHOD(coi_session_joins_t, get_gained, uint32_t,
	private_coi_session_joins_t *this)
{
	return this->gained;
}

METHOD(coi_session_joins_t, may_join, bool,
	private_coi_session_joins_t *this, const char *name)
{
	held_t *held;

	held = find(this, name);
	return held && held->open;
}

METHOD(coi_session_joins_t, destroy, void,
	private_coi_session_joins_t *this)
{
	held_t held;

	while (array_remove(this->held, ARRAY_TAIL, &held))
	{
		free(held.name);
	}
	array_destroy(this->held);
	free(this);
}

coi_session_joins_t *coi_session_joins_create(const coi_connection_t *conn,
											  coi_keyring_t *keyring)
{
	private_coi_session_joins_t *this;

	INIT(this,
		.public = {
			.update = _update,
			.ended = _ended,
			.peer_gained = _peer_gained,
			.get_gained = _get_gained,
			.may_join = _may_join,
			.destroy = _destroy,
		},
		.held = array_create(sizeof(held_t), 0),
	);
	take(this, conn, keyring, FALSE);
	forget(this);
	return &this->public;
}
