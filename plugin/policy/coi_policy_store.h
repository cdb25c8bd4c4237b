/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the kernel policies that are installed, in slots of policies that are
 * set together, and brings each slot from what is installed to what is wanted.
 *
 * kernel-netlink removes a policy only for who names it exactly as it was
 * installed, priority and SA included, so every one is remembered so.
 */

#ifndef COI_POLICY_STORE_H_
#define COI_POLICY_STORE_H_

#include "coi_policy_entry.h"

typedef enum coi_slot_kind_t coi_slot_kind_t;
typedef struct coi_policy_store_t coi_policy_store_t;

/** What a slot's policies are for; the order in which they are removed. */
enum coi_slot_kind_t {
	COI_SLOT_PAIR,
	COI_SLOT_REFUSE,
	COI_SLOT_TRAP,
	COI_SLOT_OPEN,
	COI_SLOT_CLOSED,
	COI_SLOT_DROP,
	COI_SLOT_GUEST,
	COI_SLOT_KINDS,
};

/** What tells slots of a kind apart. */
struct coi_slot_key_t {
	coi_slot_kind_t kind;
	/** hosts of a pair, the ends of its SAs; NULL for others */
	host_t *me;
	host_t *other;
	/** reqid of a trap, number of a drop or block, 0 for others */
	uint32_t reqid;
};

/** Called for an installed policy; must change no slot. */
typedef void (*coi_policy_store_cb_t)(void *data, const coi_slot_key_t *key,
									  const coi_policy_entry_t *policy);

/** Thread-safe. */
struct coi_policy_store_t {

	/**
	 * Install what is wanted in a slot, then remove what is not, blocks last.
	 * Waits for others who change the same slot.
	 *
	 * If the kernel refuses some, the others are installed and nothing is removed;
	 * in the place of a trap's policy there is a block, unless the policy that was
	 * there before has the same selector. They are tried again in the background
	 * until the slot is set to something else, but for a refused peer's.
	 *
	 * @param wanted	wanted policies, in the order to install, adopted
	 * @param instead	installed as well if one of them is refused, adopted
	 * @return			FALSE if the kernel refused one
	 */
	bool (*set)(coi_policy_store_t *this, const coi_slot_key_t *key,
				array_t *wanted,
				array_t *instead);

	/**
	 * Whether a slot had policies when it was last changed.
	 */
	bool (*is_set)(coi_policy_store_t *this, const coi_slot_key_t *key);

	/**
	 * How often slots of other kinds than pairs and refusals were changed.
	 */
	u_int (*get_changes)(coi_policy_store_t *this);

	/**
	 * Call something for each policy that is installed, those of traps and blocks
	 * first, while no slot is being changed.
	 */
	void (*visit)(coi_policy_store_t *this, coi_policy_store_cb_t cb,
				  void *data);

	/** Number of policies that the kernel has refused and that are wanted. */
	u_int (*count_refused)(coi_policy_store_t *this);

	/**
	 * Call something while no slot is being changed.
	 */
	void (*exclusive)(coi_policy_store_t *this, void (*cb)(void *data),
					  void *data);

	/** Remove all policies. */
	void (*destroy)(coi_policy_store_t *this);
};

coi_policy_store_t *coi_policy_store_create();

#endif /** COI_POLICY_STORE_H_ */
