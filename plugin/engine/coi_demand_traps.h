/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which communities that are used on demand have traps: children with
 * start_action = none have one while an administrator has enabled them.
 */

#ifndef COI_DEMAND_TRAPS_H_
#define COI_DEMAND_TRAPS_H_

#include "config/coi_config.h"
#include "keys/coi_admin_state.h"
#include "policy/coi_traps.h"

/**
 * Bring their traps up to date.
 *
 * @param state		which are enabled, and which disabled
 * @param config	all connections
 * @param traps		where traps are added and removed
 */
void coi_demand_traps_apply(coi_admin_state_t *state, coi_config_t *config,
							coi_traps_t *traps);

#endif /** COI_DEMAND_TRAPS_H_ */
