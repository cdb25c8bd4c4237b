/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_open_budget.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

/** ms between looks for origins that have been quiet for long enough */
#define SWEEP 1000

/** ms between words about limits that were reached */
#define QUIET 10000

typedef struct private_coi_open_budget_t private_coi_open_budget_t;
typedef struct account_t account_t;

/** What an origin, or several together, have used. */
struct account_t {
	coi_origin_t origin;
	/** sessions that are being opened */
	u_int open;
	/** openings that may be begun at once, in thousandths */
	uint64_t level;
	/** when that was so, monotonic ms */
	uint64_t filled;
	/** what it may have */
	coi_open_budget_limits_t limits;
};

struct private_coi_open_budget_t {
	coi_open_budget_t public;

	/** guards all below */
	mutex_t *mutex;

	/** everybody, and everybody but root */
	account_t all;
	account_t others;

	/** account_t by origin; those that have nothing open and a full bucket are
	 * as if they were not there, and are removed */
	hashtable_t *accounts;

	u_int share;

	uint64_t swept;

	/** when somebody was told of a limit last, 0 if never; openings that were
	 * not begun since */
	uint64_t told;
	u_int untold;
};

coi_origin_t coi_open_budget_origin(host_t *host)
{
	return COI_ORIGIN_HOST | chunk_hash(host->get_address(host));
}

static u_int origin_hash(const coi_origin_t *origin)
{
	return chunk_hash(chunk_from_thing(*origin));
}

static bool origin_equals(const coi_origin_t *a, const coi_origin_t *b)
{
	return *a == *b;
}

static void account_init(account_t *account, coi_origin_t origin,
						 const coi_open_budget_limits_t *limits, uint64_t now)
{
	*account = (account_t){
		.origin = origin,
		.level = limits->burst * 1000ULL,
		.filled = now,
		.limits = *limits,
	};
}

static void refill(account_t *account, uint64_t now)
{
	uint64_t full = account->limits.burst * 1000ULL;

	if (now > account->filled)
	{
		account->level = min(full, account->level + (now - account->filled) *
								   account->limits.rate);
		account->filled = now;
	}
}

static coi_reason_t check(account_t *account, uint64_t now)
{
	refill(account, now);
	return account->open >= account->limits.half_open ? COI_OWN_HALF_OPEN :
		   account->level < 1000 ? COI_OWN_RATE : COI_OK;
}

static void take(account_t *account)
{
	account->open++;
	account->level -= 1000;
}

static void give_back(account_t *account, bool unused)
{
	account->open--;
	if (unused)
	{
		account->level = min(account->limits.burst * 1000ULL,
							 account->level + 1000);
	}
}

/** What an origin may have, or root's counterpart, all others together. */
static coi_open_budget_limits_t share_of(private_coi_open_budget_t *this,
										 coi_origin_t origin)
{
	const coi_open_budget_limits_t *all = &this->all.limits;

	return (coi_open_budget_limits_t){
		.half_open = coi_origin_share(origin, all->half_open, this->share),
		.rate = coi_origin_share(origin, all->rate, this->share),
		.burst = coi_origin_share(origin, all->burst, this->share),
	};
}

static void sweep(private_coi_open_budget_t *this, uint64_t now)
{
	enumerator_t *enumerator;
	account_t *account;

	this->swept = now;
	enumerator = this->accounts->create_enumerator(this->accounts);
	while (enumerator->enumerate(enumerator, NULL, &account))
	{
		refill(account, now);
		if (!account->open && account->level == account->limits.burst * 1000ULL)
		{
			this->accounts->remove_at(this->accounts, enumerator);
			free(account);
		}
	}
	enumerator->destroy(enumerator);
}

/** Whether the limit is to be told, which is not done for each opening. */
static bool is_told(private_coi_open_budget_t *this, uint64_t now, u_int *count)
{
	this->untold++;
	if (this->told && now < this->told + QUIET)
	{
		return FALSE;
	}
	this->told = now;
	*count = this->untold;
	this->untold = 0;
	return TRUE;
}

static void log_refused(coi_origin_t origin, coi_reason_t reason, u_int count)
{
	char who[64] = "";

	if (origin < COI_ORIGIN_UNKNOWN)
	{
		snprintf(who, sizeof(who), ", the last one for user %u", (u_int)origin);
	}
	DBG1(DBG_IKE, "%u COI session%s not opened%s: charon.plugins.coi.%s, of "
		 "which one user has own_share, see coi.conf(5)", count,
		 count == 1 ? "" : "s", who, reason == COI_OWN_RATE ?
		 "own_rate and own_burst allow no more" :
		 "own_half_open are being opened");
}

