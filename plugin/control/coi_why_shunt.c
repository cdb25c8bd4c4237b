/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why_private.h"
#include "policy/coi_policy_priority.h"
#include "policy/coi_shunts.h"

#include <daemon.h>

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
		/* whoever asks for a service has any port */
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
