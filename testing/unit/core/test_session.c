/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Real sessions, driven step by step. What is not allowed, or does not verify,
 * must leave them as they were: octets are compared, and the exchange goes on
 * afterwards.
 */

#include <criterion/criterion.h>

#include "steps.h"

TestSuite(session, .init = coi_test_init);

/**
 * A datagram with the exchange's session ids that nobody with a key has made.
 */
static chunk_t forge(const run_t *run, coi_pdu_type_t type)
{
	static uint8_t buf[COI_MAX_DATAGRAM];
	size_t lengths[] = {
		SUITE->sess0_len, 500, 500, COI_IDLE_LEN, SUITE->term_min, 500,
	};
	coi_header_t header = {
		.type = type,
		.suite = SUITE->id,
		.count = 1,
		.spi_i = coi_session_spi_i(run->session[0]),
		.spi_r = run->session[1] ? coi_session_spi_r(run->session[1]) : 4711,
	};

	if (type == COI_PDU_SESS0)
	{
		header.spi_r = 0;
	}
	memset(buf, 0x5a, sizeof(buf));
	coi_header_encode(&header, buf);
	return chunk_create(buf, lengths[type]);
}

/**
 * Close communities that cannot be, or where no session is open yet.
 */
static void close_some(run_t *run, bool initiator, coi_state_t state,
					   const snapshot_t *before)
{
	static const struct {
		uint16_t indexes[3];
		u_int count;
		bool valid;
	} cases[] = {
		{ { 0 }, 1, TRUE },
		{ { 0, 1 }, 2, TRUE },
		{ { 1, 0 }, 2, FALSE },
		{ { 0, 0 }, 2, FALSE },
		{ { 2 }, 1, FALSE },
		{ { 0, 1, 2 }, 3, FALSE },
		{ { 0, 1, 1 }, 3, FALSE },
		{ { 65535 }, 1, FALSE },
	};
	coi_event_t event = {
		.type = COI_EV_CLOSE, .tell = TRUE, .term = COI_TERM_KEY_REMOVED,
	};
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		if (state == COI_OPEN && cases[i].valid)
		{
			continue;
		}
		event.indexes = cases[i].indexes;
		event.index_count = cases[i].count;
		run->actions.count = 99;
		cr_assert_eq(step(run, initiator, &event),
					 state == COI_OPEN ? COI_INTERNAL : COI_STATE,
					 "case %u in %s", i, enum_to_name(coi_state_names, state));
		cr_assert_eq(run->actions.count, 0);
		cr_assert(unchanged(run->session[!initiator], before), "case %u", i);
	}
}

/**
 * Give one side all forged datagrams, and all events that its state does not
 * allow.
 */
static void attack(run_t *run, bool initiator)
{
	coi_session_t *session = run->session[!initiator];
	coi_reason_t reason;
	snapshot_t before;
	coi_state_t state;
	u_int type;
	bool allowed;

	state = coi_session_state(session);
	take(session, &before);
	for (type = COI_EV_OPEN; type < COI_EV_MAX; type++)
	{
		allowed = coi_fsm_allowed(initiator, state, type);
		run->actions.count = 99;
		if (type >= COI_EV_SESS0 && type <= COI_EV_SESS3)
		{
			reason = step_datagram(run, initiator,
								   forge(run, type - COI_EV_SESS0));
			cr_assert_neq(reason, COI_OK);
			cr_assert(allowed || reason == COI_STATE, "%s in %s: %s",
					  enum_to_name(coi_event_names, type),
					  enum_to_name(coi_state_names, state),
					  enum_to_name(coi_reason_names, reason));
			/* genuine ones of this exchange, where they do not belong */
			if (!allowed && run->sent[type - COI_EV_SESS0].len)
			{
				cr_assert_eq(step_datagram(run, initiator,
										   run->sent[type - COI_EV_SESS0]),
							 COI_STATE);
			}
		}
		else if (allowed)
		{
			continue;
		}
		else if (type == COI_EV_ALLOCATED)
		{
			cr_assert_eq(step_allocated(run, initiator), COI_STATE);
		}
		else
		{
			cr_assert_eq(step_plain(run, initiator, type), COI_STATE);
		}
		cr_assert_eq(run->actions.count, 0);
		cr_assert(unchanged(session, &before), "%s in %s",
				  enum_to_name(coi_event_names, type),
				  enum_to_name(coi_state_names, state));
	}
	close_some(run, initiator, state, &before);
}

