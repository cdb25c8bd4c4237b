/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>

#include "coi_session_private.h"
#include "coi_frame.h"

#include <utils/debug.h>

/** doubling beyond is pointless and would overflow */
#define MAX_SHIFT 12

coi_action_t *coi_actions_add(coi_actions_t *actions, coi_action_type_t type)
{
	coi_action_t *action;

	/* no step adds more than half of what there is space for */
	action = &actions->list[min(actions->count, COI_MAX_ACTIONS - 1)];
	*action = (coi_action_t){ .type = type };
	actions->count = min(actions->count + 1, COI_MAX_ACTIONS);
	return action;
}

void coi_actions_send(coi_actions_t *actions, const coi_session_t *this)
{
	coi_action_t *action = coi_actions_add(actions, COI_ACT_SEND);

	action->datagrams = this->datagrams;
	action->count = this->datagram_count;
}

void coi_actions_lend(coi_actions_t *actions, coi_session_t *this,
					  coi_action_type_t type, chunk_t datagram)
{
	coi_action_t *action = coi_actions_add(actions, type);

	chunk_free(&this->lent);
	this->lent = datagram;
	action->datagrams = &this->lent;
	action->count = 1;
}

void coi_actions_timer(coi_actions_t *actions, u_int delay)
{
	coi_actions_add(actions, COI_ACT_TIMER)->delay = delay;
}

void coi_session_enter(coi_session_t *this, coi_event_type_t event,
					   coi_state_t state)
{
	if (!coi_fsm_may_move(this->initiator, this->state, event, state))
	{	/* a bug: a session in no defined state must not go on */
		DBG1(DBG_IKE, "COI session %.16"PRIx64"_i %.16"PRIx64"_r must not go "
			 "from %N to %N on %N", this->spi_i, this->spi_r, coi_state_names,
			 this->state, coi_state_names, state, coi_event_names, event);
		state = COI_CLOSED;
	}
	DBG1(DBG_IKE, "COI session %.16"PRIx64"_i %.16"PRIx64"_r: %N => %N on %N",
		 this->spi_i, this->spi_r, coi_state_names, this->state,
		 coi_state_names, state, coi_event_names, event);
	this->state = state;
}

void coi_session_fail(coi_session_t *this, coi_event_type_t event,
					  coi_reason_t reason, coi_actions_t *actions)
{
	coi_session_enter(this, event, COI_CLOSED);
	actions->count = 0;
	coi_actions_add(actions, COI_ACT_CLOSED)->reason = reason;
}

/**
 * How long to wait for an answer to what was sent or repeated last.
 */
static u_int backoff(const coi_session_t *this)
{
	if (this->tries >= this->timing.tries)
	{
		return this->timing.last;
	}
	return this->timing.first << min(this->tries, MAX_SHIFT);
}

void coi_session_transmit(coi_session_t *this, chunk_t *datagrams, u_int count,
						  coi_actions_t *actions)
{
	coi_datagrams_clear(&this->datagrams, &this->datagram_count);
	this->datagrams = datagrams;
	this->datagram_count = count;
	this->tries = 0;
	this->answer_after = 0;
	coi_actions_send(actions, this);
	coi_actions_timer(actions, backoff(this));
}

/**
 * Tell the peer that the session, or communities of it, end.
 */
static void send_term(coi_session_t *this, coi_term_t term, const char *text,
					  const uint16_t *indexes, u_int count,
					  coi_actions_t *actions)
{
	coi_header_t header = coi_session_header(this, COI_PDU_TERM);
	chunk_t datagram;

	if (coi_idle_term_make_term(&this->control, &header, this->val->key, term, text,
								indexes, count, &datagram))
	{
		coi_actions_lend(actions, this, COI_ACT_SEND, datagram);
	}
}

void coi_session_refuse(coi_session_t *this, coi_event_type_t event,
						coi_reason_t reason, coi_actions_t *actions)
{
	send_term(this, coi_reason_term(reason), NULL, NULL, 0, actions);
	coi_session_enter(this, event, COI_CLOSED);
	coi_actions_add(actions, COI_ACT_CLOSED)->reason = reason;
}

