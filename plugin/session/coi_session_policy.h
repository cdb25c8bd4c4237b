/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the sum of what all sessions between two hosts want allowed.
 */

#ifndef COI_SESSION_POLICY_H_
#define COI_SESSION_POLICY_H_

#include "policy/coi_pair_policy.h"
#include "coi_session_table.h"

typedef struct coi_session_policy_t coi_session_policy_t;

struct coi_session_policy_t {

	/**
	 * Compute anew what a checked out session wants allowed, and bring the
	 * policies between its hosts up to date.
	 *
	 * @return			FALSE if the kernel refused them
	 */
	bool (*publish)(coi_session_policy_t *this, coi_session_entry_t *entry);

	/** Follow what the peer's last IDLE said: it may have gained a community
	 * since the session opened. The entry is checked out. */
	void (*hear)(coi_session_policy_t *this, coi_session_entry_t *entry);

	/**
	 * Bring the policies between two hosts up to date with all their sessions.
	 *
	 * @return			FALSE if the kernel refused them
	 */
	bool (*update)(coi_session_policy_t *this, host_t *me, host_t *other);

	void (*destroy)(coi_session_policy_t *this);
};

/** All are borrowed. */
coi_session_policy_t *coi_session_policy_create(coi_session_table_t *sessions,
												coi_pair_policy_t *policy,
												coi_config_t *config);

#endif /** COI_SESSION_POLICY_H_ */
