/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "policy/coi_network_policy.h"
#include "util/coi_selector.h"
#include "coi_why_private.h"

/** Find the session of a connection that leads to who is behind its peers. */
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

/** Find the session with who has a virtual address from here. */
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

bool coi_why_network(coi_why_walk_t *walk)
{
	coi_why_t *why = walk->why;
	enumerator_t *enumerator;
	coi_connection_t *conn;
	const coi_range_t *at, *narrowest = NULL;

	why->asked.other = coi_selector_range(why->other);
	enumerator = walk->parts->config->create_enumerator(walk->parts->config);
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
		walk->parts->sessions->for_all(walk->parts->sessions, find_guest, walk);
		why->asked.behind = walk->conn != NULL;
		return walk->conn != NULL;
	}
	why->asked.behind = TRUE;
	walk->gateway = coi_network_policy_gateway(walk->conn);
	if (!walk->gateway)
	{
		walk->parts->sessions->for_all(walk->parts->sessions, find_caller,
									   walk);
	}
	return TRUE;
}
