/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why_private.h"
#include "config/coi_connection.h"
#include "policy/coi_network_policy.h"
#include "util/coi_address_type.h"
#include "util/coi_selector.h"

#include <daemon.h>

ENUM(coi_why_verdict_names, COI_VERDICT_TUNNEL, COI_VERDICT_BLOCKED,
	"tunnel",
	"opens",
	"waits",
	"clear",
	"blocked",
);

/** What always passes over IPv6, see coi_bypass.h. */
#define ND_FIRST 133
#define ND_LAST 137

/** Not another host: nothing of ours has to do with it. */
static void say_own(coi_why_t *why)
{
	coi_why_say(why, COI_VERDICT_CLEAR, "no-peer", "%H is no other host, but "
				"this one: it passes in clear", why->other);
}

/** Add what passes over IPv6 whatever decides. */
static void add_always_open(coi_why_t *why)
{
	if (why->other->get_family(why->other) == AF_INET6 &&
		why->asked.proto == IPPROTO_ICMPV6)
	{
		coi_why_add(why, "; neighbour discovery, ICMPv6 types %d to %d, always "
					"passes in clear", ND_FIRST, ND_LAST);
	}
}

/** Find the session of a connection that leads to whoever is behind its peers. */
static void find_caller(void *data, const coi_session_entry_t *entry)
{
	coi_why_walk_t *walk = data;
	enumerator_t *enumerator;
	coi_share_t *share;

	if (!entry->established || !streq(entry->conn->name, walk->conn->name))
	{
		return;
	}
	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		if (!share->on_demand && coi_service_query_flows(&walk->why->asked,
													&share->flows,
													walk->why->inbound))
		{
			DESTROY_IF(walk->gateway);
			walk->gateway = entry->other->clone(entry->other);
			break;
		}
	}
	enumerator->destroy(enumerator);
}

/** Find the session with whoever has a virtual address from here. */
static void find_guest(void *data, const coi_session_entry_t *entry)
{
	coi_why_walk_t *walk = data;
	const coi_range_t *other = &walk->why->asked.other;
	enumerator_t *enumerator;
	coi_share_t *share;

	enumerator = array_create_enumerator(entry->shares);
	while (!walk->conn && entry->established &&
		   enumerator->enumerate(enumerator, &share))
	{
		if (!share->guest && coi_virtual_find(&share->given, other->family) &&
			coi_range_equals(coi_virtual_find(&share->given, other->family),
							 other))
		{
			walk->conn = coi_connection_get_ref(entry->conn);
			walk->gateway = entry->other->clone(entry->other);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Find the connection that has the address in a remote network, the narrowest
 * counts, or from which somebody has it as a virtual address, and the peer that it
 * is behind. Networks stand above hosts.
 *
 * @return			FALSE if there is none
 */
static bool find_network(coi_why_walk_t *walk)
{
	coi_session_table_t *sessions = walk->tables->sessions;
	coi_why_t *why = walk->why;
	enumerator_t *enumerator;
	coi_connection_t *conn;
	const coi_range_t *at, *narrowest = NULL;

	why->asked.other = coi_selector_range(why->other);
	enumerator = walk->tables->config->create_enumerator(walk->tables->config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		at = coi_network_policy_find(conn, why->other);
		if (at && (!narrowest || coi_range_contains(narrowest, at)))
		{
			narrowest = at;
			coi_connection_destroy(walk->conn);
			walk->conn = coi_connection_get_ref(conn);
		}
	}
	enumerator->destroy(enumerator);
	if (!walk->conn)
	{
		sessions->for_all(sessions, find_guest, walk);
		why->asked.behind = walk->conn != NULL;
		return walk->conn != NULL;
	}
	why->asked.behind = TRUE;
	walk->gateway = coi_connection_gateway(walk->conn);
	if (!walk->gateway)
	{
		sessions->for_all(sessions, find_caller, walk);
	}
	return TRUE;
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
static void by_connection(coi_why_walk_t *walk)
{
	coi_why_t *why = walk->why;
	const coi_why_tables_t *tables = walk->tables;
	coi_engine_t *engine = tables->engine;
	sessions_t sessions = {};

	if (walk->me)
	{
		why->held = tables->hold->count(tables->hold, walk->me, why->other);
	}
	tables->sessions->for_pair(tables->sessions, NULL, why->other,
							   find_sessions, &sessions);
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

/** The same for whoever is behind the peer. */
static void by_gateway(coi_why_walk_t *walk)
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
	by_connection(walk);
	why->other = other;
	memcpy(text, why->text, sizeof(text));
	*why->text = '\0';
	coi_why_add(why, "%H is behind %H: %s", other, walk->gateway, text);
}

/** Whether a session is open with the gateway that whoever is asked about is behind. */
static bool has_gateway(coi_why_walk_t *walk)
{
	coi_session_table_t *all = walk->tables->sessions;
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

/** Whatever of ours decides, and shunts above and below it. */
static void by_host(coi_why_walk_t *walk, bool network)
{
	coi_why_t *why = walk->why;

	if (coi_why_shunt(why, walk->me, why->other, TRUE))
	{	/* whatever else there is */
		return;
	}
	if (!walk->conn)
	{
		coi_why_uncovered(walk->tables->fallback_block, why);
		coi_why_shunt(why, walk->me, why->other, FALSE);
		return;
	}
	snprintf(why->connection, sizeof(why->connection), "%s", walk->conn->name);
	if (network)
	{
		by_gateway(walk);
	}
	else
	{
		by_connection(walk);
	}
	if (why->verdict == COI_VERDICT_CLEAR)
	{
		coi_why_shunt(why, walk->me, why->other, FALSE);
	}
	add_always_open(why);
}

/** Find out what our tables say. */
static void find(const coi_why_tables_t *tables, coi_why_t *why)
{
	coi_address_type_t type = coi_address_type(why->other);
	coi_config_t *config = tables->config;
	coi_why_walk_t walk = {
		.tables = tables,
		.why = why,
	};
	bool network;

	if (type == COI_ADDRESS_TYPE_OWN)
	{
		say_own(why);
		return;
	}
	network = find_network(&walk);
	if (type != COI_ADDRESS_TYPE_OTHER && !has_gateway(&walk))
	{
		coi_why_many(&walk);
		walk_clear(&walk);
		return;
	}
	if (!network)
	{
		walk.conn = config->find(config, NULL, why->other);
	}
	walk.me = walk.conn && !network ?
			coi_connection_source(walk.conn, why->other) :
			charon->kernel->get_source_addr(charon->kernel, why->other, NULL);
	by_host(&walk, network);
	walk_clear(&walk);
}

void coi_why(const coi_why_tables_t *tables, coi_why_t *why)
{
	coi_kernel_watch_t *kernel_watch = tables->kernel_watch;
	coi_kernel_restored_t restored;
	bool compared;

	/* what is told is what the kernel has, not what we remember */
	compared = kernel_watch->check(kernel_watch, &restored);
	find(tables, why);
	if (!compared || restored.failed)
	{
		coi_why_add(why, "; but the kernel %s", compared ? "has refused policies "
					"or SAs of COI, see coi doctor" : "could not be asked "
					"whether it has COI's policies");
	}
}
