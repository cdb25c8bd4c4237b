/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the removal of what a charon that is no more has left (see core/coi_block.h):
 * a block goes when a policy that is in force covers it, and the others when the
 * administrator's configuration is loaded, has no mistakes and does not name them.
 */

#ifndef COI_RELIEF_H_
#define COI_RELIEF_H_

#include "coi_config.h"
#include "coi_slots.h"

typedef struct coi_relief_t coi_relief_t;

struct coi_relief_t {

	/** Remove no more. */
	void (*destroy)(coi_relief_t *this);
};

/**
 * Look each second, as long as there is something.
 *
 * @param slots		where policies are installed, borrowed
 * @param config	to know of mistakes, borrowed
 */
coi_relief_t *coi_relief_create(coi_slots_t *slots, coi_config_t *config);

#endif /** COI_RELIEF_H_ */
