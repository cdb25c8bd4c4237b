/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/coi_host_list.h"
#include "util/coi_address_type.h"
#include "policy/coi_network_policy.h"
#include "coi_why_private.h"

#include <netinet/in.h>

/** What always passes, see coi_bypass.h. */
#define DHCP_SERVER 67
#define DHCP_CLIENT 68
#define DHCPV6_SERVER 547

/** Whether both ends of what is asked are an end of a connection's trap. */
static bool covers(coi_why_walk_t *walk, const coi_connection_t *conn)
{
	coi_pair_policy_t *policy = walk->tables->pair_policy;
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);
	coi_why_t *why = walk->why;

	if (!policy->is_trapped(policy, conn->reqid))
	{
		return FALSE;
	}
	if (why->inbound)
	{	/* whoever sends it */
		return coi_host_list_match_me(cfg, why->other) != 0;
	}
	return coi_host_list_match_other(cfg, why->other) ||
		   coi_network_policy_find(conn, why->other);
}

/** Find the connection whose trap meets it, NULL if none does. */
static coi_connection_t *find_trap(coi_why_walk_t *walk)
{
	enumerator_t *enumerator;
	coi_connection_t *conn, *found = NULL;

	enumerator = walk->tables->config->create_enumerator(walk->tables->config);
	while (!found && enumerator->enumerate(enumerator, &conn))
	{
		if (covers(walk, conn))
		{
			found = coi_connection_get_ref(conn);
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/** What a link cannot do without. */
static bool by_always(coi_why_t *why, coi_address_type_t cast)
{
	chunk_t addr = why->other->get_address(why->other);
	const coi_service_query_t *asked = &why->asked;

	if (asked->proto != IPPROTO_UDP || asked->any_port)
	{
		return FALSE;
	}
	if (cast == COI_ADDRESS_TYPE_BROADCAST && memeq(addr.ptr,
													"\xff\xff\xff\xff", 4) &&
		(asked->port == DHCP_SERVER || asked->port == DHCP_CLIENT))
	{
		coi_why_say(why, COI_VERDICT_CLEAR, "always", "DHCP by broadcast, from "
					"UDP port %u, always passes in clear", asked->port ==
					DHCP_SERVER ? DHCP_CLIENT : DHCP_SERVER);
		return TRUE;
	}
	if (cast == COI_ADDRESS_TYPE_MULTICAST && !why->inbound &&
		asked->port == DHCPV6_SERVER && addr.len == 16 &&
		memeq(addr.ptr, "\xff\x02\0\0\0\0\0\0\0\0\0\0\0\1\0\2", 16))
	{
		coi_why_say(why, COI_VERDICT_CLEAR, "always", "a request to DHCPv6 "
					"servers, from UDP port 546, always passes in clear");
		return TRUE;
	}
	return FALSE;
}

/** What the option lets pass. */
static bool by_option(coi_why_walk_t *walk, coi_address_type_t cast)
{
	coi_why_t *why = walk->why;
	bool igmp;

	igmp = cast == COI_ADDRESS_TYPE_MULTICAST &&
		   why->other->get_family(why->other) == AF_INET;
	if (!walk->tables->options->broadcast || cast == COI_ADDRESS_TYPE_LINK ||
		(why->asked.proto && why->asked.proto != IPPROTO_UDP &&
		 !(igmp && why->asked.proto == IPPROTO_IGMP)))
	{
		return FALSE;
	}
	coi_why_say(why, COI_VERDICT_CLEAR, "broadcast", "%H is an address of many "
				"hosts, and broadcast = yes: UDP%s passes in clear, all else is "
				"dropped", why->other, igmp ? " and IGMP" : "");
	snprintf(why->setting, sizeof(why->setting),
			 "charon.plugins.coi.broadcast");
	return TRUE;
}

/** A trap meets it, but no session is opened. */
static void by_trap(coi_why_walk_t *walk, coi_address_type_t cast)
{
	coi_why_t *why = walk->why;
	bool link = cast == COI_ADDRESS_TYPE_LINK;

	coi_why_say(why, COI_VERDICT_BLOCKED, link ? "link-local" : "group",
				"%H is %s, for which no tunnel is made: ", why->other, link ?
				"link-local" : "an address of many hosts");
	if (why->inbound && !link)
	{
		coi_why_add(why, "what comes for it from remote_addrs of connection '%s' "
					"is dropped, from others it passes in clear",
					walk->conn->name);
	}
	else
	{
		coi_why_add(why, "it is %s connection '%s', so it is dropped",
					why->inbound ? "met by" : "in remote_addrs, or remote_ts, of",
					walk->conn->name);
	}
	coi_why_add(why, link ? "; a child with mode = pass lets it pass" :
				"; broadcast = yes lets UDP pass, a child with mode = pass "
				"%s%H what else is wanted", why->inbound ? "and local_ts = " :
				"and remote_ts = ", why->other);
	if (why->asked.proto == IPPROTO_ICMPV6)
	{
		coi_why_add(why, "; neighbour discovery%s always passes in clear",
					link ? "" : " and multicast listener discovery");
	}
	snprintf(why->connection, sizeof(why->connection), "%s", walk->conn->name);
	snprintf(why->setting, sizeof(why->setting), "connections.%s.remote_addrs",
			 walk->conn->name);
}

/** No connection has to do with it. */
static void by_nobody(coi_why_walk_t *walk, host_t *me, host_t *other,
					  coi_address_type_t cast)
{
	coi_why_t *why = walk->why;

	coi_why_uncovered(walk->tables->fallback_block, why);
	if (why->verdict == COI_VERDICT_CLEAR && cast != COI_ADDRESS_TYPE_LINK &&
		!why->inbound)
	{
		coi_why_add(why, "; hosts of which this one is a peer drop it, unless "
					"their broadcast option or a child lets it pass");
	}
	coi_why_shunt(why, me, other, FALSE);
}

void coi_why_many(coi_why_walk_t *walk)
{
	coi_address_type_t cast = coi_address_type(walk->why->other);
	coi_why_t *why = walk->why;
	host_t *me, *other;
	bool group;

	group = why->inbound && cast != COI_ADDRESS_TYPE_LINK;
	/* a group is where a packet goes, not where it is from */
	other = group ? NULL : why->other;
	me = group ? why->other->clone(why->other)
			   : charon->kernel->get_source_addr(charon->kernel, why->other,
												 NULL);
	coi_connection_destroy(walk->conn);
	walk->conn = find_trap(walk);
	if (coi_why_shunt(why, me, other, TRUE))
	{
		/* whatever else there is */
	}
	else if (!walk->conn)
	{
		by_nobody(walk, me, other, cast);
	}
	else if (!by_always(why, cast) && !by_option(walk, cast))
	{
		by_trap(walk, cast);
	}
	DESTROY_IF(me);
}
