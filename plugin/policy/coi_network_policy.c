/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_network_policy.h"
#include "coi_policy_priority.h"
#include "config/coi_connection.h"
#include "config/coi_reqids.h"
#include "config/coi_host_list.h"
#include "coi_icmp_errors.h"
#include "util/coi_selector.h"
#include "coi_hold_sa.h"

static bool has_networks(const coi_services_t *services)
{
	u_int i;

	for (i = 0; i < services->count; i++)
	{
		if (services->list[i].at.family != COI_FAMILY_HOST)
		{
			return TRUE;
		}
	}
	return FALSE;
}

static bool is_gateway(const coi_community_t *community)
{
	return has_networks(&community->offers) || has_networks(&community->uses);
}

bool coi_network_policy_any(const coi_connection_t *conn)
{
	u_int i;

	for (i = 0; i < conn->count; i++)
	{
		if (is_gateway(&conn->profile->communities[i]))
		{
			return TRUE;
		}
	}
	return FALSE;
}

const coi_range_t *coi_network_policy_find(const coi_connection_t *conn,
										   host_t *host)
{
	coi_range_t range = coi_selector_range(host);
	const coi_range_t *at, *found = NULL;
	const coi_services_t *uses;
	u_int i, j;

	for (i = 0; i < conn->count; i++)
	{
		uses = &conn->profile->communities[i].uses;
		for (j = 0; j < uses->count; j++)
		{
			at = &uses->list[j].at;
			if (at->family != COI_FAMILY_HOST &&
				coi_range_contains(at, &range) &&
				(!found || coi_range_contains(found, at)))
			{
				found = at;
			}
		}
	}
	return found;
}

bool coi_network_policy_ends(coi_connection_t *conn, host_t **src, host_t **dst)
{
	host_t *gateway, *me;

	if (!coi_network_policy_any(conn))
	{
		return TRUE;
	}
	if (coi_network_policy_find(conn, *dst))
	{
		gateway = coi_connection_gateway(conn);
		if (!gateway)
		{
			DBG2(DBG_CFG, "%H is behind whoever calls in for connection '%s'",
				 *dst, conn->name);
			return FALSE;
		}
		(*dst)->destroy(*dst);
		*dst = gateway;
	}
	else if (charon->kernel->get_interface(charon->kernel, *src, NULL))
	{	/* no forwarded packet */
		return TRUE;
	}
	me = coi_connection_source(conn, *dst);
	if (!me)
	{
		return FALSE;
	}
	(*src)->destroy(*src);
	*src = me;
	return TRUE;
}

bool coi_network_policy_can_hold(const coi_connection_t *conn)
{
	u_int i;

	for (i = 0; i < conn->count; i++)
	{
		if (has_networks(&conn->profile->communities[i].offers))
		{
			return FALSE;
		}
	}
	return !conn->profile->wishes;
}

/**
 * Append the selectors between two ranges, one of which is a network. Of a host
 * itself the lists have the addresses.
 */
static bool add_pair(array_t *selectors, const coi_range_t *local,
					 const coi_range_t *remote, char *locals, char *remotes)
{
	char from[128], to[128];

	if (local->family != COI_FAMILY_HOST)
	{
		coi_selector_print(local, from, sizeof(from));
		locals = from;
	}
	if (remote->family != COI_FAMILY_HOST)
	{
		coi_selector_print(remote, to, sizeof(to));
		remotes = to;
	}
	/* what is not understood has been said, and takes nothing else away */
	coi_selector_add_lists(selectors, locals, remotes);
	return array_count(selectors) <= COI_NETWORK_POLICY_MAX;
}

/**
 * List the selectors between the networks of a community.
 *
 * @param locals	addresses of the host itself, as in local_addrs
 * @param remotes	addresses of the peers themselves, as in remote_addrs
 */
static bool add_networks(array_t *selectors, const coi_community_t *community,
						 char *locals, char *remotes)
{
	coi_ranges_t mine, theirs;
	bool good = TRUE;
	u_int i, j;

	mine = coi_services_ranges(&community->offers);
	theirs = coi_services_ranges(&community->uses);
	for (i = 0; i < mine.count; i++)
	{
		for (j = 0; j < theirs.count && good; j++)
		{
			good = !(mine.list[i].family || theirs.list[j].family) ||
				   add_pair(selectors, &mine.list[i], &theirs.list[j], locals,
							remotes);
		}
	}
	free(mine.list);
	free(theirs.list);
	return good;
}

/** A network's policies, the upper first. */
enum {
	STEP_ERRORS,
	STEP_BLOCK,
	STEP_HOLD,
	STEP_TRAP,
	STEPS,
};

