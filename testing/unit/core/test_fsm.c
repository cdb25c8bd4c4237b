/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * docs/PROTOCOL.md section 12 written down a second time. test_session.c walks the
 * same table with real sessions.
 */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_fsm.h"

/** what section 12 and 13 allow: role, state, event, states that may follow */
static const struct {
	bool initiator;
	coi_state_t from;
	coi_event_type_t event;
	coi_state_t to;
} allowed[] = {
	{ TRUE, COI_CREATED, COI_EV_OPEN, COI_PENDING_OPEN },
	{ TRUE, COI_CREATED, COI_EV_CLOSE, COI_CLOSED },
	{ TRUE, COI_PENDING_OPEN, COI_EV_SESS1, COI_PENDING_FINAL },
	{ TRUE, COI_PENDING_OPEN, COI_EV_TIMER, COI_CLOSED },
	{ TRUE, COI_PENDING_OPEN, COI_EV_CLOSE, COI_CLOSED },
	{ TRUE, COI_PENDING_FINAL, COI_EV_ALLOCATED, COI_OPEN },
	{ TRUE, COI_PENDING_FINAL, COI_EV_ALLOCATED, COI_CLOSED },
	{ TRUE, COI_PENDING_FINAL, COI_EV_TIMER, COI_CLOSED },
	{ TRUE, COI_PENDING_FINAL, COI_EV_CLOSE, COI_CLOSED },
	{ TRUE, COI_PENDING_FINAL, COI_EV_ALLOCATED, COI_PENDING_PROOF },
	{ TRUE, COI_PENDING_PROOF, COI_EV_SESS1, COI_PENDING_PROOF },
	{ TRUE, COI_PENDING_PROOF, COI_EV_SESS3, COI_PENDING_PROOF },
	{ TRUE, COI_PENDING_PROOF, COI_EV_IDENTIFIED, COI_OPEN },
	{ TRUE, COI_PENDING_PROOF, COI_EV_IDENTIFIED, COI_CLOSED },
	{ TRUE, COI_PENDING_PROOF, COI_EV_TERM, COI_PENDING_PROOF },
	{ TRUE, COI_PENDING_PROOF, COI_EV_TERM, COI_CLOSED },
	{ TRUE, COI_PENDING_PROOF, COI_EV_TIMER, COI_CLOSED },
	{ TRUE, COI_PENDING_PROOF, COI_EV_CLOSE, COI_CLOSED },
	{ TRUE, COI_OPEN, COI_EV_SESS1, COI_OPEN },
	{ TRUE, COI_OPEN, COI_EV_SESS3, COI_OPEN },
	{ TRUE, COI_OPEN, COI_EV_IDLE, COI_OPEN },
	{ TRUE, COI_OPEN, COI_EV_TERM, COI_OPEN },
	{ TRUE, COI_OPEN, COI_EV_TERM, COI_CLOSED },
	{ TRUE, COI_OPEN, COI_EV_TIMER, COI_CLOSED },
	{ TRUE, COI_OPEN, COI_EV_CLOSE, COI_OPEN },
	{ TRUE, COI_OPEN, COI_EV_CLOSE, COI_CLOSED },
	{ FALSE, COI_CREATED, COI_EV_SESS0, COI_PENDING_OPEN },
	{ FALSE, COI_CREATED, COI_EV_CLOSE, COI_CLOSED },
	{ FALSE, COI_PENDING_OPEN, COI_EV_SESS0, COI_PENDING_OPEN },
	{ FALSE, COI_PENDING_OPEN, COI_EV_ALLOCATED, COI_PENDING_FINAL },
	{ FALSE, COI_PENDING_OPEN, COI_EV_ALLOCATED, COI_CLOSED },
	{ FALSE, COI_PENDING_OPEN, COI_EV_TIMER, COI_CLOSED },
	{ FALSE, COI_PENDING_OPEN, COI_EV_CLOSE, COI_CLOSED },
	{ FALSE, COI_PENDING_FINAL, COI_EV_SESS0, COI_PENDING_FINAL },
	{ FALSE, COI_PENDING_FINAL, COI_EV_SESS2, COI_OPEN },
	{ FALSE, COI_PENDING_FINAL, COI_EV_SESS2, COI_PENDING_PROOF },
	{ FALSE, COI_PENDING_PROOF, COI_EV_IDENTIFIED, COI_OPEN },
	{ FALSE, COI_PENDING_PROOF, COI_EV_IDENTIFIED, COI_CLOSED },
	{ FALSE, COI_PENDING_PROOF, COI_EV_TERM, COI_PENDING_PROOF },
	{ FALSE, COI_PENDING_PROOF, COI_EV_TERM, COI_CLOSED },
	{ FALSE, COI_PENDING_PROOF, COI_EV_TIMER, COI_CLOSED },
	{ FALSE, COI_PENDING_PROOF, COI_EV_CLOSE, COI_CLOSED },
	{ FALSE, COI_PENDING_FINAL, COI_EV_TIMER, COI_CLOSED },
	{ FALSE, COI_PENDING_FINAL, COI_EV_CLOSE, COI_CLOSED },
	{ FALSE, COI_OPEN, COI_EV_SESS2, COI_OPEN },
	{ FALSE, COI_OPEN, COI_EV_IDLE, COI_OPEN },
	{ FALSE, COI_OPEN, COI_EV_IDLE, COI_CLOSED },
	{ FALSE, COI_OPEN, COI_EV_TERM, COI_OPEN },
	{ FALSE, COI_OPEN, COI_EV_TERM, COI_CLOSED },
	{ FALSE, COI_OPEN, COI_EV_TIMER, COI_OPEN },
	{ FALSE, COI_OPEN, COI_EV_TIMER, COI_CLOSED },
	{ FALSE, COI_OPEN, COI_EV_CLOSE, COI_OPEN },
	{ FALSE, COI_OPEN, COI_EV_CLOSE, COI_CLOSED },
};

