/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a CHILD_SA of a community does otherwise than one of IKE: it has
 * a reqid that charon did not allocate, and no policies of its own.
 *
 * Stock code would build policies from each local with each remote traffic
 * selector, to query and to delete them; flows are not crossed. So the object
 * has none, and answers with the flows where it is asked for selectors.
 */

#ifndef COI_CHILD_SHELL_H_
#define COI_CHILD_SHELL_H_

#include "coi_traffic_totals.h"
#include "config/coi_connection.h"
#include "config/coi_marks.h"
#include "core/coi_shared_community.h"

/**
 * Take COI_REQID_FIRST to COI_REQID_LAST out of the hands of charon's reqid
 * allocator, which would replace a reqid that it does not know.
 */
void coi_child_shell_init();
void coi_child_shell_deinit();

/**
 * Create a CHILD_SA and allocate its inbound SPI.
 *
 * @param ike_sa	IKE_SA it is for, not added to it
 * @param child		community
 * @param tags		instead of unique ones of its own, 0 for these
 * @param totals	told what it has carried when it ends; a reference is taken
 * @return			NULL if no SPI could be allocated
 */
child_sa_t *coi_child_shell_create(ike_sa_t *ike_sa, const coi_child_t *child,
								   const coi_marks_t *tags,
								   coi_traffic_totals_t *totals);

/**
 * Install one of its SAs.
 *
 * @param ike_sa	its IKE_SA, whose hosts and conditions count
 * @param initiator	role in the exchange
 * @return			FALSE if the kernel refused (said at level 1)
 */
bool coi_child_shell_install(ike_sa_t *ike_sa, child_sa_t *child_sa,
							 const coi_shared_community_t *common,
							 bool initiator,
							 bool inbound);

/** Let its SAs follow to the peer's host that its IKE_SA has now. */
void coi_child_shell_move(ike_sa_t *ike_sa, child_sa_t *child_sa);

/** Whether both SAs are installed. */
bool coi_child_shell_complete(child_sa_t *child_sa);

/** Note that an IDLE has gone through one of its SAs, which is no use of it. */
void coi_child_shell_note_idle(child_sa_t *child_sa, bool inbound);

/** Set the flows that are answered with when asked for traffic selectors. */
void coi_child_shell_set_flows(child_sa_t *child_sa, host_t *me, host_t *other,
							   const coi_flows_t *flows);

#endif /** COI_CHILD_SHELL_H_ */
