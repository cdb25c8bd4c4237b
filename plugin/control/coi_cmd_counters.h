/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command counters: what was counted since charon's start.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_COUNTERS_H_
#define COI_CMD_COUNTERS_H_

#include "coi_command.h"
#include "events/coi_counters.h"

/** counters {}; counters are borrowed. */
coi_command_t *coi_cmd_counters_create(coi_counters_t *counters);

#endif /** COI_CMD_COUNTERS_H_ */
