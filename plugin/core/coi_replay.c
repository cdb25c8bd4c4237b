/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_replay.h"

/** end of a chain */
#define NONE UINT32_MAX

typedef struct {
	uint8_t tag[COI_TAG_LEN];
	uint64_t time;
	/** next in the bucket */
	uint32_t next;
} slot_t;

struct coi_replay_t {
	uint64_t floor;
	/** the floor is the time of a tag that was forgotten */
	bool forgotten;
	uint32_t capacity;
	uint32_t count;
	slot_t *slots;
	/** slots by time, a binary heap with the earliest on top */
	uint32_t *heap;
	/** first slot of each chain; their number is a power of two */
	uint32_t *buckets;
	uint32_t mask;
};

/**
 * The chain of a tag. The hash is keyed at random for this process, so no member can
 * choose tags that share one.
 */
static uint32_t *bucket(const coi_replay_t *this,
						const uint8_t tag[COI_TAG_LEN])
{
	chunk_t chunk = chunk_create((uint8_t*)tag, COI_TAG_LEN);

	return &this->buckets[chunk_hash(chunk) & this->mask];
}

/**
 * Whether the first of two places in the heap has to be above the other.
 */
static bool earlier(const coi_replay_t *this, uint32_t a, uint32_t b)
{
	return this->slots[this->heap[a]].time < this->slots[this->heap[b]].time;
}

static void swap(coi_replay_t *this, uint32_t a, uint32_t b)
{
	uint32_t slot = this->heap[a];

	this->heap[a] = this->heap[b];
	this->heap[b] = slot;
}

/**
 * Put the last place of the heap in order.
 */
static void sift_up(coi_replay_t *this)
{
	uint32_t place = this->count - 1, parent;

	while (place)
	{
		parent = (place - 1) / 2;
		if (!earlier(this, place, parent))
		{
			break;
		}
		swap(this, place, parent);
		place = parent;
	}
}

/**
 * Put the top of the heap in order.
 */
static void sift_down(coi_replay_t *this)
{
	uint32_t place = 0, child;

	while (TRUE)
	{
		child = 2 * place + 1;
		if (child >= this->count)
		{
			break;
		}
		if (child + 1 < this->count && earlier(this, child + 1, child))
		{
			child++;
		}
		if (!earlier(this, child, place))
		{
			break;
		}
		swap(this, place, child);
		place = child;
	}
}

/**
 * Forget the earliest tag and return its slot.
 */
static uint32_t forget(coi_replay_t *this)
{
	uint32_t slot = this->heap[0], *link;

	link = bucket(this, this->slots[slot].tag);
	while (*link != slot)
	{
		link = &this->slots[*link].next;
	}
	*link = this->slots[slot].next;

	this->floor = max(this->floor, this->slots[slot].time);
	this->forgotten = TRUE;
	this->heap[0] = this->heap[--this->count];
	sift_down(this);
	return slot;
}

void coi_replay_clock(coi_replay_t *this, uint64_t now)
{
	if (!this->forgotten)
	{
		this->floor = min(this->floor, now);
	}
}

uint64_t coi_replay_floor(const coi_replay_t *this)
{
	return this->floor;
}

bool coi_replay_has(const coi_replay_t *this, const uint8_t tag[COI_TAG_LEN])
{
	uint32_t slot;

	for (slot = *bucket(this, tag); slot != NONE;
		 slot = this->slots[slot].next)
	{
		if (memeq(this->slots[slot].tag, tag, COI_TAG_LEN))
		{
			return TRUE;
		}
	}
	return FALSE;
}

bool coi_replay_add(coi_replay_t *this, const uint8_t tag[COI_TAG_LEN],
					uint64_t time, uint64_t now)
{
	uint32_t slot, *first;

	if (this->count < this->capacity)
	{
		slot = this->count;
	}
	else if (this->slots[this->heap[0]].time > now)
	{
		return FALSE;
	}
	else
	{
		slot = forget(this);
	}
	first = bucket(this, tag);
	memcpy(this->slots[slot].tag, tag, COI_TAG_LEN);
	this->slots[slot].time = time;
	this->slots[slot].next = *first;
	*first = slot;
	this->heap[this->count++] = slot;
	sift_up(this);
	return TRUE;
}

u_int coi_replay_count(const coi_replay_t *this)
{
	return this->count;
}

void coi_replay_destroy(coi_replay_t *this)
{
	if (this)
	{
		free(this->buckets);
		free(this->heap);
		free(this->slots);
		free(this);
	}
}

coi_replay_t *coi_replay_create(u_int capacity, uint64_t now)
{
	coi_replay_t *this;
	uint32_t buckets = 1;

	capacity = max(capacity, COI_SESS0_PLACES);
	while (buckets < capacity && buckets < 1U << 31)
	{
		buckets *= 2;
	}
	INIT(this,
		.floor = now,
		.capacity = capacity,
		.slots = calloc(capacity, sizeof(slot_t)),
		.heap = calloc(capacity, sizeof(uint32_t)),
		.buckets = malloc((size_t)buckets * sizeof(uint32_t)),
		.mask = buckets - 1,
	);
	if (!this->slots || !this->heap || !this->buckets)
	{
		coi_replay_destroy(this);
		return NULL;
	}
	memset(this->buckets, 0xff, (size_t)buckets * sizeof(uint32_t));
	return this;
}
