/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why_private.h"
#include "util/coi_timer.h"

/** seconds after which something must have come through a tunnel */
#define HEARD 2

bool coi_why_is_unheard(const coi_session_entry_t *entry)
{
	return entry->established && entry->tunnel &&
		   coi_timer_now() >= entry->established + HEARD * 1000 &&
		   !entry->tunnel->get_packets(entry->tunnel, TRUE);
}

void coi_why_unheard(coi_why_t *why, const coi_session_entry_t *entry,
					 const coi_child_t *child)
{
	bool encap = coi_nat_encap(coi_session_nat(entry->session));

	coi_why_say(why, COI_VERDICT_TUNNEL, "session", "the open session with %H "
				"has it go through the tunnel of community '%s', but nothing "
				"has come in through that since it opened %u s ago: %s does not "
				"get through, or what the peer sends does not", why->other,
				child->name, (u_int)((coi_timer_now() - entry->established) /
									 1000),
				encap ? "ESP in UDP" : "ESP (IP protocol 50)");
}

void coi_why_detour(coi_why_walk_t *walk, host_t *peer)
{
	coi_encap_peers_t *encap_peers = walk->tables->encap_peers;
	u_int left;

	if (encap_peers->has(encap_peers, peer, coi_timer_now(), &left))
	{
		coi_why_add(walk->why, "; UDP port %u gets through, ESP (IP protocol 50) "
					"does not, so ESP goes in UDP for %u s more",
					walk->tables->options->port, left);
	}
}

bool coi_why_no_esp(coi_why_walk_t *walk, u_int left)
{
	coi_events_t *events = walk->tables->events;
	coi_events_item_t *end;
	char *reason;
	bool found;

	end = events->find_end(events, walk->why->other);
	if (!end)
	{
		return FALSE;
	}
	reason = end->values[COI_EVENTS_REASON] ?: "";
	found = streq(reason, enum_to_name(coi_reason_names, COI_NO_ESP)) ||
			streq(reason, enum_to_name(coi_term_names, COI_TERM_NO_ESP));
	coi_events_item_destroy(end);
	if (found)
	{
		coi_why_say(walk->why, COI_VERDICT_BLOCKED, "no-esp", "%H answers and "
					"shares a key, but nothing comes through its tunnel: UDP port "
					"%u gets through, ESP (IP protocol 50) does not; it is "
					"blocked for %u s more; encap = yes lets ESP go in UDP",
					walk->why->other, walk->tables->options->port, left);
	}
	return found;
}
