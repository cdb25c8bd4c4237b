/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"
#include "coi_frame.h"

/**
 * Seal the own DH value and go on with Z.
 */
static bool make_key(coi_session_t *this, chunk_t context, chunk_t key)
{
	coi_exchange_t *exchange = this->exchange;
	const coi_suite_t *suite = this->suite;
	coi_keymat_t *keymat = &exchange->keymat;
	bool success;

	success = coi_keymat_key2(keymat) &&
			  coi_suite_seal(suite, keymat->key2, context,
							 coi_session_tied(this, COI_TIE_DH_I), key.ptr) &&
			  coi_keymat_shared(keymat, exchange->z);
	chunk_clear(&exchange->z);
	return success;
}

/**
 * Make message 2, signed.
 */
static bool make_message2(coi_session_t *this, const coi_header_t *header,
						  const coi_proof_t *proof, chunk_t *message)
{
	const coi_suite_t *suite = this->suite;
	coi_keymat_t *keymat = &this->exchange->keymat;
	chunk_t key, info, body, context = chunk_alloca(COI_CONTEXT_LEN);
	coi_message2_t message2;
	coi_info_t more = {
		.addresses = this->addresses,
		.user = this->own_user,
		.wish = this->exchange->wish,
	};
	bool success;

	if (this->exchange->asks)
	{
		more.rounds = COI_ROUND_PROVE;
	}
	if (proof)
	{	/* borrowed */
		more.proof = *proof;
	}
	coi_context_encode(header, context.ptr);
	key = chunk_alloca(suite->value_len[COI_INITIATOR] + COI_ICV_LEN);
	if (!make_key(this, context, key) ||
		!coi_agreement_describe(&this->agreement, this->profile, TRUE, &more,
								coi_message2_room(suite) - COI_ICV_LEN, &info))
	{
		memwipe(&more.wish, sizeof(more.wish));
		return FALSE;
	}
	message2 = (coi_message2_t){
		.key = key,
		.info = chunk_alloc(info.len + COI_ICV_LEN),
	};
	success = coi_suite_seal(suite, keymat->info2, context, info,
							 message2.info.ptr) &&
			  coi_message2_encode(suite, &message2, &body, message);
	if (success &&
		!coi_keymat_sign(keymat, header, body, this->val->key,
						 coi_slice(*message, body.len, message->len).ptr))
	{
		chunk_free(message);
		success = FALSE;
	}
	chunk_free(&message2.info);
	chunk_clear(&info);
	memwipe(&more.wish, sizeof(more.wish));
	return success;
}

/**
 * Make all keys, or those that come before Sess3.
 */
static bool make_keys(const coi_session_t *this, coi_keymat_t *keymat,
					  coi_agreement_t *agreement, coi_idle_term_t *control)
{
	if (this->exchange->third)
	{
		return coi_keymat_third(keymat, this->initiator, &control->keys);
	}
	return coi_keymat_finish(keymat, this->initiator, &control->keys,
							 agreement->list, agreement->count);
}

bool coi_sess2_make(coi_session_t *this, const coi_proof_t *proof,
					chunk_t **datagrams, u_int *count)
{
	coi_header_t header = coi_session_header(this, COI_PDU_SESS2);
	coi_keymat_t *keymat = &this->exchange->keymat;
	chunk_t message;
	bool success;

	this->control.suite = this->suite;
	if (!make_message2(this, &header, proof, &message))
	{
		return FALSE;
	}
	success = coi_frame_cut(this->suite, &header,
							chunk_create(keymat->gate2, this->suite->hash_len),
							message, datagrams, count);
	chunk_free(&message);
	if (success &&
		!make_keys(this, keymat, &this->agreement, &this->control))
	{
		coi_datagrams_clear(datagrams, count);
		success = FALSE;
	}
	return success;
}

/**
 * Open the initiator's DH value and agree on Z: step 11, first half.
 */
static coi_reason_t open_key(const coi_session_t *this, coi_sess2_t *final,
							 chunk_t context, chunk_t sealed)
{
	coi_keymat_t *keymat = &final->keymat;
	bool success;
	chunk_t z;

	if (!coi_suite_open(this->suite, keymat->key2, context, sealed,
						&final->value))
	{
		return COI_SEALED;
	}
	if (!coi_suite_ke_take(this->suite, this->exchange->dh, final->value, &z))
	{
		return COI_DH;
	}
	success = coi_keymat_shared(keymat, z);
	chunk_clear(&z);
	return success ? COI_OK : COI_INTERNAL;
}

/**
 * Whether the initiator may ask for a proof and for addresses, and gives a proof
 * only if asked.
 */
static bool may_say(const coi_exchange_t *exchange, const coi_info_t *info)
{
	return (!info->rounds ||
			(info->rounds == COI_ROUND_PROVE && exchange->third)) &&
		   (!info->wish.addresses.count || exchange->third) &&
		   (!coi_proof_exists(&info->proof) || exchange->asks);
}

/**
 * Open and apply the SessionInfo: step 11, second half, to step 13.
 */
static coi_reason_t open_info(const coi_session_t *this, chunk_t context,
							  chunk_t sealed, coi_sess2_t *final)
{
	chunk_t plain;
	bool valid;

	if (!coi_suite_open(this->suite, final->keymat.info2, context, sealed,
						&plain))
	{
		return COI_SEALED;
	}
	valid = coi_info_decode(plain, &final->info) &&
			may_say(this->exchange, &final->info);
	chunk_clear(&plain);
	if (!valid)
	{
		return COI_INFO;
	}
	return coi_agreement_apply(&final->agreement, this->profile, FALSE,
							   &final->info);
}

coi_reason_t coi_sess2_open(const coi_session_t *this,
							const coi_header_t *header, chunk_t message,
							coi_sess2_t *final)
{
	uint8_t context[COI_CONTEXT_LEN];
	coi_message2_t message2;
	coi_reason_t reason;

	*final = (coi_sess2_t){
		.keymat = this->exchange->keymat,
		.control.suite = this->suite,
	};
	if (!coi_message2_decode(this->suite, message, &message2))
	{
		return COI_MALFORMED;
	}
	reason = coi_keymat_verify(&final->keymat, header, message2.body,
							   coi_session_peer_val(this),
							   message2.signature);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (!coi_keymat_key2(&final->keymat))
	{
		return COI_INTERNAL;
	}
	final->agreement = coi_agreement_clone(&this->agreement);
	coi_context_encode(header, context);
	reason = open_key(this, final, chunk_from_thing(context), message2.key);
	if (reason == COI_OK)
	{
		reason = open_info(this, chunk_from_thing(context), message2.info,
						   final);
	}
	if (reason == COI_OK && !make_keys(this, &final->keymat, &final->agreement,
										&final->control))
	{
		reason = COI_INTERNAL;
	}
	return reason;
}

void coi_sess2_clear(coi_sess2_t *final)
{
	coi_agreement_clear(&final->agreement);
	coi_info_clear(&final->info);
	chunk_clear(&final->value);
	memwipe(final, sizeof(*final));
}
