/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_fsm.h"

ENUM(coi_state_names, COI_CREATED, COI_CLOSED,
	"CREATED",
	"PENDING_OPEN",
	"PENDING_FINAL",
	"PENDING_PROOF",
	"OPEN",
	"CLOSED",
);

ENUM(coi_event_names, COI_EV_OPEN, COI_EV_CLOSE,
	"open",
	"Sess0",
	"Sess1",
	"Sess2",
	"IDLE",
	"TERM",
	"Sess3",
	"allocated",
	"identified",
	"timer",
	"close",
);

/** the event is allowed and may lead to that state */
#define TO(state) (1 << (state))
/** the event is allowed and may lead nowhere else */
#define STAY (1 << COI_STATE_MAX)

typedef uint8_t moves_t[COI_STATE_MAX][COI_EV_MAX];

/**
 * PROTOCOL.md section 12; what is not listed is not allowed.
 */
static const moves_t initiator = {
	[COI_CREATED] = {
		[COI_EV_OPEN] = TO(COI_PENDING_OPEN),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_PENDING_OPEN] = {
		[COI_EV_SESS1] = TO(COI_PENDING_FINAL),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_PENDING_FINAL] = {
		[COI_EV_ALLOCATED] = TO(COI_OPEN) | TO(COI_PENDING_PROOF) |
							 TO(COI_CLOSED),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_PENDING_PROOF] = {
		[COI_EV_SESS1] = STAY,
		[COI_EV_SESS3] = STAY,
		[COI_EV_IDENTIFIED] = TO(COI_OPEN) | TO(COI_CLOSED),
		[COI_EV_TERM] = STAY | TO(COI_CLOSED),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_OPEN] = {
		[COI_EV_SESS1] = STAY,
		[COI_EV_SESS3] = STAY,
		[COI_EV_IDLE] = STAY,
		[COI_EV_TERM] = STAY | TO(COI_CLOSED),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = STAY | TO(COI_CLOSED),
	},
};

static const moves_t responder = {
	[COI_CREATED] = {
		[COI_EV_SESS0] = TO(COI_PENDING_OPEN),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_PENDING_OPEN] = {
		[COI_EV_SESS0] = STAY,
		[COI_EV_ALLOCATED] = TO(COI_PENDING_FINAL) | TO(COI_CLOSED),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_PENDING_FINAL] = {
		[COI_EV_SESS0] = STAY,
		[COI_EV_SESS2] = TO(COI_OPEN) | TO(COI_PENDING_PROOF),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_PENDING_PROOF] = {
		[COI_EV_IDENTIFIED] = TO(COI_OPEN) | TO(COI_CLOSED),
		[COI_EV_TERM] = STAY | TO(COI_CLOSED),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = TO(COI_CLOSED),
	},
	[COI_OPEN] = {
		[COI_EV_SESS2] = STAY,
		[COI_EV_IDLE] = STAY | TO(COI_CLOSED),
		[COI_EV_TERM] = STAY | TO(COI_CLOSED),
		[COI_EV_TIMER] = TO(COI_CLOSED),
		[COI_EV_CLOSE] = STAY | TO(COI_CLOSED),
	},
};

/**
 * Look up the table.
 */
static uint8_t moves(bool is_initiator, coi_state_t state,
					 coi_event_type_t event)
{
	const moves_t *table = is_initiator ? &initiator : &responder;

	if ((u_int)state >= COI_STATE_MAX || (u_int)event >= COI_EV_MAX)
	{
		return 0;
	}
	return (*table)[state][event];
}

bool coi_fsm_allowed(bool is_initiator, coi_state_t state,
					 coi_event_type_t event)
{
	return moves(is_initiator, state, event);
}

bool coi_fsm_may_move(bool is_initiator, coi_state_t from,
					  coi_event_type_t event, coi_state_t to)
{
	uint8_t found = moves(is_initiator, from, event);

	return found && (from == to || (found & TO(to)));
}
