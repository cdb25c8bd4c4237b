/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the news to programs of this host that a packet of theirs will not go out,
 * which a verdict on a held packet does not tell them: an ICMP "host unreachable",
 * from this host to itself, through the loopback device. Nothing leaves the host.
 */

#ifndef COI_UNREACHABLE_H_
#define COI_UNREACHABLE_H_

#include "coi_held_packets.h"

typedef struct coi_unreachable_t coi_unreachable_t;

struct coi_unreachable_t {

	/** Tell who sent a packet. May be called by any thread. */
	void (*tell)(coi_unreachable_t *this,
				 const coi_held_packets_packet_t *packet);

	void (*destroy)(coi_unreachable_t *this);
};

/**
 * @return			NULL if the kernel grants no raw sockets (said)
 */
coi_unreachable_t *coi_unreachable_create();

#endif /** COI_UNREACHABLE_H_ */
