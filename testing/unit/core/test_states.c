/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * The table that the protocol's model makes its moves by, testing/model/states.txt,
 * says what coi_fsm.c says.
 */

#include <criterion/criterion.h>

#include <errno.h>

#include "coi_test.h"

#include "core/coi_fsm.h"

/** how often a line of the file allows a move */
static u_int listed[2][COI_STATE_MAX][COI_EV_MAX][COI_STATE_MAX];

/**
 * Find a name, or fail.
 */
static u_int find(enum_name_t *names, u_int max, const char *name)
{
	u_int i;

	for (i = 0; i < max && !streq(enum_to_name(names, i), name); i++);
	cr_assert_lt(i, max, "states.txt names %s", name);
	return i;
}

/**
 * Read the file and return the number of its moves.
 */
static u_int read_states()
{
	char line[256], role[16], from[16], event[16], to[16], modelled[16];
	u_int count = 0, initiator;
	FILE *file;

	file = fopen(TESTING_DIR "/model/states.txt", "r");
	cr_assert_not_null(file, "states.txt: %s", strerror(errno));
	while (fgets(line, sizeof(line), file))
	{
		if (line[0] == '#' || line[0] == '\n')
		{
			continue;
		}
		cr_assert_eq(sscanf(line, "%15s %15s %15s %15s %15s", role, from, event,
							to, modelled), 5, "states.txt: %s", line);
		initiator = streq(role, "initiator");
		cr_assert(initiator || streq(role, "responder"), "states.txt: %s", line);
		cr_assert(streq(modelled, "yes") || streq(modelled, "-"),
				  "states.txt: %s", line);
		listed[initiator]
			  [find(coi_state_names, COI_STATE_MAX, from)]
			  [find(coi_event_names, COI_EV_MAX, event)]
			  [find(coi_state_names, COI_STATE_MAX, to)]++;
		count++;
	}
	fclose(file);
	return count;
}

Test(states, the_model_and_the_machine_make_the_same_moves)
{
	u_int role, from, event, to, any, count = 0;

	cr_assert_gt(read_states(), 30);
	for (role = 0; role < 2; role++)
	{
		for (from = 0; from < COI_STATE_MAX; from++)
		{
			for (event = 0; event < COI_EV_MAX; event++)
			{
				for (to = 0, any = 0; to < COI_STATE_MAX; to++)
				{
					cr_assert_leq(listed[role][from][event][to], 1);
					any += listed[role][from][event][to];
				}
				count += any;
				cr_assert_eq(coi_fsm_allowed(role, from, event), any > 0,
							 "%s: %s in %s", role ? "initiator" : "responder",
							 enum_to_name(coi_event_names, event),
							 enum_to_name(coi_state_names, from));
				for (to = 0; to < COI_STATE_MAX; to++)
				{
					/* the machine always lets an allowed event stay */
					if (to != from)
					{
						cr_assert_eq(coi_fsm_may_move(role, from, event, to),
									 listed[role][from][event][to],
									 "%s: %s from %s to %s",
									 role ? "initiator" : "responder",
									 enum_to_name(coi_event_names, event),
									 enum_to_name(coi_state_names, from),
									 enum_to_name(coi_state_names, to));
					}
				}
			}
		}
	}
	cr_assert_gt(count, 30);
}
