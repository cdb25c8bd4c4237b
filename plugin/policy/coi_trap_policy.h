/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the policies that call out for a connection, and drop what comes from its
 * peers and networks in the clear.
 */

#ifndef COI_TRAP_POLICY_H_
#define COI_TRAP_POLICY_H_

#include "config/coi_connection.h"
#include "coi_policy_store.h"

/**
 * Install the trap of a connection.
 *
 * @param unmarked	packets without these bits go to the hold SA, 0 for none
 * @return			FALSE if the kernel refused it (nothing is left)
 */
bool coi_trap_policy_install(coi_policy_store_t *store, coi_connection_t *conn,
							 uint32_t unmarked);

/** Remove it. */
void coi_trap_policy_remove(coi_policy_store_t *store, uint32_t reqid);

/** Whether it is installed. */
bool coi_trap_policy_is_installed(coi_policy_store_t *store, uint32_t reqid);

#endif /** COI_TRAP_POLICY_H_ */
