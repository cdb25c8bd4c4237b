/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the octets that keep the mapping of a NAT before this host alive: RFC 3948
 * section 2.3, sent when a session has sent nothing for charon.keep_alive.
 */

#ifndef COI_NAT_KEEPALIVE_H_
#define COI_NAT_KEEPALIVE_H_

#include "coi_executor.h"

typedef struct coi_nat_keepalive_t coi_nat_keepalive_t;

struct coi_nat_keepalive_t {

	/** Look after an established session, if there is a NAT; it is checked out. */
	void (*start)(coi_nat_keepalive_t *this, coi_session_entry_t *entry);

	void (*destroy)(coi_nat_keepalive_t *this);
};

/** All are borrowed. */
coi_nat_keepalive_t *coi_nat_keepalive_create(coi_session_table_t *sessions,
											  coi_socket_t *socket,
											  coi_executor_t *executor);

#endif /** COI_NAT_KEEPALIVE_H_ */
