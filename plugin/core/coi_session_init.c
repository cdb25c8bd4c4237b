/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"
#include "coi_frame.h"
#include "coi_sess0.h"

coi_session_t *coi_session_create(coi_profile_t *profile, coi_keyset_t *keys,
								  const coi_timing_t *timing,
								  const coi_addresses_t *addresses)
{
	coi_session_t *this;
	u_int i;

	if (!keys->count)
	{
		return NULL;
	}
	for (i = 1; i < keys->count; i++)
	{
		if (keys->keys[i]->suite != keys->keys[0]->suite)
		{
			return NULL;
		}
	}
	this = coi_session_alloc(TRUE, keys->keys[0]->suite, profile, timing,
							 addresses);
	this->exchange->keys = coi_keyset_get_ref(keys);
	if (!coi_session_draw_id(&this->spi_i) ||
		!coi_suite_random(this->nonce_i, sizeof(this->nonce_i)))
	{
		coi_session_destroy(this);
		return NULL;
	}
	return this;
}

bool coi_session_draw_below(coi_session_t *this, uint64_t limit)
{
	uint64_t id;

	if (!this->initiator || this->state != COI_CREATED || limit < 2 ||
		!coi_session_draw_id(&id))
	{
		return FALSE;
	}
	this->spi_i = id % (limit - 1) + 1;
	return TRUE;
}

/**
 * Make ENC, and VAL if there is none yet.
 *
 * @return			VAL, NULL if that failed
 */
static coi_val_t *make_token(const coi_session_t *this, coi_token_t *token)
{
	coi_val_t *val;

	val = this->val ? coi_val_get_ref(this->val) : coi_val_create(this->suite);
	if (val && !coi_suite_random(token->enc, sizeof(token->enc)))
	{
		coi_val_destroy(val);
		return NULL;
	}
	if (val)
	{
		memcpy(token->val, val->public, sizeof(token->val));
	}
	return val;
}

/**
 * Make the Sess1 gate keys of all keys offered, so that a forged Sess1 costs no
 * derivation.
 */
static uint8_t *make_gates(const coi_session_t *this, const coi_token_t *token)
{
	const coi_keyset_t *keys = this->exchange->keys;
	size_t len = this->suite->hash_len;
	chunk_t gates;
	u_int i;

	gates = chunk_alloc(keys->count * len);
	for (i = 0; i < keys->count; i++)
	{
		if (!coi_token_gate1(keys->keys[i],
							 chunk_create((uint8_t*)token->enc, COI_ENC_LEN),
							 chunk_create((uint8_t*)this->nonce_i,
										  COI_NONCE_LEN),
							 coi_nth(gates, len, i).ptr))
		{
			chunk_clear(&gates);
			return NULL;
		}
	}
	return gates.ptr;
}

coi_reason_t coi_session_init_open(coi_session_t *this,
								   const coi_event_t *event,
								   coi_actions_t *actions)
{
	coi_exchange_t *exchange = this->exchange;
	coi_token_t token = {};
	coi_sess0_opening_t opening = {
		.suite = this->suite,
		.spi_i = this->spi_i,
		.time = event->wall,
		.to = chunk_from_thing(this->addresses.seen.addr),
		.nonce = chunk_from_thing(this->nonce_i),
		.token = &token,
	};
	uint8_t *gates = NULL;
	chunk_t *datagrams;
	coi_val_t *val;
	u_int count;

	val = make_token(this, &token);
	if (val)
	{
		gates = make_gates(this, &token);
	}
	if (!gates || !coi_sess0_make_all(&opening, exchange->keys, &datagrams,
									  &count))
	{
		if (gates)
		{
			memwipe(gates, exchange->keys->count * this->suite->hash_len);
			free(gates);
		}
		coi_val_destroy(val);
		memwipe(&token, sizeof(token));
		return COI_INTERNAL;
	}
	coi_val_destroy(this->val);
	this->val = val;
	exchange->gates = gates;
	exchange->token_i = token;
	memwipe(&token, sizeof(token));
	coi_session_enter(this, event->type, COI_PENDING_OPEN);
	coi_session_transmit(this, datagrams, count, actions);
	return COI_OK;
}

/**
 * Verify and store a segment; any key offered may be the one of its gate.
 *
 * @param gate			receives the gate key that fits
 */
static coi_reason_t collect(coi_session_t *this, const coi_event_t *event,
							chunk_t *gate, chunk_t *message)
{
	coi_reason_t reason = COI_TAG;
	u_int i;

	for (i = 0; i < this->exchange->keys->count && reason == COI_TAG; i++)
	{
		*gate = coi_session_gate1(this, i);
		reason = coi_session_collect(this, event, *gate, message);
	}
	return reason;
}

/**
 * Take over what has been verified.
 */
static void accept_answer(coi_session_t *this, const coi_event_t *event,
						  chunk_t gate, coi_sess1_t *answer)
{
	coi_exchange_t *exchange = this->exchange;

	coi_session_accepted(this, gate);
	coi_segments_clear(&exchange->segments);
	/* Sess0 was answered and needs no repeat */
	coi_datagrams_clear(&this->datagrams, &this->datagram_count);
	this->spi_r = answer->header.spi_r;
	memcpy(this->peer_val, answer->token.val, sizeof(this->peer_val));
	this->peer_id_type = answer->info.id_type;
	this->peer_id = answer->info.id;
	answer->info.id = chunk_empty;
	this->peer_start = answer->info.start;
	this->peer_user = answer->info.user;
	answer->info.user = (coi_user_t){};
	this->peer_addresses = answer->info.addresses;
	this->agreement = answer->agreement;
	answer->agreement = (coi_agreement_t){};
	exchange->keymat = answer->keymat;
	exchange->z = answer->z;
	answer->z = chunk_empty;
	exchange->third = answer->info.rounds & COI_ROUND_SESS3;
	exchange->asked = answer->info.rounds & COI_ROUND_PROVE;
	exchange->asks = this->profile->demands;
	coi_session_tie(this, COI_TIE_VAL_I, exchange->token_i.val);
	coi_session_tie(this, COI_TIE_VAL_R, this->peer_val);
	coi_session_tie(this, COI_TIE_DH_R, answer->plain.ptr);
	coi_session_tie(this, COI_TIE_DH_I, answer->value.ptr);
	coi_session_enter(this, event->type, COI_PENDING_FINAL);
}

