/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of local_ts and remote_ts: what a community is offered here,
 * and what is used in it.
 */

#ifndef COI_SERVICES_READ_H_
#define COI_SERVICES_READ_H_

#include <config/child_cfg.h>

#include "coi_mistake.h"
#include "core/coi_filter.h"

/**
 * Read one of them.
 *
 * @param cfg		child config, borrowed
 * @param local		TRUE for local_ts, what is offered
 * @param mode		as on the wire; only a tunnel leads to networks
 * @param services	receives the list, to be freed also on failure
 * @param mistake	of this child, receives what is wrong
 * @return			FALSE if it cannot be used
 */
bool coi_services_read(child_cfg_t *cfg, bool local, uint8_t mode,
					   coi_services_t *services, coi_mistake_t *mistake);

#endif /** COI_SERVICES_READ_H_ */
