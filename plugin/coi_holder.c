/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_holder.h"

coi_holder_t *coi_holder_create(coi_entry_t *entry)
{
	coi_holder_t *this;

	INIT(this,
		.entry = entry,
		.spi_i = coi_session_spi_i(entry->session),
		.own_spi = entry->initiator ? coi_session_spi_i(entry->session)
									: coi_session_spi_r(entry->session),
		.half_open = !entry->initiator,
		.checked_out = TRUE,
		.outcome = coi_outcome_create(),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);
	return this;
}

void coi_holder_ignore(coi_holder_t *this, uint64_t spi_i)
{
	if (!this->ignored || spi_i < this->ignored)
	{
		this->ignored = spi_i;
	}
}

void coi_holder_rename(coi_holder_t *this, coi_session_t *session)
{
	if (this->ignored && coi_session_spi_i(session) >= this->ignored &&
		!coi_session_draw_below(session, this->ignored))
	{
		DBG1(DBG_IKE, "the next opening may be ignored by the peer");
	}
	this->own_spi = this->spi_i = coi_session_spi_i(session);
}

static void holder_free(coi_holder_t *this)
{
	coi_outcome_destroy(this->outcome);
	this->condvar->destroy(this->condvar);
	free(this);
}

coi_entry_t *coi_holder_checkout(coi_holder_t *this, mutex_t *mutex)
{
	coi_entry_t *entry = NULL;

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

coi_entry_t *coi_holder_try_checkout(coi_holder_t *this, coi_term_t why)
{
	if (this->checked_out)
	{
		this->close = why ?: this->close;
		return NULL;
	}
	this->checked_out = TRUE;
	return this->entry;
}

coi_term_t coi_holder_checkin(coi_holder_t *this)
{
	coi_term_t close = this->close;

	this->close = 0;
	if (!close)
	{
		this->checked_out = FALSE;
		this->condvar->signal(this->condvar);
	}
	return close;
}

void coi_holder_destroy(coi_holder_t *this)
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
