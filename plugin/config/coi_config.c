/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_config.h"
#include "coi_connection_read.h"
#include "coi_host_list.h"
#include "coi_reqids.h"

#include <threading/mutex.h>

typedef struct private_coi_config_t private_coi_config_t;
typedef struct snapshot_t snapshot_t;
typedef struct slot_t slot_t;

/** A connection that is loaded, or why it is not used. */
struct slot_t {
	char *name;
	/** NULL if something is wrong with it */
	coi_connection_t *conn;
	/** what is wrong with it, NULL if nothing */
	char *error;
};

/** All connections at one time. Immutable. */
struct snapshot_t {
	slot_t *slots;
	u_int count;
	refcount_t refcount;
};

struct private_coi_config_t {
	coi_config_t public;

	/** goes into profiles, ms since 1970 */
	uint64_t start;

	/** told of mistakes */
	coi_config_error_cb_t cb;
	void *data;

	/** guards current (the pointer, what it points to never changes) */
	mutex_t *mutex;

	snapshot_t *current;
	coi_reqids_t *reqids;
};

static void snapshot_destroy(snapshot_t *this)
{
	u_int i;

	if (ref_put(&this->refcount))
	{
		for (i = 0; i < this->count; i++)
		{
			coi_connection_destroy(this->slots[i].conn);
			free(this->slots[i].error);
			free(this->slots[i].name);
		}
		free(this->slots);
		free(this);
	}
}

static snapshot_t *snapshot_create(u_int room)
{
	snapshot_t *this;

	INIT(this,
		.slots = calloc(room ?: 1, sizeof(slot_t)),
		.refcount = 1,
	);
	return this;
}

/**
 * Get a reference to the current snapshot. Whoever looks something up uses one,
 * so that comparing many addresses keeps nobody waiting.
 */
static snapshot_t *get_current(private_coi_config_t *this)
{
	snapshot_t *current;

	this->mutex->lock(this->mutex);
	current = this->current;
	ref_get(&current->refcount);
	this->mutex->unlock(this->mutex);
	return current;
}

/**
 * Put a snapshot in place of the one that it was made from.
 *
 * @param next		adopted
 * @return			FALSE if that is not the current one any more
 */
static bool replace_current(private_coi_config_t *this, snapshot_t *last,
							snapshot_t *next)
{
	snapshot_t *drop = next;

	this->mutex->lock(this->mutex);
	if (this->current == last)
	{
		drop = this->current;
		this->current = next;
	}
	this->mutex->unlock(this->mutex);
	snapshot_destroy(drop);
	return drop != next;
}

/**
 * Find a slot by the name of its connection.
 */
static slot_t *find_slot(snapshot_t *snapshot, const char *name)
{
	u_int i;

	for (i = 0; i < snapshot->count; i++)
	{
		if (streq(snapshot->slots[i].name, name))
		{
			return &snapshot->slots[i];
		}
	}
	return NULL;
}

/**
 * Read a connection into a slot. If it is what it was before, the object is
 * kept, so that traps and sessions that hold it stay current.
 */
static void read_slot(private_coi_config_t *this, snapshot_t *last,
					  peer_cfg_t *peer, slot_t *slot)
{
	coi_connection_t *conn;
	slot_t *before;

	slot->name = strdup(peer->get_name(peer));
	before = find_slot(last, slot->name);
	conn = before && before->conn && coi_connection_is_of(before->conn, peer) ?
		   coi_connection_get_ref(before->conn) :
		   coi_connection_read(peer, this->start, &slot->error);
	if (!conn)
	{
		return;
	}
	if (before && before->conn && coi_connection_equals(before->conn, conn))
	{
		coi_connection_destroy(conn);
		slot->conn = coi_connection_get_ref(before->conn);
		return;
	}
	if (!this->reqids->assign(this->reqids, conn))
	{
		if (asprintf(&slot->error, "connection '%s' is not used: %d names of "
					 "connections and COIs were in use since the start",
					 slot->name, COI_REQID_DROP - COI_REQID_FIRST) < 0)
		{
			slot->error = NULL;
		}
		coi_connection_destroy(conn);
		return;
	}
	slot->conn = conn;
}

