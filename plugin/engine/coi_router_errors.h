/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the listening to routers: what they say of ESP in transport mode that could go no
 * further, of which the kernel takes nothing but that a packet was too big. What is
 * genuine (coi_esp_quote.h) is passed on to the program that sent what was inside.
 *
 * It listens beside the kernel and lets in nothing. Nobody is answered; what strangers
 * send costs a few copies of keys a second at most.
 */

#ifndef COI_ROUTER_ERRORS_H_
#define COI_ROUTER_ERRORS_H_

#include "events/coi_counters.h"
#include "session/coi_session_table.h"
#include "policy/coi_policy_store.h"

typedef struct coi_router_errors_t coi_router_errors_t;

struct coi_router_errors_t {

	/** Listen no longer. */
	void (*destroy)(coi_router_errors_t *this);
};

/**
 * @param port		of ESP in UDP
 * @param sessions	whose peers count, borrowed like all others
 * @param store		for a policy, see coi_icmp_deliver.h
 * @param reserved	bits of the mark that others of our rules and policies use
 * @return			NULL if the kernel does not let us (said)
 */
coi_router_errors_t *coi_router_errors_create(uint16_t port,
											  coi_session_table_t *sessions,
											  coi_policy_store_t *store,
											  uint32_t reserved,
											  coi_counters_t *counters);

#endif /** COI_ROUTER_ERRORS_H_ */
