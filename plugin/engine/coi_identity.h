/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the credentials side of identity: own proofs by charon's private keys, and
 * the peer's by its trust chains, constraints and authorization hooks.
 *
 * It may take its time, as revocation lists are fetched: no lock is to be held but
 * the session's checkout.
 */

#ifndef COI_IDENTITY_H_
#define COI_IDENTITY_H_

#include "session/coi_session_entry.h"

/**
 * Make the own proof if the peer asks for one.
 *
 * @param entry		checked out, with its tunnel
 * @param proof		receives the proof, to be cleared
 * @return			FALSE if none is asked for, or none could be made
 */
bool coi_identity_prove(coi_session_entry_t *entry, coi_proof_t *proof);

/**
 * Look at the peer's proof if the connection demands one, let charon's plugins have
 * their say, make the own proof if a responder is asked for it, give or take virtual
 * addresses, see coi_session_vips.h, and let the session go on, perhaps to its end.
 *
 * @param entry		checked out, with its tunnel
 * @param tables	what its tunnel shares with others
 * @param next		receives what is to be done then
 * @return			FALSE if the session cannot go on
 */
bool coi_identity_check(coi_session_entry_t *entry,
						const coi_tunnel_tables_t *tables,
						coi_actions_t *next);

#endif /** COI_IDENTITY_H_ */
