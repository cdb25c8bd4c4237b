/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_leave.h"
#include "coi_clear.h"
#include "coi_config.h"
#include "coi_plain.h"

#include <net/if.h>
#include <netinet/in.h>

typedef struct private_coi_leave_t private_coi_leave_t;

struct private_coi_leave_t {
	coi_leave_t public;
	coi_slots_t *slots;
	bool block;

	/** charon's own */
	void (*flush)(shunt_manager_t*);
};

/** charon's methods have no room for a closure. */
static private_coi_leave_t *leave;

/** A shunt of charon's. */
typedef struct {
	char *conn;
	child_cfg_t *cfg;
} shunt_t;

/** Cover a range of ports by one with a mask, as kernel-netlink does. */
static void cover_ports(traffic_selector_t *ts, uint16_t *port, uint16_t *mask)
{
	uint16_t from = ts->get_from_port(ts), differ = from ^ ts->get_to_port(ts);

	*mask = 0xffff;
	while (differ)
	{
		differ >>= 1;
		*mask <<= 1;
	}
	*port = from & *mask;
}

static void cover_net(traffic_selector_t *ts, uint8_t addr[16], uint8_t *bits)
{
	host_t *net;
	chunk_t raw;

	ts->to_subnet(ts, &net, bits);
	raw = net->get_address(net);
	memcpy(addr, raw.ptr, min(raw.len, (size_t)16));
	net->destroy(net);
}

/**
 * Add the plain policy with the selector that a policy of charon's has.
 */
static void add(array_t *blocks, coi_block_kind_t kind, policy_dir_t dir,
				traffic_selector_t *src, traffic_selector_t *dst, mark_t mark,
				uint32_t if_id, char *interface)
{
	coi_block_t block;
	uint16_t type;

	/* compared with its padding */
	memset(&block, 0, sizeof(block));
	block.kind = kind;
	block.dir = dir == POLICY_IN ? COI_BLOCK_IN
								 : dir == POLICY_OUT ? COI_BLOCK_OUT
													 : COI_BLOCK_FWD;
	block.family = src->get_type(src) == TS_IPV4_ADDR_RANGE ? AF_INET
															: AF_INET6;
	cover_net(src, block.src, &block.src_bits);
	cover_net(dst, block.dst, &block.dst_bits);
	block.proto = max(src->get_protocol(src), dst->get_protocol(dst));
	cover_ports(src, &block.sport, &block.sport_mask);
	cover_ports(dst, &block.dport, &block.dport_mask);
	if ((block.proto == IPPROTO_ICMP || block.proto == IPPROTO_ICMPV6) &&
		(block.sport || block.dport))
	{	/* the kernel has the type as source port, the code as the other one */
		type = max(block.sport, block.dport);
		block.sport = traffic_selector_icmp_type(type);
		block.sport_mask = block.sport ? 0xffff : 0;
		block.dport = traffic_selector_icmp_code(type);
		block.dport_mask = block.dport ? 0xffff : 0;
	}
	block.mark = mark.value & mark.mask;
	block.mark_mask = mark.mask;
	block.if_id = if_id;
	block.ifindex = interface ? if_nametoindex(interface) : 0;
	array_insert(blocks, ARRAY_TAIL, &block);
}

/** Add what stays of a policy of ours, a coi_slots_cb_t. */
static void add_policy(void *data, const coi_slot_key_t *key,
					   const coi_wanted_t *policy)
{
	bool out = policy->dir == POLICY_OUT;
	traffic_selector_t *src = out ? policy->local : policy->remote;
	traffic_selector_t *dst = out ? policy->remote : policy->local;
	coi_block_kind_t kind = COI_BLOCK_REST;

	switch (key->kind)
	{
		case COI_SLOT_OPEN:
			if (policy->type == POLICY_DROP)
			{	/* for a mark that no rule gives then */
				return;
			}
			kind = COI_BLOCK_OPEN;
			break;
		case COI_SLOT_DROP:
			kind = COI_BLOCK_DROP;
			break;
		case COI_SLOT_TRAP:
		case COI_SLOT_CLOSED:
		case COI_SLOT_GUEST:
			break;
		default:
			/* they stand within what a trap covers, or for a session */
			return;
	}
	if (policy->sink)
	{
		return;
	}
	add(data, kind, policy->dir, src, dst, policy->mark, policy->if_id, NULL);
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
	add(blocks, kind, POLICY_OUT, local, remote, out, 0, interface);
	add(blocks, kind, POLICY_IN, remote, local, in, 0, interface);
	add(blocks, kind, POLICY_FWD, remote, local, in, 0, interface);
	if (cfg->has_option(cfg, OPT_FWD_OUT_POLICIES))
	{
		add(blocks, kind, POLICY_FWD, local, remote, out, 0, interface);
	}
}

