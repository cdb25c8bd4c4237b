/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which open sessions a new one takes the place of: older ones between the
 * same two hosts (PROTOCOL.md section 13, Superseding), and those with the
 * same peer from an own address that is gone or is being left (Moving).
 */

#ifndef COI_SUCCESSION_H_
#define COI_SUCCESSION_H_

#include "coi_sessions.h"
#include "coi_timer.h"

typedef struct coi_succession_t coi_succession_t;

/** How a session ends that another one replaces: the timer's generation. */
enum {
	/** without a word, its SAs stay a while for what is under way */
	COI_SUPERSEDED,
	/** at once and with a TERM, which comes from another address */
	COI_MOVED,
};

/**
 * Find the sessions that a new one replaces.
 *
 * @param entry		the new one, checked out
 */
coi_succession_t *coi_succession_create(coi_sessions_t *sessions,
										const coi_entry_t *entry);

/**
 * The tunnel of which users see the new one as a rekeying.
 *
 * @return			id, borrowed, NULL if there is none
 */
ike_sa_id_t *coi_succession_replaced(coi_succession_t *succession);

/**
 * Let them end, each by a timer with COI_SUPERSEDED or COI_MOVED, and free the
 * succession.
 */
void coi_succession_begin(coi_succession_t *succession,
						  coi_sessions_t *sessions, coi_timer_cb_t cb,
						  void *data);

/** Free it, nothing ends. */
void coi_succession_destroy(coi_succession_t *succession);

#endif /** COI_SUCCESSION_H_ */
