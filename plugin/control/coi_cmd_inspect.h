/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that find something out about one
 * thing. docs/CONTROL.md.
 */

#ifndef COI_CMD_INSPECT_H_
#define COI_CMD_INSPECT_H_

#include "coi_command.h"

/** why { peer, service, direction } */
vici_message_t *coi_cmd_inspect_why(coi_command_t *request);

/** watch { after, wait }; the thread may be cancelled meanwhile. */
vici_message_t *coi_cmd_inspect_watch(coi_command_t *request);

/** compare {} */
vici_message_t *coi_cmd_inspect_compare(coi_command_t *request);

/** mistakes {} */
vici_message_t *coi_cmd_inspect_mistakes(coi_command_t *request);

#endif /** COI_CMD_INSPECT_H_ */
