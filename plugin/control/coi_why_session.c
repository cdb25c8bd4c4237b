/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why_private.h"
#include "util/coi_text.h"
#include "util/coi_timer.h"

/** seconds of silence more than keepalives are apart that are worth a word */
#define SILENCE 5

/** What this host's filter of a community says. */
static const coi_services_t *get_services(const coi_why_walk_t *walk,
										  const coi_child_t *child)
{
	const coi_community_t *community;

	community = coi_profile_find(walk->conn->profile, child->name);
	return walk->why->inbound ? &community->offers : &community->uses;
}

/** Whether this host lets through what is asked, in a community. */
static bool is_allowed_here(const coi_why_walk_t *walk,
							const coi_child_t *child)
{
	return coi_service_query_in(&walk->why->asked, get_services(walk, child),
								walk->why->inbound);
}

static const char *ts_name(const coi_why_walk_t *walk)
{
	return walk->why->inbound ? "local_ts" : "remote_ts";
}

/** "nothing", or what flows let begin in the direction that is asked. */
static void list_flows(const coi_why_walk_t *walk, const coi_flows_t *flows,
					   char list[COI_WHY_SETTING])
{
	char buf[COI_SERVICE_TEXT_LEN];
	const coi_flow_t *flow;
	coi_service_t service;
	u_int i;

	*list = '\0';
	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if (!(flow->begin & (walk->why->inbound ? COI_BEGIN_THERE
												: COI_BEGIN_HERE)))
		{
			continue;
		}
		service = (coi_service_t){
			.proto = flow->proto,
			.from = walk->why->inbound ? flow->local_from : flow->remote_from,
			.to = walk->why->inbound ? flow->local_to : flow->remote_to,
		};
		coi_text_list(list, COI_WHY_SETTING, ", ", "%s",
					  coi_service_text_write(&service, buf));
	}
	if (!*list)
	{
		snprintf(list, COI_WHY_SETTING, "nothing");
	}
}

/** Fill in the SAs of a community. */
static void find_use(void *data, const coi_tunnel_use_t *use)
{
	coi_why_t *why = data;

	if (streq(why->community, use->name))
	{
		why->spi_in = use->spi_in;
		why->spi_out = use->spi_out;
	}
}

/** It goes through the tunnel of a community. */
static void pass(coi_why_walk_t *walk, const coi_session_entry_t *entry,
				 const coi_child_t *child)
{
	coi_why_t *why = walk->why;
	peer_cfg_t *peer = entry->conn->peer;
	u_int silence, delay;

	snprintf(why->community, sizeof(why->community), "%s", child->name);
	if (entry->tunnel)
	{
		entry->tunnel->for_uses(entry->tunnel, find_use, why);
	}
	coi_why_say(why, COI_VERDICT_TUNNEL, "session", "the open session with %H "
				"lets it through in community '%s', ESP SPIs %.8x in and %.8x "
				"out", why->other, child->name, ntohl(why->spi_in),
				ntohl(why->spi_out));
	coi_why_begin(walk);
	if (coi_why_is_unheard(entry))
	{
		coi_why_unheard(why, entry, child);
	}
	coi_why_detour(walk, entry->other);
	coi_why_child(why, walk->conn, child->name, ts_name(walk));
	silence = (coi_timer_now() - entry->alive) / 1000;
	delay = peer->get_dpd(peer) ?: walk->tables->options->dpd_delay;
	if (delay && silence > delay + SILENCE)
	{
		coi_why_add(why, "; but the peer has been silent for %u s", silence);
	}
}

/** Nothing in particular is asked about: say what the session lets through. */
static bool by_all(coi_why_walk_t *walk, const coi_session_entry_t *entry)
{
	char all[COI_WHY_TEXT] = "", list[COI_WHY_SETTING];
	enumerator_t *enumerator;
	coi_share_t *share;

	if (walk->why->asked.proto)
	{
		return FALSE;
	}
	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		if (!share->on_demand)
		{
			list_flows(walk, &share->flows, list);
			coi_text_list(all, sizeof(all), ", ", "%s in community '%s'", list,
						  share->child->name);
		}
	}
	enumerator->destroy(enumerator);
	coi_why_say(walk->why, COI_VERDICT_TUNNEL, "session", "the open session "
				"with %H lets through %s; all else is blocked",
				walk->why->other, *all ? all : "nothing");
	return TRUE;
}