static void every_event_in_every_state(bool third)
{
	run_t run = begin_before(I_SENT_SESS0, third);
	stage_t before;
	u_int role;

	do
	{
		before = run.stage;
		for (role = 0; role < 2; role++)
		{
			if (run.session[role])
			{
				attack(&run, !role);
			}
		}
		if (run.stage == I_GOT_IDLE)
		{	/* after all of that it has become what it should */
			cr_assert_eq(coi_session_state(run.session[0]), COI_OPEN);
			cr_assert_eq(coi_session_state(run.session[1]), COI_OPEN);
			cr_assert(coi_session_confirmed(run.session[0]));
			cr_assert(coi_session_confirmed(run.session[1]));
		}
		if (run.stage < BOTH_CLOSED)
		{
			advance(&run);
		}
	}
	while (run.stage != before);
	cr_assert_eq(coi_session_state(run.session[0]), COI_CLOSED);
	end(&run);
}

Test(session, every_event_in_every_state)
{
	every_event_in_every_state(FALSE);
}

Test(session, every_event_in_every_state_with_a_sess3)
{
	every_event_in_every_state(TRUE);
}

Test(session, every_allowed_move_leads_where_the_table_says)
{
	static const coi_event_type_t events[] = { COI_EV_TIMER, COI_EV_CLOSE };
	coi_state_t from, to;
	u_int stage, third, role, i;
	run_t run;

	for (stage = I_CREATED; stage < BOTH_CLOSED; stage++)
	{
		for (i = 0; i < 4 * countof(events); i++)
		{
			third = i & 1;
			role = i >> 1 & 1;
			if (!has_stage(stage, third))
			{
				continue;
			}
			run = begin_before(stage + 1, third);
			from = run.session[role] ? coi_session_state(run.session[role])
									 : COI_CLOSED;
			if (coi_fsm_allowed(!role, from, events[i >> 2]))
			{
				cr_assert_eq(step_plain(&run, !role, events[i >> 2]), COI_OK);
				to = coi_session_state(run.session[role]);
				cr_assert(coi_fsm_may_move(!role, from, events[i >> 2], to));
				cr_assert(events[i >> 2] == COI_EV_TIMER || to == COI_CLOSED);
			}
			end(&run);
		}
	}
}

/** The actions of each step, in their order, as coi_session.h draws them. */
static void assert_actions(const run_t *run, u_int count, ...)
{
	va_list args;
	u_int i;

	cr_assert_eq(run->actions.count, count);
	va_start(args, count);
	for (i = 0; i < count; i++)
	{
		cr_assert_eq(run->actions.list[i].type,
					 va_arg(args, coi_action_type_t), "action %u", i);
	}
	va_end(args);
}

Test(session, actions_of_each_step)
{
	run_t run = begin(I_CREATED);

	advance(&run);
	assert_actions(&run, 2, COI_ACT_SEND, COI_ACT_TIMER);
	cr_expect_eq(run.actions.list[1].delay, COI_RETRANSMIT_FIRST);
	advance(&run);
	assert_actions(&run, 1, COI_ACT_ALLOCATE);
	advance(&run);
	assert_actions(&run, 2, COI_ACT_SEND, COI_ACT_TIMER);
	advance(&run);
	assert_actions(&run, 1, COI_ACT_ALLOCATE);
	advance(&run);
	/* inbound SAs before Sess2 leaves */
	assert_actions(&run, 3, COI_ACT_INSTALL_IN, COI_ACT_SEND, COI_ACT_TIMER);
	advance(&run);
	/* IDLE leaves before anybody is told, as that may take long */
	assert_actions(&run, 4, COI_ACT_INSTALL_BOTH, COI_ACT_SEND_TUNNEL,
				   COI_ACT_ESTABLISHED, COI_ACT_TIMER);
	cr_expect_eq(run.actions.list[3].delay, 0);
	advance(&run);
	assert_actions(&run, 3, COI_ACT_INSTALL_OUT, COI_ACT_ESTABLISHED,
				   COI_ACT_TIMER);
	cr_expect_eq(run.actions.list[2].delay, 0);
	cr_assert_eq(step_plain(&run, TRUE, COI_EV_CLOSE), COI_OK);
	assert_actions(&run, 1, COI_ACT_CLOSED);
	end(&run);
}

