/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why.h"
#include "policy/coi_policy_priority.h"
#include "util/coi_address_type.h"
#include "policy/coi_shunts.h"
#include "config/coi_connection_read.h"
#include "config/coi_host_list.h"
#include "hooks/coi_initiate.h"
#include "coi_why_private.h"

#include <stdarg.h>

ENUM(coi_verdict_names, COI_VERDICT_TUNNEL, COI_VERDICT_BLOCKED,
	"tunnel",
	"opens",
	"waits",
	"clear",
	"blocked",
);

/** What always passes over IPv6, see coi_bypass.h. */
#define ND_FIRST 133
#define ND_LAST 137

void coi_why_say(coi_why_t *why, coi_verdict_t verdict, const char *decision,
				 char *fmt, ...)
{
	va_list args;

	why->verdict = verdict;
	why->decision = decision;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
}

void coi_why_add(coi_why_t *why, char *fmt, ...)
{
	size_t len = strlen(why->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text + len, sizeof(why->text) - len, fmt, args);
	va_end(args);
}

void coi_why_child(coi_why_t *why, const coi_connection_t *conn,
				   const char *child, const char *key)
{
	snprintf(why->setting, sizeof(why->setting), "connections.%s.children.%s%s%s",
			 conn->name, child, key ? "." : "", key ?: "");
}

/** Not another host: nothing of ours has to do with it. */
static void say_own(coi_why_t *why)
{
	coi_why_say(why, COI_VERDICT_CLEAR, "no-peer", "%H is no other host, but "
				"this one: it passes in clear", why->other);
}

/** Whether selectors of a side let through what is asked. */
static bool is_selected(linked_list_t *list, host_t *host,
						const coi_service_query_t *asked, bool service)
{
	enumerator_t *enumerator;
	traffic_selector_t *ts;
	bool found = FALSE;
	uint8_t proto;

	enumerator = list->create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &ts))
	{
		proto = ts->get_protocol(ts);
		found = (!host || ts->includes(ts, host)) &&
				(!proto || proto == asked->proto) &&
				(!service || asked->any_port ||
				 (asked->port >= ts->get_from_port(ts) &&
				  asked->port <= ts->get_to_port(ts)));
		/* who asks for a service has any port */
		found = found && (service || (!ts->get_from_port(ts) &&
									  ts->get_to_port(ts) == 0xffff));
	}
	enumerator->destroy(enumerator);
	list->destroy_offset(list, offsetof(traffic_selector_t, destroy));
	return found;
}

