/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the authentication rounds of a connection: membership in the first, who
 * it is in a second one with a certificate or a public key.
 */

#ifndef COI_AUTH_ROUNDS_H_
#define COI_AUTH_ROUNDS_H_

#include "coi_mistake.h"

#include <daemon.h>

/**
 * Count the rounds of a side.
 *
 * @param total		receives how many there are
 * @return			how many of them use the xauth-coi method
 */
u_int coi_auth_rounds_count(peer_cfg_t *peer, bool local, u_int *total);

/**
 * Check all rounds of both sides. What we do not carry out must not look as if it
 * protected anything.
 *
 * @param mistake	of this connection, receives what is wrong
 * @return			FALSE if something is
 */
bool coi_auth_rounds_check(peer_cfg_t *peer, coi_mistake_t *mistake);

/**
 * The round in which a side proves who it is.
 *
 * @return			borrowed from the peer config, NULL if there is none
 */
auth_cfg_t *coi_auth_rounds_identity(peer_cfg_t *peer, bool local);

#endif /** COI_AUTH_ROUNDS_H_ */
