/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns who uses this host: what a login told last, or else what the
 * configuration says; and how a user is written in the log.
 */

#ifndef COI_LOCAL_USER_H_
#define COI_LOCAL_USER_H_

#include "config/coi_connection.h"

typedef struct coi_local_user_t coi_local_user_t;

/** Thread-safe. */
struct coi_local_user_t {

	/**
	 * Set who is logged in.
	 *
	 * @param user		cloned; without a name nobody is, and the configuration
	 *					counts
	 */
	void (*set)(coi_local_user_t *this, const coi_user_t *user);

	/**
	 * Get who uses this host.
	 *
	 * @param conn		connection whose local xauth_id counts if nobody is
	 *					logged in, NULL for none
	 * @return			clone, without a name if it is nobody
	 */
	coi_user_t (*get)(coi_local_user_t *this, const coi_connection_t *conn);

	void (*destroy)(coi_local_user_t *this);
};

coi_local_user_t *coi_local_user_create();

/**
 * Log what a peer said of itself.
 *
 * @param start		when its charon started, ms since 1970
 * @param user		who uses it, without a name if it did not say
 */
void coi_local_user_log(host_t *peer, uint64_t start, const coi_user_t *user);

#endif /** COI_LOCAL_USER_H_ */
