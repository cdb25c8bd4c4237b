/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that load and unload encrypted files
 * of keys. docs/CONTROL.md.
 */

#ifndef COI_CMD_KEY_FILE_H_
#define COI_CMD_KEY_FILE_H_

#include "coi_command.h"

/** load-wgt { name, data } */
vici_message_t *coi_cmd_key_file_load(coi_command_t *request);

/** unload-wgt { name } */
vici_message_t *coi_cmd_key_file_unload(coi_command_t *request);

#endif /** COI_CMD_KEY_FILE_H_ */
