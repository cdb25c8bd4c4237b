/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns an index of things by a key of some octets; each key may have several
 * things, in the order in which they came.
 */

#ifndef COI_MULTIMAP_H_
#define COI_MULTIMAP_H_

#include <collections/enumerator.h>
#include <utils/chunk.h>

typedef struct coi_multimap_t coi_multimap_t;

/** Not thread-safe. */
struct coi_multimap_t {

	/** Add an item, borrowed, under a key, cloned. */
	void (*add)(coi_multimap_t *this, chunk_t key, void *item);

	/** Remove an item that was added under a key. */
	void (*remove)(coi_multimap_t *this, chunk_t key, void *item);

	/** Enumerate over the items of a key; none may come or go meanwhile. */
	enumerator_t *(*create_enumerator)(coi_multimap_t *this, chunk_t key);

	/** Get the item of a key that came first, NULL if there is none. */
	void *(*get)(coi_multimap_t *this, chunk_t key);

	/** Free the index; items that are left are not its business. */
	void (*destroy)(coi_multimap_t *this);

	/** Free the index, and with a function each item that is left. */
	void (*destroy_function)(coi_multimap_t *this, void (*fn)(void *item));
};

coi_multimap_t *coi_multimap_create();

#endif /** COI_MULTIMAP_H_ */
