/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the list of communities that call out: children with start_action trap,
 * and with start alone, whose traffic must not leave in the clear either when no
 * session is open. A connection with any of them has one trap in the kernel.
 */

#ifndef COI_TRAPS_H_
#define COI_TRAPS_H_

#include "coi_pair_policy.h"
#include "config/coi_config.h"

typedef struct coi_traps_t coi_traps_t;

/** Thread-safe. */
struct coi_traps_t {

	/**
	 * Add a child, in place of one with the same name, and install its
	 * connection's trap.
	 *
	 * @param conn		its connection, reference adopted
	 * @param child		child
	 * @param started	TRUE if charon will not take it out by remove()
	 * @return			FALSE if the kernel refused the trap
	 */
	bool (*add)(coi_traps_t *this, coi_connection_t *conn, child_cfg_t *child,
				bool started);

	/**
	 * Remove a child, and a little later the trap if it was the last one.
	 *
	 * @param peer		name of its connection, NULL for any
	 * @param child		its name
	 * @return			FALSE if it is not in the list
	 */
	bool (*remove)(coi_traps_t *this, char *peer, char *child);

	/**
	 * Follow what is configured where vici does not say so: remove started
	 * children that are gone, rename those that have another name now.
	 */
	void (*prune)(coi_traps_t *this, coi_config_t *config);

	/** Install traps again whose connections have names for hosts, which have
	 * other addresses now. */
	void (*renew)(coi_traps_t *this);

	/**
	 * Enumerate over (peer_cfg_t*, child_sa_t*), as the trap manager does.
	 *
	 * @param first		charon's own traps come first, adopted
	 */
	enumerator_t *(*create_enumerator)(coi_traps_t *this,
									   enumerator_t *first);

	void (*destroy)(coi_traps_t *this);
};

/** @param policy		installs the traps, borrowed */
coi_traps_t *coi_traps_create(coi_pair_policy_t *policy);

#endif /** COI_TRAPS_H_ */