Test(session, actions_of_each_step_with_a_sess3)
{
	run_t run = begin_before(R_GOT_SESS2, TRUE);

	/* nothing is installed before Sess2 told who the peer is */
	assert_actions(&run, 2, COI_ACT_SEND, COI_ACT_TIMER);
	advance(&run);
	assert_actions(&run, 2, COI_ACT_TIMER, COI_ACT_IDENTIFY);
	advance(&run);
	assert_actions(&run, 3, COI_ACT_INSTALL_IN, COI_ACT_SEND, COI_ACT_TIMER);
	advance(&run);
	assert_actions(&run, 2, COI_ACT_TIMER, COI_ACT_IDENTIFY);
	advance(&run);
	assert_actions(&run, 3, COI_ACT_INSTALL_BOTH, COI_ACT_SEND_TUNNEL,
				   COI_ACT_ESTABLISHED);
	advance(&run);
	assert_actions(&run, 4, COI_ACT_INSTALL_OUT, COI_ACT_SEND_TUNNEL,
				   COI_ACT_ESTABLISHED, COI_ACT_TIMER);
	cr_expect_eq(run.actions.list[3].delay, 0);
	end(&run);
}

Test(session, getters_on_the_way)
{
	run_t run = begin(I_CREATED);
	coi_user_t alice = { chunk_from_str("alice"), 42 };
	const coi_shared_community_t *common;
	const coi_user_t *user;
	chunk_t id;
	u_int count, i;

	cr_expect(coi_session_is_initiator(run.session[0]));
	cr_expect_eq(coi_session_suite(run.session[0]), coi_test_suite());
	cr_expect_neq(coi_session_spi_i(run.session[0]), 0);
	cr_expect_eq(coi_session_spi_r(run.session[0]), 0);
	coi_session_common(run.session[0], &count);
	cr_expect_eq(count, 0);
	coi_session_set_user(run.session[0], &alice);
	while (run.stage < I_GOT_IDLE)
	{
		advance(&run);
	}
	cr_expect_not(coi_session_is_initiator(run.session[1]));
	cr_expect_eq(coi_session_spi_i(run.session[0]),
				 coi_session_spi_i(run.session[1]));
	cr_expect_eq(coi_session_spi_r(run.session[0]),
				 coi_session_spi_r(run.session[1]));
	for (i = 0; i < 2; i++)
	{
		common = coi_session_common(run.session[i], &count);
		cr_assert_eq(count, 2);
		cr_expect_str_eq(common[0].name, "lab");
		cr_expect_str_eq(common[1].name, "web");
		cr_expect_eq(coi_session_peer_id(run.session[i], &id), 2);
		cr_expect(chunk_equals(id, chunk_from_str(i ? "moon.example.org"
													: "sun.example.org")));
		cr_expect_eq(coi_session_peer_start(run.session[i]),
					 COI_TEST_WALL - 1000);
		user = coi_session_peer_user(run.session[i]);
		cr_expect_eq(user->name.len, i ? 5 : 0);
		cr_expect_eq(user->since, i ? 42 : 0);
		cr_expect_eq(coi_session_own_user(run.session[i])->name.len,
					 i ? 0 : 5);
		cr_expect_eq(common[0].encr_in.len, 36);
		coi_session_wipe_in(run.session[i]);
		cr_expect_eq(common[0].encr_in.len + common[1].encr_in.len, 0);
		cr_expect_eq(common[0].encr_out.len, 36);
		coi_session_wipe_out(run.session[i]);
		cr_expect_eq(common[0].encr_out.len + common[1].encr_out.len, 0);
	}
	end(&run);
}

