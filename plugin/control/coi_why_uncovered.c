/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_missing_hosts.h"
#include "coi_why_private.h"
#include "config/coi_connection_read.h"
#include "config/coi_host_list.h"

#include <daemon.h>

/** A COI connection with a mistake covers the address. */
static bool by_unusable(coi_fallback_block_t *fallback_block, coi_why_t *why)
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
			(!found || fallback_block->is_closed(fallback_block,
						peer->get_name(peer))))
		{	/* one that is closed decides */
			blocked = fallback_block->is_closed(fallback_block,
						peer->get_name(peer));
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

/** A name might be that of the address, a coi_missing_hosts_cb_t. */
static void add_missing(void *data, const coi_missing_hosts_item_t *item)
{
	coi_why_add(data, "; '%s' in remote_addrs %s", item->element, item->name ?
				"has no address yet, it might be this one" :
				"is no address, subnet, range or name");
}

void coi_why_uncovered(coi_fallback_block_t *fallback_block, coi_why_t *why)
{
	if (by_unusable(fallback_block, why) || by_other(why))
	{
		return;
	}
	coi_why_say(why, COI_VERDICT_CLEAR, "no-connection", "%H is in "
				"remote_addrs of no connection with auth = xauth-coi: it passes "
				"in clear", why->other);
	coi_missing_hosts(FALSE, add_missing, why);
	snprintf(why->setting, sizeof(why->setting), "connections");
}
