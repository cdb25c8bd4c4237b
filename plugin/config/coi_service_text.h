/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns services in words, as people read and write them: "tcp/443".
 */

#ifndef COI_SERVICE_TEXT_H_
#define COI_SERVICE_TEXT_H_

#include "core/coi_filter.h"

/** Space for a service in words. */
#define COI_SERVICE_TEXT_LEN 40

typedef struct coi_service_query_t coi_service_query_t;

/** Traffic that somebody asks about: towards a service. */
struct coi_service_query_t {
	/** IP protocol, 0 for any */
	uint8_t proto;
	/** port of the service, if there is one */
	uint16_t port;
	/** no port is meant in particular */
	bool any_port;
	/** address of the other end */
	coi_range_t other;
	/** the other end is no peer, but behind one */
	bool behind;
};

/** Write a service: "tcp/443", "udp/5000-5010", "icmp", "any". */
char *coi_service_text_write(const coi_service_t *service,
							 char buf[COI_SERVICE_TEXT_LEN]);

/**
 * Read what is asked about: "tcp/443", "icmp", "47".
 *
 * @return			FALSE if it is no protocol, or no port of one that has ports
 */
bool coi_service_query_read(const char *text, coi_service_query_t *asked);

/** Write what is asked about; "any traffic" for all protocols. */
char *coi_service_query_write(const coi_service_query_t *asked,
							  char buf[COI_SERVICE_TEXT_LEN]);

/**
 * Whether a list has the service, or any one of it if no port is meant.
 *
 * @param inbound	TRUE if the service is on this side
 */
bool coi_service_query_in(const coi_service_query_t *asked,
						  const coi_services_t *services,
						  bool inbound);

/**
 * Whether flows let who is not the service's provider begin towards it.
 *
 * @param inbound	TRUE if the service is on this host
 */
bool coi_service_query_flows(const coi_service_query_t *asked,
							 const coi_flows_t *flows,
							 bool inbound);

/**
 * Whether flows let answers through that go to the port which is asked about, from
 * a service on the other side, of the same protocol.
 */
bool coi_service_query_answers(const coi_service_query_t *asked,
							   const coi_flows_t *flows,
							   bool inbound);

#endif /** COI_SERVICE_TEXT_H_ */
