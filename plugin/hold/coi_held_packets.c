/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_held_packets.h"

#include <collections/hashtable.h>

typedef struct private_coi_held_packets_t private_coi_held_packets_t;

/** Packets between two hosts. */
typedef struct {
	host_t *me;
	host_t *other;
	/** when the first came */
	uint64_t since;
	/** coi_held_packet_t */
	array_t *packets;
} pair_t;

struct private_coi_held_packets_t {

	coi_held_packets_t public;

	/** pair_t by themselves, none is empty */
	hashtable_t *pairs;

	/** packets of all pairs */
	u_int count;

	/** owner_t by origin; none is empty */
	hashtable_t *owners;

	u_int per_pair;
	u_int total;
	u_int share;
};

/** How many packets somebody has here. */
typedef struct {
	coi_origin_t origin;
	u_int count;
} owner_t;

static u_int pair_hash(const pair_t *pair)
{
	return chunk_hash_inc(pair->me->get_address(pair->me),
						  chunk_hash(pair->other->get_address(pair->other)));
}

static bool pair_equals(const pair_t *a, const pair_t *b)
{
	return a->me->ip_equals(a->me, b->me) &&
		   a->other->ip_equals(a->other, b->other);
}

static u_int owner_hash(const owner_t *owner)
{
	return chunk_hash(chunk_from_thing(owner->origin));
}

static bool owner_equals(const owner_t *a, const owner_t *b)
{
	return a->origin == b->origin;
}

/** Whether somebody may have another packet here. */
static bool may_add(private_coi_held_packets_t *this, coi_origin_t origin)
{
	owner_t *owner, lookup = {
		.origin = origin,
	};

	owner = this->owners->get(this->owners, &lookup);
	return this->count < this->total &&
		   (!owner || owner->count < coi_origin_share(origin, this->total,
													  this->share));
}

static void count_in(private_coi_held_packets_t *this, coi_origin_t origin)
{
	owner_t *owner, lookup = {
		.origin = origin,
	};

	owner = this->owners->get(this->owners, &lookup);
	if (!owner)
	{
		INIT(owner,
			.origin = origin,
		);
		this->owners->put(this->owners, owner, owner);
	}
	owner->count++;
	this->count++;
}

static void count_out(private_coi_held_packets_t *this, coi_origin_t origin)
{
	owner_t *owner, lookup = {
		.origin = origin,
	};

	this->count--;
	owner = this->owners->get(this->owners, &lookup);
	if (owner && !--owner->count)
	{
		this->owners->remove(this->owners, owner);
		free(owner);
	}
}

static void pair_destroy(pair_t *pair)
{
	pair->me->destroy(pair->me);
	pair->other->destroy(pair->other);
	array_destroy(pair->packets);
	free(pair);
}

METHOD(coi_held_packets_t, add, coi_held_packets_result_t,
	private_coi_held_packets_t *this, host_t *me, host_t *other,
	coi_held_packet_t packet, uint64_t now)
{
	pair_t *pair, lookup = {
		.me = me,
		.other = other,
	};
	bool first;

	pair = this->pairs->get(this->pairs, &lookup);
	first = !pair;
	if (!may_add(this, packet.origin))
	{
		return first ? COI_HELD_PACKETS_FULL : COI_HELD_PACKETS_MANY;
	}
	if (!first && (u_int)array_count(pair->packets) >= this->per_pair)
	{
		return COI_HELD_PACKETS_MANY;
	}
	if (first)
	{
		INIT(pair,
			.me = me->clone(me),
			.other = other->clone(other),
			.since = now,
			.packets = array_create(sizeof(coi_held_packet_t), 0),
		);
		this->pairs->put(this->pairs, pair, pair);
	}
	array_insert(pair->packets, ARRAY_TAIL, &packet);
	count_in(this, packet.origin);
	return first ? COI_HELD_PACKETS_FIRST : COI_HELD_PACKETS_NEXT;
}

/**
 * Move a pair's packets to a list; the pair is out of the table.
 */
static void move(private_coi_held_packets_t *this, pair_t *pair, array_t *list)
{
	coi_held_packet_t packet;

	while (array_remove(pair->packets, ARRAY_HEAD, &packet))
	{
		count_out(this, packet.origin);
		array_insert(list, ARRAY_TAIL, &packet);
	}
	pair_destroy(pair);
}

METHOD(coi_held_packets_t, take, uint64_t,
	private_coi_held_packets_t *this, host_t *me, host_t *other, array_t *list)
{
	pair_t *pair, lookup = {
		.me = me,
		.other = other,
	};
	uint64_t since = 0;

	pair = this->pairs->remove(this->pairs, &lookup);
	if (pair)
	{
		since = pair->since;
		move(this, pair, list);
	}
	return since;
}

METHOD(coi_held_packets_t, take_before, void,
	private_coi_held_packets_t *this, uint64_t time, array_t *list)
{
	enumerator_t *enumerator;
	pair_t *pair;

	enumerator = this->pairs->create_enumerator(this->pairs);
	while (enumerator->enumerate(enumerator, NULL, &pair))
	{
		if (pair->since < time)
		{
			this->pairs->remove_at(this->pairs, enumerator);
			move(this, pair, list);
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(coi_held_packets_t, get_waiting, u_int,
	private_coi_held_packets_t *this, host_t *me, host_t *other)
{
	pair_t *pair, lookup = {
		.me = me,
		.other = other,
	};

	pair = this->pairs->get(this->pairs, &lookup);
	return pair ? array_count(pair->packets) : 0;
}

METHOD(coi_held_packets_t, get_count, u_int,
	private_coi_held_packets_t *this)
{
	return this->count;
}

METHOD(coi_held_packets_t, destroy, void,
	private_coi_held_packets_t *this)
{
	array_t *list;

	list = array_create(sizeof(coi_held_packet_t), 0);
	take_before(this, UINT64_MAX, list);
	array_destroy(list);
	this->pairs->destroy(this->pairs);
	this->owners->destroy(this->owners);
	free(this);
}

coi_held_packets_t *coi_held_packets_create(u_int per_pair, u_int total,
											u_int share)
{
	private_coi_held_packets_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.take = _take,
			.take_before = _take_before,
			.get_waiting = _get_waiting,
			.get_count = _get_count,
			.destroy = _destroy,
		},
		.pairs = hashtable_create((hashtable_hash_t)pair_hash,
								  (hashtable_equals_t)pair_equals, 32),
		.owners = hashtable_create((hashtable_hash_t)owner_hash,
								   (hashtable_equals_t)owner_equals, 8),
		.per_pair = per_pair,
		.total = total,
		.share = share,
	);
	return &this->public;
}