/** A community is configured, but there is no key for it. */
static bool by_key(coi_why_walk_t *walk, const coi_child_t *child)
{
	coi_admin_state_t *admin_state = walk->tables->admin_state;
	coi_keyring_t *keyring = walk->tables->keyring;
	coi_why_t *why = walk->why;

	if (keyring->has(keyring, child->name))
	{
		return FALSE;
	}
	snprintf(why->community, sizeof(why->community), "%s", child->name);
	if (admin_state->is_disabled(admin_state, child->name))
	{
		coi_why_say(why, COI_VERDICT_BLOCKED, "disabled", "community '%s' would "
					"let it through, but it is disabled by command: it is "
					"blocked; 'coi enable %s' enables it", child->name,
					admin_state->is_isolated(admin_state) ?
					"--all" : child->name);
		return TRUE;
	}
	coi_why_say(why, COI_VERDICT_BLOCKED, "no-key", "community '%s' would let "
				"it through, but this host has no key for it: it is blocked; "
				"add secrets.ppk-%s with id = %s", child->name, child->name,
				child->name);
	coi_why_child(why, walk->conn, child->name, NULL);
	return TRUE;
}

/** Why a community of this host's does not carry it in an open session. */
static bool by_community(coi_why_walk_t *walk, const coi_session_entry_t *entry,
						 const coi_child_t *child)
{
	const coi_shared_community_t *carried;
	coi_why_t *why = walk->why;
	char list[COI_WHY_SETTING], buf[COI_SERVICE_TEXT_LEN];

	if (!is_allowed_here(walk, child))
	{
		return FALSE;
	}
	carried = coi_session_carries(entry->session, child->name);
	coi_service_query_write(&why->asked, buf);
	if (carried)
	{
		list_flows(walk, &carried->flows, list);
		coi_why_say(why, COI_VERDICT_BLOCKED, "filter-there", "the filter of "
					"%H for community '%s' does not %s %s: it is blocked; both "
					"filters let through: %s", why->other, child->name,
					why->inbound ? "use" : "offer", buf, list);
	}
	else if (by_key(walk, child))
	{
		return TRUE;
	}
	else
	{
		coi_why_say(why, COI_VERDICT_BLOCKED, "not-shared", "%H does not share "
					"community '%s', which would let it through, or has another "
					"key for it: it is blocked; compare the fingerprints of "
					"'coi communities'", why->other, child->name);
	}
	snprintf(why->community, sizeof(why->community), "%s", child->name);
	coi_why_child(why, walk->conn, child->name, ts_name(walk));
	return TRUE;
}

/** No community of this host's lets it through. */
static void by_filter(coi_why_walk_t *walk, const char *before)
{
	char buf[COI_SERVICE_TEXT_LEN], names[COI_WHY_SETTING] = "";
	coi_why_t *why = walk->why;
	u_int i;

	for (i = 0; i < walk->conn->count; i++)
	{
		coi_text_list(names, sizeof(names), ", ", "'%s'",
					  walk->conn->children[i].name);
	}
	coi_why_say(why, COI_VERDICT_BLOCKED, "filter-here", "%sthe filter of this "
				"host does not %s %s in %s: it is blocked", before,
				why->inbound ? "offer" : "use",
				coi_service_query_write(&why->asked, buf), names);
	if (walk->conn->count)
	{
		coi_why_child(why, walk->conn, walk->conn->children[0].name,
					  ts_name(walk));
	}
}

