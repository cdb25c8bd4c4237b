/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns an exchange that is driven one step of one side at a time, and the look at
 * all that a session is made of.
 */

#ifndef STEPS_H_
#define STEPS_H_

#include "coi_pair.h"
#include "core/coi_session_private.h"

/** How far an exchange has come; each stage adds one step of one side. */
typedef enum {
	NOTHING,
	I_CREATED,
	I_SENT_SESS0,
	R_GOT_SESS0,
	R_SENT_SESS1,
	I_GOT_SESS1,
	I_SENT_SESS2,
	R_GOT_SESS2,
	/* these only with a Sess3 */
	R_SENT_SESS3,
	I_GOT_SESS3,
	I_SENT_IDLE,
	R_GOT_IDLE,
	I_GOT_IDLE,
	BOTH_CLOSED,
	STAGES,
} stage_t;

/** An exchange and all that was sent in it. */
typedef struct {
	coi_pair_t *pair;
	stage_t stage;
	/** by role: initiator's first */
	coi_session_t *session[2];
	chunk_t sent[COI_PDU_MAX];
	coi_gate_match_t match;
	coi_actions_t actions;
	/** with a Sess3 */
	bool third;
} run_t;

/** Give an event, or a datagram, to a session; run->actions are what it says. */
coi_reason_t step(run_t *run, bool initiator, coi_event_t *event);
coi_reason_t step_plain(run_t *run, bool initiator, coi_event_type_t type);
coi_reason_t step_datagram(run_t *run, bool initiator, chunk_t datagram);
coi_reason_t step_allocated(run_t *run, bool initiator);

/** Try one more step. On COI_OK it was made, and perhaps closed the session. */
coi_reason_t try_advance(run_t *run);

/** One more step, that has to succeed. */
void advance(run_t *run);

/** Whether an exchange has a stage, with or without a Sess3. */
bool has_stage(stage_t stage, bool third);

/** Begin an exchange and go on as far as to the step that leads to a stage. */
run_t begin_before(stage_t stage, bool third);

/** Begin an exchange of "lab" and "web" and go on to a stage. */
run_t begin(stage_t stage);

/** The same with a Sess3, in which both prove who they are. */
run_t begin_third(stage_t stage);

/** A proof is being made or looked at, which is no business of the core's. */
extern bool step_outside;

/** What the engine does on IDENTIFY. */
coi_reason_t step_identified(run_t *run, bool initiator);

void end(run_t *run);

/** All that a session is made of, as far as one can see. */
typedef struct {
	coi_session_t session;
	coi_exchange_t exchange;
	coi_shared_community_t common[2];
	size_t size;
} snapshot_t;

void take(const coi_session_t *session, snapshot_t *snapshot);

bool unchanged(const coi_session_t *session, const snapshot_t *before);

#endif /** STEPS_H_ */
