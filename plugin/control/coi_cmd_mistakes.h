/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command mistakes: what is wrong in connections that charon has loaded.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_MISTAKES_H_
#define COI_CMD_MISTAKES_H_

#include "coi_command.h"
#include "config/coi_config.h"
#include "engine/coi_config_watch.h"

/**
 * mistakes {} with events "mistake"; all parameters are borrowed.
 *
 * @param watch			to look for what was loaded just now
 * @param config		connections
 */
coi_command_t *coi_cmd_mistakes_create(coi_config_watch_t *watch,
									   coi_config_t *config);

#endif /** COI_CMD_MISTAKES_H_ */
