/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that disable and enable communities.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_COMMUNITY_H_
#define COI_CMD_COMMUNITY_H_

#include "coi_command.h"

/** disable { community, all } */
vici_message_t *coi_cmd_community_disable(coi_command_t *request);

/** enable { community, all } */
vici_message_t *coi_cmd_community_enable(coi_command_t *request);

#endif /** COI_CMD_COMMUNITY_H_ */