Test(session, is_own_and_made_by)
{
	run_t run = begin(R_GOT_SESS0), other = begin(I_SENT_SESS0);
	uint8_t tag[COI_TAG_LEN];

	cr_expect(coi_session_is_own(run.session[0], run.sent[COI_PDU_SESS0]));
	cr_expect_not(coi_session_is_own(run.session[0],
									 other.sent[COI_PDU_SESS0]));
	cr_expect_not(coi_session_is_own(run.session[1], run.sent[COI_PDU_SESS0]),
				  "a responder has none");
	cr_expect_not(coi_session_is_own(run.session[0],
								chunk_create(run.sent[0].ptr, 1071)));
	cr_expect(coi_session_made_by(run.session[1], run.match.tag));
	cr_expect_not(coi_session_made_by(run.session[0], run.match.tag));
	memcpy(tag, run.match.tag, sizeof(tag));
	tag[15] ^= 1;
	cr_expect_not(coi_session_made_by(run.session[1], tag));
	while (run.stage < I_GOT_IDLE)
	{
		advance(&run);
	}
	cr_expect_not(coi_session_made_by(run.session[1], run.match.tag),
				  "forgotten once it is open");
	end(&run);
	end(&other);
}

Test(session, created_with_one_suite_and_keys_only)
{
	coi_pair_t *pair = coi_pair_create("", "lab web");
	coi_suite_t twin = *coi_test_suite();
	coi_session_t *session;

	cr_expect_null(coi_session_create(pair->i.profile, pair->i.keys,
									  &pair->timing, &pair->i.addresses));
	pair->r.keys->keys[1]->suite = &twin;
	cr_expect_null(coi_session_create(pair->r.profile, pair->r.keys,
									  &pair->timing, &pair->r.addresses));
	pair->r.keys->keys[1]->suite = coi_test_suite();
	session = coi_session_create(pair->r.profile, pair->r.keys, &pair->timing,
								 &pair->r.addresses);
	cr_expect_not_null(session);
	coi_session_destroy(session);
	coi_session_destroy(NULL);
	coi_pair_destroy(pair);
}

/**
 * What becomes of a Sess0 at a responder with a profile.
 */
static coi_reason_t try_respond(run_t *run, coi_profile_t *profile,
								chunk_t datagram, uint8_t suite)
{
	coi_session_t *session = (void*)1;
	coi_header_t header = {
		.suite = suite, .count = 1,
		.spi_i = coi_session_spi_i(run->session[0]),
	};
	coi_event_t event = {
		.type = COI_EV_SESS0, .header = &header, .datagram = datagram,
		.match = &run->match,
	};
	coi_reason_t reason;

	run->actions.count = 99;
	reason = coi_session_respond(profile, &run->pair->timing,
								 &run->pair->r.addresses, &event,
								 &run->actions, &session);
	cr_assert_eq(!session, reason != COI_OK);
	cr_assert(reason == COI_OK || !run->actions.count);
	coi_session_destroy(session);
	return reason;
}

Test(session, id_below_a_limit)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_session_t *session;
	uint64_t limit, id;
	u_int i;

	session = coi_session_create(pair->i.profile, pair->i.keys, &pair->timing,
								 &pair->i.addresses);
	cr_assert_not_null(session);
	id = coi_session_spi_i(session);
	for (limit = 0; limit < 2; limit++)
	{
		cr_expect_not(coi_session_draw_below(session, limit));
		cr_expect_eq(coi_session_spi_i(session), id);
	}
	for (limit = UINT64_MAX; limit > 1; limit /= 3)
	{
		for (i = 0; i < 8; i++)
		{
			cr_assert(coi_session_draw_below(session, limit));
			cr_expect_neq(coi_session_spi_i(session), 0);
			cr_expect_lt(coi_session_spi_i(session), limit);
		}
	}
	coi_session_destroy(session);

	/* what has been sent is not named anew */
	coi_pair_open(pair);
	id = coi_session_spi_i(pair->i.session);
	cr_expect_not(coi_session_draw_below(pair->i.session, UINT64_MAX));
	cr_expect_eq(coi_session_spi_i(pair->i.session), id);
	coi_pair_destroy(pair);
}