/**
 * Make a snapshot of what charon has loaded now.
 */
static snapshot_t *read_snapshot(private_coi_config_t *this, snapshot_t *last)
{
	enumerator_t *enumerator;
	linked_list_t *peers;
	snapshot_t *next;
	peer_cfg_t *peer;

	peers = coi_connection_peers();
	next = snapshot_create(peers->get_count(peers));
	enumerator = peers->create_enumerator(peers);
	while (enumerator->enumerate(enumerator, &peer))
	{
		/* backends are asked in order, charon uses the first one as well */
		if (!find_slot(next, peer->get_name(peer)))
		{
			read_slot(this, last, peer, &next->slots[next->count++]);
		}
	}
	enumerator->destroy(enumerator);
	peers->destroy_offset(peers, offsetof(peer_cfg_t, destroy));
	return next;
}

/**
 * Say what is wrong, unless that was said before.
 */
static void log_errors(private_coi_config_t *this, snapshot_t *last,
					   snapshot_t *next)
{
	slot_t *before;
	u_int i;

	for (i = 0; i < next->count; i++)
	{
		before = find_slot(last, next->slots[i].name);
		if (next->slots[i].error &&
			(!before || !streq(before->error, next->slots[i].error)))
		{
			DBG1(DBG_CFG, "%s", next->slots[i].error);
			this->cb(this->data, next->slots[i].name, next->slots[i].error);
		}
	}
}

/**
 * Whether the connections of a snapshot are not all in another one.
 */
static bool has_other(snapshot_t *this, snapshot_t *that)
{
	slot_t *slot;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		slot = find_slot(that, this->slots[i].name);
		if (this->slots[i].conn && (!slot || slot->conn != this->slots[i].conn))
		{
			return TRUE;
		}
	}
	return FALSE;
}

METHOD(coi_config_t, refresh, bool,
	private_coi_config_t *this)
{
	snapshot_t *last, *next;
	bool changed, done = FALSE;

	do
	{
		/* read without a lock; if another thread was faster, what we have read
		 * may be older than what it has */
		last = get_current(this);
		next = read_snapshot(this, last);
		changed = has_other(last, next) || has_other(next, last);
		ref_get(&next->refcount);
		if (replace_current(this, last, next))
		{
			log_errors(this, last, next);
			done = TRUE;
		}
		snapshot_destroy(next);
		snapshot_destroy(last);
	}
	while (!done);
	return changed;
}

/**
 * Rate how well a connection covers two hosts, 0 if not at all. As charon does,
 * the peer's address counts more.
 */
static u_int match(coi_connection_t *conn, host_t *me, host_t *other)
{
	ike_cfg_t *ike = conn->peer->get_ike_cfg(conn->peer);
	u_int mine = 1, others;

	if (me && !me->is_anyaddr(me))
	{
		mine = coi_host_list_match_me(ike, me);
	}
	others = coi_host_list_match_other(ike, other);
	return mine && others ? mine + 2 * others : 0;
}

METHOD(coi_config_t, find, coi_connection_t*,
	private_coi_config_t *this, host_t *me, host_t *other)
{
	coi_connection_t *found = NULL, *conn;
	snapshot_t *current;
	u_int rating, best = 0, i;

	current = get_current(this);
	for (i = 0; i < current->count; i++)
	{
		conn = current->slots[i].conn;
		rating = conn ? match(conn, me, other) : 0;
		if (rating > best)
		{
			best = rating;
			found = conn;
		}
	}
	if (found)
	{
		coi_connection_get_ref(found);
	}
	snapshot_destroy(current);
	return found;
}

METHOD(coi_config_t, find_name, coi_connection_t*,
	private_coi_config_t *this, const char *name)
{
	coi_connection_t *found = NULL;
	snapshot_t *current;
	slot_t *slot;

	current = get_current(this);
	slot = find_slot(current, name);
	if (slot && slot->conn)
	{
		found = coi_connection_get_ref(slot->conn);
	}
	snapshot_destroy(current);
	return found;
}

/**
 * Get the loaded connection that equals one that was just read.
 */