void coi_session_retransmit(coi_session_t *this, coi_actions_t *actions)
{
	coi_reason_t reason = COI_TIMEOUT;

	if (this->tries >= this->timing.tries)
	{
		if (this->state == COI_OPEN)
		{	/* its SAs are there, so is the peer; what was missing is an IDLE */
			reason = COI_NO_ESP;
		}
		if (this->state == COI_OPEN || this->state == COI_PENDING_PROOF)
		{	/* the peer may have its SAs, and use them */
			send_term(this, COI_TERM_FAILED, NULL, NULL, 0, actions);
		}
		coi_session_enter(this, COI_EV_TIMER, COI_CLOSED);
		coi_actions_add(actions, COI_ACT_CLOSED)->reason = reason;
		return;
	}
	this->tries++;
	coi_actions_send(actions, this);
	coi_actions_timer(actions, backoff(this));
}

bool coi_session_may_answer(coi_session_t *this, const coi_event_t *event)
{
	if (event->now < this->answer_after)
	{
		return FALSE;
	}
	this->answer_after = event->now + this->timing.pause;
	return TRUE;
}

coi_header_t coi_session_header(const coi_session_t *this, coi_pdu_type_t type)
{
	return (coi_header_t){
		.type = type,
		.suite = this->suite->id,
		.count = 1,
		.spi_i = this->spi_i,
		.spi_r = type == COI_PDU_SESS0 ? 0 : this->spi_r,
	};
}

bool coi_session_make_idle(coi_session_t *this, uint32_t age, chunk_t *datagram)
{
	coi_header_t header = coi_session_header(this, COI_PDU_IDLE);

	this->own_idle.age = age;
	return coi_idle_term_make_idle(&this->control, &header, &this->own_idle,
								   datagram);
}

coi_reason_t coi_session_collect(coi_session_t *this, const coi_event_t *event,
								 chunk_t gate, chunk_t *message)
{
	coi_segments_t *segments = &this->exchange->segments;
	coi_reason_t reason;
	chunk_t body;

	*message = chunk_empty;
	reason = coi_frame_verify(this->suite, event->header, gate, 0,
							  event->datagram, &body);
	if (reason == COI_OK)
	{
		reason = coi_segments_add(segments, event->header, body);
	}
	if (reason == COI_OK && !coi_segments_join(segments, message))
	{
		*message = chunk_empty;
	}
	return reason;
}

coi_reason_t coi_session_repeats(const coi_session_t *this,
								 const coi_event_t *event)
{
	coi_reason_t reason;
	chunk_t gate, body;

	if (!this->seen.count)
	{
		return COI_STATE;
	}
	gate = chunk_create((uint8_t*)this->seen_gate, this->suite->hash_len);
	reason = coi_frame_verify(this->suite, event->header, gate, 0,
							  event->datagram, &body);
	if (reason == COI_OK && !coi_seen_has(&this->seen, event->header))
	{
		reason = COI_SEGMENT;
	}
	return reason;
}

void coi_session_accepted(coi_session_t *this, chunk_t gate)
{
	coi_seen_set(&this->seen, &this->exchange->segments);
	memcpy(this->seen_gate, gate.ptr, min(gate.len, sizeof(this->seen_gate)));
}

bool coi_session_draw_id(uint64_t *id)
{
	do
	{
		if (!coi_suite_random((uint8_t*)id, sizeof(*id)))
		{
			return FALSE;
		}
	}
	while (!*id);
	return TRUE;
}

coi_session_t *coi_session_alloc(bool initiator, const coi_suite_t *suite,
								 coi_profile_t *profile,
								 const coi_timing_t *timing,
								 const coi_addresses_t *addresses)
{
	coi_session_t *this;

	INIT(this,
		.initiator = initiator,
		.state = COI_CREATED,
		.suite = suite,
		.profile = coi_profile_get_ref(profile),
		.timing = *timing,
		.addresses = *addresses,
	);
	INIT(this->exchange);
	return this;
}

/**
 * The peer proved that it has the keys: what it may have asked to be repeated, it
 * has.
 */
static void forget_messages(coi_session_t *this)
{
	coi_datagrams_clear(&this->datagrams, &this->datagram_count);
	coi_seen_clear(&this->seen);
	memwipe(this->seen_gate, sizeof(this->seen_gate));
}

/**
 * The peer wants to know whether its IDLE gets through, and ours.
 */
static void answer_idle(coi_session_t *this, const coi_event_t *event,
						coi_actions_t *actions)
{
	chunk_t idle;

	if (this->peer_idle.answer && coi_session_may_answer(this, event) &&
		coi_session_make_idle(this, (event->now - this->opened) / 1000, &idle))
	{
		coi_actions_lend(actions, this, COI_ACT_SEND_TUNNEL, idle);
	}
}