Test(session, respond_refuses)
{
	run_t run = begin(R_GOT_SESS0);
	chunk_t sess0 = run.sent[COI_PDU_SESS0];
	coi_profile_t *profile = run.pair->r.profile, *other;
	uint8_t *place;

	cr_expect_eq(try_respond(&run, profile, sess0, SUITE->id), COI_OK);
	cr_expect_eq(try_respond(&run, profile, sess0, 0), COI_SUITE);
	cr_expect_eq(try_respond(&run, profile, chunk_create(sess0.ptr, sess0.len - 1), SUITE->id),
				 COI_LENGTH);
	other = coi_test_profile(NULL, "else");
	cr_expect_eq(try_respond(&run, other, sess0, SUITE->id), COI_NO_KEY);
	coi_profile_destroy(other);
	place = sess0.ptr + 208 + SUITE->entry_len * run.match.found[0].place;
	*place ^= 1;
	cr_expect_eq(try_respond(&run, profile, sess0, SUITE->id), COI_ENTRY);
	*place ^= 1;
	end(&run);
}

Test(session, spis_that_cannot_be)
{
	static const stage_t stages[] = { I_GOT_SESS1, R_GOT_SESS0 };
	uint32_t spis[] = { htonl(0x1000), htonl(255), 0 };
	coi_event_t event = { .type = COI_EV_ALLOCATED, .spis = spis };
	snapshot_t before;
	run_t run;
	u_int i;

	for (i = 0; i < 2; i++)
	{
		run = begin(stages[i]);
		take(run.session[i], &before);
		for (event.spi_count = 0; event.spi_count < 4; event.spi_count++)
		{
			cr_expect_eq(step(&run, !i, &event), COI_INTERNAL);
			cr_expect(unchanged(run.session[i], &before));
		}
		while (run.stage < I_GOT_IDLE)
		{
			advance(&run);
		}
		end(&run);
	}
}

Test(session, no_spi_at_all_ends_it)
{
	static const stage_t stages[] = { I_GOT_SESS1, R_GOT_SESS0 };
	uint32_t spis[2] = {};
	coi_event_t event = {
		.type = COI_EV_ALLOCATED, .spis = spis, .spi_count = 2,
	};
	run_t run;
	u_int i;

	for (i = 0; i < 2; i++)
	{
		run = begin(stages[i]);
		cr_expect_eq(step(&run, !i, &event), COI_OK);
		assert_actions(&run, 1, COI_ACT_CLOSED);
		cr_expect_eq(run.actions.list[0].reason, COI_INTERNAL);
		cr_expect_eq(coi_session_state(run.session[i]), COI_CLOSED);
		end(&run);
	}
}

Test(session, nobody_allocates)
{
	static const stage_t stages[] = { I_GOT_SESS1, R_GOT_SESS0 };
	run_t run;
	u_int i;

	for (i = 0; i < 2; i++)
	{
		run = begin(stages[i]);
		cr_expect_eq(step_plain(&run, !i, COI_EV_TIMER), COI_OK);
		assert_actions(&run, 1, COI_ACT_CLOSED);
		cr_expect_eq(run.actions.list[0].reason, COI_TIMEOUT);
		end(&run);
	}
}

