/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command of the control socket that tells how long things took and
 * what communities carried. docs/CONTROL.md.
 */

#ifndef COI_CMD_MEASURES_H_
#define COI_CMD_MEASURES_H_

#include "coi_command.h"

/** measures {} */
vici_message_t *coi_cmd_measures_handle(coi_command_t *request);

#endif /** COI_CMD_MEASURES_H_ */
