/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which event is allowed in which state and what state may follow:
 * docs/PROTOCOL.md section 12.
 */

#ifndef COI_FSM_H_
#define COI_FSM_H_

#include <library.h>

typedef enum coi_state_t coi_state_t;
typedef enum coi_event_type_t coi_event_type_t;

enum coi_state_t {
	COI_CREATED,
	COI_PENDING_OPEN,
	COI_PENDING_FINAL,
	/** an identity is to be proved: the initiator waits for Sess3, the responder
	 * for what becomes of the Sess2 that it got */
	COI_PENDING_PROOF,
	COI_OPEN,
	COI_CLOSED,
	COI_STATE_MAX,
};

enum coi_event_type_t {
	/** initiator: begin */
	COI_EV_OPEN,
	/* a datagram of that type, in the order of coi_pdu_type_t */
	COI_EV_SESS0,
	COI_EV_SESS1,
	COI_EV_SESS2,
	COI_EV_IDLE,
	COI_EV_TERM,
	COI_EV_SESS3,
	/** SPIs are there */
	COI_EV_ALLOCATED,
	/** the peer's proof was looked at, the own one is there */
	COI_EV_IDENTIFIED,
	/** the timer fired */
	COI_EV_TIMER,
	/** end it */
	COI_EV_CLOSE,
	COI_EV_MAX,
};

extern enum_name_t *coi_state_names;
extern enum_name_t *coi_event_names;

/**
 * Whether an event is allowed in a state.
 *
 * @param initiator		role
 * @param state			state
 * @param event			event
 */
bool coi_fsm_allowed(bool initiator, coi_state_t state,
					 coi_event_type_t event);

/** Whether a role may move from a state to another one on an event (staying is
 * always allowed if the event is). */
bool coi_fsm_may_move(bool initiator, coi_state_t from,
					  coi_event_type_t event, coi_state_t to);

#endif /** COI_FSM_H_ */