Test(session, session_ids_are_compared)
{
	run_t run = begin(I_GOT_IDLE);
	chunk_t datagram;
	snapshot_t before[2];
	u_int role, type, at;

	take(run.session[0], &before[0]);
	take(run.session[1], &before[1]);
	for (role = 0; role < 2; role++)
	{
		for (type = COI_PDU_SESS1; type < COI_PDU_MAX; type++)
		{
			for (at = 8; at < 24; at++)
			{
				datagram = forge(&run, type);
				datagram.ptr[at] ^= 1;
				cr_assert_eq(step_datagram(&run, !role, datagram),
							 COI_UNKNOWN_SESSION);
			}
		}
		datagram = forge(&run, COI_PDU_SESS0);
		datagram.ptr[8] ^= 1;
		cr_assert_eq(step_datagram(&run, !role, datagram),
					 COI_UNKNOWN_SESSION);
	}
	cr_expect(unchanged(run.session[0], &before[0]));
	cr_expect(unchanged(run.session[1], &before[1]));
	end(&run);
}

Test(session, suite_of_the_session_only)
{
	run_t run = begin(I_GOT_IDLE);
	coi_header_t header = {
		.type = COI_PDU_IDLE, .suite = 3 - SUITE->id, .count = 1,
		.spi_i = coi_session_spi_i(run.session[0]),
		.spi_r = coi_session_spi_r(run.session[0]),
	};
	coi_event_t event = {
		.type = COI_EV_IDLE, .header = &header,
		.datagram = run.sent[COI_PDU_IDLE],
	};

	cr_expect_eq(step(&run, TRUE, &event), COI_SUITE);
	event.type = COI_EV_MAX;
	cr_expect_eq(step(&run, TRUE, &event), COI_STATE);
	end(&run);
}

Test(session, idle_only_once_confirmed)
{
	run_t run = begin(I_CREATED);
	coi_idle_t told = { 1, 2, 3, FALSE, 4 }, heard = {};
	chunk_t idle;
	u_int i;

	while (run.stage < I_GOT_IDLE)
	{
		for (i = 0; i < 2; i++)
		{
			if (run.session[i] && (!i || run.stage < R_GOT_SESS2))
			{
				idle = chunk_from_str("x");
				cr_expect_eq(coi_session_idle(run.session[i], &told, &idle),
							 COI_STATE);
				cr_expect_eq(idle.len, 0);
			}
		}
		advance(&run);
	}
	for (i = 0; i < 2; i++)
	{
		cr_assert_eq(coi_session_idle(run.session[i], &told, &idle), COI_OK);
		cr_assert_eq(step_datagram(&run, i, idle), COI_OK);
		assert_actions(&run, 1, COI_ACT_ALIVE);
		coi_session_peer_idle(run.session[!i], &heard);
		cr_expect_eq(heard.age, told.age);
		cr_expect_eq(heard.lifetime, told.lifetime);
		cr_expect_eq(heard.ttl, told.ttl);
		cr_expect_eq(heard.gained, told.gained);
		cr_expect_eq(step_datagram(&run, i, idle), COI_REPLAY);
		chunk_free(&idle);
	}
	end(&run);
}

Test(session, term_is_told_and_understood)
{
	run_t run;
	coi_event_t event = {
		.type = COI_EV_CLOSE, .tell = TRUE, .term = COI_TERM_SHUTDOWN,
		.text = "going down",
	};
	chunk_t term;
	u_int i;

	for (i = 0; i < 2; i++)
	{
		run = begin(I_GOT_IDLE);
		cr_assert_eq(step(&run, !i, &event), COI_OK);
		assert_actions(&run, 2, COI_ACT_SEND, COI_ACT_CLOSED);
		term = chunk_clone(run.actions.list[0].datagrams[0]);
		cr_assert_eq(step_datagram(&run, i, term), COI_OK);
		assert_actions(&run, 1, COI_ACT_CLOSED);
		cr_expect_eq(run.actions.list[0].reason, COI_OK);
		cr_expect_eq(run.actions.list[0].term, COI_TERM_SHUTDOWN);
		cr_expect_str_eq(run.actions.list[0].text, "going down");
		cr_expect_eq(coi_session_state(run.session[!i]), COI_CLOSED);
		chunk_free(&term);
		end(&run);
	}
}