static bool may(bool initiator, coi_state_t from, coi_event_type_t event,
				int to)
{
	u_int i;

	for (i = 0; i < countof(allowed); i++)
	{
		if (allowed[i].initiator == initiator && allowed[i].from == from &&
			allowed[i].event == event && (to < 0 || (int)allowed[i].to == to))
		{
			return TRUE;
		}
	}
	return FALSE;
}

Test(fsm, every_state_event_and_move)
{
	u_int role, from, event, to;
	bool expected;

	for (role = 0; role < 2; role++)
	{
		for (from = 0; from < COI_STATE_MAX; from++)
		{
			for (event = 0; event < COI_EV_MAX; event++)
			{
				expected = may(role, from, event, -1);
				cr_assert_eq(coi_fsm_allowed(role, from, event), expected,
							 "%s in %s", enum_to_name(coi_event_names, event),
							 enum_to_name(coi_state_names, from));
				for (to = 0; to < COI_STATE_MAX; to++)
				{
					cr_assert_eq(coi_fsm_may_move(role, from, event, to),
								 expected && (to == from ||
											  may(role, from, event, to)),
								 "%s from %s to %s",
								 enum_to_name(coi_event_names, event),
								 enum_to_name(coi_state_names, from),
								 enum_to_name(coi_state_names, to));
				}
			}
		}
	}
}

Test(fsm, nothing_leaves_closed)
{
	u_int role, event;

	for (role = 0; role < 2; role++)
	{
		for (event = 0; event < COI_EV_MAX; event++)
		{
			cr_expect_not(coi_fsm_allowed(role, COI_CLOSED, event));
		}
	}
}

Test(fsm, what_is_no_state_or_event_is_not_allowed)
{
	cr_expect_not(coi_fsm_allowed(TRUE, COI_STATE_MAX, COI_EV_OPEN));
	cr_expect_not(coi_fsm_allowed(TRUE, -1, COI_EV_OPEN));
	cr_expect_not(coi_fsm_allowed(TRUE, COI_CREATED, COI_EV_MAX));
	cr_expect_not(coi_fsm_allowed(FALSE, COI_CREATED, -1));
	cr_expect_not(coi_fsm_may_move(TRUE, COI_STATE_MAX, COI_EV_OPEN,
								   COI_STATE_MAX));
}

Test(fsm, all_have_names)
{
	u_int i;

	for (i = 0; i < COI_STATE_MAX; i++)
	{
		cr_expect_not_null(enum_to_name(coi_state_names, i));
	}
	for (i = 0; i < COI_EV_MAX; i++)
	{
		cr_expect_not_null(enum_to_name(coi_event_names, i));
	}
}
