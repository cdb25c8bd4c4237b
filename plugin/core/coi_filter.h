/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the COI filter: what is offered and used, and what follows from it
 * between two hosts. docs/PROTOCOL.md section 11.
 */

#ifndef COI_FILTER_H_
#define COI_FILTER_H_

#include <library.h>

typedef struct coi_service_t coi_service_t;
typedef struct coi_services_t coi_services_t;
typedef struct coi_flow_t coi_flow_t;
typedef struct coi_flows_t coi_flows_t;

/** An IP protocol (0: any) and an inclusive port range on its provider. */
struct coi_service_t {
	uint8_t proto;
	uint16_t from;
	uint16_t to;
};

/** A list of services, owned by whoever embeds it. */
struct coi_services_t {
	coi_service_t *list;
	u_int count;
};

/** Traffic allowed between this host and the peer. */
struct coi_flow_t {
	uint8_t proto;
	uint16_t local_from;
	uint16_t local_to;
	uint16_t remote_from;
	uint16_t remote_to;
};

struct coi_flows_t {
	coi_flow_t *list;
	u_int count;
};

/**
 * Compute the traffic that two members allow each other in one community.
 *
 * Duplicates and flows contained in another one are left out; one flow with
 * proto 0 and all ports stands for everything.
 *
 * @param offered_here	what this host offers
 * @param used_here		what this host may use on others
 * @param offered_there	what the peer offers
 * @param used_there	what the peer may use on others
 * @param flows			receives the flows, free with coi_flows_clear()
 * @return				FALSE if out of memory; no flow in common is TRUE
 */
bool coi_filter_flows(const coi_services_t *offered_here,
					  const coi_services_t *used_here,
					  const coi_services_t *offered_there,
					  const coi_services_t *used_there,
					  coi_flows_t *flows) __attribute__((warn_unused_result));

/** Whether the flows allow everything between the two hosts. */
bool coi_flows_all(const coi_flows_t *flows);

/** Copy a list of flows. */
coi_flows_t coi_flows_clone(const coi_flows_t *flows);

/**
 * The traffic towards services that may be used on a peer, whatever that offers.
 *
 * @return				flows, free with coi_flows_clear()
 */
coi_flows_t coi_services_flows(const coi_services_t *uses);

/** Free the list, leave it empty. */
void coi_flows_clear(coi_flows_t *flows);

/** Copy, free and compare a service list (same services in the same order). */
coi_services_t coi_services_clone(const coi_services_t *services);
void coi_services_clear(coi_services_t *services);
bool coi_services_equals(const coi_services_t *a, const coi_services_t *b);

#endif /** COI_FILTER_H_ */
