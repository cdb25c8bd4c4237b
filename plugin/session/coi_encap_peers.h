/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the memory of peers to which ESP does not get through, though UDP does:
 * firewalls on the way, or at an end, let it pass in UDP only. PROTOCOL.md
 * section 11.
 *
 * It ends after a time, as firewalls are mended: then ESP is tried again.
 */

#ifndef COI_DETOURS_H_
#define COI_DETOURS_H_

#include <networking/host.h>

typedef struct coi_detours_t coi_detours_t;

/** Peers that are remembered; the oldest goes for one more. */
#define COI_DETOURS_MAX 1024

/** Thread-safe. */
struct coi_detours_t {

	/**
	 * Remember a peer, its port does not matter.
	 *
	 * @param now		monotonic clock, ms
	 * @return			FALSE if nothing is ever remembered
	 */
	bool (*add)(coi_detours_t *this, host_t *peer, uint64_t now);

	/**
	 * Whether a peer is remembered.
	 *
	 * @param left		receives for how many s it still is, may be NULL
	 */
	bool (*has)(coi_detours_t *this, host_t *peer, uint64_t now, u_int *left);

	/**
	 * Forget a peer, or all.
	 *
	 * @param peer		NULL for all
	 */
	void (*forget)(coi_detours_t *this, host_t *peer);

	void (*destroy)(coi_detours_t *this);
};

/** @param seconds		how long each is remembered, 0 for not at all */
coi_detours_t *coi_detours_create(u_int seconds);

#endif /** COI_DETOURS_H_ */
