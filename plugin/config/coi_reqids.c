/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_reqids.h"
#include "coi_connection.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

typedef struct private_coi_reqids_t private_coi_reqids_t;

struct private_coi_reqids_t {

	coi_reqids_t public;

	/** guards names */
	mutex_t *mutex;

	/** kind and name => reqid as uintptr_t; nothing is ever removed, so that a
	 * name has the same reqid after a reload */
	hashtable_t *names;
};

/**
 * Get the reqid of a name, a new one if it has none.
 *
 * @param kind		connections and communities may have the same names
 * @return			0 if there is none left
 */
static uint32_t get_reqid(private_coi_reqids_t *this, char *kind, char *name)
{
	uintptr_t reqid;
	char *key;

	if (asprintf(&key, "%s %s", kind, name) < 0)
	{
		return 0;
	}
	this->mutex->lock(this->mutex);
	reqid = (uintptr_t)this->names->get(this->names, key);
	if (!reqid)
	{
		reqid = COI_REQID_FIRST + this->names->get_count(this->names);
		if (reqid >= COI_REQID_DROP)
		{
			reqid = 0;
		}
		else
		{
			this->names->put(this->names, key, (void*)reqid);
			key = NULL;
		}
	}
	this->mutex->unlock(this->mutex);
	free(key);
	return reqid;
}

METHOD(coi_reqids_t, assign, bool,
	private_coi_reqids_t *this, coi_connection_t *conn)
{
	u_int i;

	conn->reqid = get_reqid(this, "connection", conn->name);
	if (!conn->reqid)
	{
		return FALSE;
	}
	for (i = 0; i < conn->count; i++)
	{
		conn->children[i].reqid = get_reqid(this, "community",
											conn->children[i].name);
		if (!conn->children[i].reqid)
		{
			return FALSE;
		}
	}
	return TRUE;
}

METHOD(coi_reqids_t, destroy, void,
	private_coi_reqids_t *this)
{
	enumerator_t *enumerator;
	char *key;

	enumerator = this->names->create_enumerator(this->names);
	while (enumerator->enumerate(enumerator, &key, NULL))
	{
		free(key);
	}
	enumerator->destroy(enumerator);
	this->names->destroy(this->names);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_reqids_t *coi_reqids_create()
{
	private_coi_reqids_t *this;

	INIT(this,
		.public = {
			.assign = _assign,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.names = hashtable_create(hashtable_hash_str, hashtable_equals_str, 8),
	);

	return &this->public;
}
