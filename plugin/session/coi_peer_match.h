/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which sessions are between the same two hosts: PROTOCOL.md section 13,
 * Superseding and Crossing. Behind one address of a NAT there may be several
 * peers; what each says of its own address tells them apart.
 *
 * All functions want the lock of the table that the entries are in.
 */

#ifndef COI_PEER_MATCH_H_
#define COI_PEER_MATCH_H_

#include "coi_checkout.h"

/** How long an opening leaves time to a peer that has just begun one, ms: as
 * long as it takes to be repeated. */
#define COI_PEER_MATCH_WAIT 500

/**
 * Whether a session is between two addresses and still of use.
 *
 * @param me		own address, NULL for any
 * @param other		address that the peer is seen with, its port ignored
 */
bool coi_peer_match_is_pair(const coi_checkout_t *holder, host_t *me,
							host_t *other);

/** Whether two open sessions are with the same peer. */
bool coi_peer_match_is_peer(const coi_session_entry_t *a,
							const coi_session_entry_t *b);

/**
 * Whether a session keeps an opening from beginning.
 *
 * @param entry		initiator's session that is to begin
 * @param force		TRUE to begin beside an open one
 */
bool coi_peer_match_is_in_way(const coi_checkout_t *holder,
							  const coi_session_entry_t *entry, bool force);

/**
 * How long an opening that begins leaves time to the peer to show that an
 * opening from its address is its own.
 *
 * @param holder	session that is a mere claim
 * @param entry		initiator's session that is to begin
 * @return			ms, 0 if there is no need to wait
 */
u_int coi_peer_match_wait(const coi_checkout_t *holder,
						  const coi_session_entry_t *entry);

/**
 * Settle whether an arriving Sess0 crosses a session.
 *
 * @param entry		responder's session that the Sess0 made
 * @return			COI_OK, COI_REPLAY, or COI_CROSSED if the Sess0 is to be
 *					ignored
 */
coi_reason_t coi_peer_match_cross(coi_checkout_t *holder,
								  const coi_session_entry_t *entry);

/**
 * Whether an own opening, if it still waits for an answer, ends because a
 * session that the peer has begun is shown to be the peer's.
 */
bool coi_peer_match_is_loser(const coi_session_entry_t *entry,
							 const coi_session_entry_t *proved);

/**
 * Whether a session is no mere claim: one that somebody begins in the peer's
 * name, and has not answered in yet, keeps nothing from beginning and is not
 * waited for.
 */
bool coi_peer_match_is_genuine(const coi_session_entry_t *entry);

#endif /** COI_PEER_MATCH_H_ */
