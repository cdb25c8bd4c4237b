/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "steps.h"

bool step_outside;

coi_reason_t step(run_t *run, bool initiator, coi_event_t *event)
{
	event->now = run->pair->now;
	event->wall = COI_TEST_WALL + run->pair->now;
	return coi_session_step(run->session[!initiator], event, &run->actions);
}

coi_reason_t step_datagram(run_t *run, bool initiator, chunk_t datagram)
{
	coi_header_t header;
	coi_event_t event = {
		.datagram = datagram, .header = &header, .match = &run->match,
	};

	cr_assert_eq(coi_header_decode(datagram, &header), COI_OK);
	event.type = COI_EV_SESS0 + header.type;
	return step(run, initiator, &event);
}

coi_reason_t step_allocated(run_t *run, bool initiator)
{
	uint32_t spis[COI_MAX_KEYS], i;
	coi_event_t event = { .type = COI_EV_ALLOCATED, .spis = spis };
	coi_proof_t proof = {};
	coi_reason_t reason;

	coi_session_common(run->session[!initiator], &event.spi_count);
	for (i = 0; i < event.spi_count; i++)
	{
		spis[i] = htonl(0x1000 + i);
	}
	step_outside = TRUE;
	if (initiator && coi_test_prove(run->session[0], "alice", &proof))
	{
		event.proof = &proof;
	}
	step_outside = FALSE;
	reason = step(run, initiator, &event);
	coi_proof_clear(&proof);
	return reason;
}

coi_reason_t step_identified(run_t *run, bool initiator)
{
	coi_session_t *session = run->session[!initiator];
	coi_event_t event = { .type = COI_EV_IDENTIFIED };
	coi_proof_t proof = {};
	coi_reason_t reason;

	step_outside = TRUE;
	event.identity_refused = !coi_test_verify(session, initiator ? "bob" : "alice");
	if (!initiator && coi_test_prove(session, "bob", &proof))
	{
		event.proof = &proof;
	}
	step_outside = FALSE;
	reason = step(run, initiator, &event);
	coi_proof_clear(&proof);
	return reason;
}

coi_reason_t step_plain(run_t *run, bool initiator,
							   coi_event_type_t type)
{
	coi_event_t event = { .type = type };

	return step(run, initiator, &event);
}

/**
 * Keep what an action sends.
 */
static void keep(run_t *run, coi_pdu_type_t type)
{
	const coi_action_t *action;
	u_int i;

	for (i = 0; i < run->actions.count; i++)
	{
		action = &run->actions.list[i];
		if (action->type == COI_ACT_SEND || action->type == COI_ACT_SEND_TUNNEL)
		{
			cr_assert_eq(action->count, 1);
			chunk_free(&run->sent[type]);
			run->sent[type] = chunk_clone(action->datagrams[0]);
			return;
		}
	}
	cr_assert_fail("nothing is sent");
}

static coi_reason_t respond(run_t *run)
{
	coi_reason_t reason;
	coi_end_t *end = &run->pair->r;
	coi_header_t header;
	coi_event_t event = {
		.type = COI_EV_SESS0, .header = &header,
		.datagram = run->sent[COI_PDU_SESS0], .match = &run->match,
		.wall = COI_TEST_WALL + run->pair->now,
	};

	cr_assert_eq(coi_header_decode(event.datagram, &header), COI_OK);
	reason = coi_gate_check(end->gate, &header, event.datagram,
							(const uint8_t(*)[COI_ADDR_LEN])end->addr, 1,
							event.wall, end->keys, &run->match);
	return reason ?: coi_session_respond(end->profile, &run->pair->timing,
										 &end->addresses, &event, &run->actions,
										 &run->session[1]);
}

/**
 * The step that leads to a stage.
 */
