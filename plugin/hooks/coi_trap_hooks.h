/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the places where charon's own work on COI connections is taken over: traps and
 * initiation. What is not ours is handed on to charon.
 */

#ifndef COI_TRAP_HOOKS_H_
#define COI_TRAP_HOOKS_H_

#include "coi_initiate.h"

typedef struct coi_trap_hooks_t coi_trap_hooks_t;

struct coi_trap_hooks_t {

	/** The way is free (coi_obstacles.h): initiate what was to be at load. */
	void (*begin)(coi_trap_hooks_t *this);

	/** Give charon back what was taken over, and free. */
	void (*destroy)(coi_trap_hooks_t *this);
};

/**
 * Take over. There can be one.
 *
 * @param parts		copied, all else is borrowed
 */
coi_trap_hooks_t *coi_trap_hooks_create(const coi_parts_t *parts,
										coi_engine_t *engine,
										coi_config_watch_t *refresher,
										coi_initiate_t *initiator);

#endif /** COI_TRAP_HOOKS_H_ */
