/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the attempts of an opening: each is an exchange with session id, keys and
 * time of its own, as a peer that started meanwhile takes nothing that is older
 * than its start. PROTOCOL.md section 13, Repeats.
 *
 * All functions want the entry checked out.
 */

#ifndef COI_ATTEMPTS_H_
#define COI_ATTEMPTS_H_

#include "coi_executor.h"
#include "session/coi_session_policy.h"

/**
 * Make an initiator's session with the keys that there are now.
 *
 * @param timing	times that it keeps, copied
 * @param me		own address, with port
 * @param other		peer's address, with port
 * @return			session, NULL if there is no key for any community
 */
coi_session_t *coi_attempts_propose(const coi_parts_t *parts,
									const coi_timing_t *timing,
									coi_connection_t *conn, host_t *me,
									host_t *other);

/**
 * Whether this host wants ESP in UDP with a peer: it is configured, or ESP did not get
 * through without.
 */
bool coi_attempts_wants_encap(const coi_parts_t *parts,
							  const coi_connection_t *conn, host_t *other);

/**
 * ESP does not get through: say and count it, and remember that the peer needs it
 * in UDP.
 */
void coi_attempts_detour(const coi_parts_t *parts,
						 const coi_session_entry_t *entry);

/**
 * Tell charon's bus that an attempt got no answer, as with IKE.
 *
 * @param reason	why it is over
 * @return			FALSE if that was not it
 */
bool coi_attempts_failed(coi_session_entry_t *entry, coi_reason_t reason);

/** Whether an opening that got no answer may be tried again. */
bool coi_attempts_is_left(coi_session_table_t *sessions,
						  const coi_session_entry_t *entry);

/**
 * Count an attempt, and take back what it has installed: the peer may have
 * answered, and the keys were never confirmed.
 */
void coi_attempts_undo(coi_session_table_t *sessions,
					   coi_session_policy_t *shares,
					   coi_session_entry_t *entry);

/**
 * Whether the peer, and not somebody in its name, has not begun a session itself since
 * this opening began: what comes later ends the next attempt, as its Sess2 proves that.
 */
bool coi_attempts_is_alone(coi_session_table_t *sessions,
						   const coi_session_entry_t *entry);

#endif /** COI_ATTEMPTS_H_ */