static coi_reason_t handle_idle(coi_session_t *this, const coi_event_t *event,
								coi_actions_t *actions)
{
	coi_reason_t reason;
	chunk_t idle;

	reason = coi_idle_term_open_idle(&this->control, event->header,
									 event->datagram, &this->peer_idle);
	if (reason != COI_OK)
	{
		return reason;
	}
	forget_messages(this);
	if (this->confirmed)
	{
		coi_actions_add(actions, COI_ACT_ALIVE);
		answer_idle(this, event, actions);
		return COI_OK;
	}
	this->confirmed = TRUE;
	coi_actions_add(actions, COI_ACT_INSTALL_OUT);
	if (!this->initiator || this->peer_idle.answer)
	{	/* with it the peer forgets what it would repeat */
		if (!coi_session_make_idle(this, (event->now - this->opened) / 1000,
								   &idle))
		{
			coi_session_fail(this, event->type, COI_INTERNAL, actions);
			return COI_OK;
		}
		coi_actions_lend(actions, this, COI_ACT_SEND_TUNNEL, idle);
	}
	coi_actions_add(actions, COI_ACT_ESTABLISHED);
	coi_actions_timer(actions, 0);
	return COI_OK;
}

/**
 * Go on without some communities. FALSE if none would be left, or if it is not
 * about some: then nothing has changed, and the session is to be closed.
 */
static bool drop(coi_session_t *this, const uint16_t *indexes, u_int count)
{
	if (!count ||
		!coi_agreement_uses_others(&this->agreement, indexes, count))
	{
		return FALSE;
	}
	coi_agreement_drop(&this->agreement, indexes, count);
	return TRUE;
}

static coi_reason_t handle_term(coi_session_t *this, const coi_event_t *event,
								coi_actions_t *actions)
{
	coi_action_type_t type = COI_ACT_DROPPED;
	coi_term_body_t *farewell;
	coi_action_t *action;
	coi_reason_t reason;

	INIT(farewell);
	reason = coi_idle_term_open_term(&this->control, event->header,
									 event->datagram,
									 coi_session_peer_val(this),
									 this->agreement.count, farewell);
	if (reason != COI_OK)
	{
		free(farewell);
		return reason;
	}
	free(this->farewell);
	this->farewell = farewell;
	if (!drop(this, farewell->indexes, farewell->index_count))
	{
		coi_session_enter(this, event->type, COI_CLOSED);
		type = COI_ACT_CLOSED;
	}
	action = coi_actions_add(actions, type);
	action->term = farewell->term;
	action->text = farewell->text;
	return COI_OK;
}

static coi_reason_t handle_close(coi_session_t *this, const coi_event_t *event,
								 coi_actions_t *actions)
{
	u_int count = event->index_count;

	if (count && this->state != COI_OPEN)
	{
		return COI_STATE;
	}
	if (!coi_idle_term_may_name(event->indexes, count, this->agreement.count))
	{
		return COI_INTERNAL;
	}
	if (!drop(this, event->indexes, count))
	{
		count = 0;
	}
	/* a key that was removed is not to be used any longer, so what ends does so
	 * even if it cannot be told */
	if (event->tell &&
		(this->state == COI_OPEN || this->state == COI_PENDING_PROOF))
	{
		send_term(this, event->term, event->text, event->indexes, count,
				  actions);
	}
	if (count)
	{
		coi_actions_add(actions, COI_ACT_DROPPED);
	}
	else
	{
		coi_session_enter(this, event->type, COI_CLOSED);
		coi_actions_add(actions, COI_ACT_CLOSED);
	}
	return COI_OK;
}

static coi_reason_t handle_timer(coi_session_t *this, coi_actions_t *actions)
{
	if (this->state == COI_PENDING_OPEN && !this->initiator)
	{
		coi_session_resp_timer(this, actions);
	}
	else if ((this->state == COI_PENDING_FINAL && this->initiator) ||
			 (this->state == COI_PENDING_PROOF && !this->initiator))
	{	/* whoever drives us never allocated, or identified */
		coi_session_fail(this, COI_EV_TIMER, COI_TIMEOUT, actions);
	}
	else if (!this->confirmed)
	{
		coi_session_retransmit(this, actions);
	}
	return COI_OK;
}

/**
 * Steps 2 and 4 of section 14.2; the address is the caller's to check.
 */