void coi_why_session(void *data, const coi_session_entry_t *entry)
{
	coi_why_walk_t *walk = data;
	coi_why_t *why = walk->why;
	enumerator_t *enumerator;
	coi_share_t *share, *asks = NULL;
	u_int i;

	if (!entry->established || by_all(walk, entry))
	{
		return;
	}
	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		if (!coi_service_query_flows(&why->asked, &share->flows, why->inbound))
		{
			continue;
		}
		if (!share->on_demand)
		{
			pass(walk, entry, share->child);
			break;
		}
		asks = share;
	}
	enumerator->destroy(enumerator);
	if (why->decision)
	{
		return;
	}
	if (asks)
	{
		snprintf(why->community, sizeof(why->community), "%s",
				 asks->child->name);
		coi_why_say(why, COI_VERDICT_OPENS, "join", "the open session with %H "
					"lacks community '%s', which lets it through: it asks for "
					"another session with that", why->other,
					asks->child->name);
		coi_why_child(why, walk->conn, asks->child->name, ts_name(walk));
		return;
	}
	for (i = 0; i < walk->conn->count; i++)
	{
		if (by_community(walk, entry, &walk->conn->children[i]))
		{
			coi_why_answers(walk, entry);
			return;
		}
	}
	by_filter(walk, "");
	coi_why_answers(walk, entry);
}

/** Say why the peer's own openings are refused here, which may tell more. */
static void add_refusal(coi_why_walk_t *walk)
{
	coi_refusals_t *refusals = walk->tables->refusals;
	coi_refusals_item_t item;

	if (!refusals->find(refusals, walk->why->other, &item))
	{
		return;
	}
	coi_why_add(walk->why, "; an opening from its address was refused %u s ago: ",
				item.age);
	switch (item.reason)
	{
		case COI_TIME:
			if (llabs(item.ahead) <= walk->tables->options->window)
			{
				coi_why_add(walk->why, "it was older than the start of this "
							"host's charon");
				break;
			}
			coi_why_add(walk->why, "its clock is %lld s %s", (long long)
						llabs(item.ahead), item.ahead > 0 ? "ahead of ours" :
						"behind ours");
			break;
		case COI_NO_COMMUNITY:
			coi_why_add(walk->why, "it has no community's key that this host "
						"has");
			break;
		case COI_DESTINATION:
			coi_why_add(walk->why, "it was sent to an address that is none of "
						"this host's (external_addrs of coi.conf)");
			break;
		default:
			coi_why_add(walk->why, "%N", coi_reason_names, item.reason);
			break;
	}
}

/** Say how the last session with the peer ended, or why none opened. */
static void add_end(coi_why_walk_t *walk)
{
	coi_events_t *events = walk->tables->events;
	coi_events_item_t *end;
	char **values;

	end = events->find_end(events, walk->why->other);
	if (end)
	{
		values = end->values;
		coi_why_add(walk->why, "; the last one %s %u s ago%s%s%s%s%s",
					end->type == COI_EVENTS_CLOSED ? "ended" : "failed to open",
					(u_int)((coi_timer_wall() - end->time) / 1000),
					values[COI_EVENTS_REASON] ? ", " : "",
					values[COI_EVENTS_REASON] ?: "",
					streq(values[COI_EVENTS_BY], "peer") ? " by the peer" : "",
					values[COI_EVENTS_TEXT] ? ": " : "",
					values[COI_EVENTS_TEXT] ?: "");
		if (streq(values[COI_EVENTS_REASON],
				  enum_to_name(coi_reason_names, COI_INTERNAL)))
		{
			coi_why_add(walk->why, ", which is a matter of this host: charon's "
						"log and 'coi doctor' say more");
		}
		coi_events_item_destroy(end);
	}
}

