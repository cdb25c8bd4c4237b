/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why_private.h"

#include <netinet/in.h>

/** Say who may begin, and who only answers. */
static void add_begin(coi_why_t *why)
{
	if (why->inbound)
	{
		coi_why_add(why, "; who is there may begin, from any port, and what is "
					"here only answers");
	}
	else
	{
		coi_why_add(why, "; who is here may begin, from any port, and what is "
					"there only answers");
	}
}

/** Say what comes of being unable to track connections. */
static void add_tracking(const coi_why_walk_t *walk)
{
	coi_pair_policy_t *policy = walk->tables->pair_policy;
	uint8_t proto = walk->why->asked.proto;

	switch (policy->get_tracking(policy))
	{
		case COI_TRACKING_FLAGS:
			if (proto != IPPROTO_TCP && !walk->why->inbound)
			{
				coi_why_add(walk->why, "; but connections are not tracked, and "
							"answers come in only over TCP, or where the peer "
							"may begin, too");
			}
			break;
		case COI_TRACKING_NONE:
			if (!walk->why->inbound)
			{
				coi_why_add(walk->why, "; but this kernel cannot tell who began, "
							"and answers come in only where the peer may begin, "
							"too");
			}
			break;
		default:
			break;
	}
}

void coi_why_begin(coi_why_walk_t *walk)
{
	add_begin(walk->why);
	add_tracking(walk);
}

void coi_why_answers(coi_why_walk_t *walk, const coi_session_entry_t *entry)
{
	enumerator_t *enumerator;
	coi_share_t *share;
	bool answers = FALSE;

	enumerator = array_create_enumerator(entry->shares);
	while (!answers && enumerator->enumerate(enumerator, &share))
	{
		answers = !share->on_demand &&
				  coi_service_query_answers(&walk->why->asked, &share->flows,
											walk->why->inbound);
	}
	enumerator->destroy(enumerator);
	if (answers)
	{
		coi_why_add(walk->why, "; only answers pass, from a service that is %s",
					walk->why->inbound ? "used there" : "offered here");
	}
}
