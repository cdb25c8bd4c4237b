/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the places where charon's own work on traps of COI connections is taken over:
 * trap_manager_t, and what packets that a trap has caught ask for. What is not ours
 * is handed on to charon.
 */

#ifndef COI_TRAP_HOOKS_H_
#define COI_TRAP_HOOKS_H_

#include "engine/coi_config_watch.h"
#include "engine/coi_opening.h"
#include "hold/coi_hold.h"
#include "policy/coi_negative_cache.h"
#include "vip/coi_vip_client.h"

typedef struct coi_trap_hooks_t coi_trap_hooks_t;
typedef struct coi_trap_hooks_config_t coi_trap_hooks_config_t;

/** What it works with; all borrowed. */
struct coi_trap_hooks_config_t {
	const coi_options_t *options;
	coi_config_t *config;
	coi_session_table_t *sessions;
	coi_traps_t *traps;
	coi_fallback_block_t *fallback_block;
	coi_negative_cache_t *negative_cache;
	/** started, and stopped before all else goes */
	coi_hold_t *hold;
	coi_obstacles_t *obstacles;
	coi_opening_t *opening;
	coi_config_watch_t *config_watch;
	/** which addresses of this host are a peer's to give */
	coi_vip_client_t *vip_client;
};

struct coi_trap_hooks_t {

	/** Give charon back what was taken over, and free. */
	void (*destroy)(coi_trap_hooks_t *this);
};

/**
 * Take over. There can be one.
 *
 * @param config	copied
 */
coi_trap_hooks_t *coi_trap_hooks_create(const coi_trap_hooks_config_t *config);

#endif /** COI_TRAP_HOOKS_H_ */
