/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how programs of this host learn that a packet of theirs will not go out,
 * of which a verdict on a held packet says nothing: an ICMP "host unreachable",
 * from this host to itself, through the loopback device. Nothing leaves the
 * host.
 */

#ifndef COI_UNREACHABLE_H_
#define COI_UNREACHABLE_H_

#include "coi_held_packets.h"

typedef struct coi_unreachable_t coi_unreachable_t;

struct coi_unreachable_t {

	/** Send the error to whoever sent a packet; nothing happens if too little
	 * of that is known. May be called by any thread. */
	void (*send)(coi_unreachable_t *this,
				 const coi_held_packet_t *packet);

	void (*destroy)(coi_unreachable_t *this);
};

/**
 * @return			NULL if the kernel grants no raw sockets (said)
 */
coi_unreachable_t *coi_unreachable_create();

#endif /** COI_UNREACHABLE_H_ */
