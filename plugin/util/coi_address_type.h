/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the answer to who has an address: one other host, which may be a peer, this
 * host, or many hosts, for which no tunnel is ever made.
 */

#ifndef COI_ADDRESS_TYPE_H_
#define COI_ADDRESS_TYPE_H_

#include <networking/host.h>

typedef enum coi_address_type_t coi_address_type_t;

enum coi_address_type_t {
	/** one other host */
	COI_ADDRESS_TYPE_OTHER,
	/** none, or this host */
	COI_ADDRESS_TYPE_OWN,
	/** one that only a link knows: acquires, SAs and policies have no scope */
	COI_ADDRESS_TYPE_LINK,
	/** all hosts of the link, or of a subnet of this host */
	COI_ADDRESS_TYPE_BROADCAST,
	COI_ADDRESS_TYPE_MULTICAST,
};

/** What can be said of an address without asking anybody. */
coi_address_type_t coi_address_type_look(host_t *host);

/** The same, and the kernel's routes are asked about the rest. */
coi_address_type_t coi_address_type(host_t *host);

/** Close the socket by which they are asked, when nobody asks any more. */
void coi_address_type_deinit();

#endif /** COI_ADDRESS_TYPE_H_ */