static coi_reason_t make_step(run_t *run, stage_t stage)
{
	coi_pair_t *pair = run->pair;
	coi_reason_t reason;

	switch (stage)
	{
		case I_CREATED:
			run->session[0] = coi_session_create(pair->i.profile, pair->i.keys,
												 &pair->timing,
												 &pair->i.addresses);
			return run->session[0] ? COI_OK : COI_INTERNAL;
		case I_SENT_SESS0:
			return step_plain(run, TRUE, COI_EV_OPEN);
		case R_GOT_SESS0:
			return respond(run);
		case R_SENT_SESS1:
			return step_allocated(run, FALSE);
		case I_GOT_SESS1:
			return step_datagram(run, TRUE, run->sent[COI_PDU_SESS1]);
		case I_SENT_SESS2:
			return step_allocated(run, TRUE);
		case R_GOT_SESS2:
			return step_datagram(run, FALSE, run->sent[COI_PDU_SESS2]);
		case R_SENT_SESS3:
			return step_identified(run, FALSE);
		case I_GOT_SESS3:
			return step_datagram(run, TRUE, run->sent[COI_PDU_SESS3]);
		case I_SENT_IDLE:
			return step_identified(run, TRUE);
		case R_GOT_IDLE:
			return step_datagram(run, FALSE, run->sent[COI_PDU_IDLE]);
		case I_GOT_IDLE:
			return step_datagram(run, TRUE, run->sent[COI_PDU_IDLE]);
		default:
			reason = step_plain(run, TRUE, COI_EV_CLOSE);
			return reason ?: step_plain(run, FALSE, COI_EV_CLOSE);
	}
}

bool has_stage(stage_t stage, bool third)
{
	return third || stage < R_SENT_SESS3 || stage > R_GOT_IDLE;
}

static stage_t next_stage(const run_t *run)
{
	stage_t stage = run->stage + 1;

	while (!has_stage(stage, run->third))
	{
		stage++;
	}
	return stage;
}

coi_reason_t try_advance(run_t *run)
{
	static const coi_pdu_type_t sent[STAGES] = {
		[I_SENT_SESS0] = COI_PDU_SESS0,
		[R_SENT_SESS1] = COI_PDU_SESS1,
		[I_SENT_SESS2] = COI_PDU_SESS2,
		[R_GOT_SESS2] = COI_PDU_IDLE,
		[R_SENT_SESS3] = COI_PDU_SESS3,
		[I_SENT_IDLE] = COI_PDU_IDLE,
		[R_GOT_IDLE] = COI_PDU_IDLE,
	};
	coi_reason_t reason;
	stage_t stage = next_stage(run);
	bool sends;

	reason = make_step(run, stage);
	if (reason != COI_OK)
	{
		return reason;
	}
	run->stage = stage;
	sends = (sent[stage] && !(stage == R_GOT_SESS2 && run->third)) ||
			stage == I_SENT_SESS0;
	if (sends && run->actions.list[0].type != COI_ACT_CLOSED)
	{
		keep(run, sent[stage]);
	}
	return COI_OK;
}

void advance(run_t *run)
{
	cr_assert_eq(try_advance(run), COI_OK);
	cr_assert(run->stage == BOTH_CLOSED || run->stage == I_CREATED ||
			  run->actions.list[0].type != COI_ACT_CLOSED);
}

run_t begin_before(stage_t stage, bool third)
{
	run_t run = {
		.pair = coi_pair_create("lab web", "web lab"),
		.third = third,
	};

	run.pair->i.profile->demands = third;
	run.pair->r.profile->demands = third;
	while (next_stage(&run) < stage)
	{
		advance(&run);
	}
	return run;
}

run_t begin(stage_t stage)
{
	return begin_before(stage + 1, FALSE);
}

run_t begin_third(stage_t stage)
{
	return begin_before(stage + 1, TRUE);
}

void end(run_t *run)
{
	u_int i;

	for (i = 0; i < COI_PDU_MAX; i++)
	{
		chunk_free(&run->sent[i]);
	}
	coi_session_destroy(run->session[0]);
	coi_session_destroy(run->session[1]);
	coi_pair_destroy(run->pair);
}

void take(const coi_session_t *session, snapshot_t *snapshot)
{
	const coi_shared_community_t *common;
	u_int count;

	memset(snapshot, 0, sizeof(*snapshot));
	memcpy(&snapshot->session, session, sizeof(*session));
	if (session->exchange)
	{
		memcpy(&snapshot->exchange, session->exchange,
			   sizeof(*session->exchange));
	}
	common = coi_session_common(session, &count);
	cr_assert_leq(count, 2);
	memcpy(snapshot->common, common, count * sizeof(*common));
	snapshot->size = coi_session_size(session);
}

bool unchanged(const coi_session_t *session, const snapshot_t *before)
{
	snapshot_t now;

	take(session, &now);
	return memeq(&now, before, sizeof(now));
}