Test(session, communities_end_one_by_one)
{
	/* both roles, and an initiator that is not confirmed yet */
	static const struct {
		stage_t stage;
		bool initiator;
	} cases[] = {
		{ I_GOT_IDLE, TRUE }, { I_GOT_IDLE, FALSE }, { R_GOT_SESS2, TRUE },
	};
	static const uint16_t indexes[] = { 0, 1 };
	coi_event_t event = {
		.type = COI_EV_CLOSE, .term = COI_TERM_KEY_REMOVED, .text = "gone",
		.index_count = 1,
	};
	const coi_shared_community_t *common;
	chunk_t term;
	bool initiator;
	u_int i, named, tell, count;
	run_t run;

	for (i = 0; i < 2 * 2 * countof(cases); i++)
	{
		named = i % 2;
		tell = i / 2 % 2;
		initiator = cases[i / 4].initiator;
		run = begin(cases[i / 4].stage);
		common = coi_session_common(run.session[!initiator], &count);
		event.indexes = indexes + named;
		event.tell = tell;
		cr_assert_eq(step(&run, initiator, &event), COI_OK);
		if (tell)
		{
			assert_actions(&run, 2, COI_ACT_SEND, COI_ACT_DROPPED);
			cr_assert_eq(run.actions.list[0].count, 1);
			term = chunk_clone(run.actions.list[0].datagrams[0]);
			cr_expect_eq(run.actions.list[1].term, 0);
		}
		else
		{
			assert_actions(&run, 1, COI_ACT_DROPPED);
		}
		cr_expect_not(common[named].used);
		cr_expect_eq(common[named].encr_in.len + common[named].encr_out.len, 0);
		cr_expect(common[!named].used);
		cr_expect_eq(common[!named].encr_in.len, 36);
		cr_expect_eq(common[!named].encr_out.len, 36);
		cr_expect_eq(coi_session_state(run.session[!initiator]), COI_OPEN);
		if (tell)
		{
			common = coi_session_common(run.session[initiator], &count);
			cr_assert_eq(step_datagram(&run, !initiator, term), COI_OK);
			assert_actions(&run, 1, COI_ACT_DROPPED);
			cr_expect_eq(run.actions.list[0].term, COI_TERM_KEY_REMOVED);
			cr_expect_str_eq(run.actions.list[0].text, "gone");
			cr_expect_not(common[named].used);
			cr_expect(common[!named].used);
			cr_expect_eq(common[named].encr_in.len, 0);
			cr_expect_eq(common[!named].encr_in.len, 36);
			chunk_free(&term);
		}
		/* the last one is the session */
		event.indexes = indexes + !named;
		cr_assert_eq(step(&run, initiator, &event), COI_OK);
		if (tell)
		{
			assert_actions(&run, 2, COI_ACT_SEND, COI_ACT_CLOSED);
			cr_expect_eq(run.actions.list[0].datagrams[0].len,
						 SUITE->term_min + 4, "it names none");
		}
		else
		{
			assert_actions(&run, 1, COI_ACT_CLOSED);
		}
		cr_expect_eq(coi_session_state(run.session[!initiator]), COI_CLOSED);
		end(&run);
	}
}

Test(session, size_is_what_it_keeps)
{
	run_t run = begin(I_GOT_IDLE);
	size_t open[2], i;

	for (i = 0; i < 2; i++)
	{
		coi_session_wipe_in(run.session[i]);
		coi_session_wipe_out(run.session[i]);
		open[i] = coi_session_size(run.session[i]);
		cr_expect_geq(open[i], sizeof(coi_session_t));
		/* an open session with two communities keeps no message of 1 kB */
		cr_expect_lt(open[i], sizeof(coi_session_t) + 1000);
	}
	end(&run);
	run = begin(R_SENT_SESS1);
	for (i = 0; i < 2; i++)
	{
		cr_expect_gt(coi_session_size(run.session[i]), open[i] + 1000,
					 "what may have to be sent again");
	}
	end(&run);
}
