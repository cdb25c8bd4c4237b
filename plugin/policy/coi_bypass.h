/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the policies for what no trap may ever hold: IPv6 neighbour discovery and
 * listener discovery, DHCP by broadcast or multicast, word of packets too big for
 * the path, IPv6 from this host to itself, and if wanted all of UDP to many hosts,
 * as addresses come and go.
 *
 * What never passes is here as well: what a policy of ours has led, but finds none
 * any more when NAT of this host has given it another source.
 *
 * Nothing of it lets a host answer a stranger that asks it alone: that would
 * raise an answer, or at least an opening, which is one as well.
 */

#ifndef COI_ALWAYS_H_
#define COI_ALWAYS_H_

#include "coi_policy_store.h"

typedef struct coi_always_t coi_always_t;

struct coi_always_t {

	/** Follow addresses no longer; the policies stay. */
	void (*destroy)(coi_always_t *this);
};

/**
 * @param slots		where they are installed, borrowed
 * @param broadcast	TRUE to let broadcast and multicast of UDP pass
 * @param led		bits of the mark of what a policy has led, see coi_queue_rules.h
 */
coi_always_t *coi_always_create(coi_slots_t *slots, bool broadcast,
								uint32_t led);

#endif /** COI_ALWAYS_H_ */
