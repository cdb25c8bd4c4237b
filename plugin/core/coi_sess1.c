/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"
#include "coi_frame.h"

chunk_t coi_session_gate1(const coi_session_t *this, u_int i)
{
	const coi_exchange_t *exchange = this->exchange;
	size_t len = this->suite->hash_len;

	return coi_nth(chunk_create(exchange->gates, exchange->keys->count * len),
				   len, i);
}

/**
 * Open the entry at a place with the key whose etag stands there.
 */
static coi_reason_t open_entry(const coi_session_t *this, coi_sess1_t *answer,
							   coi_key_t *key, u_int place)
{
	const coi_exchange_t *exchange = this->exchange;
	uint8_t context[COI_CONTEXT_LEN];
	coi_sess1_keys_t keys = {
		.enc_i = chunk_create((uint8_t*)exchange->token_i.enc, COI_ENC_LEN),
		.nonce_i = chunk_create((uint8_t*)this->nonce_i, COI_NONCE_LEN),
		.nonce_r = answer->message.nonce,
		.context = chunk_from_thing(context),
	};
	coi_reason_t reason = COI_OK;
	coi_token_t token;

	coi_context_encode(&answer->header, context);
	if (!coi_token_open1(key, &keys,
						 coi_nth(answer->message.etags, COI_TAG_LEN, place),
						 coi_nth(answer->message.entries,
								 this->suite->entry_len, place),
						 &token))
	{
		return COI_ENTRY;
	}
	if (!answer->agreement.count)
	{
		answer->token = token;
	}
	else if (!coi_token_equals(&answer->token, &token))
	{
		reason = COI_ENTRY;
	}
	memwipe(&token, sizeof(token));
	if (coi_agreement_find(&answer->agreement, key->name))
	{	/* a responder picks one generation and gives it one place */
		reason = COI_ENTRY;
	}
	if (reason == COI_OK)
	{
		coi_agreement_add(&answer->agreement, key);
	}
	return reason;
}

/**
 * Find C and the responder's token: step 9.
 */
static coi_reason_t open_entries(const coi_session_t *this, coi_sess1_t *answer)
{
	const coi_token_t *own = &this->exchange->token_i;
	coi_reason_t reason = COI_OK;
	uint8_t etag[COI_TAG_LEN];
	u_int i, place;

	for (i = 0; i < this->exchange->keys->count; i++)
	{
		if (!coi_token_etag(this->suite, coi_session_gate1(this, i),
							answer->header.spi_r, answer->message.nonce, etag))
		{
			return COI_INTERNAL;
		}
		for (place = 0; place < answer->message.places; place++)
		{
			if (chunk_equals_const(chunk_from_thing(etag),
						coi_nth(answer->message.etags, COI_TAG_LEN, place)))
			{
				reason = open_entry(this, answer,
									this->exchange->keys->keys[i], place);
				if (reason != COI_OK)
				{
					return reason;
				}
			}
		}
	}
	if (!answer->agreement.count)
	{
		return COI_ENTRY;
	}
	if (memeq_const(own->enc, answer->token.enc, sizeof(own->enc)) ||
		memeq_const(own->val, answer->token.val, this->suite->val_len))
	{
		return COI_OWN_TOKEN;
	}
	coi_agreement_sort(&answer->agreement);
	return COI_OK;
}

/**
 * Begin the transcript with the parts that the responder names.
 */
