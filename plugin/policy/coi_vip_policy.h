/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the policies that a virtual address needs beside those of its flows:
 * between it and the other side nothing else passes, whatever network another
 * peer offers that it is in. For that flows of virtual addresses, and what is
 * blocked of them, stand above all other flows.
 */

#ifndef COI_VIP_POLICY_H_
#define COI_VIP_POLICY_H_

#include "coi_pair_allow.h"
#include "coi_policy_store.h"

/**
 * Want everything blocked between virtual addresses and what is at the other side.
 *
 * @param wanted	coi_policy_entry_t, appended to
 * @param outbound	TRUE for what leaves, FALSE for what comes in or through
 */
void coi_vip_policy_want_blocks(array_t *wanted, const coi_pair_allow_t *allow,
								host_t *me, host_t *other, bool outbound);

/**
 * Block what has to do with virtual addresses of our own pools wherever it does not
 * go through a session, as long as charon runs: what a guest was talking about must
 * not go on in the clear when it has left.
 */
void coi_vip_policy_keep(coi_policy_store_t *store, const coi_pair_allow_t *allow);

/**
 * Get the address that IDLEs have at a guest's end: the virtual one of the family of
 * its own address. That is nobody else's, and a guest may be where others have the
 * same own address.
 *
 * @param own		of the guest
 * @return			with own's port, to be destroyed; NULL if there is none
 */
host_t *coi_vip_policy_idle(const coi_virtual_t *given, host_t *own);

/**
 * The same, or the guest's own address if there is none.
 *
 * @param own		adopted
 * @return			to be destroyed
 */
host_t *coi_vip_policy_inside(const coi_virtual_t *given, host_t *own);

/**
 * Get the priority of a community's flows, if they are of virtual addresses.
 *
 * @param priority	that of others
 * @param rank		place of the community
 */
uint32_t coi_vip_policy_priority(const coi_pair_allow_t *allow, uint32_t priority,
								 u_int rank);

#endif /** COI_VIP_POLICY_H_ */
