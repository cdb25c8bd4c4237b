/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_checkout.h"

coi_checkout_t *coi_checkout_create(coi_session_entry_t *entry)
{
	coi_checkout_t *this;

	INIT(this,
		.entry = entry,
		.spi_i = coi_session_spi_i(entry->session),
		.own_spi = entry->initiator ? coi_session_spi_i(entry->session)
									: coi_session_spi_r(entry->session),
		.checked_out = TRUE,
		.result = coi_opening_result_create(),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);
	return this;
}

void coi_checkout_ignore(coi_checkout_t *this, uint64_t spi_i)
{
	if (!this->ignored || spi_i < this->ignored)
	{
		this->ignored = spi_i;
	}
}

void coi_checkout_rename(coi_checkout_t *this, coi_session_t *session)
{
	if (this->ignored && coi_session_spi_i(session) >= this->ignored &&
		!coi_session_draw_below(session, this->ignored))
	{
		DBG1(DBG_IKE, "the next opening may be ignored by the peer");
	}
	this->own_spi = this->spi_i = coi_session_spi_i(session);
}

void coi_checkout_show(coi_checkout_t *this, coi_screen_t *screen, host_t *idle)
{
	coi_screen_destroy(this->screen);
	this->screen = screen;
	DESTROY_IF(this->idle);
	this->idle = idle;
}

/**
 * Step 3: whether a datagram comes from where the peer is.
 */
static bool is_from_peer(const coi_checkout_t *this, coi_event_type_t type,
						 host_t *src)
{
	switch (type)
	{
		case COI_EV_TERM:
			/* its keys tell whose it is, and whoever has moved sends it from
			 * elsewhere */
			return TRUE;
		case COI_EV_IDLE:
			/* they have a port of their own */
			return this->idle && this->idle->ip_equals(this->idle, src);
		default:
			return this->entry->other->equals(this->entry->other, src);
	}
}

coi_reason_t coi_checkout_admits(const coi_checkout_t *this,
								 coi_event_type_t type,
								 const coi_header_t *header, host_t *src,
								 coi_screen_t **screen)
{
	coi_reason_t reason;

	if (!this->screen)
	{
		return COI_STATE;
	}
	reason = coi_screen_admits(this->screen, type, header);
	if (reason == COI_OK && !is_from_peer(this, type, src))
	{
		reason = COI_ADDRESS;
	}
	if (reason == COI_OK)
	{
		*screen = coi_screen_get_ref(this->screen);
	}
	return reason;
}

/**
 * Whether a datagram may wait as well.
 */
static bool has_room(const coi_checkout_t *this, const coi_work_t *work)
{
	const coi_work_t *current;

	if (this->datagrams >= COI_CHECKOUT_MAX)
	{
		return FALSE;
	}
	for (current = this->first; current; current = current->next)
	{
		if (coi_work_equals(current, work))
		{
			return FALSE;
		}
	}
	return TRUE;
}

coi_checkout_turn_t coi_checkout_take(coi_checkout_t *this, coi_work_t *work,
							 coi_session_entry_t **entry)
{
	/* nobody overtakes those that wait */
	if (!this->checked_out && !this->first)
	{
		this->checked_out = TRUE;
		*entry = this->entry;
		return COI_CHECKOUT_NOW;
	}
	if (work->counted)
	{
		if (!has_room(this, work))
		{
			return COI_CHECKOUT_DROPPED;
		}
		this->datagrams++;
	}
	work->next = NULL;
	if (this->last)
	{
		this->last->next = work;
	}
	else
	{
		this->first = work;
	}
	this->last = work;
	return COI_CHECKOUT_LATER;
}

/**
 * Take the oldest of the works that wait.
 */
static coi_work_t *take_next(coi_checkout_t *this)
{
	coi_work_t *work = this->first;

	if (work)
	{
		this->first = work->next;
		if (!this->first)
		{
			this->last = NULL;
		}
		work->next = NULL;
		this->datagrams -= work->counted;
	}
	return work;
}

coi_work_t *coi_checkout_take_all(coi_checkout_t *this)
{
	coi_work_t *all = this->first;

	this->first = NULL;
	this->last = NULL;
	this->datagrams = 0;
	return all;
}

static void holder_free(coi_checkout_t *this)
{
	coi_work_t *work;

	while ((work = take_next(this)))
	{
		coi_work_destroy(work);
	}
	coi_screen_destroy(this->screen);
	DESTROY_IF(this->idle);
	chunk_clear(&this->enc);
	coi_opening_result_destroy(this->result);
	this->condvar->destroy(this->condvar);
	free(this);
}

coi_session_entry_t *coi_checkout_checkout(coi_checkout_t *this, mutex_t *mutex)
{
	coi_session_entry_t *entry = NULL;

	this->waiting++;
	while (this->checked_out && !this->removed)
	{
		this->condvar->wait(this->condvar, mutex);
	}
	this->waiting--;
	if (!this->removed)
	{
		this->checked_out = TRUE;
		entry = this->entry;
	}
	else if (!this->waiting)
	{
		holder_free(this);
	}
	return entry;
}

coi_session_entry_t *coi_checkout_try_checkout(coi_checkout_t *this,
											   coi_term_t why)
{
	if (this->checked_out)
	{
		this->close = why ?: this->close;
		return NULL;
	}
	this->checked_out = TRUE;
	return this->entry;
}

coi_term_t coi_checkout_checkin(coi_checkout_t *this, coi_work_t **next)
{
	coi_term_t close = this->close;

	*next = NULL;
	this->close = 0;
	if (!close && !this->waiting)
	{	/* threads that wait come first: there are few, and they give it back */
		*next = take_next(this);
	}
	if (!close && !*next)
	{
		this->checked_out = FALSE;
		this->condvar->signal(this->condvar);
	}
	return close;
}

void coi_checkout_destroy(coi_checkout_t *this)
{
	this->removed = TRUE;
	this->entry = NULL;
	if (this->waiting)
	{	/* the last one who waits frees it */
		this->condvar->broadcast(this->condvar);
	}
	else
	{
		holder_free(this);
	}
}
