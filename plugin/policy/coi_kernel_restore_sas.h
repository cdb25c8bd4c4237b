/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the comparison of our SAs with those in the kernel: those that lead to nowhere
 * are put back, and CHILD_SAs end whose SAs are gone.
 */

#ifndef COI_KERNEL_RESTORE_SAS_H_
#define COI_KERNEL_RESTORE_SAS_H_

#include "coi_kernel_restore.h"
#include "util/coi_netlink.h"

/**
 * Compare and put back.
 *
 * @param restored	added to
 * @return			FALSE if the kernel could not be asked
 */
bool coi_kernel_restore_sas(coi_netlink_t *xfrm, coi_kernel_restored_t *restored);

#endif /** COI_KERNEL_RESTORE_SAS_H_ */
