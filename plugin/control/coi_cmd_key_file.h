/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands load-wgt and unload-wgt: encrypted files of keys.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_KEY_FILE_H_
#define COI_CMD_KEY_FILE_H_

#include "coi_command.h"
#include "engine/coi_config_watch.h"
#include "keys/coi_key_files.h"

/** load-wgt { name, data }; all parameters are borrowed. */
coi_command_t *coi_cmd_key_file_load_create(coi_key_files_t *files,
											coi_config_watch_t *watch);

/** unload-wgt { name }; all parameters are borrowed. */
coi_command_t *coi_cmd_key_file_unload_create(coi_key_files_t *files,
											  coi_config_watch_t *watch);

#endif /** COI_CMD_KEY_FILE_H_ */
