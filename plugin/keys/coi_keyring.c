/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_keyring.h"
#include "coi_key_generations.h"

#include <threading/mutex.h>

typedef struct private_coi_keyring_t private_coi_keyring_t;
typedef struct table_t table_t;

/** All that is held at one time. Immutable. */
struct table_t {
	coi_key_generations_t *list;
	u_int count;
	/** all keys of the list */
	coi_keyset_t *all;
	/** communities that no connection has any more, and whose secrets charon still
	 * has: sessions may rest on them */
	coi_key_generations_t *left;
	u_int left_count;
	refcount_t refcount;
};

struct private_coi_keyring_t {

	coi_keyring_t public;
	coi_events_t *events;
	coi_admin_state_t *admin;

	/** guards current (the pointer, what it points to never changes) */
	mutex_t *mutex;

	table_t *current;
};

static void table_destroy(table_t *this)
{
	u_int i;

	if (ref_put(&this->refcount))
	{
		for (i = 0; i < this->count; i++)
		{
			coi_key_generations_clear(&this->list[i]);
		}
		if (this->all)
		{
			coi_keyset_destroy(this->all);
		}
		for (i = 0; i < this->left_count; i++)
		{
			coi_key_generations_clear(&this->left[i]);
		}
		free(this->list);
		free(this->left);
		free(this);
	}
}

static table_t *get_current(private_coi_keyring_t *this)
{
	table_t *current;

	this->mutex->lock(this->mutex);
	current = this->current;
	ref_get(&current->refcount);
	this->mutex->unlock(this->mutex);
	return current;
}

/**
 * Put a table in place of the one that it was made from.
 *
 * @param next		adopted
 * @return			FALSE if that is not the current one any more
 */
static bool replace_current(private_coi_keyring_t *this, table_t *last,
							table_t *next)
{
	table_t *drop = next;

	this->mutex->lock(this->mutex);
	if (this->current == last)
	{
		drop = this->current;
		this->current = next;
	}
	this->mutex->unlock(this->mutex);
	table_destroy(drop);
	return drop != next;
}

static coi_key_generations_t *find_name(coi_key_generations_t *list,
										u_int count,
										const char *name)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (streq(list[i].name, name))
		{
			return &list[i];
		}
	}
	return NULL;
}

static coi_key_generations_t *find_community(table_t *table, const char *name)
{
	return find_name(table->list, table->count, name);
}

/** Find a community that no connection has any more. */
static coi_key_generations_t *find_left(table_t *table, const char *name)
{
	return find_name(table->left, table->left_count, name);
}

/**
 * Leave out what is more than a token has places for: the oldest key of the
 * community that has most.
 */
static void limit_keys(table_t *table)
{
	coi_key_generations_t *most;
	u_int i, total = 0;

	for (i = 0; i < table->count; i++)
	{
		total += table->list[i].count;
	}
	for (; total > COI_MAX_KEYS; total--)
	{
		most = &table->list[0];
		for (i = 1; i < table->count; i++)
		{
			if (table->list[i].count >= most->count)
			{
				most = &table->list[i];
			}
		}
		coi_key_generations_drop(most);
	}
}

/**
 * Collect the keys of a table's communities.
 *
 * @param conn		connection whose communities are wanted, NULL for all
 * @param suite		suite that is wanted, NULL for any
 */
static coi_keyset_t *create_keyset(table_t *table, const coi_connection_t *conn,
								   const coi_suite_t *suite)
{
	coi_key_t *keys[COI_MAX_KEYS];
	coi_key_generations_t *current;
	u_int count = 0, i, j;

	for (i = 0; i < table->count; i++)
	{
		current = &table->list[i];
		if (current->disabled || (suite && current->suite != suite) ||
			(conn && !coi_connection_find(conn, current->name)))
		{
			continue;
		}
		for (j = 0; j < current->count && count < countof(keys); j++)
		{
			keys[count++] = coi_key_get_ref(current->held[j].key);
		}
	}
	return coi_keyset_create(keys, count);
}

/**
 * Add the communities of a connection, with their secrets, to a table that is
 * being made.
 */
