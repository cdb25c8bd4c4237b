/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_shunt_list.h"
#include "coi_kept_policy.h"

#include <net/if.h>

array_t *coi_shunt_list_list()
{
	enumerator_t *enumerator;
	array_t *shunts;
	child_cfg_t *cfg;
	coi_shunt_t shunt;
	char *conn;

	/* copies: vici asks the shunts while it holds its lock, we the other way */
	shunts = array_create(sizeof(coi_shunt_t), 0);
	enumerator = charon->shunts->create_enumerator(charon->shunts);
	while (enumerator->enumerate(enumerator, &conn, &cfg))
	{
		shunt.conn = conn ? strdup(conn) : NULL;
		shunt.cfg = cfg->get_ref(cfg);
		array_insert(shunts, ARRAY_TAIL, &shunt);
	}
	enumerator->destroy(enumerator);
	return shunts;
}

void coi_shunt_list_clear(coi_shunt_t *shunt)
{
	shunt->cfg->destroy(shunt->cfg);
	free(shunt->conn);
}

/**
 * Add the plain policy with the selector that a policy of charon's has.
 */
static void add(array_t *blocks, coi_block_kind_t kind, policy_dir_t dir,
				traffic_selector_t *src, traffic_selector_t *dst, mark_t mark,
				char *interface)
{
	coi_block_t block;

	block = coi_kept_policy_select(kind, dir, src, dst);
	block.mark = mark.value & mark.mask;
	block.mark_mask = mark.mask;
	block.ifindex = interface ? if_nametoindex(interface) : 0;
	array_insert(blocks, ARRAY_TAIL, &block);
}

/** Add what a shunt lets pass or drops, for a pair of selectors. */
static void add_selectors(array_t *blocks, coi_block_kind_t kind,
						  child_cfg_t *cfg, traffic_selector_t *local,
						  traffic_selector_t *remote)
{
	mark_t in = cfg->get_mark(cfg, TRUE), out = cfg->get_mark(cfg, FALSE);
	char *interface = cfg->get_interface(cfg);

	if (local->get_type(local) != remote->get_type(remote) ||
		(local->get_protocol(local) && remote->get_protocol(remote) &&
		 local->get_protocol(local) != remote->get_protocol(remote)))
	{
		return;
	}
	add(blocks, kind, POLICY_OUT, local, remote, out, interface);
	add(blocks, kind, POLICY_IN, remote, local, in, interface);
	add(blocks, kind, POLICY_FWD, remote, local, in, interface);
	if (cfg->has_option(cfg, OPT_FWD_OUT_POLICIES))
	{
		add(blocks, kind, POLICY_FWD, local, remote, out, interface);
	}
}

void coi_shunt_list_select(const coi_shunt_t *shunt, coi_block_kind_t kind,
						   array_t *blocks)
{
	child_cfg_t *cfg = shunt->cfg;
	linked_list_t *hosts, *locals, *remotes;
	traffic_selector_t *local, *remote;
	enumerator_t *outer, *inner;

	hosts = linked_list_create_with_items(host_create_any(AF_INET),
										  host_create_any(AF_INET6), NULL);
	locals = cfg->get_traffic_selectors(cfg, TRUE, NULL, hosts, FALSE);
	remotes = cfg->get_traffic_selectors(cfg, FALSE, NULL, hosts, FALSE);
	hosts->destroy_offset(hosts, offsetof(host_t, destroy));
	outer = locals->create_enumerator(locals);
	while (outer->enumerate(outer, &local))
	{
		inner = remotes->create_enumerator(remotes);
		while (inner->enumerate(inner, &remote))
		{
			add_selectors(blocks, kind, cfg, local, remote);
		}
		inner->destroy(inner);
	}
	outer->destroy(outer);
	locals->destroy_offset(locals, offsetof(traffic_selector_t, destroy));
	remotes->destroy_offset(remotes, offsetof(traffic_selector_t, destroy));
}