static void add_shunt(array_t *blocks, coi_block_kind_t kind, child_cfg_t *cfg)
{
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

/**
 * Add what charon's shunts let pass, whosever they are, and those of COI
 * connections that drop.
 */
static void add_shunts(array_t *blocks)
{
	enumerator_t *enumerator;
	array_t *shunts;
	peer_cfg_t *peer;
	child_cfg_t *cfg;
	shunt_t shunt;
	char *conn;

	/* copies: vici asks the shunts while it holds its lock, we the other way */
	shunts = array_create(sizeof(shunt_t), 0);
	enumerator = charon->shunts->create_enumerator(charon->shunts);
	while (enumerator->enumerate(enumerator, &conn, &cfg))
	{
		shunt.conn = strdup(conn ?: "");
		shunt.cfg = cfg->get_ref(cfg);
		array_insert(shunts, ARRAY_TAIL, &shunt);
	}
	enumerator->destroy(enumerator);
	while (array_remove(shunts, ARRAY_HEAD, &shunt))
	{
		if (shunt.cfg->get_mode(shunt.cfg) == MODE_PASS)
		{
			add_shunt(blocks, COI_BLOCK_OPEN, shunt.cfg);
		}
		else
		{
			peer = charon->backends->get_peer_cfg_by_name(charon->backends,
														  shunt.conn);
			if (peer && coi_config_is_coi(peer))
			{
				add_shunt(blocks, COI_BLOCK_DROP, shunt.cfg);
			}
			DESTROY_IF(peer);
		}
		shunt.cfg->destroy(shunt.cfg);
		free(shunt.conn);
	}
	array_destroy(shunts);
}

static int compare(const void *a, const void *b, void *user)
{
	const coi_block_t *first = a, *second = b;

	return first->kind != second->kind ? (int)first->kind - (int)second->kind
									   : memcmp(a, b, sizeof(coi_block_t));
}

METHOD(coi_leave_t, list, array_t*,
	private_coi_leave_t *this)
{
	coi_block_t block, last;
	array_t *found, *blocks;
	bool v4 = FALSE, v6 = FALSE;
	int i;

	found = array_create(sizeof(coi_block_t), 0);
	this->slots->visit(this->slots, add_policy, found);
	add_shunts(found);
	array_sort(found, compare, NULL);
	blocks = array_create(sizeof(coi_block_t), 0);
	for (i = 0; i < array_count(found); i++)
	{
		array_get(found, i, &block);
		v4 |= block.kind != COI_BLOCK_OPEN && block.family == AF_INET;
		v6 |= block.kind != COI_BLOCK_OPEN && block.family == AF_INET6;
		if (!i || memcmp(&last, &block, sizeof(block)) != 0)
		{
			array_insert(blocks, ARRAY_TAIL, &block);
		}
		last = block;
	}
	array_destroy(found);
	/* where nothing is blocked nothing needs to be let pass */
	for (i = array_count(blocks) - 1; i >= 0; i--)
	{
		array_get(blocks, i, &block);
		if (!(block.family == AF_INET ? v4 : v6))
		{
			array_remove(blocks, i, NULL);
		}
	}
	return blocks;
}

METHOD(coi_leave_t, leave_, void,
	private_coi_leave_t *this)
{
	enumerator_t *enumerator;
	coi_block_t *block;
	array_t *blocks;
	coi_xfrm_t xfrm;
	u_int failed = 0;

	if (!this->block)
	{
		return;
	}
	blocks = list(this);
	if (array_count(blocks) && coi_xfrm_open(&xfrm))
	{
		enumerator = array_create_enumerator(blocks);
		while (enumerator->enumerate(enumerator, &block))
		{
			failed += !coi_plain_set(&xfrm, block);
		}
		enumerator->destroy(enumerator);
		coi_xfrm_close(&xfrm);
		DBG1(DBG_KNL, "what COI protects stays blocked by %d policies, until "
			 "charon runs again or 'coi release'", array_count(blocks));
	}
	if (failed)
	{
		DBG1(DBG_KNL, "the kernel refused %u policies that were to stay",
			 failed);
	}
	array_destroy(blocks);
}

METHOD(shunt_manager_t, flush, void,
	shunt_manager_t *shunts)
{
	private_coi_leave_t *this = leave;

	leave_(this);
	this->flush(shunts);
}

METHOD(coi_leave_t, destroy, void,
	private_coi_leave_t *this)
{
	charon->shunts->flush = this->flush;
	leave = NULL;
	free(this);
}

coi_leave_t *coi_leave_create(coi_slots_t *slots, bool block)
{
	private_coi_leave_t *this;

	INIT(this,
		.public = {
			.list = _list,
			.leave = _leave_,
			.destroy = _destroy,
		},
		.slots = slots,
		.block = block,
		.flush = charon->shunts->flush,
	);
	leave = this;
	charon->shunts->flush = (void*)_flush;
	return &this->public;
}
