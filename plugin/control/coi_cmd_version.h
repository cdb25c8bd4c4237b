/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command version: what runs here, and what stands in its way.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_VERSION_H_
#define COI_CMD_VERSION_H_

#include "coi_command.h"
#include "events/coi_obstacles.h"
#include "policy/coi_pair_policy.h"

/**
 * version {}; all parameters are borrowed.
 *
 * @param obstacles		what keeps COI closed
 * @param policy		how connections are tracked, and refused policies
 */
coi_command_t *coi_cmd_version_create(coi_obstacles_t *obstacles,
									  coi_pair_policy_t *policy);

#endif /** COI_CMD_VERSION_H_ */