static coi_connection_t *find_equal(private_coi_config_t *this,
									coi_connection_t *conn)
{
	coi_connection_t *found = find_name(this, conn->name);

	if (found && !coi_connection_equals(found, conn))
	{
		coi_connection_destroy(found);
		found = NULL;
	}
	return found;
}

METHOD(coi_config_t, get, coi_connection_t*,
	private_coi_config_t *this, peer_cfg_t *peer)
{
	coi_connection_t *conn, *found = NULL;
	char *error;

	if (!coi_connection_is_coi(peer))
	{
		return NULL;
	}
	conn = coi_connection_read(peer, this->start, &error);
	if (conn)
	{
		found = find_equal(this, conn);
	}
	if (!found)
	{	/* it is new, or has changed, or is to be complained about */
		refresh(this);
		found = conn ? find_equal(this, conn) : NULL;
	}
	coi_connection_destroy(conn);
	free(error);
	return found;
}

/** Enumerates over a snapshot. */
typedef struct {
	enumerator_t public;
	snapshot_t *snapshot;
	u_int next;
} conn_enumerator_t;

METHOD(enumerator_t, conn_enumerate, bool,
	conn_enumerator_t *this, va_list args)
{
	coi_connection_t *conn, **out;

	VA_ARGS_VGET(args, out);
	while (this->next < this->snapshot->count)
	{
		conn = this->snapshot->slots[this->next++].conn;
		if (conn)
		{
			*out = conn;
			return TRUE;
		}
	}
	return FALSE;
}

METHOD(enumerator_t, conn_enumerator_destroy, void,
	conn_enumerator_t *this)
{
	snapshot_destroy(this->snapshot);
	free(this);
}

METHOD(coi_config_t, create_enumerator, enumerator_t*,
	private_coi_config_t *this)
{
	conn_enumerator_t *enumerator;

	INIT(enumerator,
		.public = {
			.enumerate = enumerator_enumerate_default,
			.venumerate = _conn_enumerate,
			.destroy = _conn_enumerator_destroy,
		},
		.snapshot = get_current(this),
	);
	return &enumerator->public;
}

METHOD(coi_config_t, for_errors, void,
	private_coi_config_t *this, coi_config_error_cb_t cb, void *data)
{
	snapshot_t *current = get_current(this);
	u_int i;

	for (i = 0; i < current->count; i++)
	{
		if (current->slots[i].error)
		{
			cb(data, current->slots[i].name, current->slots[i].error);
		}
	}
	snapshot_destroy(current);
}

METHOD(coi_config_t, find_reqid, coi_connection_t*,
	private_coi_config_t *this, uint32_t reqid, const coi_child_t **child)
{
	coi_connection_t *found = NULL, *conn;
	snapshot_t *current;
	u_int i, j;

	*child = NULL;
	current = get_current(this);
	for (i = 0; i < current->count && !found; i++)
	{
		conn = current->slots[i].conn;
		if (!conn)
		{
			continue;
		}
		if (conn->reqid == reqid)
		{
			found = coi_connection_get_ref(conn);
		}
		for (j = 0; j < conn->count && !found; j++)
		{
			if (conn->children[j].reqid == reqid)
			{
				*child = &conn->children[j];
				found = coi_connection_get_ref(conn);
			}
		}
	}
	snapshot_destroy(current);
	return found;
}

METHOD(coi_config_t, destroy, void,
	private_coi_config_t *this)
{
	this->reqids->destroy(this->reqids);
	snapshot_destroy(this->current);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_config_t *coi_config_create(uint64_t start, coi_config_error_cb_t cb,
								void *data)
{
	private_coi_config_t *this;

	INIT(this,
		.public = {
			.refresh = _refresh,
			.find = _find,
			.get = _get,
			.find_name = _find_name,
			.create_enumerator = _create_enumerator,
			.for_errors = _for_errors,
			.find_reqid = _find_reqid,
			.destroy = _destroy,
		},
		.start = start,
		.cb = cb,
		.data = data,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.current = snapshot_create(0),
		.reqids = coi_reqids_create(),
	);
	return &this->public;
}
