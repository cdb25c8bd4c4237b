/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_keypair_pool.h"
#include "util/coi_timer.h"
#include "core/coi_own_vals.h"

#include <daemon.h>
#include <processing/jobs/callback_job.h>
#include <threading/mutex.h>

/** Seconds after which all pairs of a suite are made anew. */
#define LIFETIME 60

/** DH pairs kept: what some openings at once take. */
#define SPARES 8

typedef struct private_coi_keypair_pool_t private_coi_keypair_pool_t;
typedef struct pool_t pool_t;

/** Pairs of one suite. */
struct pool_t {
	private_coi_keypair_pool_t *owner;
	/** NULL until it is in use */
	const coi_suite_t *suite;
	/** NULL until it is made */
	coi_val_t *val;
	/** its public key, and those before it; NULL until it is in use */
	coi_vals_t *own;
	key_exchange_t *spares[SPARES];
	u_int count;
	/** a job fills it up */
	bool filling;
};

struct private_coi_keypair_pool_t {
	coi_keypair_pool_t public;

	/** ms that an own VAL is known after another one has replaced it: what was sent
	 * with it is in the window no longer, also if the clock was set back by as much */
	uint64_t keep;

	/** guards pools */
	mutex_t *mutex;

	pool_t pools[COI_SUITES];
};

/**
 * Find the pool of a suite that is in use, NULL if it is not. The mutex is held.
 */
static pool_t *find_pool(private_coi_keypair_pool_t *this,
						 const coi_suite_t *suite)
{
	u_int i;

	for (i = 0; i < countof(this->pools); i++)
	{
		if (this->pools[i].suite == suite)
		{
			return &this->pools[i];
		}
	}
	return NULL;
}

/** Make DH pairs until there are enough. */
static job_requeue_t fill(pool_t *pool)
{
	mutex_t *mutex = pool->owner->mutex;
	key_exchange_t *dh;

	mutex->lock(mutex);
	while (pool->count < SPARES)
	{
		mutex->unlock(mutex);
		dh = coi_suite_ke_create(pool->suite);
		mutex->lock(mutex);
		if (!dh)
		{
			break;
		}
		if (pool->count == SPARES)
		{	/* another job is as quick */
			dh->destroy(dh);
			break;
		}
		pool->spares[pool->count++] = dh;
	}
	pool->filling = FALSE;
	mutex->unlock(mutex);
	return JOB_REQUEUE_NONE;
}

/**
 * Have a pool filled up by a thread that has nothing else to do. The mutex is
 * held.
 */
static void want_spares(pool_t *pool)
{
	if (!pool->filling)
	{
		pool->filling = TRUE;
		lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create_with_prio(
									(callback_job_cb_t)fill, pool, NULL,
									(callback_job_cancel_t)return_false,
									JOB_PRIO_LOW));
	}
}

/** Forget all pairs that nobody has taken, and make others. */
static job_requeue_t renew(pool_t *pool)
{
	mutex_t *mutex = pool->owner->mutex;
	key_exchange_t *spares[SPARES];
	coi_val_t *val, *old;
	u_int count;

	/* NULL if that fails: then the next exchange makes one */
	val = coi_val_create(pool->suite);
	mutex->lock(mutex);
	old = pool->val;
	pool->val = val;
	coi_own_vals_replace(pool->own, val ? val->public : NULL, coi_timer_now());
	count = pool->count;
	memcpy(spares, pool->spares, sizeof(spares));
	pool->count = 0;
	want_spares(pool);
	mutex->unlock(mutex);

	coi_val_destroy(old);
	while (count--)
	{
		spares[count]->destroy(spares[count]);
	}
	return JOB_RESCHEDULE(LIFETIME);
}

METHOD(coi_keypair_pool_t, prepare, void,
	private_coi_keypair_pool_t *this, const coi_suite_t *suite)
{
	pool_t *pool = NULL;

	this->mutex->lock(this->mutex);
	if (!find_pool(this, suite))
	{
		pool = find_pool(this, NULL);
		pool->suite = suite;
		pool->own = coi_own_vals_create(suite, this->keep);
	}
	this->mutex->unlock(this->mutex);
	if (pool)
	{
		lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create((callback_job_cb_t)renew, pool,
									NULL, (callback_job_cancel_t)return_false));
	}
}

