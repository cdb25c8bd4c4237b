/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_multimap.h"

#include <collections/array.h>
#include <collections/hashtable.h>

typedef struct private_coi_multimap_t private_coi_multimap_t;

/** All items of a key. */
typedef struct {
	chunk_t key;
	array_t *items;
} place_t;

struct private_coi_multimap_t {
	coi_multimap_t public;

	/** place_t by its key */
	hashtable_t *table;
};

static u_int hash_key(const chunk_t *key)
{
	return chunk_hash(*key);
}

static bool equals_key(const chunk_t *a, const chunk_t *b)
{
	return chunk_equals(*a, *b);
}

static void place_destroy(place_t *place)
{
	array_destroy(place->items);
	/* some keys are secret */
	chunk_clear(&place->key);
	free(place);
}

METHOD(coi_multimap_t, add, void,
	private_coi_multimap_t *this, chunk_t key, void *item)
{
	place_t *place;

	place = this->table->get(this->table, &key);
	if (!place)
	{
		INIT(place,
			.key = chunk_clone(key),
			.items = array_create(0, 0),
		);
		this->table->put(this->table, &place->key, place);
	}
	array_insert(place->items, ARRAY_TAIL, item);
}

METHOD(coi_multimap_t, remove_, void,
	private_coi_multimap_t *this, chunk_t key, void *item)
{
	enumerator_t *enumerator;
	place_t *place;
	void *current;

	place = this->table->get(this->table, &key);
	if (!place)
	{
		return;
	}
	enumerator = array_create_enumerator(place->items);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (current == item)
		{
			array_remove_at(place->items, enumerator);
			break;
		}
	}
	enumerator->destroy(enumerator);
	if (!array_count(place->items))
	{
		this->table->remove(this->table, &place->key);
		place_destroy(place);
	}
}

METHOD(coi_multimap_t, create_enumerator, enumerator_t*,
	private_coi_multimap_t *this, chunk_t key)
{
	place_t *place;

	place = this->table->get(this->table, &key);
	return place ? array_create_enumerator(place->items)
				 : enumerator_create_empty();
}

METHOD(coi_multimap_t, get, void*,
	private_coi_multimap_t *this, chunk_t key)
{
	place_t *place;
	void *item = NULL;

	place = this->table->get(this->table, &key);
	if (place)
	{	/* a key that is there has items */
		array_get(place->items, ARRAY_HEAD, &item);
	}
	return item;
}

METHOD(coi_multimap_t, destroy_function, void,
	private_coi_multimap_t *this, void (*fn)(void *item))
{
	enumerator_t *enumerator;
	place_t *place;
	void *item;

	enumerator = this->table->create_enumerator(this->table);
	while (enumerator->enumerate(enumerator, NULL, &place))
	{
		while (array_remove(place->items, ARRAY_HEAD, &item))
		{
			if (fn)
			{
				fn(item);
			}
		}
		this->table->remove_at(this->table, enumerator);
		place_destroy(place);
	}
	enumerator->destroy(enumerator);
	this->table->destroy(this->table);
	free(this);
}

METHOD(coi_multimap_t, destroy, void,
	private_coi_multimap_t *this)
{
	destroy_function(this, NULL);
}

coi_multimap_t *coi_multimap_create()
{
	private_coi_multimap_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.create_enumerator = _create_enumerator,
			.get = _get,
			.destroy = _destroy,
			.destroy_function = _destroy_function,
		},
		.table = hashtable_create((hashtable_hash_t)hash_key,
								  (hashtable_equals_t)equals_key, 64),
	);
	return &this->public;
}
