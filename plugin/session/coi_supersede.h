/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which of several open sessions stays: between the same two hosts the one
 * that began last (PROTOCOL.md section 13, Superseding), and none with the same
 * peer from an own address that is gone or is being left (Moving).
 *
 * Both ends keep the same one, as when a session began is the same for both,
 * and when it is confirmed is not.
 */

#ifndef COI_SUPERSEDE_H_
#define COI_SUPERSEDE_H_

#include "coi_session_table.h"
#include "util/coi_timer.h"

/** How a session ends that another one replaces: the timer's generation. */
enum {
	/** its SAs stay a while for what is under way */
	COI_SUPERSEDED,
	/** at once, with a TERM that comes from another address */
	COI_MOVED,
};

/**
 * Find the tunnel of which users see a new session as the rekeying.
 *
 * @param entry		session that is about to be established, checked out
 * @param stale		receives TRUE if one that began later was faster: then
 *					users are not to see the new one at all
 * @return			id, to be destroyed, NULL if there is none
 */
ike_sa_id_t *coi_supersede_find(coi_session_table_t *sessions,
								const coi_session_entry_t *entry, bool *stale);

/**
 * Let sessions end that another one replaces, each by a timer with
 * COI_SUPERSEDED or COI_MOVED.
 *
 * @param entry		session that was established, checked out
 */
void coi_supersede_begin(coi_session_table_t *sessions,
						 const coi_session_entry_t *entry,
						 coi_timer_cb_t cb, void *data);

#endif /** COI_SUPERSEDE_H_ */
