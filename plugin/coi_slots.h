/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the kernel policies that are installed, in slots of policies that are
 * set together, and brings each slot from what is installed to what is wanted.
 *
 * kernel-netlink removes a policy only for who names it exactly as it was
 * installed, priority and SA included, so every one is remembered so.
 */

#ifndef COI_SLOTS_H_
#define COI_SLOTS_H_

#include <daemon.h>
#include <collections/array.h>

typedef enum coi_slot_kind_t coi_slot_kind_t;
typedef struct coi_slot_key_t coi_slot_key_t;
typedef struct coi_wanted_t coi_wanted_t;
typedef struct coi_slots_t coi_slots_t;

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

/** A policy as charon->kernel knows it. */
struct coi_wanted_t {
	policy_dir_t dir;
	policy_type_t type;
	uint32_t prio;
	ipsec_mode_t mode;
	/** 0 for a policy without template, which lets pass or drops */
	uint32_t reqid;
	mark_t mark;
	uint32_t if_id;
	/** not 0: reqid of the sink or void that it leads to, see coi_sink.h; but for
	 * priority, reqid, interface and selectors the others do not count */
	uint32_t sink;
	/** then it leads packets without these bits */
	uint32_t unmarked;
	traffic_selector_t *local;
	traffic_selector_t *remote;
	/** other end of the tunnel, NULL for that of the slot's key */
	host_t *peer;
};

/** Create an empty list of wanted policies, and free one with what is in it. */
array_t *coi_wanted_create();
void coi_wanted_destroy(array_t *list);

/**
 * Add to a list of wanted policies.
 *
 * @param policy	what it is like, but for the other arguments; peer is cloned
 * @param local		cloned
 * @param remote	cloned
 */
void coi_wanted_add(array_t *list, coi_wanted_t policy, policy_dir_t dir,
					traffic_selector_t *local, traffic_selector_t *remote);

/** Thread-safe. */
struct coi_slots_t {

	/**
	 * Install what is wanted in a slot, then remove what is not, blocks last.
	 * Waits for others who change the same slot.
	 *
	 * @param wanted	wanted policies, in the order to install, adopted
	 * @param instead	wanted if one of them is refused, adopted
	 * @return			FALSE if the kernel refused one
	 */
	bool (*set)(coi_slots_t *this, const coi_slot_key_t *key, array_t *wanted,
				array_t *instead);

	/**
	 * Whether a slot had policies when it was last changed.
	 */
	bool (*is_set)(coi_slots_t *this, const coi_slot_key_t *key);

	/**
	 * Call something while no slot is being changed.
	 */
	void (*exclusive)(coi_slots_t *this, void (*cb)(void *data), void *data);

	/** Remove all policies. */
	void (*destroy)(coi_slots_t *this);
};

coi_slots_t *coi_slots_create();

#endif /** COI_SLOTS_H_ */
