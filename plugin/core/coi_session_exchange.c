/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"

void coi_session_tie(coi_session_t *this, coi_tie_t which, const uint8_t *value)
{
	const coi_suite_t *suite = this->suite;
	const size_t lens[] = {
		suite->val_len, suite->val_len, suite->dh_len, suite->dh_len,
	};
	uint8_t *place = this->exchange->ties;
	u_int i;

	for (i = 0; i < which; i++)
	{
		place += lens[i];
	}
	memcpy(place, value, lens[which]);
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
		.values = chunk_create(exchange->ties,
							   2 * suite->val_len + 2 * suite->dh_len),
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
	return this->exchange && !this->exchange->dh && !this->exchange->spare;
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
	return dh ?: coi_suite_dh_create(suite);
}

size_t coi_exchange_size(const coi_session_t *this)
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
	size += coi_proof_size(&exchange->proof);
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
		memwipe(this, sizeof(*this));
		free(this);
	}
}
