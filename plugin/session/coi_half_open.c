/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_half_open.h"
#include "util/coi_host_multimap.h"
#include "coi_peer_match.h"

typedef struct private_coi_half_open_t private_coi_half_open_t;

struct private_coi_half_open_t {
	coi_half_open_t public;

	/** coi_checkout_t by the peer's address, in the order in which they came */
	coi_host_multimap_t *peers;

	/** all of them in that order */
	coi_checkout_t *oldest;
	coi_checkout_t *newest;

	/** those that are not to go already */
	u_int count;
	u_int max;
	u_int source;
};

METHOD(coi_half_open_t, add, void,
	private_coi_half_open_t *this, coi_checkout_t *holder)
{
	holder->half_open = TRUE;
	holder->older = this->newest;
	if (this->newest)
	{
		this->newest->newer = holder;
	}
	else
	{
		this->oldest = holder;
	}
	this->newest = holder;
	this->peers->add(this->peers, holder->entry->other, holder);
	this->count++;
}

METHOD(coi_half_open_t, remove_, void,
	private_coi_half_open_t *this, coi_checkout_t *holder)
{
	if (!holder->half_open)
	{
		return;
	}
	*(holder->older ? &holder->older->newer : &this->oldest) = holder->newer;
	*(holder->newer ? &holder->newer->older : &this->newest) = holder->older;
	holder->older = holder->newer = NULL;
	holder->half_open = FALSE;
	this->peers->remove(this->peers, holder->entry->other, holder);
	this->count -= !holder->excess;
}

/** Note that one has to go. */
static uintptr_t mark(private_coi_half_open_t *this, coi_checkout_t *holder)
{
	holder->excess = TRUE;
	this->count--;
	return holder->entry->id;
}

METHOD(coi_half_open_t, excess, uintptr_t,
	private_coi_half_open_t *this, host_t *other)
{
	coi_checkout_t *current, *oldest = NULL;
	enumerator_t *enumerator;
	u_int count = 0;

	enumerator = this->peers->create_enumerator(this->peers, other);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (!current->excess && !count++)
		{
			oldest = current;
		}
	}
	enumerator->destroy(enumerator);
	if (count > this->source)
	{
		return mark(this, oldest);
	}
	for (current = this->oldest; current && this->count > this->max;
		 current = current->newer)
	{
		if (!current->excess)
		{
			return mark(this, current);
		}
	}
	return 0;
}

METHOD(coi_half_open_t, wait_, u_int,
	private_coi_half_open_t *this, const coi_session_entry_t *entry)
{
	coi_checkout_t *current, *only = NULL;
	enumerator_t *enumerator;
	u_int count = 0;

	enumerator = this->peers->create_enumerator(this->peers, entry->other);
	while (enumerator->enumerate(enumerator, &current))
	{
		only = current;
		count++;
	}
	enumerator->destroy(enumerator);
	return count == 1 ? coi_peer_match_wait(only, entry) : 0;
}

METHOD(coi_half_open_t, destroy, void,
	private_coi_half_open_t *this)
{
	this->peers->destroy(this->peers);
	free(this);
}

coi_half_open_t *coi_half_open_create(u_int max, u_int source)
{
	private_coi_half_open_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.excess = _excess,
			.wait = _wait_,
			.destroy = _destroy,
		},
		.peers = coi_host_multimap_create(),
		.max = max,
		.source = source,
	);
	return &this->public;
}
