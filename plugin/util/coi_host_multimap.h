/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns an index of things by a peer's address, ports ignored; each address may
 * have several.
 */

#ifndef COI_HOST_MULTIMAP_H_
#define COI_HOST_MULTIMAP_H_

#include <collections/enumerator.h>
#include <networking/host.h>

typedef struct coi_host_multimap_t coi_host_multimap_t;

/** Not thread-safe. */
struct coi_host_multimap_t {

	/** Add an item, borrowed, under an address, cloned. */
	void (*add)(coi_host_multimap_t *this, host_t *addr, void *item);

	/** Remove an item that was added under an address. */
	void (*remove)(coi_host_multimap_t *this, host_t *addr, void *item);

	/** Enumerate over the items of an address; none may come or go meanwhile. */
	enumerator_t *(*create_enumerator)(coi_host_multimap_t *this, host_t *addr);

	/** Free the index; it must be empty. */
	void (*destroy)(coi_host_multimap_t *this);
};

coi_host_multimap_t *coi_host_multimap_create();

#endif /** COI_HOST_MULTIMAP_H_ */