/** Priority of a network's policies. */
static uint32_t priority(traffic_selector_t *remote, u_int step)
{
	uint8_t mask = 0;
	host_t *net;

	if (remote->to_subnet(remote, &net, &mask))
	{
		net->destroy(net);
	}
	return COI_PRIO_NETS + STEPS * (128 - mask) + step;
}

/** Want a policy in the directions of a gateway. */
static void want(array_t *wanted, coi_policy_entry_t policy,
				 coi_selector_t *selector,
				 bool outbound)
{
	if (outbound)
	{
		coi_policy_entry_add(wanted, policy, POLICY_OUT, selector->local,
							 selector->remote);
	}
	else
	{
		coi_policy_entry_add(wanted, policy, POLICY_IN, selector->local,
							 selector->remote);
		coi_policy_entry_add(wanted, policy, POLICY_FWD, selector->local,
							 selector->remote);
	}
}

bool coi_network_policy_want_traps(array_t *wanted, coi_connection_t *conn,
								   uint32_t unmarked)
{
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);
	const coi_community_t *community;
	coi_selector_t *selector;
	enumerator_t *enumerator;
	uint32_t if_ids[COI_MAX_KEYS];
	char *locals, *remotes;
	array_t *selectors;
	bool good = TRUE;
	u_int i;
	coi_policy_entry_t policy = {
		.type = POLICY_IPSEC,
		.mode = MODE_TRANSPORT,
		.reqid = conn->reqid,
	}, hold = policy, errors = policy;

	if (!conn->profile->wishes)
	{	/* else that route would stand in the way of one from the virtual address */
		policy.peer = coi_connection_gateway(conn);
	}
	if (policy.peer && !coi_connection_if_ids(conn, if_ids))
	{	/* so that the kernel interface installs a route; into interfaces others
		 * route */
		policy.mode = MODE_TUNNEL;
	}
	hold.leads_to = COI_REQID_HOLD;
	hold.unmarked = policy.peer && coi_network_policy_can_hold(conn) ? unmarked
																	 : 0;
	selectors = coi_selectors_create();
	locals = coi_host_list_expand_local(cfg->get_my_addr(cfg));
	remotes = coi_host_list_expand(cfg->get_other_addr(cfg), NULL, NULL);
	for (i = 0; i < conn->count && good; i++)
	{
		community = &conn->profile->communities[i];
		good = !is_gateway(community) ||
			   add_networks(selectors, community, locals, remotes);
	}
	free(locals);
	free(remotes);
	enumerator = array_create_enumerator(selectors);
	while (good && enumerator->enumerate(enumerator, &selector))
	{
		policy.prio = priority(selector->remote, STEP_TRAP);
		hold.prio = priority(selector->remote, STEP_HOLD);
		errors.prio = priority(selector->remote, STEP_ERRORS);
		coi_icmp_errors_want(wanted, errors, selector->local, selector->remote);
		want(wanted, policy, selector, FALSE);
		want(wanted, policy, selector, TRUE);
		if (hold.unmarked)
		{
			want(wanted, hold, selector, TRUE);
		}
	}
	enumerator->destroy(enumerator);
	coi_selectors_destroy(selectors);
	DESTROY_IF(policy.peer);
	return good;
}

void coi_network_policy_want_blocks(array_t *wanted,
									const coi_community_t *community,
									host_t *me, host_t *other, bool outbound)
{
	coi_range_t here = coi_selector_range(me);
	coi_range_t there = coi_selector_range(other);
	char locals[128], remotes[128];
	coi_selector_t *selector;
	enumerator_t *enumerator;
	array_t *selectors;
	coi_policy_entry_t policy = {
		.type = POLICY_DROP,
		.mode = MODE_TRANSPORT,
	}, errors = {};

	if (!community || !is_gateway(community))
	{
		return;
	}
	coi_selector_print(&here, locals, sizeof(locals));
	coi_selector_print(&there, remotes, sizeof(remotes));
	selectors = coi_selectors_create();
	if (!add_networks(selectors, community, locals, remotes))
	{
		DBG1(DBG_KNL, "COI '%s' with %H: more than %d pairs of networks, not "
			 "all are blocked beyond the trap", community->name, other,
			 COI_NETWORK_POLICY_MAX);
	}
	enumerator = array_create_enumerator(selectors);
	while (enumerator->enumerate(enumerator, &selector))
	{
		errors.prio = priority(selector->remote, STEP_ERRORS);
		if (outbound)
		{
			coi_icmp_errors_want(wanted, errors, selector->local,
								 selector->remote);
		}
		policy.prio = priority(selector->remote, STEP_BLOCK);
		want(wanted, policy, selector, outbound);
	}
	enumerator->destroy(enumerator);
	coi_selectors_destroy(selectors);
}