METHOD(coi_open_budget_t, begin, coi_reason_t,
	private_coi_open_budget_t *this, coi_origin_t origin, uint64_t now)
{
	coi_reason_t reason;
	coi_open_budget_limits_t limits;
	account_t *account, fresh;
	u_int count = 0;

	if (origin == COI_ORIGIN_SELF)
	{
		return COI_OK;
	}
	this->mutex->lock(this->mutex);
	if (now > this->swept + SWEEP)
	{
		sweep(this, now);
	}
	account = this->accounts->get(this->accounts, &origin);
	if (!account)
	{
		limits = share_of(this, origin);
		account_init(&fresh, origin, &limits, now);
		account = &fresh;
	}
	reason = check(account, now) ?: check(&this->all, now);
	if (reason == COI_OK && origin != COI_ORIGIN_ROOT)
	{
		reason = check(&this->others, now);
	}
	if (reason == COI_OK)
	{
		if (account == &fresh)
		{
			account = malloc_thing(account_t);
			*account = fresh;
			this->accounts->put(this->accounts, &account->origin, account);
		}
		take(account);
		take(&this->all);
		if (origin != COI_ORIGIN_ROOT)
		{
			take(&this->others);
		}
	}
	else if (!is_told(this, now, &count))
	{
		count = 0;
	}
	this->mutex->unlock(this->mutex);
	if (count)
	{
		log_refused(origin, reason, count);
	}
	return reason;
}

static void finish(private_coi_open_budget_t *this, coi_origin_t origin,
				   bool unused)
{
	account_t *account;

	if (origin == COI_ORIGIN_SELF)
	{
		return;
	}
	this->mutex->lock(this->mutex);
	account = this->accounts->get(this->accounts, &origin);
	if (account && account->open)
	{
		give_back(account, unused);
		give_back(&this->all, unused);
		if (origin != COI_ORIGIN_ROOT)
		{
			give_back(&this->others, unused);
		}
	}
	this->mutex->unlock(this->mutex);
}

METHOD(coi_open_budget_t, end, void,
	private_coi_open_budget_t *this, coi_origin_t origin)
{
	finish(this, origin, FALSE);
}

METHOD(coi_open_budget_t, cancel, void,
	private_coi_open_budget_t *this, coi_origin_t origin)
{
	finish(this, origin, TRUE);
}

METHOD(coi_open_budget_t, count, u_int,
	private_coi_open_budget_t *this)
{
	u_int count;

	this->mutex->lock(this->mutex);
	count = this->all.open;
	this->mutex->unlock(this->mutex);
	return count;
}

METHOD(coi_open_budget_t, origins, u_int,
	private_coi_open_budget_t *this)
{
	u_int count;

	this->mutex->lock(this->mutex);
	count = this->accounts->get_count(this->accounts);
	this->mutex->unlock(this->mutex);
	return count;
}

METHOD(coi_open_budget_t, destroy, void,
	private_coi_open_budget_t *this)
{
	enumerator_t *enumerator;
	account_t *account;

	enumerator = this->accounts->create_enumerator(this->accounts);
	while (enumerator->enumerate(enumerator, NULL, &account))
	{
		this->accounts->remove_at(this->accounts, enumerator);
		free(account);
	}
	enumerator->destroy(enumerator);
	this->accounts->destroy(this->accounts);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_open_budget_t *coi_open_budget_create(
									const coi_open_budget_limits_t *limits)
{
	private_coi_open_budget_t *this;
	coi_open_budget_limits_t others;

	INIT(this,
		.public = {
			.begin = _begin,
			.end = _end,
			.cancel = _cancel,
			.count = _count,
			.origins = _origins,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.accounts = hashtable_create((hashtable_hash_t)origin_hash,
									 (hashtable_equals_t)origin_equals, 8),
		.share = limits->share,
	);
	account_init(&this->all, COI_ORIGIN_SELF, limits, 0);
	/* they leave to root what root leaves to them */
	others = share_of(this, COI_ORIGIN_ROOT);
	account_init(&this->others, COI_ORIGIN_SELF, &others, 0);
	return &this->public;
}
