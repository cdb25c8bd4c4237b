/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the answer to who is asked for a tunnel when a packet to a network is
 * held.
 */

#ifndef COI_HOLD_TARGET_H_
#define COI_HOLD_TARGET_H_

#include "config/coi_config.h"
#include "policy/coi_policy_store.h"

/**
 * Find the connection that holds packets from this host to a network until
 * there is a tunnel to whoever is before it. Some do not, see
 * coi_network_policy_can_hold(), nor does that which has nobody to ask; then
 * what asks is lost.
 *
 * @param store		where traps are installed
 * @param src		where a packet that is led to the hold SA is from
 * @param dst		where it goes
 * @param gateway	receives whoever is to be asked, NULL if the result is
 * @return			reference, NULL if the packet goes to no such network
 */
coi_connection_t *coi_hold_target_find(coi_config_t *config,
									   coi_policy_store_t *store,
									   host_t *src, host_t *dst,
									   host_t **gateway);

#endif /** COI_HOLD_TARGET_H_ */