/** The peer did not answer when it was asked last. */
static bool by_refused(coi_why_walk_t *walk)
{
	u_int time = walk->tables->options->negative_cache, left;
	coi_negative_cache_t *cache = walk->tables->negative_cache;

	if (!cache->find(cache, NULL, walk->why->other, &left))
	{
		return FALSE;
	}
	if (coi_why_no_esp(walk, left))
	{
		snprintf(walk->why->setting, sizeof(walk->why->setting),
				 "connections.%s.encap", walk->conn->name);
		return TRUE;
	}
	coi_why_say(walk->why, COI_VERDICT_BLOCKED, "negative-cache", "%H did not "
				"answer when it was asked for a session: it is blocked since "
				"%u s and for %u s more; the peer is down, shares no key, has "
				"another time, or UDP port %u does not reach it",
				walk->why->other, time > left ? time - left : 0,
				left, walk->tables->options->port);
	snprintf(walk->why->setting, sizeof(walk->why->setting),
			 "charon.plugins.coi.negative_cache");
	add_refusal(walk);
	return TRUE;
}

/** No packet opens anything. */
static bool by_trap(coi_why_walk_t *walk)
{
	coi_pair_policy_t *policy = walk->tables->pair_policy;
	coi_connection_t *conn = walk->conn;

	if (policy->is_trapped(policy, conn->reqid))
	{
		return FALSE;
	}
	coi_why_say(walk->why, COI_VERDICT_CLEAR, "no-trap", "no session with %H "
				"is open, and no community of connection '%s' has start_action "
				"= trap or is enabled by command: it passes in clear",
				walk->why->other, conn->name);
	if (conn->count)
	{
		coi_why_child(walk->why, conn, conn->children[0].name, "start_action");
	}
	return TRUE;
}

/** Add what stands in the way, a coi_obstacle_cb_t. */
static void add_obstacle(void *data, const char *part, const char *why)
{
	coi_why_add(data, "; %s", why);
}

/** Nothing is opened at all. */
static bool by_obstacle(coi_why_walk_t *walk)
{
	coi_obstacles_t *obstacles = walk->tables->obstacles;
	coi_why_t *why = walk->why;

	if (obstacles->is_ready(obstacles))
	{
		return FALSE;
	}
	coi_why_say(why, COI_VERDICT_BLOCKED, "obstructed", "%H is dropped: COI is "
				"closed until this is put right", why->other);
	obstacles->for_all(obstacles, add_obstacle, why);
	return TRUE;
}

void coi_why_closed(coi_why_walk_t *walk)
{
	coi_keyring_t *keyring = walk->tables->keyring;
	const coi_child_t *allows = NULL, *child;
	coi_why_t *why = walk->why;
	char buf[COI_SERVICE_TEXT_LEN];
	bool keys = FALSE;
	u_int i;

	for (i = 0; i < walk->conn->count; i++)
	{
		child = &walk->conn->children[i];
		keys |= keyring->has(keyring, child->name);
		if (is_allowed_here(walk, child) &&
			(!allows || !keyring->has(keyring, allows->name)))
		{
			allows = child;
		}
	}
	if (by_trap(walk) || by_obstacle(walk))
	{
		return;
	}
	if (!keys && walk->conn->count)
	{
		by_key(walk, allows ?: &walk->conn->children[0]);
		return;
	}
	if (by_refused(walk))
	{
		return;
	}
	if (!allows)
	{
		by_filter(walk, "no session is open, and ");
		return;
	}
	if (by_key(walk, allows))
	{
		return;
	}
	snprintf(why->community, sizeof(why->community), "%s", allows->name);
	coi_why_child(why, walk->conn, allows->name, ts_name(walk));
	coi_service_query_write(&why->asked, buf);
	if (why->inbound)
	{
		coi_why_say(why, COI_VERDICT_OPENS, "no-session", "no session with %H is "
					"open: in clear it is dropped, and it arrives once the peer "
					"has opened one, if the peer uses %s in community '%s'",
					why->other, buf, allows->name);
	}
	else
	{
		coi_why_say(why, COI_VERDICT_OPENS, "no-session", "no session with %H is "
					"open: it asks for one, and goes through it if the peer "
					"offers %s in community '%s'", why->other, buf,
					allows->name);
	}
	add_end(walk);
	coi_why_detour(walk, why->other);
	add_refusal(walk);
}