static bool start_keymat(const coi_session_t *this, coi_sess1_t *answer)
{
	uint8_t nonces[2 * COI_NONCE_LEN], encs[2 * COI_ENC_LEN];
	coi_writer_t writer;
	chunk_t parts[COI_SESS0_MAX_PARTS];
	u_int count = 0, i;
	bool success;

	for (i = 0; i < this->datagram_count; i++)
	{
		if (answer->message.parts & (1 << i))
		{
			parts[count++] = this->datagrams[i];
		}
	}
	writer = coi_writer(nonces, sizeof(nonces));
	coi_writer_bytes(&writer, chunk_create((uint8_t*)this->nonce_i,
										   COI_NONCE_LEN));
	coi_writer_bytes(&writer, answer->message.nonce);
	writer = coi_writer(encs, sizeof(encs));
	coi_writer_bytes(&writer,
					 chunk_create((uint8_t*)this->exchange->token_i.enc,
								  COI_ENC_LEN));
	coi_writer_bytes(&writer, chunk_from_thing(answer->token.enc));
	success = coi_keymat_start(&answer->keymat, this->suite, parts, count) &&
			  coi_keymat_agree(&answer->keymat, chunk_from_thing(nonces),
							   chunk_from_thing(encs), answer->agreement.list,
							   answer->agreement.count);
	memwipe(encs, sizeof(encs));
	return success;
}

/**
 * Answer the responder's value, which agrees on Z.
 */
static coi_reason_t answer_value(const coi_session_t *this,
								 coi_sess1_t *answer, chunk_t value)
{
	coi_reason_t reason;
	key_exchange_t *dh;

	dh = coi_exchange_take_dh(this->exchange, this->suite);
	if (!dh)
	{
		return COI_INTERNAL;
	}
	answer->value = chunk_alloc(this->suite->value_len[COI_INITIATOR]);
	reason = coi_suite_ke_answer(this->suite, dh, value, answer->value.ptr,
								 &answer->z);
	dh->destroy(dh);
	return reason;
}

/**
 * Open what is sealed, answer the DH value, apply the SessionInfo: steps 11 to 13.
 */
static coi_reason_t open_info(const coi_session_t *this, coi_sess1_t *answer)
{
	uint8_t context[COI_CONTEXT_LEN];
	coi_reason_t reason;
	coi_cursor_t cursor;
	chunk_t value, info;

	coi_context_encode(&answer->header, context);
	if (!coi_suite_open(this->suite, answer->keymat.info1,
						chunk_from_thing(context), answer->message.info,
						&answer->plain))
	{
		return COI_SEALED;
	}
	cursor = coi_cursor(answer->plain);
	if (!coi_cursor_bytes(&cursor, this->suite->value_len[COI_RESPONDER],
						  &value))
	{
		return COI_DH;
	}
	reason = answer_value(this, answer, value);
	if (reason != COI_OK)
	{
		return reason;
	}
	coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &info);
	if (!coi_info_decode(info, &answer->info) ||
		coi_proof_exists(&answer->info.proof) ||
		answer->info.wish.addresses.count ||
		answer->info.rounds == COI_ROUND_PROVE)
	{
		return COI_INFO;
	}
	reason = coi_agreement_apply(&answer->agreement, this->profile, TRUE,
								 &answer->info);
	if (reason == COI_OK && this->profile->demands &&
		!(answer->info.rounds & COI_ROUND_SESS3))
	{
		reason = COI_IDENTITY;
	}
	if (reason == COI_OK && this->profile->wishes &&
		!(answer->info.rounds & COI_ROUND_SESS3))
	{
		reason = COI_NO_ADDRESS;
	}
	return reason;
}

coi_reason_t coi_sess1_open(const coi_session_t *this,
							const coi_header_t *header, chunk_t message,
							coi_sess1_t *answer)
{
	coi_reason_t reason;

	*answer = (coi_sess1_t){ .header = *header };
	if (!coi_message1_decode(this->suite, message, &answer->message) ||
		!answer->message.parts ||
		answer->message.parts >> this->datagram_count)
	{
		return COI_MALFORMED;
	}
	reason = open_entries(this, answer);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (!start_keymat(this, answer))
	{
		return COI_INTERNAL;
	}
	reason = coi_keymat_verify(&answer->keymat, &answer->header,
							   answer->message.body,
							   coi_token_val(this->suite, &answer->token),
							   answer->message.signature);
	if (reason == COI_SIGNATURE &&
		!coi_suite_val_valid(this->suite,
							 coi_token_val(this->suite, &answer->token)))
	{
		return COI_ENTRY;
	}
	if (reason != COI_OK)
	{
		return reason;
	}
	return open_info(this, answer);
}

