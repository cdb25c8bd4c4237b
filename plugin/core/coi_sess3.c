/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"
#include "coi_frame.h"

/**
 * Make message 3, signed.
 */
static bool make_message3(coi_session_t *this, const coi_header_t *header,
						  const coi_info_t *said, chunk_t *message)
{
	coi_keymat_t *keymat = &this->exchange->keymat;
	const coi_suite_t *suite = this->suite;
	uint8_t context[COI_CONTEXT_LEN];
	coi_message3_t message3;
	chunk_t info, body;
	bool success;

	coi_context_encode(header, context);
	if (!coi_info_encode_third(said, &info))
	{
		return FALSE;
	}
	message3.info = chunk_alloc(info.len + COI_ICV_LEN);
	success = coi_suite_seal(suite, keymat->info3, chunk_from_thing(context),
							 info, message3.info.ptr) &&
			  coi_message3_encode(suite, &message3, &body, message);
	if (success &&
		!coi_keymat_sign(keymat, header, body, this->val->key,
						 coi_slice(*message, body.len, message->len).ptr))
	{
		chunk_free(message);
		success = FALSE;
	}
	chunk_free(&message3.info);
	chunk_clear(&info);
	return success;
}

bool coi_sess3_make(coi_session_t *this, const coi_proof_t *proof,
					chunk_t **datagrams, u_int *count)
{
	coi_header_t header = coi_session_header(this, COI_PDU_SESS3);
	coi_keymat_t *keymat = &this->exchange->keymat;
	coi_info_t said = {
		/* borrowed */
		.grant = this->grant,
	};
	chunk_t message;
	bool success;

	if (proof)
	{	/* borrowed */
		said.proof = *proof;
	}
	success = make_message3(this, &header, &said, &message);
	memwipe(&said.grant, sizeof(said.grant));
	if (!success)
	{
		return FALSE;
	}
	success = coi_frame_cut(this->suite, &header,
							chunk_create(keymat->gate3, this->suite->hash_len),
							message, datagrams, count);
	chunk_free(&message);
	if (success &&
		!coi_keymat_finish(keymat, FALSE, NULL, this->agreement.list,
						   this->agreement.count))
	{
		coi_datagrams_clear(datagrams, count);
		success = FALSE;
	}
	return success;
}

coi_reason_t coi_sess3_open(const coi_session_t *this,
							const coi_header_t *header, chunk_t message,
							coi_sess3_t *third)
{
	const coi_exchange_t *exchange = this->exchange;
	uint8_t context[COI_CONTEXT_LEN];
	coi_message3_t message3;
	coi_reason_t reason;
	chunk_t plain;
	bool valid;

	*third = (coi_sess3_t){
		.keymat = exchange->keymat,
	};
	if (!coi_message3_decode(this->suite, message, &message3))
	{
		return COI_MALFORMED;
	}
	reason = coi_keymat_verify(&third->keymat, header, message3.body,
							   coi_session_peer_val(this), message3.signature);
	if (reason != COI_OK)
	{
		return reason;
	}
	coi_context_encode(header, context);
	if (!coi_suite_open(this->suite, third->keymat.info3,
						chunk_from_thing(context), message3.info, &plain))
	{
		return COI_SEALED;
	}
	valid = coi_info_decode_third(plain, &third->info) &&
			(!coi_proof_exists(&third->info.proof) || exchange->asks) &&
			coi_grant_answers(&third->info.grant, &exchange->wish,
							  &this->addresses, &this->peer_addresses);
	chunk_clear(&plain);
	return valid ? COI_OK : COI_INFO;
}

void coi_sess3_clear(coi_sess3_t *third)
{
	coi_info_clear(&third->info);
	memwipe(third, sizeof(*third));
}

void coi_session_await_proof(coi_session_t *this, coi_event_type_t event)
{
	coi_exchange_t *exchange = this->exchange;

	memwipe(exchange->token_i.enc, sizeof(exchange->token_i.enc));
	memwipe(exchange->token_r.enc, sizeof(exchange->token_r.enc));
	DESTROY_IF(exchange->dh);
	exchange->dh = NULL;
	coi_segments_clear(&exchange->segments);
	coi_session_enter(this, event, COI_PENDING_PROOF);
}

void coi_session_identified(coi_session_t *this)
{
	coi_proof_t *proof = &this->exchange->proof;

	if (this->exchange->asks)
	{
		this->peer_id_type = proof->id_type;
		chunk_free(&this->peer_id);
		this->peer_id = proof->id;
		proof->id = chunk_empty;
	}
}

bool coi_session_is_proved(const coi_session_t *this)
{
	return !this->exchange->asks || coi_proof_exists(&this->exchange->proof);
}

coi_reason_t coi_session_take_identified(coi_session_t *this,
										 const coi_event_t *event,
										 coi_actions_t *actions)
{
	if (!this->exchange || !this->exchange->complete)
	{
		return COI_STATE;
	}
	if (event->identity_refused || !coi_session_is_proved(this))
	{
		coi_session_refuse(this, event->type, COI_IDENTITY, actions);
		return COI_OK;
	}
	if (event->no_address || (this->initiator &&
		this->exchange->wish.addresses.count && !this->grant.addresses.count))
	{
		coi_session_refuse(this, event->type, COI_NO_ADDRESS, actions);
		return COI_OK;
	}
	return this->initiator ?
			coi_session_init_identified(this, event, actions) :
			coi_session_resp_identified(this, event, actions);
}
