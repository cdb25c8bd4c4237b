/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the handing of routers' errors to this host's own programs, as if they
 * had come in: through the loopback device, from the router's address. Nothing
 * leaves the host.
 *
 * IPv4 looks at no policy there. IPv6 does; one of ours lets in what has a mark
 * that nobody else knows, and that comes with no packet from outside.
 */

#ifndef COI_ICMP_DELIVER_H_
#define COI_ICMP_DELIVER_H_

#include "policy/coi_policy_store.h"

typedef struct coi_icmp_deliver_t coi_icmp_deliver_t;

struct coi_icmp_deliver_t {

	/**
	 * Hand over an error.
	 *
	 * @param family	AF_INET or AF_INET6
	 * @param me		whom it is for: nothing happens if that is not this host
	 * @param error		from the IP header on
	 * @return			FALSE if that failed
	 */
	bool (*deliver)(coi_icmp_deliver_t *this, int family, chunk_t me,
					chunk_t error);

	/** The policy stays, for the store to remove. */
	void (*destroy)(coi_icmp_deliver_t *this);
};

/**
 * @param store		where the policy is installed
 * @param reserved	bits that the mark must not have
 * @return			NULL if the kernel grants no raw sockets (said)
 */
coi_icmp_deliver_t *coi_icmp_deliver_create(coi_policy_store_t *store,
											uint32_t reserved);

#endif /** COI_ICMP_DELIVER_H_ */