void coi_sess1_clear(coi_sess1_t *answer)
{
	coi_agreement_clear(&answer->agreement);
	coi_info_clear(&answer->info);
	chunk_clear(&answer->plain);
	chunk_free(&answer->value);
	chunk_clear(&answer->z);
	memwipe(answer, sizeof(*answer));
}

/**
 * Make ENC, VAL, DH and nonce.
 */
static bool make_secrets(coi_session_t *this)
{
	coi_exchange_t *exchange = this->exchange;
	coi_token_t *token = &exchange->token_r;

	exchange->asks = this->profile->demands;
	exchange->third = this->profile->demands || this->profile->third;
	this->val = this->val ?: coi_val_create(this->suite);
	if (!this->val)
	{
		return FALSE;
	}
	memcpy(token->val, this->val->public, sizeof(token->val));
	exchange->dh = coi_exchange_take_dh(exchange, this->suite);
	return exchange->dh &&
		   coi_suite_random(token->enc, sizeof(token->enc)) &&
		   coi_suite_random(exchange->nonce_r, sizeof(exchange->nonce_r));
}

/**
 * Make S with the communities in common.
 */
static bool agree(coi_exchange_t *exchange, chunk_t nonce_i,
				  const coi_agreement_t *agreement)
{
	uint8_t encs[2 * COI_ENC_LEN];
	coi_writer_t writer = coi_writer(encs, sizeof(encs));
	chunk_t nonces;
	bool success;

	nonces = chunk_cata("cc", nonce_i, chunk_from_thing(exchange->nonce_r));
	coi_writer_bytes(&writer, chunk_from_thing(exchange->token_i.enc));
	coi_writer_bytes(&writer, chunk_from_thing(exchange->token_r.enc));
	success = coi_keymat_agree(&exchange->keymat, nonces,
							   chunk_from_thing(encs), agreement->list,
							   agreement->count);
	memwipe(encs, sizeof(encs));
	return success;
}

/**
 * Fill in an entry for each community in common, dummies elsewhere.
 *
 * @param gate			receives the gate key of the first community
 */
static bool make_entries(coi_session_t *this, chunk_t context,
						 const coi_message1_t *message, uint8_t *gate)
{
	coi_exchange_t *exchange = this->exchange;
	coi_sess1_keys_t keys = {
		.enc_i = chunk_from_thing(exchange->token_i.enc),
		.nonce_i = chunk_from_thing(this->nonce_i),
		.nonce_r = chunk_from_thing(exchange->nonce_r),
		.context = context,
	};
	uint8_t places[COI_SESS1_PLACES_MANY], own[COI_MAX_HASH];
	chunk_t etag, entry, gate1 = chunk_create(own, this->suite->hash_len);
	coi_key_t *key;
	bool success;
	u_int i;

	success = coi_suite_random(message->etags.ptr, message->etags.len) &&
			  coi_suite_random(message->entries.ptr, message->entries.len) &&
			  coi_suite_shuffle(places, message->places);
	for (i = 0; i < this->agreement.count && success; i++)
	{
		key = this->agreement.list[i].key;
		etag = coi_nth(message->etags, COI_TAG_LEN, places[i]);
		entry = coi_nth(message->entries, this->suite->entry_len, places[i]);
		success = coi_token_gate1(key, keys.enc_i, keys.nonce_i, own) &&
				  coi_token_etag(this->suite, gate1, this->spi_r, keys.nonce_r,
								 etag.ptr) &&
				  coi_token_seal1(key, &keys, etag, &exchange->token_r,
								  entry.ptr);
		if (!i)
		{
			memcpy(gate, own, gate1.len);
		}
	}
	memwipe(own, sizeof(own));
	return success;
}

