/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command forget: refuse a peer no longer, or none. docs/CONTROL.md.
 */

#ifndef COI_CMD_FORGET_H_
#define COI_CMD_FORGET_H_

#include "coi_command.h"
#include "policy/coi_negative_cache.h"

/**
 * forget { peer }
 *
 * @param negative_cache	refused peers, borrowed
 */
coi_command_t *coi_cmd_forget_create(coi_negative_cache_t *negative_cache);

#endif /** COI_CMD_FORGET_H_ */