static void add_communities(table_t *table, coi_connection_t *conn)
{
	u_int i;

	for (i = 0; i < conn->count; i++)
	{
		if (!find_community(table, conn->children[i].name))
		{
			table->list = realloc(table->list, (table->count + 1) *
								  sizeof(coi_key_generations_t));
			coi_key_generations_collect(&table->list[table->count++],
										conn->children[i].name,
										conn->children[i].suite);
		}
	}
}

/**
 * Go on with the secrets of a community that was known, if no connection has it
 * any more.
 */
static void leave(table_t *next, table_t *last,
				  const coi_key_generations_t *before)
{
	coi_key_generations_t left;

	if (find_community(next, before->name))
	{
		return;
	}
	coi_key_generations_collect(&left, before->name, before->suite);
	coi_key_generations_derive(&left, find_left(last, before->name));
	if (left.count)
	{
		next->left = realloc(next->left, (next->left_count + 1) *
							 sizeof(coi_key_generations_t));
		next->left[next->left_count++] = left;
	}
	else
	{
		coi_key_generations_clear(&left);
	}
}

/**
 * Make a table of what is configured now.
 */
static table_t *read_table(private_coi_keyring_t *this, coi_config_t *config,
						   table_t *last)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	table_t *next;
	u_int i;

	INIT(next,
		.refcount = 1,
	);
	enumerator = config->create_enumerator(config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		add_communities(next, conn);
	}
	enumerator->destroy(enumerator);

	limit_keys(next);
	for (i = 0; i < next->count; i++)
	{
		coi_key_generations_derive(&next->list[i],
								   find_community(last, next->list[i].name));
		next->list[i].disabled = this->admin->is_disabled(this->admin,
														next->list[i].name);
	}
	next->all = create_keyset(next, NULL, NULL);
	for (i = 0; i < last->count; i++)
	{
		leave(next, last, &last->list[i]);
	}
	for (i = 0; i < last->left_count; i++)
	{
		leave(next, last, &last->left[i]);
	}
	return next;
}

/** Tell that a generation came or went. */
static void tell(coi_events_t *events, coi_events_type_t type,
				 const coi_key_t *key)
{
	char fingerprint[COI_FINGERPRINT_TEXT];
	coi_events_item_t *item = coi_events_begin(type);

	DBG1(DBG_CFG, "COI '%s': key generation %u %s", key->name, key->generation,
		 type == COI_EVENTS_KEY_ADDED ? "added" : "removed");
	coi_key_fingerprint(key, fingerprint);
	coi_events_set(item, COI_EVENTS_COMMUNITY, "%s", key->name);
	coi_events_set(item, COI_EVENTS_GENERATION, "%u", key->generation);
	coi_events_set(item, COI_EVENTS_FINGERPRINT, "%s", fingerprint);
	events->add(events, item);
}

/**
 * Say which generations of one table are missing in another one.
 *
 * @return			TRUE if any
 */
static bool log_difference(table_t *this, table_t *that, coi_events_t *events,
						   coi_events_type_t type)
{
	coi_key_generations_t *current, *other;
	bool differ = FALSE;
	u_int i, j;

	for (i = 0; i < this->count; i++)
	{
		current = &this->list[i];
		other = find_community(that, current->name);
		for (j = 0; j < current->count; j++)
		{
			if (!coi_key_generations_hold(other, current->held[j].key))
			{
				tell(events, type, current->held[j].key);
				differ = TRUE;
			}
		}
	}
	return differ;
}

/** Whether a secret is gone of a community that no connection had any more; that it
 * went was told when its connection did. */
static bool is_less_left(table_t *last, table_t *next)
{
	coi_key_generations_t *current;
	u_int i, j;

	for (i = 0; i < last->left_count; i++)
	{
		current = &last->left[i];
		for (j = 0; j < current->count; j++)
		{
			if (!coi_key_generations_hold(find_left(next, current->name),
										  current->held[j].key) &&
				!coi_key_generations_hold(find_community(next, current->name),
										  current->held[j].key))
			{
				return TRUE;
			}
		}
	}
	return FALSE;
}