/**
 * Seal DH value and SessionInfo.
 *
 * @param info			receives what is sealed, to be freed
 */
static bool make_info(coi_session_t *this, chunk_t context, size_t room,
					  chunk_t *info)
{
	coi_exchange_t *exchange = this->exchange;
	coi_info_t more = {
		.addresses = this->addresses,
		.user = this->own_user,
	};
	chunk_t value, said, plain;
	bool success;

	if (exchange->third)
	{
		more.rounds = COI_ROUND_SESS3 |
					  (exchange->asks ? COI_ROUND_PROVE : 0);
	}
	value = chunk_alloca(this->suite->value_len[COI_RESPONDER]);
	room -= value.len + COI_ICV_LEN;
	if (!coi_suite_ke_make(this->suite, exchange->dh, value.ptr) ||
		!coi_agreement_describe(&this->agreement, this->profile, FALSE, &more,
								room, &said))
	{
		return FALSE;
	}
	coi_session_tie(this, COI_TIE_DH_R, value.ptr);
	plain = chunk_cat("cs", value, said);
	*info = chunk_alloc(plain.len + COI_ICV_LEN);
	success = coi_suite_seal(this->suite, exchange->keymat.info1, context,
							 plain, info->ptr);
	chunk_clear(&plain);
	return success;
}

/**
 * Bit i for each part in the transcript.
 */
static uint16_t used_parts(const coi_exchange_t *exchange)
{
	uint16_t parts = 0;
	u_int i;

	for (i = 0; i < exchange->part_count; i++)
	{
		parts |= exchange->parts[i].present << i;
	}
	return parts;
}

/**
 * Make message 1, signed.
 *
 * @param gate			receives the gate key of its segments
 */
static bool make_message1(coi_session_t *this, const coi_header_t *header,
						  uint8_t *gate, chunk_t *message)
{
	coi_exchange_t *exchange = this->exchange;
	const coi_suite_t *suite = this->suite;
	u_int places = coi_message1_places(this->agreement.count);
	uint8_t context[COI_CONTEXT_LEN];
	coi_message1_t message1 = {
		.nonce = chunk_from_thing(exchange->nonce_r),
		.parts = used_parts(exchange),
		.places = places,
		.etags = chunk_alloc(places * COI_TAG_LEN),
		.entries = chunk_alloc(places * suite->entry_len),
	};
	chunk_t body;
	bool success;

	coi_context_encode(header, context);
	success = places &&
			  make_entries(this, chunk_from_thing(context), &message1, gate) &&
			  make_info(this, chunk_from_thing(context),
						coi_message1_room(suite, places), &message1.info) &&
			  coi_message1_encode(suite, &message1, &body, message);
	if (success &&
		!coi_keymat_sign(&exchange->keymat, header, body, this->val->key,
						 coi_slice(*message, body.len, message->len).ptr))
	{
		chunk_free(message);
		success = FALSE;
	}
	chunk_free(&message1.etags);
	chunk_free(&message1.entries);
	chunk_free(&message1.info);
	return success;
}

bool coi_sess1_make(coi_session_t *this, chunk_t **datagrams, u_int *count)
{
	coi_header_t header = coi_session_header(this, COI_PDU_SESS1);
	uint8_t gate[COI_MAX_HASH];
	chunk_t message = chunk_empty;
	bool success;

	success = make_secrets(this) &&
			  agree(this->exchange, chunk_from_thing(this->nonce_i),
					&this->agreement) &&
			  make_message1(this, &header, gate, &message) &&
			  coi_frame_cut(this->suite, &header,
							chunk_create(gate, this->suite->hash_len), message,
							datagrams, count);
	memwipe(gate, sizeof(gate));
	chunk_free(&message);
	return success;
}
