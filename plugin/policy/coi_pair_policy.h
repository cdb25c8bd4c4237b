/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the kernel policies of COI connections: traps, what is always open, and
 * for each peer the allowed flows above a blocking policy.
 *
 * For each pair of hosts there is a wanted list; what differs from the
 * installed one is installed or removed, new before old. A pair's blocks come
 * right after its first flows, which the trap holds meanwhile, stand while
 * flows change, and are removed last.
 */

#ifndef COI_PAIR_POLICY_H_
#define COI_PAIR_POLICY_H_

#include "config/coi_connection.h"
#include "config/coi_options.h"
#include "coi_stop_block.h"
#include "coi_pair_allow.h"
#include "coi_policy_store.h"
#include "netfilter/coi_tracker.h"

typedef struct coi_pair_policy_t coi_pair_policy_t;

struct coi_pair_policy_t {

	/**
	 * Set what is allowed between two hosts; everything else between them is
	 * blocked (unless all is allowed), also between their networks.
	 *
	 * @param me		own address
	 * @param other		peer's address
	 * @param allow		wanted list
	 * @param count		its length; 0 removes all, also the block
	 * @return			FALSE if the kernel refused one (said; the pair is
	 *					blocked then)
	 */
	bool (*set)(coi_pair_policy_t *this, host_t *me, host_t *other,
				const coi_pair_allow_t *allow, u_int count);

	/**
	 * Refuse traffic to a peer that did not answer, or stop refusing it.
	 */
	bool (*refuse)(coi_pair_policy_t *this, host_t *me, host_t *other, bool on);

	/**
	 * Install the trap of a connection: host-wide, all protocols, one reqid;
	 * in all directions, so that clear text from there is dropped as well, also
	 * where it would be forwarded.
	 *
	 * Selectors come from the connection's local_addrs and remote_addrs, and from
	 * its networks.
	 *
	 * @return			FALSE if the kernel refused it (nothing is left)
	 */
	bool (*trap)(coi_pair_policy_t *this, coi_connection_t *conn);

	/**
	 * Let traps that are installed from now on lead packets to the hold SA, too.
	 *
	 * @param unmarked	those without these bits of a mark, 0 for none
	 */
	void (*hold)(coi_pair_policy_t *this, uint32_t unmarked);

	/** Remove the trap of a connection by its reqid. */
	void (*untrap)(coi_pair_policy_t *this, uint32_t reqid);

	/** Whether the trap of a connection is installed, by its reqid. */
	bool (*is_trapped)(coi_pair_policy_t *this, uint32_t reqid);

	/** Where policies are installed, for whoever has some of his own. Borrowed. */
	coi_policy_store_t *(*get_store)(coi_pair_policy_t *this);

	/** How it is known who began a connection. */
	coi_tracker_method_t (*get_tracking)(coi_pair_policy_t *this);

	/** What stays when charon stops. Borrowed. */
	coi_stop_block_t *(*get_stop_block)(coi_pair_policy_t *this);

	/** Remove all, and let stay what is to stay. */
	void (*destroy)(coi_pair_policy_t *this);
};

/**
 * Take over from a dead charon (see coi_leftovers.h), and open what is always open,
 * see coi_bypass.h.
 *
 * @param options	borrowed
 */
coi_pair_policy_t *coi_pair_policy_create(const coi_options_t *options);

#endif /** COI_PAIR_POLICY_H_ */
