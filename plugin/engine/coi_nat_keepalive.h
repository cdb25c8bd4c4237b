/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the octets that keep the mapping of a NAT before this host alive: RFC 3948
 * section 2.3, sent when a session has sent nothing for charon.keep_alive.
 */

#ifndef COI_NATKEEP_H_
#define COI_NATKEEP_H_

#include "coi_executor.h"

typedef struct coi_natkeep_t coi_natkeep_t;

struct coi_natkeep_t {

	/** Look after an established session, if there is a NAT; it is checked out. */
	void (*start)(coi_natkeep_t *this, coi_entry_t *entry);

	void (*destroy)(coi_natkeep_t *this);
};

/**
 * @param parts		what to work with, copied
 * @param runner	outlives it
 */
coi_natkeep_t *coi_natkeep_create(const coi_parts_t *parts,
								  coi_runner_t *runner);

#endif /** COI_NATKEEP_H_ */
