/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the answer to who has an address: one other host, which may be a peer, this
 * host, or many hosts, for which no tunnel is ever made.
 */

#ifndef COI_CAST_H_
#define COI_CAST_H_

#include <networking/host.h>

typedef enum coi_cast_t coi_cast_t;

enum coi_cast_t {
	/** one other host */
	COI_CAST_OTHER,
	/** none, or this host */
	COI_CAST_OWN,
	/** one that only a link knows: acquires, SAs and policies have no scope */
	COI_CAST_LINK,
	/** all hosts of the link, or of a subnet of this host */
	COI_CAST_BROADCAST,
	COI_CAST_MULTICAST,
};

/** What can be said of an address without asking anybody. */
coi_cast_t coi_cast_look(host_t *host);

/** The same, and the kernel's routes are asked about the rest. */
coi_cast_t coi_cast(host_t *host);

#endif /** COI_CAST_H_ */
