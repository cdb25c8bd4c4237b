/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the socket of a netfilter queue: packets in, verdicts out.
 */

#ifndef COI_NFQUEUE_H_
#define COI_NFQUEUE_H_

#include <library.h>
#include <networking/host.h>

#include "coi_held_packets.h"

typedef struct coi_nfqueue_t coi_nfqueue_t;

/**
 * Called for each packet, by one thread at a time.
 *
 * @param src		source, NULL if it is not an IP packet
 * @param dst		destination, likewise
 */
typedef void (*coi_nfqueue_cb_t)(void *data, coi_held_packet_t packet,
								 host_t *src, host_t *dst);

struct coi_nfqueue_t {

	/**
	 * Let a packet go on its way, with the queue's mark, by which it is routed
	 * again; or drop it. May be called by any thread.
	 */
	void (*verdict)(coi_nfqueue_t *this, coi_held_packet_t packet,
					bool pass);

	/** The kernel drops what is still in the queue. */
	void (*destroy)(coi_nfqueue_t *this);
};

/**
 * Open a queue. While there is none of that number the kernel drops what a rule
 * sends there.
 *
 * @param number	of the queue
 * @param length	packets that the kernel keeps in it
 * @param mark		bits that packets which go on get
 * @return			NULL if it cannot be had (said)
 */
coi_nfqueue_t *coi_nfqueue_create(uint16_t number, u_int length, uint32_t mark,
								  coi_nfqueue_cb_t cb, void *data);

#endif /** COI_NFQUEUE_H_ */
