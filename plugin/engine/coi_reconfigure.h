/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a change of keys, connections or the user of this host means for open
 * sessions: communities end whose key is gone, others may join, and who was told of
 * another user is told anew, by a new session: one who logged out must not stay in
 * the peers' logs and lists.
 *
 * After a change all sessions are compared with what there is, once. An opening that
 * was under way may still end with what is gone, however long it takes: so each
 * session is compared once more when it has opened.
 */

#ifndef COI_RECONFIGURE_H_
#define COI_RECONFIGURE_H_

#include "coi_keepalive.h"
#include "keys/coi_admin_state.h"

typedef struct coi_reconfigure_t coi_reconfigure_t;
typedef struct coi_reconfigure_config_t coi_reconfigure_config_t;

/** What it works with; all borrowed. */
struct coi_reconfigure_config_t {
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_admin_state_t *admin_state;
	coi_local_user_t *local_user;
	coi_session_table_t *sessions;
	coi_session_policy_t *session_policy;
	/** ends sessions and communities */
	coi_executor_t *executor;
	/** opens them anew */
	coi_opening_t *opening;
	/** tells peers */
	coi_keepalive_t *keepalive;
};

struct coi_reconfigure_t {

	/** Compare all sessions with the keys and connections that there are. */
	void (*apply)(coi_reconfigure_t *this);

	/**
	 * A session has opened: apply_opened() is to compare it, and it is renewed if
	 * the user has changed meanwhile.
	 *
	 * @param entry		checked out
	 */
	void (*opened)(coi_reconfigure_t *this, const coi_session_entry_t *entry);

	/** Compare those that have opened since it was called last, or apply(). */
	void (*apply_opened)(coi_reconfigure_t *this);

	/**
	 * Renew all open sessions whose peers were told of another user.
	 *
	 * @return			number of sessions that are renewed
	 */
	u_int (*renew_users)(coi_reconfigure_t *this);

	void (*destroy)(coi_reconfigure_t *this);
};

/**
 * @param config	copied
 */
coi_reconfigure_t *coi_reconfigure_create(const coi_reconfigure_config_t *config);

#endif /** COI_RECONFIGURE_H_ */
