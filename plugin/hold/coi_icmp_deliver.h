/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the handing of routers' errors to this host's own programs, as if they had come
 * in: through the loopback device, from the router's address. Nothing leaves the host.
 *
 * IPv4 looks at no policy there. IPv6 does; one of ours lets in what has a mark that
 * nobody else knows, and that comes with no packet from outside.
 */

#ifndef COI_PASS_ON_H_
#define COI_PASS_ON_H_

#include "policy/coi_policy_store.h"

typedef struct coi_pass_on_t coi_pass_on_t;

struct coi_pass_on_t {

	/**
	 * Hand over an error.
	 *
	 * @param family	AF_INET or AF_INET6
	 * @param me		whom it is for: nothing happens if that is not this host
	 * @param error		from the IP header on
	 * @return			FALSE if that failed
	 */
	bool (*tell)(coi_pass_on_t *this, int family, chunk_t me, chunk_t error);

	/** The policy stays, for slots to remove. */
	void (*destroy)(coi_pass_on_t *this);
};

/**
 * @param slots		where the policy is installed
 * @param reserved	bits that the mark must not have
 * @return			NULL if the kernel grants no raw sockets (said)
 */
coi_pass_on_t *coi_pass_on_create(coi_slots_t *slots,
								  uint32_t reserved);

#endif /** COI_PASS_ON_H_ */