/** Whether a selector is of all addresses. */
static bool is_everybody(linked_list_t *list)
{
	enumerator_t *enumerator;
	traffic_selector_t *ts;
	bool found = FALSE;
	uint8_t mask;
	host_t *net;

	enumerator = list->create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &ts))
	{
		if (ts->to_subnet(ts, &net, &mask))
		{
			found = !mask;
			net->destroy(net);
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Whether a child selects what is asked.
 *
 * @param me		own address, or that of the many that this host is one of
 * @param other		of the other end, NULL if anybody may be that
 */
static bool is_shunted(coi_why_t *why, host_t *me, host_t *other,
					   child_cfg_t *child)
{
	linked_list_t *hosts, *local, *remote;
	host_t *any, *any6;
	bool found;

	any = host_create_any(AF_INET);
	any6 = host_create_any(AF_INET6);
	hosts = linked_list_create_with_items(any, any6, NULL);
	local = child->get_traffic_selectors(child, TRUE, NULL, hosts, FALSE);
	remote = child->get_traffic_selectors(child, FALSE, NULL, hosts, FALSE);
	/* what passes from some to any address says nothing of many hosts' one */
	found = other || !is_everybody(local) || is_everybody(remote);
	found &= is_selected(local, me, &why->asked, why->inbound);
	found &= is_selected(remote, other, &why->asked, !why->inbound);
	hosts->destroy_offset(hosts, offsetof(host_t, destroy));
	return found;
}

/** Where a shunt stands: above all others, above our policies, or below. */
typedef enum {
	RANK_BELOW,
	RANK_ABOVE,
	RANK_TOP,
} rank_t;

/** Those that pass stand above our policies, those that drop below all others,
 * unless they have a priority, or are children of a COI connection. */
static rank_t get_rank(char *ns, child_cfg_t *child)
{
	uint32_t prio = child->get_manual_prio(child);

	if (coi_shunts_wins(ns, child))
	{
		return RANK_TOP;
	}
	return (prio ? prio < COI_PRIO_IDLE : child->get_mode(child) == MODE_PASS)
				? RANK_ABOVE : RANK_BELOW;
}

bool coi_why_shunt(coi_why_t *why, host_t *me, host_t *other, bool above)
{
	enumerator_t *enumerator;
	child_cfg_t *child, *decides = NULL;
	char *ns, *name = NULL;
	rank_t rank, highest = RANK_BELOW;
	bool pass = FALSE;

	enumerator = charon->shunts->create_enumerator(charon->shunts);
	while (enumerator->enumerate(enumerator, &ns, &child))
	{
		rank = get_rank(ns, child);
		/* those that pass come first */
		if ((!decides || !pass || rank > highest) &&
			rank >= highest && (rank != RANK_BELOW) == above &&
			is_shunted(why, me, other, child))
		{
			highest = rank;
			DESTROY_IF(decides);
			free(name);
			decides = child->get_ref(child);
			name = strdup(ns ?: "");
			pass = child->get_mode(child) == MODE_PASS;
		}
	}
	enumerator->destroy(enumerator);
	if (!decides)
	{
		return FALSE;
	}
	coi_why_say(why, pass ? COI_VERDICT_CLEAR : COI_VERDICT_BLOCKED,
				pass ? "pass" : "drop", "child '%s' of connection '%s' has mode "
				"= %s: it %s", decides->get_name(decides), name, pass ? "pass" :
				"drop", pass ? "passes in clear" : "is dropped");
	snprintf(why->setting, sizeof(why->setting), "connections.%s.children.%s"
			 ".mode", name, decides->get_name(decides));
	snprintf(why->connection, sizeof(why->connection), "%s", name);
	decides->destroy(decides);
	free(name);
	return TRUE;
}

/** Neighbour discovery and, over IPv6, the host itself. */
static bool is_always_open(coi_why_t *why)
{
	if (why->other->get_family(why->other) != AF_INET6 ||
		why->asked.proto != IPPROTO_ICMPV6)
	{
		return FALSE;
	}
	coi_why_add(why, "; neighbour discovery, ICMPv6 types %d to %d, always "
				"passes in clear", ND_FIRST, ND_LAST);
	return FALSE;
}

/** A COI connection with a mistake covers the address. */
static bool by_unusable(coi_fallback_block_t *closed, coi_why_t *why)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	linked_list_t *peers;
	peer_cfg_t *peer;
	ike_cfg_t *ike;
	char *error;
	bool found = FALSE, blocked = FALSE;

	peers = coi_connection_peers();
	enumerator = peers->create_enumerator(peers);
	while (!blocked && enumerator->enumerate(enumerator, &peer))
	{
		ike = peer->get_ike_cfg(peer);
		if (!coi_host_list_match_other(ike, why->other))
		{
			continue;
		}
		conn = coi_connection_read(peer, 0, &error);
		if (!conn && error &&
			(!found || closed->is_closed(closed, peer->get_name(peer))))
		{	/* one that is closed decides */
			blocked = closed->is_closed(closed, peer->get_name(peer));
			coi_why_say(why, blocked ? COI_VERDICT_BLOCKED : COI_VERDICT_CLEAR,
						"unusable-connection", "%H is in remote_addrs of a "
						"connection that has a mistake and is not used: it %s; "
						"%s", why->other, blocked ? "is dropped" : "passes in clear",
						error);
			snprintf(why->setting, sizeof(why->setting), "connections.%s",
					 peer->get_name(peer));
			snprintf(why->connection, sizeof(why->connection), "%s",
					 peer->get_name(peer));
			found = TRUE;
		}
		coi_connection_destroy(conn);
		free(error);
	}
	enumerator->destroy(enumerator);
	peers->destroy_offset(peers, offsetof(peer_cfg_t, destroy));
	return found;
}

/** A trap of a connection that is none of ours. */
static bool by_other(coi_why_t *why)
{
	enumerator_t *enumerator, *selectors;
	traffic_selector_t *ts;
	child_sa_t *child_sa;
	peer_cfg_t *peer;
	bool found = FALSE;

	enumerator = charon->traps->create_enumerator(charon->traps);
	while (enumerator->enumerate(enumerator, &peer, &child_sa))
	{
		if (found || coi_connection_is_coi(peer))
		{
			continue;
		}
		selectors = child_sa->create_ts_enumerator(child_sa, FALSE);
		while (!found && selectors->enumerate(selectors, &ts))
		{
			found = ts->includes(ts, why->other);
		}
		selectors->destroy(selectors);
		if (found)
		{
			coi_why_say(why, COI_VERDICT_CLEAR, "other-connection",
						"%H is in no connection with auth = xauth-coi: '%s', "
						"which is none, decides", why->other,
						peer->get_name(peer));
			snprintf(why->setting, sizeof(why->setting), "connections.%s",
					 peer->get_name(peer));
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/** A name might be that of the address, a coi_host_list_cb_t. */
static void add_name(void *data, const char *element, bool name)
{
	coi_why_add(data, "; '%s' in remote_addrs %s", element, name ?
				"has no address yet, it might be this one" :
				"is no address, subnet, range or name");
}

/** Add what is not understood in any connection's remote_addrs. */
static void add_names(coi_why_t *why)
{
	enumerator_t *enumerator;
	linked_list_t *peers;
	peer_cfg_t *peer;
	ike_cfg_t *cfg;

	peers = coi_connection_peers();
	enumerator = peers->create_enumerator(peers);
	while (enumerator->enumerate(enumerator, &peer))
	{
		cfg = peer->get_ike_cfg(peer);
		free(coi_host_list_expand(cfg->get_other_addr(cfg), add_name, why));
	}
	enumerator->destroy(enumerator);
	peers->destroy_offset(peers, offsetof(peer_cfg_t, destroy));
}

void coi_why_uncovered(coi_fallback_block_t *closed, coi_why_t *why)
{
	if (by_unusable(closed, why) || by_other(why))
	{
		return;
	}
	coi_why_say(why, COI_VERDICT_CLEAR, "no-connection", "%H is in "
				"remote_addrs of no connection with auth = xauth-coi: it passes "
				"in clear", why->other);
	add_names(why);
	snprintf(why->setting, sizeof(why->setting), "connections");
}

/** Sessions with the peer. */
typedef struct {
	/** newest that is open, 0 if none is */
	uintptr_t open;
	/** one that is being opened */
	uintptr_t opening;
} sessions_t;

static void find_sessions(void *data, const coi_session_entry_t *entry)
{
	sessions_t *found = data;

	if (entry->established)
	{
		found->open = max(found->open, entry->id);
	}
	else
	{
		found->opening = max(found->opening, entry->id);
	}
}

static void look_opening(void *data, const coi_session_entry_t *entry)
{
	coi_why_t *why = data;

	if (!entry->established)
	{
		coi_why_say(why, COI_VERDICT_WAITS, "opening", "%H is being asked for a "
					"session, exchange %d%s: %u packets to it are held meanwhile",
					why->other, entry->unanswered + 1, entry->tries ? "" :
					" without end", why->held);
	}
}

/** A connection covers the peer: its session decides, or that there is none. */
static void by_connection(coi_why_walk_t *walk, coi_engine_t *engine)
{
	coi_why_t *why = walk->why;
	const coi_parts_t *parts = walk->parts;
	sessions_t sessions = {};

	if (walk->me)
	{
		why->held = parts->callout->count(parts->callout, walk->me, why->other);
	}
	parts->sessions->for_pair(parts->sessions, NULL, why->other, find_sessions,
							  &sessions);
	*why->text = '\0';
	why->decision = NULL;
	if (sessions.open)
	{
		engine->visit(engine, sessions.open, TRUE, coi_why_session, walk);
	}
	else if (sessions.opening)
	{
		engine->visit(engine, sessions.opening, TRUE, look_opening, why);
	}
	if (!why->decision)
	{
		coi_why_closed(walk);
	}
}

/** The same for who is behind the peer. */
static void by_gateway(coi_why_walk_t *walk, coi_engine_t *engine)
{
	coi_why_t *why = walk->why;
	host_t *other = why->other;
	char text[COI_WHY_TEXT];

	if (!walk->gateway)
	{
		coi_why_say(why, COI_VERDICT_BLOCKED, "no-caller", "%H is in a network "
					"of remote_ts that peers of connection '%s' may have, and "
					"none of them has a session with it now: it is blocked",
					other, walk->conn->name);
		return;
	}
	why->other = walk->gateway;
	by_connection(walk, engine);
	why->other = other;
	memcpy(text, why->text, sizeof(text));
	*why->text = '\0';
	coi_why_add(why, "%H is behind %H: %s", other, walk->gateway, text);
}

/** Whether a session is open with the gateway that who is asked about is behind. */
static bool has_gateway(coi_why_walk_t *walk)
{
	coi_session_table_t *all = walk->parts->sessions;
	sessions_t sessions = {};

	if (walk->gateway && !walk->why->inbound)
	{
		all->for_pair(all, NULL, walk->gateway, find_sessions, &sessions);
	}
	return sessions.open;
}

static void walk_clear(coi_why_walk_t *walk)
{
	coi_connection_destroy(walk->conn);
	DESTROY_IF(walk->gateway);
	DESTROY_IF(walk->me);
}

void coi_why(const coi_parts_t *parts, coi_engine_t *engine, coi_why_t *why)
{
	coi_why_walk_t walk = {
		.parts = parts,
		.why = why,
	};
	coi_address_type_t cast = coi_address_type(why->other);
	bool network;

	if (cast == COI_ADDRESS_TYPE_OWN)
	{
		say_own(why);
		return;
	}
	network = coi_why_network(&walk);
	if (cast != COI_ADDRESS_TYPE_OTHER && !has_gateway(&walk))
	{
		coi_why_many(&walk);
		walk_clear(&walk);
		return;
	}
	if (!network)
	{
		walk.conn = parts->config->find(parts->config, NULL, why->other);
	}
	walk.me = walk.conn && !network ?
			coi_connection_source(walk.conn, why->other) :
			charon->kernel->get_source_addr(charon->kernel, why->other, NULL);
	if (coi_why_shunt(why, walk.me, why->other, TRUE))
	{
		/* whatever else there is */
	}
	else if (!walk.conn)
	{
		coi_why_uncovered(parts->closed, why);
		coi_why_shunt(why, walk.me, why->other, FALSE);
	}
	else
	{
		snprintf(why->connection, sizeof(why->connection), "%s",
				 walk.conn->name);
		if (network)
		{
			by_gateway(&walk, engine);
		}
		else
		{
			by_connection(&walk, engine);
		}
		if (why->verdict == COI_VERDICT_CLEAR)
		{
			coi_why_shunt(why, walk.me, why->other, FALSE);
		}
		is_always_open(why);
	}
	walk_clear(&walk);
}
