/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_events.h"
#include "util/coi_timer.h"

#include <stdarg.h>

#include <threading/condvar.h>
#include <threading/mutex.h>
#include <threading/thread.h>

/** Threads that may wait: charon has few of them. */
#define MAX_WAITING 3

/** Longest value; what a peer says is shorter. */
#define MAX_VALUE 1024

ENUM(coi_events_type_names, COI_EVENTS_OPENED, COI_EVENTS_LOST,
	"opened",
	"closed",
	"failed",
	"left",
	"key-added",
	"key-removed",
	"disabled",
	"enabled",
	"connection-refused",
	"lost",
);

ENUM(coi_events_key_names, COI_EVENTS_PEER, COI_EVENTS_AGE,
	"peer",
	"me",
	"connection",
	"spi-i",
	"spi-r",
	"role",
	"identity",
	"communities",
	"community",
	"generation",
	"fingerprint",
	"by",
	"reason",
	"text",
	"age",
);

typedef struct private_coi_events_t private_coi_events_t;

struct private_coi_events_t {
	coi_events_t public;

	/** guards all below */
	mutex_t *mutex;
	condvar_t *condvar;

	/** place of one is its number modulo the size */
	coi_events_item_t *items[COI_EVENTS_KEPT];
	uint64_t last;
	u_int waiting;
	bool stopped;
	void (*cb)(void *data);
	void *data;
};

void coi_events_item_destroy(coi_events_item_t *item)
{
	u_int i;

	if (item)
	{
		for (i = 0; i < COI_EVENTS_KEYS; i++)
		{
			free(item->values[i]);
		}
		free(item);
	}
}

static coi_events_item_t *item_clone(const coi_events_item_t *item)
{
	coi_events_item_t *copy;
	u_int i;

	copy = malloc_thing(coi_events_item_t);
	*copy = *item;
	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{
		copy->values[i] = strdupnull(item->values[i]);
	}
	return copy;
}

coi_events_item_t *coi_events_begin(coi_events_type_t type)
{
	coi_events_item_t *item;

	INIT(item,
		.time = coi_timer_wall(),
		.type = type,
	);
	return item;
}

void coi_events_set(coi_events_item_t *item, coi_events_key_t key, char *fmt,
					...)
{
	char buf[MAX_VALUE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	free(item->values[key]);
	item->values[key] = strdup(buf);
}

METHOD(coi_events_t, add, void,
	private_coi_events_t *this, coi_events_item_t *item)
{
	coi_events_item_t *replaced;
	void (*cb)(void*);
	void *data;

	this->mutex->lock(this->mutex);
	item->number = ++this->last;
	replaced = this->items[this->last % COI_EVENTS_KEPT];
	this->items[this->last % COI_EVENTS_KEPT] = item;
	this->condvar->broadcast(this->condvar);
	cb = this->cb;
	data = this->data;
	this->mutex->unlock(this->mutex);
	coi_events_item_destroy(replaced);
	if (cb)
	{
		cb(data);
	}
}

/** Wait for an event; the mutex is held. */
static void await(private_coi_events_t *this, uint64_t after, u_int wait)
{
	timeval_t until, add = {
		.tv_sec = wait / 1000,
		.tv_usec = wait % 1000 * 1000,
	};
	bool timeout = FALSE;

	if (this->waiting == MAX_WAITING)
	{
		return;
	}
	time_monotonic(&until);
	timeradd(&until, &add, &until);
	this->waiting++;
	while (this->last <= after && !timeout && !this->stopped)
	{
		timeout = this->condvar->timed_wait_abs(this->condvar, this->mutex,
												until);
	}
	this->waiting--;
}

/** Get a copy of the next one, NULL if there is none. */
static coi_events_item_t *get_next(private_coi_events_t *this, uint64_t after,
								   u_int wait, uint64_t *lost)
{
	coi_events_item_t *copy = NULL;
	uint64_t oldest, next = after + 1;
	bool cancellable;

	cancellable = thread_cancelability(FALSE);
	this->mutex->lock(this->mutex);
	if (wait && this->last <= after)
	{
		await(this, after, wait);
	}
	if (this->last > after)
	{
		oldest = this->last > COI_EVENTS_KEPT ?
				 this->last - COI_EVENTS_KEPT + 1 : 1;
		if (next < oldest)
		{
			*lost += oldest - next;
			next = oldest;
		}
		copy = item_clone(this->items[next % COI_EVENTS_KEPT]);
	}
	this->mutex->unlock(this->mutex);
	thread_cancelability(cancellable);
	return copy;
}

METHOD(coi_events_t, read_, uint64_t,
	private_coi_events_t *this, uint64_t after, u_int wait, u_int max,
	uint64_t *lost, coi_events_cb_t cb, void *data)
{
	coi_events_item_t *item;
	u_int count = 0;

	*lost = 0;
	while (count++ < max)
	{
		item = get_next(this, after, wait, lost);
		if (!item)
		{
			break;
		}
		wait = 0;
		after = item->number;
		cb(data, item);
		coi_events_item_destroy(item);
	}
	return after;
}

METHOD(coi_events_t, find_end, coi_events_item_t*,
	private_coi_events_t *this, host_t *peer)
{
	coi_events_item_t *item, *like, *copy = NULL;
	uint64_t number;

	like = coi_events_begin(COI_EVENTS_CLOSED);
	coi_events_set(like, COI_EVENTS_PEER, "%H", peer);
	this->mutex->lock(this->mutex);
	for (number = this->last; number && !copy; number--)
	{
		item = this->items[number % COI_EVENTS_KEPT];
		if (!item || item->number != number)
		{	/* it was replaced, as were all before it */
			break;
		}
		if ((item->type == COI_EVENTS_CLOSED ||
			 item->type == COI_EVENTS_FAILED) &&
			streq(item->values[COI_EVENTS_PEER], like->values[COI_EVENTS_PEER]))
		{
			copy = item_clone(item);
		}
	}
	this->mutex->unlock(this->mutex);
	coi_events_item_destroy(like);
	return copy;
}

METHOD(coi_events_t, get_last, uint64_t,
	private_coi_events_t *this)
{
	uint64_t last;

	this->mutex->lock(this->mutex);
	last = this->last;
	this->mutex->unlock(this->mutex);
	return last;
}

METHOD(coi_events_t, set_listener, void,
	private_coi_events_t *this, void (*cb)(void *data), void *data)
{
	this->mutex->lock(this->mutex);
	this->cb = cb;
	this->data = data;
	this->mutex->unlock(this->mutex);
}

METHOD(coi_events_t, stop, void,
	private_coi_events_t *this)
{
	this->mutex->lock(this->mutex);
	this->stopped = TRUE;
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_events_t, destroy, void,
	private_coi_events_t *this)
{
	u_int i;

	for (i = 0; i < COI_EVENTS_KEPT; i++)
	{
		coi_events_item_destroy(this->items[i]);
	}
	this->condvar->destroy(this->condvar);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_events_t *coi_events_create()
{
	private_coi_events_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.read = _read_,
			.find_end = _find_end,
			.get_last = _get_last,
			.set_listener = _set_listener,
			.stop = _stop,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);
	return &this->public;
}