/**
 * A Sess1 in OPEN: the responder did not get our Sess2.
 */
static coi_reason_t repeat_sess2(coi_session_t *this, const coi_event_t *event,
								 coi_actions_t *actions)
{
	coi_reason_t reason;

	reason = coi_session_repeats(this, event);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (coi_session_may_answer(this, event))
	{
		coi_actions_send(actions, this);
	}
	else
	{
		coi_actions_add(actions, COI_ACT_ALIVE);
	}
	return COI_OK;
}

coi_reason_t coi_session_init_sess1(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions)
{
	coi_sess1_t answer;
	chunk_t message, gate = chunk_empty;
	coi_reason_t reason;

	if (this->state == COI_OPEN || this->state == COI_PENDING_PROOF)
	{
		return repeat_sess2(this, event, actions);
	}
	reason = collect(this, event, &gate, &message);
	if (reason != COI_OK || !message.len)
	{
		return reason;
	}
	reason = coi_sess1_open(this, event->header, message, &answer);
	if (reason == COI_OK)
	{
		accept_answer(this, event, gate, &answer);
		coi_actions_add(actions, COI_ACT_ALLOCATE);
	}
	else
	{
		coi_segments_clear(&this->exchange->segments);
	}
	coi_sess1_clear(&answer);
	chunk_free(&message);
	return reason;
}

coi_reason_t coi_session_init_allocated(coi_session_t *this,
										const coi_event_t *event,
										coi_actions_t *actions)
{
	chunk_t *datagrams;
	u_int count;

	if (event->spi_count != this->agreement.count ||
		!coi_agreement_allocate(&this->agreement, event->spis))
	{
		return COI_INTERNAL;
	}
	if (event->wish && this->exchange->third)
	{
		this->exchange->wish = *event->wish;
	}
	if (!coi_sess2_make(this, event->proof, &datagrams, &count))
	{
		coi_session_fail(this, event->type, COI_INTERNAL, actions);
		return COI_OK;
	}
	if (this->exchange->third)
	{
		this->exchange->asked = FALSE;
		coi_session_await_proof(this, event->type);
		coi_session_transmit(this, datagrams, count, actions);
		return COI_OK;
	}
	coi_exchange_destroy(this->exchange);
	this->exchange = NULL;
	this->opened = event->now;
	coi_session_enter(this, event->type, COI_OPEN);
	coi_actions_add(actions, COI_ACT_INSTALL_IN);
	coi_session_transmit(this, datagrams, count, actions);
	return COI_OK;
}

coi_reason_t coi_session_init_sess3(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions)
{
	coi_exchange_t *exchange = this->exchange;
	coi_reason_t reason;
	coi_sess3_t third;
	chunk_t message, gate3;

	if (this->state == COI_OPEN)
	{
		/* the responder did not get our IDLE */
		return coi_session_answer_again(this, event, actions);
	}
	if (exchange->complete)
	{
		return COI_STATE;
	}
	gate3 = chunk_create(exchange->keymat.gate3, this->suite->hash_len);
	reason = coi_session_collect(this, event, gate3, &message);
	if (reason != COI_OK || !message.len)
	{
		return reason;
	}
	reason = coi_sess3_open(this, event->header, message, &third);
	if (reason == COI_OK)
	{
		coi_session_accepted(this, gate3);
		exchange->keymat = third.keymat;
		coi_proof_move(&exchange->proof, &third.info.proof);
		this->grant = third.info.grant;
		third.info.grant = (coi_grant_t){};
		exchange->complete = TRUE;
		/* Sess2 was answered and needs no repeat */
		coi_datagrams_clear(&this->datagrams, &this->datagram_count);
		coi_actions_timer(actions, 0);
		coi_actions_add(actions, COI_ACT_IDENTIFY);
	}
	coi_segments_clear(&exchange->segments);
	coi_sess3_clear(&third);
	chunk_free(&message);
	return reason;
}

coi_reason_t coi_session_init_identified(coi_session_t *this,
										 const coi_event_t *event,
										 coi_actions_t *actions)
{
	chunk_t idle;

	coi_session_identified(this);
	this->own_idle = (coi_idle_t){};
	if (!coi_keymat_finish(&this->exchange->keymat, TRUE, NULL,
						   this->agreement.list, this->agreement.count) ||
		!coi_session_make_idle(this, 0, &idle))
	{
		coi_session_fail(this, event->type, COI_INTERNAL, actions);
		return COI_OK;
	}
	coi_exchange_destroy(this->exchange);
	this->exchange = NULL;
	this->opened = event->now;
	this->answer_after = 0;
	this->confirmed = TRUE;
	coi_session_enter(this, event->type, COI_OPEN);
	coi_actions_add(actions, COI_ACT_INSTALL_BOTH);
	/* the peer waits for it, and updown scripts may take their time */
	coi_actions_lend(actions, this, COI_ACT_SEND_TUNNEL, idle);
	coi_actions_add(actions, COI_ACT_ESTABLISHED);
	return COI_OK;
}
