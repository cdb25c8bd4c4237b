/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_screen.h"
#include "coi_frame.h"
#include "coi_session_private.h"

struct coi_screen_t {
	bool initiator;
	coi_state_t state;
	const coi_suite_t *suite;
	uint64_t spi_i;
	uint64_t spi_r;
	/** gate keys, suite->hash_len octets each: the one of the message that is
	 * expected next (of Sess1 all that it may have), and of which message */
	chunk_t next;
	coi_event_type_t next_type;
	/** that of the message accepted last, to know its repeats by */
	chunk_t seen;
	/** that of IDLE and TERM */
	chunk_t control;
	refcount_t refcount;
};

/**
 * Find the gate keys of the message that the session waits for, borrowed.
 */
static chunk_t find_next(const coi_session_t *session, coi_event_type_t *type)
{
	coi_exchange_t *exchange = session->exchange;
	size_t len = session->suite->hash_len;

	switch (exchange ? session->state : COI_CREATED)
	{
		case COI_PENDING_OPEN:
			*type = COI_EV_SESS1;
			return session->initiator ?
						chunk_create(exchange->gates, exchange->keys->count * len) :
						chunk_empty;
		case COI_PENDING_FINAL:
			*type = COI_EV_SESS2;
			return session->initiator ? chunk_empty :
						chunk_create(exchange->keymat.gate2, len);
		case COI_PENDING_PROOF:
			*type = COI_EV_SESS3;
			return !session->initiator || exchange->complete ? chunk_empty :
						chunk_create(exchange->keymat.gate3, len);
		default:
			*type = COI_EV_MAX;
			return chunk_empty;
	}
}

coi_screen_t *coi_screen_create(const coi_session_t *session)
{
	size_t len = session->suite->hash_len;
	coi_screen_t *this;

	INIT(this,
		.initiator = session->initiator,
		.state = session->state,
		.suite = session->suite,
		.spi_i = session->spi_i,
		.spi_r = session->spi_r,
		.refcount = 1,
	);
	this->next = chunk_clone(find_next(session, &this->next_type));
	if (session->seen.count)
	{
		this->seen = chunk_clone(chunk_create((uint8_t*)session->seen_gate,
											  len));
	}
	if (session->state == COI_PENDING_PROOF || session->state == COI_OPEN)
	{
		this->control = chunk_clone(chunk_create(
							(uint8_t*)session->control.keys.tag_in, len));
	}
	return this;
}

coi_screen_t *coi_screen_get_ref(coi_screen_t *this)
{
	ref_get(&this->refcount);
	return this;
}

coi_reason_t coi_screen_admits(const coi_screen_t *this, coi_event_type_t type,
							   const coi_header_t *header)
{
	bool any_spi_r = type == COI_EV_SESS0 || (this->initiator && !this->spi_r);

	if (header->spi_i != this->spi_i ||
		(header->spi_r != this->spi_r && !any_spi_r))
	{
		return COI_UNKNOWN_SESSION;
	}
	if (this->initiator ? type == COI_EV_SESS0 || type == COI_EV_SESS2
						: type == COI_EV_SESS1 || type == COI_EV_SESS3)
	{
		return COI_UNKNOWN_SESSION;
	}
	return coi_fsm_allowed(this->initiator, this->state, type) ? COI_OK
															   : COI_STATE;
}

coi_reason_t coi_screen_verify(const coi_screen_t *this, coi_event_type_t type,
							   const coi_header_t *header, chunk_t datagram)
{
	bool control = type == COI_EV_IDLE || type == COI_EV_TERM;
	size_t len = this->suite->hash_len, i;
	coi_reason_t reason = COI_TAG;
	chunk_t keys = this->seen, body;

	if (header->suite != this->suite->id)
	{
		return COI_SUITE;
	}
	if (control)
	{
		keys = this->control;
	}
	else if (type == this->next_type)
	{
		keys = this->next;
	}
	if (!keys.len)
	{
		return COI_STATE;
	}
	for (i = 0; i + len <= keys.len && reason == COI_TAG; i += len)
	{
		reason = coi_frame_verify(this->suite, header,
								  chunk_create(keys.ptr + i, len),
								  control ? COI_SEQ_LEN : 0, datagram, &body);
	}
	return reason;
}

void coi_screen_destroy(coi_screen_t *this)
{
	if (this && ref_put(&this->refcount))
	{
		chunk_clear(&this->next);
		chunk_clear(&this->seen);
		chunk_clear(&this->control);
		free(this);
	}
}
