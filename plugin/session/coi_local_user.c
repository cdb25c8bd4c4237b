/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_local_user.h"

#include <inttypes.h>
#include <time.h>

#include <threading/mutex.h>

/** the last second of the year 9999 */
#define LAST_DATE 253402300799ULL

#define DATE_LEN 32

typedef struct private_coi_local_user_t private_coi_local_user_t;

struct private_coi_local_user_t {
	coi_local_user_t public;

	/** guards user */
	mutex_t *mutex;

	coi_user_t user;
};

METHOD(coi_local_user_t, set, void,
	private_coi_local_user_t *this, const coi_user_t *user)
{
	coi_user_t last;

	this->mutex->lock(this->mutex);
	last = this->user;
	this->user = coi_user_clone(user);
	this->mutex->unlock(this->mutex);
	coi_user_clear(&last);
}

METHOD(coi_local_user_t, get, coi_user_t,
	private_coi_local_user_t *this, const coi_connection_t *conn)
{
	coi_user_t user;

	this->mutex->lock(this->mutex);
	user = coi_user_clone(&this->user);
	this->mutex->unlock(this->mutex);
	if (!user.name.len && conn)
	{
		coi_user_clear(&user);
		user = coi_user_clone(&conn->user);
	}
	return user;
}

METHOD(coi_local_user_t, destroy, void,
	private_coi_local_user_t *this)
{
	coi_user_clear(&this->user);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_local_user_t *coi_local_user_create()
{
	private_coi_local_user_t *this;

	INIT(this,
		.public = {
			.set = _set,
			.get = _get,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}

/**
 * Write a time that a peer claims, which may be any number.
 *
 * @param when		ms since 1970
 */
static char *write_date(uint64_t when, char buf[DATE_LEN])
{
	time_t seconds = when / 1000;
	struct tm date;

	if (when / 1000 <= LAST_DATE && gmtime_r(&seconds, &date))
	{
		strftime(buf, DATE_LEN, "%Y-%m-%d %H:%M:%S UTC", &date);
	}
	else
	{
		snprintf(buf, DATE_LEN, "%" PRIu64 " ms", when);
	}
	return buf;
}

/**
 * Write a name between quotes so that it cannot seem to end before its end.
 */
static void quote(chunk_t name, char buf[2 * COI_MAX_USER + 1])
{
	size_t i;

	for (i = 0; i < min(name.len, COI_MAX_USER); i++)
	{
		if (name.ptr[i] == '\'' || name.ptr[i] == '\\')
		{
			*buf++ = '\\';
		}
		*buf++ = name.ptr[i];
	}
	*buf = '\0';
}

void coi_local_user_log(host_t *peer, uint64_t start, const coi_user_t *user)
{
	char started[DATE_LEN], since[DATE_LEN], name[2 * COI_MAX_USER + 1];

	write_date(start, started);
	if (user->name.len)
	{
		quote(user->name, name);
		DBG1(DBG_IKE, "%H says that user '%s' is there%s%s, its charon since "
			 "%s", peer, name, user->since ? " since " : "",
			 user->since ? write_date(user->since, since) : "", started);
	}
	else
	{
		DBG1(DBG_IKE, "%H says that no user is there, its charon since %s",
			 peer, started);
	}
}
