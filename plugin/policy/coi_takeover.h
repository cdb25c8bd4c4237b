/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the knowledge of when the administrator's configuration is loaded, and what is
 * done then: the removal of what a charon that is no more has left (see
 * core/coi_block.h), and the keeping of what this one protects for the next boot. A
 * block goes when a policy that is in force covers it, and the others when the
 * administrator's configuration is loaded, has no mistakes and does not name them.
 */

#ifndef COI_TAKEOVER_H_
#define COI_TAKEOVER_H_

#include "config/coi_config.h"
#include "config/coi_options.h"
#include "coi_stop_block.h"
#include "coi_policy_store.h"

typedef struct coi_takeover_t coi_takeover_t;

struct coi_takeover_t {

	/** Remove no more. */
	void (*destroy)(coi_takeover_t *this);
};

/**
 * Look each second.
 *
 * @param store		where policies are installed, borrowed
 * @param leave		what is to be kept, borrowed
 * @param config	to know of mistakes, borrowed
 * @param options	borrowed
 */
coi_takeover_t *coi_takeover_create(coi_policy_store_t *store,
									coi_stop_block_t *leave,
									coi_config_t *config,
									const coi_options_t *options);

#endif /** COI_TAKEOVER_H_ */
