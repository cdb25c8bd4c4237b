/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the comparison of what we have put into the kernel with what is there, and the
 * putting back of what is missing or was changed.
 *
 * kernel-netlink remembers its policies and adds none twice, so they are put back
 * by a message of our own that is the same as its.
 */

#ifndef COI_KERNEL_RESTORE_H_
#define COI_KERNEL_RESTORE_H_

#include "coi_policy_store.h"

typedef struct coi_kernel_restored_t coi_kernel_restored_t;

/** What was missing. */
struct coi_kernel_restored_t {
	/** policies of ours that there should be, and those that were put back */
	u_int wanted;
	u_int policies;
	/** children with mode = pass or drop that were installed again */
	u_int shunts;
	/** SAs that lead to nowhere */
	u_int drop_sas;
	/** CHILD_SAs that end, as their SAs are gone */
	u_int children;
	/** what the kernel has refused */
	u_int failed;
};

/**
 * Compare and put back.
 *
 * @param flushed	TRUE to put traps and blocks back before asking what is there
 * @param restored	receives what was done
 * @return			FALSE if the kernel could not be asked
 */
bool coi_kernel_restore(coi_policy_store_t *store, bool flushed,
						coi_kernel_restored_t *restored);

#endif /** COI_KERNEL_RESTORE_H_ */