/**
 * Get the VAL pair of a suite, NULL if there is none yet.
 */
static coi_val_t *get_val(private_coi_keypair_pool_t *this,
						  const coi_suite_t *suite)
{
	coi_val_t *val = NULL;
	pool_t *pool;

	this->mutex->lock(this->mutex);
	pool = find_pool(this, suite);
	if (pool && pool->val)
	{
		val = coi_val_get_ref(pool->val);
	}
	this->mutex->unlock(this->mutex);
	return val;
}

/**
 * Make the first VAL pair of a suite, unless somebody is faster.
 */
static void make_val(private_coi_keypair_pool_t *this, const coi_suite_t *suite)
{
	coi_val_t *val;
	pool_t *pool;

	prepare(this, suite);
	val = coi_val_create(suite);
	this->mutex->lock(this->mutex);
	pool = find_pool(this, suite);
	if (val && !pool->val)
	{
		pool->val = val;
		coi_own_vals_replace(pool->own, val->public, coi_timer_now());
		val = NULL;
	}
	this->mutex->unlock(this->mutex);
	coi_val_destroy(val);
}

METHOD(coi_keypair_pool_t, lend_val, bool,
	private_coi_keypair_pool_t *this, coi_session_t *session)
{
	const coi_suite_t *suite = coi_session_suite(session);
	coi_val_t *val;

	val = get_val(this, suite);
	if (!val)
	{
		make_val(this, suite);
		val = get_val(this, suite);
	}
	if (!val)
	{
		return FALSE;
	}
	coi_session_set_val(session, val);
	coi_val_destroy(val);
	return TRUE;
}

METHOD(coi_keypair_pool_t, is_own, bool,
	private_coi_keypair_pool_t *this, const coi_session_t *session)
{
	pool_t *pool;
	bool own;

	this->mutex->lock(this->mutex);
	pool = find_pool(this, coi_session_suite(session));
	own = pool && coi_own_vals_has(pool->own, coi_session_shown_val(session),
								   coi_timer_now());
	this->mutex->unlock(this->mutex);
	return own;
}

METHOD(coi_keypair_pool_t, lend_dh, void,
	private_coi_keypair_pool_t *this, coi_session_t *session)
{
	key_exchange_t *dh = NULL;
	pool_t *pool;

	if (!coi_session_wants_dh(session))
	{
		return;
	}
	this->mutex->lock(this->mutex);
	pool = find_pool(this, coi_session_suite(session));
	if (pool)
	{
		if (pool->count)
		{
			dh = pool->spares[--pool->count];
		}
		want_spares(pool);
	}
	this->mutex->unlock(this->mutex);
	if (dh)
	{
		coi_session_set_dh(session, dh);
	}
}

METHOD(coi_keypair_pool_t, destroy, void,
	private_coi_keypair_pool_t *this)
{
	pool_t *pool;
	u_int i;

	for (i = 0; i < countof(this->pools); i++)
	{
		pool = &this->pools[i];
		coi_val_destroy(pool->val);
		coi_own_vals_destroy(pool->own);
		while (pool->count)
		{
			pool->count--;
			pool->spares[pool->count]->destroy(pool->spares[pool->count]);
		}
	}
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_keypair_pool_t *coi_keypair_pool_create(u_int window)
{
	private_coi_keypair_pool_t *this;
	u_int i;

	INIT(this,
		.public = {
			.prepare = _prepare,
			.lend_val = _lend_val,
			.is_own = _is_own,
			.lend_dh = _lend_dh,
			.destroy = _destroy,
		},
		/* an exchange begins right after a VAL was lent to it */
		.keep = (2ULL * window + LIFETIME) * 1000,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	for (i = 0; i < countof(this->pools); i++)
	{
		this->pools[i].owner = this;
	}
	return &this->public;
}
