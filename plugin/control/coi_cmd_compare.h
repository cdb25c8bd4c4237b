/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command compare: the kernel's policies and SAs against those that
 * are to be there. docs/CONTROL.md.
 */

#ifndef COI_CMD_COMPARE_H_
#define COI_CMD_COMPARE_H_

#include "coi_command.h"
#include "policy/coi_kernel_watch.h"

/**
 * compare {}
 *
 * @param kernel_watch	compares, borrowed
 */
coi_command_t *coi_cmd_compare_create(coi_kernel_watch_t *kernel_watch);

#endif /** COI_CMD_COMPARE_H_ */
