/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_index.h"
#include "util/coi_multimap.h"
#include "util/coi_host_multimap.h"

#include <collections/hashtable.h>

typedef struct private_coi_session_index_t private_coi_session_index_t;

struct private_coi_session_index_t {
	coi_session_index_t public;

	/** id -> coi_checkout_t */
	hashtable_t *ids;

	/** own_spi -> coi_checkout_t */
	hashtable_t *spis;

	/** coi_checkout_t by where the peer is seen */
	coi_host_multimap_t *peers;

	/** coi_checkout_t by what the peer says is its own address, if it said
	 * so */
	coi_multimap_t *owns;

	/** coi_checkout_t by its own ENC */
	coi_multimap_t *encs;

	uintptr_t last_id;
};

static u_int hash_spi(const uint64_t *key)
{
	return chunk_hash(chunk_from_thing(*key));
}

static bool equals_spi(const uint64_t *a, const uint64_t *b)
{
	return *a == *b;
}

/** The key of an own address, borrowed. */
static chunk_t own_key(const coi_address_t *own)
{
	return chunk_create((uint8_t*)own->addr, sizeof(own->addr));
}

METHOD(coi_session_index_t, add, void,
	private_coi_session_index_t *this, coi_checkout_t *holder)
{
	coi_session_entry_t *entry = holder->entry;

	entry->id = ++this->last_id;
	entry->order = entry->id;
	this->ids->put(this->ids, (void*)entry->id, holder);
	this->spis->put(this->spis, &holder->own_spi, holder);
	this->peers->add(this->peers, entry->other, holder);
}

/** No longer find a holder by what its peer says is its own address. */
static void forget_own(private_coi_session_index_t *this,
					   coi_checkout_t *holder)
{
	if (holder->entry->peer_own.port)
	{
		this->owns->remove(this->owns, own_key(&holder->entry->peer_own),
						   holder);
	}
}

METHOD(coi_session_index_t, set_enc, void,
	private_coi_session_index_t *this, coi_checkout_t *holder, chunk_t enc)
{
	if (chunk_equals(holder->enc, enc))
	{
		return;
	}
	if (holder->enc.len)
	{
		this->encs->remove(this->encs, holder->enc, holder);
		chunk_clear(&holder->enc);
	}
	if (enc.len)
	{
		holder->enc = chunk_clone(enc);
		this->encs->add(this->encs, enc, holder);
	}
}

METHOD(coi_session_index_t, remove_, void,
	private_coi_session_index_t *this, coi_checkout_t *holder)
{
	coi_session_entry_t *entry = holder->entry;

	this->ids->remove(this->ids, (void*)entry->id);
	this->spis->remove(this->spis, &holder->own_spi);
	this->peers->remove(this->peers, entry->other, holder);
	forget_own(this, holder);
	set_enc(this, holder, chunk_empty);
}

METHOD(coi_session_index_t, get, coi_checkout_t*,
	private_coi_session_index_t *this, uintptr_t id)
{
	return this->ids->get(this->ids, (void*)id);
}

METHOD(coi_session_index_t, get_spi, coi_checkout_t*,
	private_coi_session_index_t *this, uint64_t own_spi)
{
	return this->spis->get(this->spis, &own_spi);
}

METHOD(coi_session_index_t, is_own, bool,
	private_coi_session_index_t *this, const coi_session_t *session,
	   chunk_t sess0)
{
	coi_checkout_t *holder;

	if (this->encs->get(this->encs, coi_session_shown_enc(session)))
	{
		return TRUE;
	}
	/* spi_i and nonce of an initiator's session never change: no checkout */
	holder = get_spi(this, coi_session_spi_i(session));
	return holder && holder->entry->initiator &&
		   coi_session_is_own(holder->entry->session, sess0);
}

METHOD(coi_session_index_t, find, coi_checkout_t*,
	private_coi_session_index_t *this, uint64_t spi_i, uint64_t spi_r)
{
	coi_checkout_t *holder;

	holder = get_spi(this, spi_i);
	if (!holder || !holder->entry->initiator)
	{
		holder = get_spi(this, spi_r);
		if (holder && (holder->entry->initiator || holder->spi_i != spi_i))
		{
			holder = NULL;
		}
	}
	return holder;
}