/** Whether a community was disabled or enabled between two tables. */
static bool is_switched(table_t *last, table_t *next)
{
	coi_key_generations_t *before;
	u_int i;

	for (i = 0; i < next->count; i++)
	{
		before = find_community(last, next->list[i].name);
		if (before && before->disabled != next->list[i].disabled)
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Say what is wrong, unless that was said before.
 */
static void log_complaints(table_t *last, table_t *next)
{
	coi_key_generations_t *before;
	char *complaint;
	u_int i;

	for (i = 0; i < next->count; i++)
	{
		before = find_community(last, next->list[i].name);
		complaint = next->list[i].complaint;
		if (complaint && (!before || !streq(before->complaint, complaint)))
		{
			DBG1(DBG_CFG, "%s", complaint);
		}
	}
}

METHOD(coi_keyring_t, refresh, bool,
	private_coi_keyring_t *this, coi_config_t *config)
{
	table_t *last, *next;
	bool changed = FALSE, done = FALSE;

	do
	{
		/* read without a lock; if another thread was faster, what we have read
		 * may be older than what it has */
		last = get_current(this);
		next = read_table(this, config, last);
		ref_get(&next->refcount);
		if (replace_current(this, last, next))
		{
			changed = log_difference(last, next, this->events,
									 COI_EVENTS_KEY_REMOVED);
			changed |= log_difference(next, last, this->events,
									  COI_EVENTS_KEY_ADDED);
			changed |= is_switched(last, next);
			changed |= is_less_left(last, next);
			log_complaints(last, next);
			done = TRUE;
		}
		table_destroy(next);
		table_destroy(last);
	}
	while (!done);
	return changed;
}

METHOD(coi_keyring_t, get_all, coi_keyset_t*,
	private_coi_keyring_t *this)
{
	coi_keyset_t *all;
	table_t *current;

	current = get_current(this);
	all = coi_keyset_get_ref(current->all);
	table_destroy(current);
	return all;
}

METHOD(coi_keyring_t, get, coi_keyset_t*,
	private_coi_keyring_t *this, const coi_connection_t *conn,
	const coi_suite_t *suite)
{
	coi_keyset_t *set;
	table_t *current;

	current = get_current(this);
	set = create_keyset(current, conn, suite);
	table_destroy(current);
	return set;
}

METHOD(coi_keyring_t, has, bool,
	private_coi_keyring_t *this, const char *name)
{
	coi_key_generations_t *community;
	table_t *current;
	bool has;

	current = get_current(this);
	community = find_community(current, name);
	has = community && community->count && !community->disabled;
	table_destroy(current);
	return has;
}

METHOD(coi_keyring_t, holds, bool,
	private_coi_keyring_t *this, const coi_key_t *key)
{
	coi_key_generations_t loaded;
	table_t *current;
	bool held;

	if (this->admin->is_disabled(this->admin, key->name))
	{
		return FALSE;
	}
	current = get_current(this);
	held = coi_key_generations_hold(find_community(current, key->name), key) ||
		   coi_key_generations_hold(find_left(current, key->name), key);
	table_destroy(current);
	if (!held)
	{	/* it may be one of too many */
		coi_key_generations_collect(&loaded, key->name, key->suite);
		coi_key_generations_derive(&loaded, NULL);
		held = coi_key_generations_hold(&loaded, key);
		coi_key_generations_clear(&loaded);
	}
	return held;
}

METHOD(coi_keyring_t, destroy, void,
	private_coi_keyring_t *this)
{
	table_destroy(this->current);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_keyring_t *coi_keyring_create(coi_events_t *events,
								  coi_admin_state_t *admin)
{
	private_coi_keyring_t *this;

	INIT(this,
		.public = {
			.refresh = _refresh,
			.get_all = _get_all,
			.get = _get,
			.has = _has,
			.holds = _holds,
			.destroy = _destroy,
		},
		.events = events,
		.admin = admin,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	INIT(this->current,
		.refcount = 1,
	);
	this->current->all = create_keyset(this->current, NULL, NULL);

	return &this->public;
}
