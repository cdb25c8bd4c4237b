/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_half_open.h"
#include "util/coi_host_multimap.h"
#include "coi_peer_match.h"

typedef struct private_coi_halves_t private_coi_halves_t;

struct private_coi_halves_t {
	coi_halves_t public;

	/** coi_holder_t by the peer's address, in the order in which they came */
	coi_peers_t *peers;

	/** all of them in that order */
	coi_holder_t *oldest;
	coi_holder_t *newest;

	/** those that are not to go already */
	u_int count;
	u_int max;
	u_int source;
};

METHOD(coi_halves_t, add, void,
	private_coi_halves_t *this, coi_holder_t *holder)
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

METHOD(coi_halves_t, remove_, void,
	private_coi_halves_t *this, coi_holder_t *holder)
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
static uintptr_t mark(private_coi_halves_t *this, coi_holder_t *holder)
{
	holder->excess = TRUE;
	this->count--;
	return holder->entry->id;
}

METHOD(coi_halves_t, excess, uintptr_t,
	private_coi_halves_t *this, host_t *other)
{
	coi_holder_t *current, *oldest = NULL;
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

METHOD(coi_halves_t, wait_, u_int,
	private_coi_halves_t *this, const coi_entry_t *entry)
{
	coi_holder_t *current, *only = NULL;
	enumerator_t *enumerator;
	u_int count = 0;

	enumerator = this->peers->create_enumerator(this->peers, entry->other);
	while (enumerator->enumerate(enumerator, &current))
	{
		only = current;
		count++;
	}
	enumerator->destroy(enumerator);
	return count == 1 ? coi_relation_wait(only, entry) : 0;
}

METHOD(coi_halves_t, destroy, void,
	private_coi_halves_t *this)
{
	this->peers->destroy(this->peers);
	free(this);
}

coi_halves_t *coi_halves_create(u_int max, u_int source)
{
	private_coi_halves_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.excess = _excess,
			.wait = _wait_,
			.destroy = _destroy,
		},
		.peers = coi_peers_create(),
		.max = max,
		.source = source,
	);
	return &this->public;
}
