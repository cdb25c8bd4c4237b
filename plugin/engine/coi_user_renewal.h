/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the renewing of sessions whose peers were told of another user than who
 * uses this host now: one who logged out must not stay in their logs and lists.
 */

#ifndef COI_USER_RENEWAL_H_
#define COI_USER_RENEWAL_H_

#include "coi_executor.h"

/**
 * Ask for a new exchange if the peer of an open session knows of another user.
 *
 * @param entry		checked out
 * @param listener	whose rekey() is called
 * @return			TRUE if it does
 */
bool coi_user_renewal_check(const coi_parts_t *parts,
							const coi_session_entry_t *entry,
							coi_tunnel_listener_t *listener);

/**
 * Do that for all sessions.
 *
 * @return			number of sessions that are renewed
 */
u_int coi_user_renewal_run(const coi_parts_t *parts, coi_executor_t *runner,
						   coi_tunnel_listener_t *listener);

#endif /** COI_USER_RENEWAL_H_ */
