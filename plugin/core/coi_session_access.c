/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_private.h"

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

size_t coi_session_size(const coi_session_t *this)
{
	const coi_shared_community_t *common;
	size_t size;
	u_int i;

	size = sizeof(*this) + coi_session_exchange_size(this) + this->peer_id.len +
		   coi_grant_size(&this->grant) + this->own_user.name.len +
		   this->peer_user.name.len +
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