METHOD(coi_session_index_t, find_responder, coi_checkout_t*,
	private_coi_session_index_t *this, host_t *src, uint64_t spi_i)
{
	enumerator_t *enumerator;
	coi_checkout_t *current, *found = NULL;

	enumerator = this->peers->create_enumerator(this->peers, src);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (!current->entry->initiator && current->spi_i == spi_i &&
			current->entry->other->equals(current->entry->other, src))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

METHOD(coi_session_index_t, start, void,
	private_coi_session_index_t *this, coi_checkout_t *holder)
{
	/* both ends agree on which of two sessions began last */
	holder->entry->order = ++this->last_id;
}

METHOD(coi_session_index_t, rename_, void,
	private_coi_session_index_t *this, coi_checkout_t *holder,
	   coi_session_t *session)
{
	holder->entry->session = session;
	this->spis->remove(this->spis, &holder->own_spi);
	coi_checkout_rename(holder, session);
	start(this, holder);
	holder->entry->confirmed = FALSE;
	this->spis->put(this->spis, &holder->own_spi, holder);
}

METHOD(coi_session_index_t, relocate, void,
	private_coi_session_index_t *this, coi_checkout_t *holder, host_t *other)
{
	coi_session_entry_t *entry = holder->entry;

	this->peers->remove(this->peers, entry->other, holder);
	entry->other->destroy(entry->other);
	entry->other = other->clone(other);
	this->peers->add(this->peers, entry->other, holder);
}

METHOD(coi_session_index_t, claim, void,
	private_coi_session_index_t *this, coi_checkout_t *holder,
	   const coi_address_t *own)
{
	forget_own(this, holder);
	holder->entry->peer_own = *own;
	if (own->port)
	{
		this->owns->add(this->owns, own_key(own), holder);
	}
}

METHOD(coi_session_index_t, at, enumerator_t*,
	private_coi_session_index_t *this, host_t *other)
{
	return this->peers->create_enumerator(this->peers, other);
}

METHOD(coi_session_index_t, claiming, enumerator_t*,
	private_coi_session_index_t *this, const coi_address_t *own)
{
	return this->owns->create_enumerator(this->owns, own_key(own));
}

CALLBACK(filter, bool,
	void *unused, enumerator_t *orig, va_list args)
{
	coi_checkout_t *holder, **out;

	VA_ARGS_VGET(args, out);
	if (orig->enumerate(orig, NULL, &holder))
	{
		*out = holder;
		return TRUE;
	}
	return FALSE;
}

METHOD(coi_session_index_t, all, enumerator_t*,
	private_coi_session_index_t *this)
{
	return enumerator_create_filter(this->ids->create_enumerator(this->ids),
									filter, NULL, NULL);
}

METHOD(coi_session_index_t, destroy, void,
	private_coi_session_index_t *this)
{
	this->ids->destroy(this->ids);
	this->spis->destroy(this->spis);
	this->peers->destroy(this->peers);
	this->owns->destroy(this->owns);
	this->encs->destroy(this->encs);
	free(this);
}

coi_session_index_t *coi_session_index_create()
{
	private_coi_session_index_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.get = _get,
			.get_spi = _get_spi,
			.find = _find,
			.find_responder = _find_responder,
			.start = _start,
			.rename = _rename_,
			.set_enc = _set_enc,
			.is_own = _is_own,
			.relocate = _relocate,
			.claim = _claim,
			.at = _at,
			.claiming = _claiming,
			.all = _all,
			.destroy = _destroy,
		},
		.ids = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 64),
		.spis = hashtable_create((void*)hash_spi, (void*)equals_spi, 64),
		.peers = coi_host_multimap_create(),
		.owns = coi_multimap_create(),
		.encs = coi_multimap_create(),
	);
	return &this->public;
}
