/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the making of sessions, with what they are lent and told: one for each
 * attempt of an opening, as a peer that started meanwhile takes nothing that is older
 * than its start, and one for a Sess0 that is answered. PROTOCOL.md section 13,
 * Repeats.
 */

#ifndef COI_ATTEMPTS_H_
#define COI_ATTEMPTS_H_

#include "config/coi_config.h"
#include "events/coi_counters.h"
#include "keys/coi_keypair_pool.h"
#include "keys/coi_keyring.h"
#include "session/coi_encap_peers.h"
#include "session/coi_local_user.h"
#include "session/coi_session_policy.h"
#include "session/coi_session_table.h"

typedef struct coi_attempts_t coi_attempts_t;
typedef struct coi_attempts_config_t coi_attempts_config_t;

/** What sessions are made of; all borrowed. */
struct coi_attempts_config_t {
	const coi_options_t *options;
	coi_keyring_t *keyring;
	coi_keypair_pool_t *keypairs;
	coi_local_user_t *local_user;
	coi_encap_peers_t *encap_peers;
	coi_counters_t *counters;
};

struct coi_attempts_t {

	/**
	 * Make an initiator's session with the keys that there are now.
	 *
	 * @param conn		connection, borrowed
	 * @param me		own address, with port
	 * @param other		peer's address, with port
	 * @return			session, NULL if there is no key for any community
	 */
	coi_session_t *(*propose)(coi_attempts_t *this, coi_connection_t *conn,
							  host_t *me, host_t *other);

	/**
	 * Make a responder's session of a Sess0 that passed the gate.
	 *
	 * @param conn		connection, borrowed
	 * @param me		own address, with port
	 * @param other		peer's address, with port
	 * @param event		the SESS0 event
	 * @param actions	receives what is to be done
	 * @param session	receives the session on COI_OK
	 * @return			COI_OK, or why the Sess0 is refused
	 */
	coi_reason_t (*respond)(coi_attempts_t *this, coi_connection_t *conn,
							host_t *me, host_t *other,
							const coi_event_t *event, coi_actions_t *actions,
							coi_session_t **session);

	/**
	 * ESP does not get through: say and count it, and remember that the peer needs
	 * it in UDP.
	 *
	 * @param entry		checked out
	 */
	void (*encap)(coi_attempts_t *this, const coi_session_entry_t *entry);

	void (*destroy)(coi_attempts_t *this);
};

/**
 * @param config	copied
 */
coi_attempts_t *coi_attempts_create(const coi_attempts_config_t *config);

/**
 * Tell charon's bus that an attempt got no answer, as with IKE.
 *
 * @param entry		checked out
 * @param reason	why it is over
 * @return			FALSE if that was not it
 */
bool coi_attempts_failed(coi_session_entry_t *entry, coi_reason_t reason);

/** Whether an opening that got no answer may be tried again; it is checked out. */
bool coi_attempts_is_left(coi_session_table_t *sessions,
						  const coi_session_entry_t *entry);

/**
 * Count an attempt, and take back what it has installed: the peer may have
 * answered, and the keys were never confirmed.
 *
 * @param entry		checked out
 */
void coi_attempts_undo(coi_session_table_t *sessions,
					   coi_session_policy_t *session_policy,
					   coi_session_entry_t *entry);

/**
 * Whether the peer, and not somebody in its name, has not begun a session itself since
 * this opening began: what comes later ends the next attempt, as its Sess2 proves that.
 *
 * @param entry		checked out
 */
bool coi_attempts_is_alone(coi_session_table_t *sessions,
						   const coi_session_entry_t *entry);

#endif /** COI_ATTEMPTS_H_ */
