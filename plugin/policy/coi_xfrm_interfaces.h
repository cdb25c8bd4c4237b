/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the way into XFRM interfaces: what is routed into one whose ID is in use
 * passes the policies that have no ID, and comes to those that have it.
 *
 * The kernel asks the policies twice about a packet that is routed into an XFRM
 * interface: those without an ID when it is routed, where traps and blocks would
 * take it, and those with the interface's ID when it gets there. What has no SA of
 * that ID then is dropped, so nothing leaves in the clear by that way. What is
 * routed elsewhere meets the traps and blocks.
 */

#ifndef COI_XFRM_INTERFACES_H_
#define COI_XFRM_INTERFACES_H_

#include <library.h>

/** Look for interfaces from now on, those that come later, too. */
void coi_xfrm_interfaces_init();

void coi_xfrm_interfaces_deinit();

/**
 * A policy has an interface ID on the way out, or it is gone. To be balanced.
 */
void coi_xfrm_interfaces_use(uint32_t if_id, bool use);

/** Get the index of an interface that has an ID, 0 if there is none. */
u_int coi_xfrm_interfaces_find(uint32_t if_id);

#endif /** COI_XFRM_INTERFACES_H_ */
