/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"
#include "coi_frame.h"
#include "coi_sess0.h"

/**
 * Whether a match holds a key of a community that this host takes part in.
 */
static bool has_community(const coi_profile_t *profile,
						  const coi_gate_match_t *match)
{
	u_int i;

	for (i = 0; i < match->count; i++)
	{
		if (coi_profile_find(profile, match->found[i].key->name))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Note the communities of a part's keys; of several generations, the newest.
 */
static void add_keys(coi_session_t *this, const coi_gate_match_t *match)
{
	coi_shared_community_t *common;
	coi_key_t *key;
	u_int i;

	for (i = 0; i < match->count; i++)
	{
		key = match->found[i].key;
		if (!coi_profile_find(this->profile, key->name))
		{
			continue;
		}
		common = coi_agreement_find(&this->agreement, key->name);
		if (!common)
		{
			coi_agreement_add(&this->agreement, key);
		}
		else if (key->generation > common->key->generation)
		{
			coi_key_destroy(common->key);
			common->key = coi_key_get_ref(key);
			common->name = key->name;
		}
	}
}

/**
 * Keep a verified part.
 */
static void add_part(coi_session_t *this, const coi_event_t *event,
					 const coi_sess0_t *sess0, const uint8_t *hash)
{
	coi_part_t *part = &this->exchange->parts[event->header->index];

	part->datagram = chunk_clone(event->datagram);
	memcpy(part->hash, hash, this->suite->hash_len);
	memcpy(part->tags, sess0->tags.ptr, sizeof(part->tags));
	part->present = TRUE;
	add_keys(this, event->match);
}

static bool is_complete(const coi_exchange_t *exchange)
{
	u_int i;

	for (i = 0; i < exchange->part_count; i++)
	{
		if (!exchange->parts[i].present)
		{
			return FALSE;
		}
	}
	return TRUE;
}

/**
 * Go on with the parts that are there.
 */
static bool finish_collection(coi_session_t *this)
{
	coi_exchange_t *exchange = this->exchange;
	chunk_t parts[COI_SESS0_MAX_PARTS];
	u_int count = 0, i;

	for (i = 0; i < exchange->part_count; i++)
	{
		if (exchange->parts[i].present)
		{
			parts[count++] = exchange->parts[i].datagram;
		}
	}
	if (!coi_keymat_start(&exchange->keymat, this->suite, parts, count))
	{
		return FALSE;
	}
	for (i = 0; i < exchange->part_count; i++)
	{
		chunk_free(&exchange->parts[i].datagram);
	}
	for (i = 0; i < this->agreement.count; i++)
	{
		this->agreement.list[i].used = TRUE;
	}
	coi_agreement_sort(&this->agreement);
	exchange->collected = TRUE;
	return TRUE;
}

coi_reason_t coi_session_respond(coi_profile_t *profile,
								 const coi_timing_t *timing,
								 const coi_addresses_t *addresses,
								 const coi_event_t *event,
								 coi_actions_t *actions,
								 coi_session_t **session)
{
	const coi_suite_t *suite;
	coi_exchange_t *exchange;
	uint8_t hash[COI_MAX_HASH];
	coi_session_t *this;
	coi_reason_t reason;
	coi_sess0_t sess0;
	coi_token_t token;

	actions->count = 0;
	*session = NULL;
	if (!has_community(profile, event->match))
	{
		return COI_NO_KEY;
	}
	suite = event->match->found[0].key->suite;
	if (suite->id != event->header->suite)
	{
		return COI_SUITE;
	}
	if (!coi_sess0_view(suite, event->datagram, &sess0))
	{
		return COI_LENGTH;
	}
	reason = coi_sess0_open(suite, &sess0, event->match, &token, FALSE);
	if (reason != COI_OK)
	{
		return reason;
	}
	this = coi_session_alloc(FALSE, suite, profile, timing, addresses);
	exchange = this->exchange;
	this->spi_i = event->header->spi_i;
	memcpy(this->nonce_i, sess0.nonce.ptr, sizeof(this->nonce_i));
	memcpy(this->peer_val, token.val, sizeof(this->peer_val));
	exchange->token_i = token;
	memwipe(&token, sizeof(token));
	exchange->time = sess0.time;
	exchange->part_count = event->header->count;
	exchange->parts = calloc(exchange->part_count, sizeof(*exchange->parts));
	if (!coi_suite_hash(suite, &event->datagram, 1, hash) ||
		!coi_session_draw_id(&this->spi_r))
	{
		coi_session_destroy(this);
		return COI_INTERNAL;
	}
	add_part(this, event, &sess0, hash);
	if (!is_complete(exchange))
	{
		coi_actions_timer(actions, timing->collect);
	}
	else if (finish_collection(this))
	{
		coi_actions_add(actions, COI_ACT_ALLOCATE);
	}
	else
	{
		coi_session_destroy(this);
		return COI_INTERNAL;
	}
	coi_session_enter(this, event->type, COI_PENDING_OPEN);
	*session = this;
	return COI_OK;
}

/**
 * A further part while others are missing.
 */
static coi_reason_t take_part(coi_session_t *this, const coi_event_t *event,
							  const coi_sess0_t *sess0, const uint8_t *hash,
							  coi_actions_t *actions)
{
	coi_exchange_t *exchange = this->exchange;
	coi_token_t token = exchange->token_i;
	coi_reason_t reason;

	if (sess0->time != exchange->time ||
		event->header->count != exchange->part_count ||
		exchange->parts[event->header->index].present ||
		!chunk_equals(sess0->nonce, chunk_from_thing(this->nonce_i)))
	{
		reason = COI_ENTRY;
	}
	else
	{
		reason = coi_sess0_open(this->suite, sess0, event->match, &token, TRUE);
	}
	memwipe(&token, sizeof(token));
	if (reason != COI_OK)
	{
		return reason;
	}
	add_part(this, event, sess0, hash);
	if (is_complete(exchange))
	{
		if (finish_collection(this))
		{
			coi_actions_timer(actions, 0);
			coi_actions_add(actions, COI_ACT_ALLOCATE);
		}
		else
		{
			coi_session_fail(this, event->type, COI_INTERNAL, actions);
		}
	}
	return COI_OK;
}

/**
 * Whether a Sess0 is one of those that made the session, octet for octet.
 */
static bool is_repeat(const coi_session_t *this, const coi_header_t *header,
					  const uint8_t *hash)
{
	const coi_exchange_t *exchange = this->exchange;
	const coi_part_t *part;

	if (header->index >= exchange->part_count)
	{
		return FALSE;
	}
	part = &exchange->parts[header->index];
	return part->present && memeq(part->hash, hash, this->suite->hash_len);
}

coi_reason_t coi_session_resp_sess0(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions)
{
	uint8_t hash[COI_MAX_HASH];
	coi_sess0_t sess0;

	if (!coi_sess0_view(this->suite, event->datagram, &sess0))
	{
		return COI_LENGTH;
	}
	if (!coi_suite_hash(this->suite, &event->datagram, 1, hash))
	{
		return COI_INTERNAL;
	}
	if (is_repeat(this, event->header, hash))
	{
		if (this->state == COI_PENDING_FINAL &&
			coi_session_may_answer(this, event))
		{
			coi_actions_send(actions, this);
		}
		else
		{
			coi_actions_add(actions, COI_ACT_ALIVE);
		}
		return COI_OK;
	}
	if (this->exchange->collected)
	{	/* a part that comes too late */
		return COI_ENTRY;
	}
	return take_part(this, event, &sess0, hash, actions);
}

void coi_session_resp_timer(coi_session_t *this, coi_actions_t *actions)
{
	if (this->exchange->collected)
	{	/* whoever drives us never allocated */
		coi_session_fail(this, COI_EV_TIMER, COI_TIMEOUT, actions);
	}
	else if (finish_collection(this))
	{
		coi_actions_add(actions, COI_ACT_ALLOCATE);
	}
	else
	{
		coi_session_fail(this, COI_EV_TIMER, COI_INTERNAL, actions);
	}
}

coi_reason_t coi_session_resp_allocated(coi_session_t *this,
										const coi_event_t *event,
										coi_actions_t *actions)
{
	chunk_t *datagrams;
	u_int count;

	if (!this->exchange->collected)
	{
		return COI_STATE;
	}
	if (event->spi_count != this->agreement.count ||
		!coi_agreement_allocate(&this->agreement, event->spis))
	{
		return COI_INTERNAL;
	}
	if (!coi_sess1_make(this, &datagrams, &count))
	{
		coi_session_fail(this, event->type, COI_INTERNAL, actions);
		return COI_OK;
	}
	coi_session_enter(this, event->type, COI_PENDING_FINAL);
	coi_session_transmit(this, datagrams, count, actions);
	return COI_OK;
}

/**
 * Take over what has been verified.
 */
static void accept_final(coi_session_t *this, coi_sess2_t *final)
{
	chunk_t gate2 = chunk_create(this->exchange->keymat.gate2,
								 this->suite->hash_len);

	coi_session_accepted(this, gate2);
	/* Sess1 was answered and needs no repeat */
	coi_datagrams_clear(&this->datagrams, &this->datagram_count);
	coi_agreement_clear(&this->agreement);
	this->agreement = final->agreement;
	final->agreement = (coi_agreement_t){};
	this->control = final->control;
	this->peer_id_type = final->info.id_type;
	this->peer_id = final->info.id;
	final->info.id = chunk_empty;
	this->peer_start = final->info.start;
	this->peer_user = final->info.user;
	final->info.user = (coi_user_t){};
	this->peer_addresses = final->info.addresses;
	this->answer_after = 0;
}

/**
 * No Sess3 follows: answer with the first IDLE.
 */
static void open_session(coi_session_t *this, const coi_event_t *event,
						 chunk_t idle, coi_actions_t *actions)
{
	coi_exchange_destroy(this->exchange);
	this->exchange = NULL;
	this->opened = event->now;
	this->confirmed = TRUE;
	coi_session_enter(this, event->type, COI_OPEN);
	coi_actions_add(actions, COI_ACT_INSTALL_BOTH);
	/* the peer waits for it, and updown scripts may take their time */
	coi_actions_lend(actions, this, COI_ACT_SEND_TUNNEL, idle);
	coi_actions_add(actions, COI_ACT_ESTABLISHED);
	coi_actions_timer(actions, 0);
}

/**
 * A Sess3 follows: have the initiator's proof looked at.
 */
static void await_proof(coi_session_t *this, const coi_event_t *event,
						coi_sess2_t *final, coi_actions_t *actions)
{
	coi_exchange_t *exchange = this->exchange;

	coi_session_tie(this, COI_TIE_VAL_I, this->peer_val);
	coi_session_tie(this, COI_TIE_VAL_R, exchange->token_r.val);
	coi_session_tie(this, COI_TIE_DH_I, final->value.ptr);
	exchange->keymat = final->keymat;
	exchange->asked = final->info.rounds & COI_ROUND_PROVE;
	coi_proof_move(&exchange->proof, &final->info.proof);
	exchange->wish = final->info.wish;
	exchange->complete = TRUE;
	coi_session_await_proof(this, event->type);
	coi_actions_timer(actions, 0);
	coi_actions_add(actions, COI_ACT_IDENTIFY);
}

coi_reason_t coi_session_resp_identified(coi_session_t *this,
										 const coi_event_t *event,
										 coi_actions_t *actions)
{
	chunk_t *datagrams;
	u_int count;

	coi_session_identified(this);
	if (event->grant)
	{
		if (!coi_grant_answers(event->grant, &this->exchange->wish,
							   &this->addresses, &this->peer_addresses))
		{
			coi_session_fail(this, event->type, COI_INTERNAL, actions);
			return COI_OK;
		}
		this->grant = coi_grant_clone(event->grant);
	}
	if (!coi_sess3_make(this, event->proof, &datagrams, &count))
	{
		coi_session_fail(this, event->type, COI_INTERNAL, actions);
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

coi_reason_t coi_session_answer_again(coi_session_t *this,
									  const coi_event_t *event,
									  coi_actions_t *actions)
{
	coi_reason_t reason;
	chunk_t idle;

	reason = coi_session_repeats(this, event);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (!coi_session_may_answer(this, event))
	{
		coi_actions_add(actions, COI_ACT_ALIVE);
		return COI_OK;
	}
	if (!this->confirmed)
	{
		coi_actions_send(actions, this);
		return COI_OK;
	}
	if (!coi_session_make_idle(this, (event->now - this->opened) / 1000, &idle))
	{
		return COI_INTERNAL;
	}
	coi_actions_lend(actions, this, COI_ACT_SEND_TUNNEL, idle);
	return COI_OK;
}

coi_reason_t coi_session_resp_sess2(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions)
{
	coi_header_t header = coi_session_header(this, COI_PDU_IDLE);
	coi_idle_t first = {};
	coi_reason_t reason;
	chunk_t message, idle;
	coi_sess2_t final;

	if (this->state == COI_OPEN)
	{
		/* the initiator did not get our Sess3, or our IDLE */
		return coi_session_answer_again(this, event, actions);
	}
	reason = coi_session_collect(this, event,
								 chunk_create(this->exchange->keymat.gate2,
											  this->suite->hash_len), &message);
	if (reason != COI_OK || !message.len)
	{
		return reason;
	}
	reason = coi_sess2_open(this, event->header, message, &final);
	if (reason == COI_OK && this->exchange->third)
	{
		accept_final(this, &final);
		await_proof(this, event, &final, actions);
	}
	else if (reason == COI_OK &&
			 !coi_idle_term_make_idle(&final.control, &header, &first, &idle))
	{
		reason = COI_INTERNAL;
	}
	else if (reason == COI_OK)
	{
		accept_final(this, &final);
		open_session(this, event, idle, actions);
	}
	if (reason != COI_OK)
	{
		coi_segments_clear(&this->exchange->segments);
	}
	coi_sess2_clear(&final);
	chunk_free(&message);
	return reason;
}
