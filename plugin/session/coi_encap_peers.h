/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the memory of peers to which ESP does not get through, though UDP does:
 * firewalls on the way, or at an end, let it pass in UDP only. PROTOCOL.md
 * section 11.
 *
 * It ends after a time, as firewalls are mended: then ESP is tried again.
 */

#ifndef COI_ENCAP_PEERS_H_
#define COI_ENCAP_PEERS_H_

#include <networking/host.h>

typedef struct coi_encap_peers_t coi_encap_peers_t;

/** Peers that are remembered; the oldest goes for one more. */
#define COI_ENCAP_PEERS_MAX 1024

/** Thread-safe. */
struct coi_encap_peers_t {

	/**
	 * Remember a peer, its port does not matter.
	 *
	 * @param now		monotonic clock, ms
	 * @return			FALSE if nothing is ever remembered
	 */
	bool (*add)(coi_encap_peers_t *this, host_t *peer, uint64_t now);

	/**
	 * Whether a peer is remembered.
	 *
	 * @param left		receives for how many s it still is, may be NULL
	 */
	bool (*has)(coi_encap_peers_t *this, host_t *peer, uint64_t now,
				u_int *left);

	/**
	 * Forget a peer, or all.
	 *
	 * @param peer		NULL for all
	 */
	void (*forget)(coi_encap_peers_t *this, host_t *peer);

	void (*destroy)(coi_encap_peers_t *this);
};

/** @param seconds		how long each is remembered, 0 for not at all */
coi_encap_peers_t *coi_encap_peers_create(u_int seconds);

#endif /** COI_ENCAP_PEERS_H_ */
