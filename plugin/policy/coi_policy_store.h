/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the kernel policies that are installed, in groups of policies that are
 * set together, and brings each group from what is installed to what is wanted.
 *
 * kernel-netlink removes a policy only for whoever names it exactly as it was
 * installed, priority and SA included, so every one is remembered so.
 */

#ifndef COI_POLICY_STORE_H_
#define COI_POLICY_STORE_H_

#include "coi_policy_entry.h"

typedef struct coi_policy_store_t coi_policy_store_t;

/** Called for an installed policy; must change no group. */
typedef void (*coi_policy_store_cb_t)(void *data, const coi_policy_group_t *key,
									  const coi_policy_entry_t *policy);

/** Thread-safe. */
struct coi_policy_store_t {

	/**
	 * Install what is wanted in a group, then remove what is not, blocks last.
	 * Waits for others who change the same group.
	 *
	 * If the kernel refuses some, the others are installed and nothing is removed;
	 * in the place of a trap's policy there is a block, unless the policy that was
	 * there before has the same selector. They are tried again in the background
	 * until the group is set to something else, but for a refused peer's.
	 *
	 * @param wanted	wanted policies, in the order to install, adopted
	 * @param instead	installed as well if one of them is refused, adopted
	 * @return			FALSE if the kernel refused one
	 */
	bool (*set)(coi_policy_store_t *this, const coi_policy_group_t *key,
				array_t *wanted,
				array_t *instead);

	/**
	 * Whether a group had policies when it was last changed.
	 */
	bool (*is_set)(coi_policy_store_t *this, const coi_policy_group_t *key);

	/**
	 * How often groups of other kinds than pairs and refusals were changed.
	 */
	u_int (*get_changes)(coi_policy_store_t *this);

	/**
	 * Call something for each policy that is installed, those of traps and blocks
	 * first, while no group is being changed.
	 */
	void (*visit)(coi_policy_store_t *this, coi_policy_store_cb_t cb,
				  void *data);

	/**
	 * Number of policies that the kernel has refused and that are wanted. What stands
	 * until a group of some kind takes its place is not to go before there are none.
	 *
	 * @param kind		of their groups, COI_POLICY_GROUP_KINDS for all
	 */
	u_int (*count_refused)(coi_policy_store_t *this,
						   coi_policy_group_kind_t kind);

	/**
	 * Call something while no group is being changed.
	 */
	void (*exclusive)(coi_policy_store_t *this, void (*cb)(void *data),
					  void *data);

	/** Remove all policies. */
	void (*destroy)(coi_policy_store_t *this);
};

coi_policy_store_t *coi_policy_store_create();

#endif /** COI_POLICY_STORE_H_ */
