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

#ifndef COI_BYPASS_H_
#define COI_BYPASS_H_

#include "coi_policy_store.h"

typedef struct coi_bypass_t coi_bypass_t;

struct coi_bypass_t {

	/** Follow addresses no longer; the policies stay. */
	void (*destroy)(coi_bypass_t *this);
};

/**
 * @param store		where they are installed, borrowed
 * @param broadcast	TRUE to let broadcast and multicast of UDP pass
 * @param led		bits of the mark of what a policy has led, see coi_queue_rules.h
 */
coi_bypass_t *coi_bypass_create(coi_policy_store_t *store, bool broadcast,
								uint32_t led);

#endif /** COI_BYPASS_H_ */
