/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns entries of the table of sessions as tests need them: real sessions with
 * two hosts, without connection and tunnel.
 */

#ifndef ENTRIES_H_
#define ENTRIES_H_

#include "coi_test.h"

#include "session/coi_checkout.h"

/**
 * Make the holder of an initiator's session that has sent nothing yet.
 *
 * @param me		own address
 * @param other		the peer's, as it is seen
 * @param port		its port
 */
coi_checkout_t *entries_initiator(const char *me, const char *other,
								  uint16_t port);

/**
 * Make the holder of a responder's session that has got its Sess0.
 *
 * @param below		what the initiator's session id has to be below, 0 for any
 */
coi_checkout_t *entries_responder(const char *me, const char *other,
								  uint16_t port, uint64_t below);

/** Note what the peer says is its own address, if it is in no table. */
void entries_claim(coi_checkout_t *holder, const char *own, uint16_t port);

/** Write an address as sessions have it. */
coi_address_t entries_address(const char *own, uint16_t port);

/** Free a holder and its entry. */
void entries_destroy(coi_checkout_t *holder);

#endif /** ENTRIES_H_ */
