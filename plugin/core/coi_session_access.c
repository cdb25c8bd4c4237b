/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"
#include "coi_cursor.h"
#include "coi_frame.h"

bool coi_session_is_own(const coi_session_t *this, chunk_t sess0)
{
	coi_sess0_t view;

	return this->initiator && coi_sess0_view(this->suite, sess0, &view) &&
		   chunk_equals(view.nonce, chunk_from_thing(this->nonce_i));
}

chunk_t coi_session_shown_val(const coi_session_t *this)
{
	return this->initiator ? chunk_empty : coi_session_peer_val(this);
}

chunk_t coi_session_shown_enc(const coi_session_t *this)
{
	return this->initiator || !this->exchange ? chunk_empty :
						chunk_create(this->exchange->token_i.enc, COI_ENC_LEN);
}

chunk_t coi_session_own_enc(const coi_session_t *this)
{
	coi_exchange_t *exchange = this->exchange;

	if (!exchange || (this->initiator ? this->state < COI_PENDING_OPEN
									  : this->state < COI_PENDING_FINAL))
	{
		return chunk_empty;
	}
	return chunk_create(this->initiator ? exchange->token_i.enc
										: exchange->token_r.enc, COI_ENC_LEN);
}

bool coi_session_made_by(const coi_session_t *this,
						 const uint8_t tag[COI_TAG_LEN])
{
	const coi_part_t *part;
	u_int i, j;

	if (!this->exchange)
	{
		return FALSE;
	}
	for (i = 0; i < this->exchange->part_count; i++)
	{
		part = &this->exchange->parts[i];
		for (j = 0; part->present && j < COI_SESS0_PLACES; j++)
		{
			if (memeq(part->tags[j], tag, COI_TAG_LEN))
			{
				return TRUE;
			}
		}
	}
	return FALSE;
}

coi_state_t coi_session_state(const coi_session_t *this)
{
	return this->state;
}

bool coi_session_confirmed(const coi_session_t *this)
{
	return this->confirmed;
}

bool coi_session_is_proved_by(const coi_session_t *this)
{
	return !this->initiator && (this->state == COI_PENDING_PROOF ||
								this->state == COI_OPEN);
}

bool coi_session_is_initiator(const coi_session_t *this)
{
	return this->initiator;
}

uint64_t coi_session_spi_i(const coi_session_t *this)
{
	return this->spi_i;
}

uint64_t coi_session_spi_r(const coi_session_t *this)
{
	return this->spi_r;
}

const coi_suite_t *coi_session_suite(const coi_session_t *this)
{
	return this->suite;
}

const coi_shared_community_t *coi_session_common(const coi_session_t *this,
												 u_int *count)
{
	*count = this->agreement.count;
	return this->agreement.list;
}

const coi_shared_community_t *coi_session_carries(const coi_session_t *this,
												  const char *name)
{
	const coi_shared_community_t *common;
	u_int i;

	for (i = 0; i < this->agreement.count; i++)
	{
		common = &this->agreement.list[i];
		if (common->used && streq(common->name, name))
		{
			return common;
		}
	}
	return NULL;
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

const coi_wish_t *coi_session_wish(const coi_session_t *this)
{
	if (!this->exchange || !this->exchange->wish.addresses.count)
	{
		return NULL;
	}
	return &this->exchange->wish;
}

const coi_grant_t *coi_session_grant(const coi_session_t *this)
{
	return &this->grant;
}

uint8_t coi_session_peer_id(const coi_session_t *this, chunk_t *id)
{
	*id = this->peer_id;
	return this->peer_id_type;
}

uint64_t coi_session_peer_start(const coi_session_t *this)
{
	return this->peer_start;
}

void coi_session_set_user(coi_session_t *this, const coi_user_t *user)
{
	coi_user_clear(&this->own_user);
	this->own_user = coi_user_clone(user);
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

const coi_user_t *coi_session_own_user(const coi_session_t *this)
{
	return &this->own_user;
}

const coi_user_t *coi_session_peer_user(const coi_session_t *this)
{
	return &this->peer_user;
}

const coi_addresses_t *coi_session_own_addresses(const coi_session_t *this)
{
	return &this->addresses;
}

const coi_addresses_t *coi_session_peer_addresses(const coi_session_t *this)
{
	return &this->peer_addresses;
}

coi_nat_t coi_session_nat(const coi_session_t *this)
{
	if (!coi_addresses_valid(&this->peer_addresses))
	{
		return (coi_nat_t){};
	}
	return coi_addresses_compare(&this->addresses, &this->peer_addresses);
}

void coi_session_peer_idle(const coi_session_t *this, coi_idle_t *idle)
{
	*idle = this->peer_idle;
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

/**
 * Octets of an exchange.
 */
static size_t exchange_size(const coi_session_t *this)
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

size_t coi_session_size(const coi_session_t *this)
{
	const coi_shared_community_t *common;
	size_t size;
	u_int i;

	size = sizeof(*this) + exchange_size(this) + this->peer_id.len +
		   coi_grant_size(&this->grant) + this->own_user.name.len + this->peer_user.name.len +
		   this->lent.len + this->datagram_count * sizeof(*this->datagrams) +
		   this->seen.count * sizeof(*this->seen.digest) +
		   this->agreement.count * sizeof(*this->agreement.list);
	if (this->farewell)
	{
		size += sizeof(*this->farewell);
	}
	for (i = 0; i < this->datagram_count; i++)
	{
		size += this->datagrams[i].len;
	}
	for (i = 0; i < this->agreement.count; i++)
	{
		common = &this->agreement.list[i];
		size += common->flows.count * sizeof(*common->flows.list) +
				(common->offers_there.count + common->uses_there.count) *
										sizeof(coi_service_t) +
				common->encr_in.len + common->integ_in.len +
				common->encr_out.len + common->integ_out.len;
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
