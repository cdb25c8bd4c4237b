/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"

/**
 * Where a public value is among the ties.
 *
 * @param from		receives the offset of its first octet
 * @return			its length
 */
static size_t find_tie(const coi_suite_t *suite, coi_tie_t which, size_t *from)
{
	const size_t lens[] = {
		[COI_TIE_VAL_I] = suite->val_len,
		[COI_TIE_VAL_R] = suite->val_len,
		[COI_TIE_DH_I] = suite->value_len[COI_INITIATOR],
		[COI_TIE_DH_R] = suite->value_len[COI_RESPONDER],
	};
	u_int i;

	*from = 0;
	for (i = 0; i < which; i++)
	{
		*from += lens[i];
	}
	return lens[which];
}

chunk_t coi_session_tied(const coi_session_t *this, coi_tie_t which)
{
	size_t from, len = find_tie(this->suite, which, &from);

	return coi_slice(this->exchange->ties, from, from + len);
}

void coi_session_tie(coi_session_t *this, coi_tie_t which, const uint8_t *value)
{
	chunk_t *ties = &this->exchange->ties, tie;
	size_t from;

	if (!ties->len)
	{
		ties->len = find_tie(this->suite, COI_TIE_DH_R, &from) + from;
		ties->ptr = calloc(1, ties->len);
	}
	tie = coi_session_tied(this, which);
	memcpy(tie.ptr, value, tie.len);
}

/**
 * Write what the proof of an end is tied to.
 */
static void tie_up(const coi_session_t *this, bool initiator,
				   coi_binder_t *binder)
{
	const coi_suite_t *suite = this->suite;
	coi_exchange_t *exchange = this->exchange;

	*binder = (coi_binder_t){
		.suite = suite,
		.initiator = initiator,
		.transcript = chunk_create(initiator ? exchange->keymat.th1
											 : exchange->keymat.th2,
								   suite->hash_len),
		.values = exchange->ties,
	};
}

bool coi_session_asked(const coi_session_t *this, coi_binder_t *binder)
{
	if (!this->exchange || !this->exchange->asked)
	{
		return FALSE;
	}
	tie_up(this, this->initiator, binder);
	return TRUE;
}

const coi_proof_t *coi_session_proof(const coi_session_t *this,
									 coi_binder_t *binder)
{
	if (!this->exchange || !this->exchange->complete ||
		!coi_proof_exists(&this->exchange->proof))
	{
		return NULL;
	}
	tie_up(this, !this->initiator, binder);
	return &this->exchange->proof;
}

void coi_session_set_val(coi_session_t *this, coi_val_t *val)
{
	if (!this->val && val->suite == this->suite)
	{
		this->val = coi_val_get_ref(val);
	}
}

bool coi_session_wants_dh(const coi_session_t *this)
{
	if (!this->exchange || this->exchange->spare ||
		this->state > COI_PENDING_OPEN)
	{
		return FALSE;
	}
	return !this->initiator || !this->suite->kem;
}

void coi_session_set_dh(coi_session_t *this, key_exchange_t *dh)
{
	if (coi_session_wants_dh(this) && dh->get_method(dh) == this->suite->dh)
	{
		this->exchange->spare = dh;
	}
	else
	{
		dh->destroy(dh);
	}
}

key_exchange_t *coi_exchange_take_dh(coi_exchange_t *this,
									 const coi_suite_t *suite)
{
	key_exchange_t *dh = this->spare;

	this->spare = NULL;
	return dh ?: coi_suite_ke_create(suite);
}

size_t coi_session_exchange_size(const coi_session_t *this)
{
	const coi_exchange_t *exchange = this->exchange;
	size_t size;
	u_int i;

	if (!exchange)
	{
		return 0;
	}
	size = sizeof(*exchange) + coi_segments_size(&exchange->segments) +
		   exchange->part_count * sizeof(*exchange->parts);
	if (exchange->gates)
	{
		size += exchange->keys->count * this->suite->hash_len;
	}
	size += coi_proof_size(&exchange->proof) + exchange->ties.len +
			exchange->z.len;
	for (i = 0; i < exchange->part_count; i++)
	{
		size += exchange->parts[i].datagram.len;
	}
	return size;
}

void coi_exchange_destroy(coi_exchange_t *this)
{
	u_int i;

	if (this)
	{
		for (i = 0; i < this->part_count; i++)
		{
			chunk_free(&this->parts[i].datagram);
		}
		free(this->parts);
		if (this->gates)
		{
			memwipe(this->gates, this->keys->count *
					this->keys->keys[0]->suite->hash_len);
			free(this->gates);
		}
		coi_keyset_destroy(this->keys);
		coi_segments_clear(&this->segments);
		coi_proof_clear(&this->proof);
		DESTROY_IF(this->dh);
		DESTROY_IF(this->spare);
		chunk_clear(&this->z);
		chunk_free(&this->ties);
		memwipe(this, sizeof(*this));
		free(this);
	}
}
