/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_peers.h"

#include <collections/array.h>
#include <collections/hashtable.h>

typedef struct private_coi_peers_t private_coi_peers_t;
typedef struct peer_t peer_t;

/** All items of an address. */
struct peer_t {
	host_t *addr;
	array_t *items;
};

struct private_coi_peers_t {
	coi_peers_t public;

	/** address -> peer_t */
	hashtable_t *table;
};

static u_int hash_addr(const void *key)
{
	host_t *host = (host_t*)key;

	return chunk_hash(host->get_address(host));
}

static bool equals_addr(const void *a, const void *b)
{
	host_t *host = (host_t*)a;

	return host->ip_equals(host, (host_t*)b);
}

METHOD(coi_peers_t, add, void,
	private_coi_peers_t *this, host_t *addr, void *item)
{
	peer_t *peer;

	peer = this->table->get(this->table, addr);
	if (!peer)
	{
		INIT(peer,
			.addr = addr->clone(addr),
			.items = array_create(0, 0),
		);
		this->table->put(this->table, peer->addr, peer);
	}
	array_insert(peer->items, ARRAY_TAIL, item);
}

METHOD(coi_peers_t, remove_, void,
	private_coi_peers_t *this, host_t *addr, void *item)
{
	enumerator_t *enumerator;
	peer_t *peer;
	void *current;

	peer = this->table->get(this->table, addr);
	if (!peer)
	{
		return;
	}
	enumerator = array_create_enumerator(peer->items);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (current == item)
		{
			array_remove_at(peer->items, enumerator);
			break;
		}
	}
	enumerator->destroy(enumerator);
	if (!array_count(peer->items))
	{
		this->table->remove(this->table, peer->addr);
		array_destroy(peer->items);
		peer->addr->destroy(peer->addr);
		free(peer);
	}
}

METHOD(coi_peers_t, create_enumerator, enumerator_t*,
	private_coi_peers_t *this, host_t *addr)
{
	peer_t *peer;

	peer = this->table->get(this->table, addr);
	return peer ? array_create_enumerator(peer->items)
				: enumerator_create_empty();
}

METHOD(coi_peers_t, destroy, void,
	private_coi_peers_t *this)
{
	this->table->destroy(this->table);
	free(this);
}

coi_peers_t *coi_peers_create()
{
	private_coi_peers_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.create_enumerator = _create_enumerator,
			.destroy = _destroy,
		},
		.table = hashtable_create(hash_addr, equals_addr, 64),
	);
	return &this->public;
}
