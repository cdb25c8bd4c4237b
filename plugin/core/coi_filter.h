/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the COI filter: what is offered and used, and what follows from it
 * between two hosts. docs/PROTOCOL.md section 11.
 */

#ifndef COI_FILTER_H_
#define COI_FILTER_H_

#include "coi_range.h"

typedef struct coi_service_t coi_service_t;
typedef struct coi_services_t coi_services_t;
typedef struct coi_flow_t coi_flow_t;
typedef struct coi_flows_t coi_flows_t;
typedef struct coi_side_t coi_side_t;
typedef struct coi_itself_t coi_itself_t;
typedef enum coi_begin_t coi_begin_t;

/** Sides that may begin connections in a flow; the other one only answers. */
enum coi_begin_t {
	/** this one, which uses a service there */
	COI_BEGIN_HERE = (1 << 0),
	/** the peer's, which uses a service that is offered here */
	COI_BEGIN_THERE = (1 << 1),
	COI_BEGIN_BOTH = COI_BEGIN_HERE | COI_BEGIN_THERE,
};

/** An IP protocol (0: any) and an inclusive port range on its provider, who is
 * the host itself or has one of the addresses. */
struct coi_service_t {
	uint8_t proto;
	uint16_t from;
	uint16_t to;
	coi_range_t at;
};

/** A list of services, owned by whoever embeds it. */
struct coi_services_t {
	coi_service_t *list;
	u_int count;
};

/** Traffic allowed between this host, or what is behind it, and the peer's side. */
struct coi_flow_t {
	uint8_t proto;
	uint16_t local_from;
	uint16_t local_to;
	uint16_t remote_from;
	uint16_t remote_to;
	coi_range_t local;
	coi_range_t remote;
	/** who may begin: nobody unless it says so */
	coi_begin_t begin;
};

struct coi_flows_t {
	coi_flow_t *list;
	u_int count;
	/** there are more than COI_MAX_FLOWS: none is in the list */
	bool excess;
};

/** Addresses that "the host itself" may stand for in tunnel mode, family 0 or an
 * empty list for none; PROTOCOL.md section 11. */
struct coi_itself_t {
	/** virtual addresses that were assigned to it */
	coi_ranges_t assigned;
	/** its own address as it announced it */
	coi_range_t announced;
	/** its address in the exchange, as the other side sees it */
	coi_range_t seen;
};

/** One of the two hosts in a community; all is borrowed. */
struct coi_side_t {
	/** what it offers, and where */
	const coi_services_t *offers;
	/** what it may use on the other side, and where */
	const coi_services_t *uses;
	/** addresses that "the host itself" stands for; none, or family 0, leaves it
	 * open: it then is no part of any network */
	coi_ranges_t itself;
};

/**
 * Compute the traffic that two members allow each other in one community.
 *
 * Duplicates and flows contained in another one are left out, unless who may
 * begin would be lost with them; one flow with proto 0 and all ports stands for
 * everything between two ranges.
 *
 * @param here			this host
 * @param there			the peer
 * @param flows			receives the flows, free with coi_flows_clear(); ranges of
 *						family 0 are in them if the address is open
 * @return				FALSE if out of memory; no flow in common is TRUE
 */
bool coi_filter_flows(const coi_side_t *here, const coi_side_t *there,
					  coi_flows_t *flows) __attribute__((warn_unused_result));

/** Whether one of the networks of a list (not the host itself) contains an
 * address. */
bool coi_services_contain(const coi_services_t *services,
						  const coi_range_t *address);

/**
 * Choose what the host itself stands for.
 *
 * @param itself		its addresses
 * @param uses_there	what the other side may use on this host's side
 * @return				borrowed from itself
 */
coi_ranges_t coi_itself_choose(const coi_itself_t *itself,
							   const coi_services_t *uses_there);

/**
 * Whether the flows allow everything between the two hosts themselves.
 *
 * @param here			address of this host, as resolved in flows, too
 * @param there			address of the peer
 * @param begin			sides that are to be free to begin everything
 */
bool coi_flows_all(const coi_flows_t *flows, const coi_range_t *here,
				   const coi_range_t *there, coi_begin_t begin);

/** Whether one flow lets through, and lets begin, all that another one does. */
bool coi_flow_contains(const coi_flow_t *a, const coi_flow_t *b);

/** Copy a list of flows. */
coi_flows_t coi_flows_clone(const coi_flows_t *flows);

/**
 * List the addresses of services; what overlaps is joined. The host itself has
 * family 0.
 *
 * @return				list to be freed, NULL if out of memory
 */
coi_ranges_t coi_services_ranges(const coi_services_t *services);

/**
 * The traffic towards services that may be used on a peer, whatever that offers,
 * from wherever this host offers services itself.
 *
 * @return				flows, free with coi_flows_clear()
 */
coi_flows_t coi_services_flows(const coi_services_t *offers,
							   const coi_services_t *uses);

/** Free the list, leave it empty. */
void coi_flows_clear(coi_flows_t *flows);

/** Copy, free and compare a service list (same services in the same order). */
coi_services_t coi_services_clone(const coi_services_t *services);
void coi_services_clear(coi_services_t *services);
bool coi_services_equals(const coi_services_t *a, const coi_services_t *b);

#endif /** COI_FILTER_H_ */