static coi_reason_t check_session(const coi_session_t *this,
								  const coi_event_t *event)
{
	bool any_spi_r;

	switch (event->type)
	{
		case COI_EV_SESS1:
		case COI_EV_SESS2:
		case COI_EV_SESS3:
		case COI_EV_IDLE:
		case COI_EV_TERM:
			/* an initiator learns spi_r from Sess1 */
			any_spi_r = this->initiator && !this->spi_r;
			if (event->header->spi_i != this->spi_i ||
				(event->header->spi_r != this->spi_r && !any_spi_r))
			{
				return COI_UNKNOWN_SESSION;
			}
			break;
		case COI_EV_SESS0:
			if (event->header->spi_i != this->spi_i)
			{
				return COI_UNKNOWN_SESSION;
			}
			break;
		default:
			return coi_fsm_allowed(this->initiator, this->state,
								   event->type) ? COI_OK : COI_STATE;
	}
	if (!coi_fsm_allowed(this->initiator, this->state, event->type))
	{
		return COI_STATE;
	}
	return event->header->suite == this->suite->id ? COI_OK : COI_SUITE;
}

coi_reason_t coi_session_step(coi_session_t *this, const coi_event_t *event,
							  coi_actions_t *actions)
{
	coi_reason_t reason;

	actions->count = 0;
	reason = check_session(this, event);
	if (reason != COI_OK)
	{
		return reason;
	}
	switch (event->type)
	{
		case COI_EV_OPEN:
			return coi_session_init_open(this, event, actions);
		case COI_EV_SESS0:
			return coi_session_resp_sess0(this, event, actions);
		case COI_EV_SESS1:
			return coi_session_init_sess1(this, event, actions);
		case COI_EV_SESS2:
			return coi_session_resp_sess2(this, event, actions);
		case COI_EV_SESS3:
			return coi_session_init_sess3(this, event, actions);
		case COI_EV_IDENTIFIED:
			return coi_session_take_identified(this, event, actions);
		case COI_EV_IDLE:
			return handle_idle(this, event, actions);
		case COI_EV_TERM:
			return handle_term(this, event, actions);
		case COI_EV_ALLOCATED:
			return this->initiator ?
					coi_session_init_allocated(this, event, actions) :
					coi_session_resp_allocated(this, event, actions);
		case COI_EV_TIMER:
			return handle_timer(this, actions);
		case COI_EV_CLOSE:
			return handle_close(this, event, actions);
		default:
			return COI_STATE;
	}
}

bool coi_session_resolve(coi_session_t *this, const coi_itself_t *here,
						 const coi_itself_t *there)
{
	return coi_agreement_resolve(&this->agreement, this->profile, here, there);
}

void coi_session_wipe_in(coi_session_t *this)
{
	u_int i;

	for (i = 0; i < this->agreement.count; i++)
	{
		chunk_clear(&this->agreement.list[i].encr_in);
		chunk_clear(&this->agreement.list[i].integ_in);
	}
}

void coi_session_wipe_out(coi_session_t *this)
{
	u_int i;

	for (i = 0; i < this->agreement.count; i++)
	{
		chunk_clear(&this->agreement.list[i].encr_out);
		chunk_clear(&this->agreement.list[i].integ_out);
	}
}

void coi_session_set_user(coi_session_t *this, const coi_user_t *user)
{
	coi_user_clear(&this->own_user);
	this->own_user = coi_user_clone(user);
}

coi_reason_t coi_session_idle(coi_session_t *this, const coi_idle_t *idle,
							  chunk_t *datagram)
{
	bool made;

	*datagram = chunk_empty;
	if (this->state != COI_OPEN || !this->confirmed)
	{
		return COI_STATE;
	}
	this->own_idle = *idle;
	made = coi_session_make_idle(this, idle->age, datagram);
	/* what is said again is an answer itself */
	this->own_idle.answer = FALSE;
	return made ? COI_OK : COI_INTERNAL;
}

void coi_session_destroy(coi_session_t *this)
{
	if (this)
	{
		coi_exchange_destroy(this->exchange);
		coi_agreement_clear(&this->agreement);
		coi_datagrams_clear(&this->datagrams, &this->datagram_count);
		coi_seen_clear(&this->seen);
		chunk_free(&this->peer_id);
		coi_user_clear(&this->peer_user);
		coi_user_clear(&this->own_user);
		coi_grant_clear(&this->grant);
		chunk_free(&this->lent);
		free(this->farewell);
		coi_val_destroy(this->val);
		coi_profile_destroy(this->profile);
		memwipe(this, sizeof(*this));
		free(this);
	}
}
