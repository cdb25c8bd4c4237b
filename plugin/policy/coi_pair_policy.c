/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_pair_policy.h"
#include "coi_policy_priority.h"
#include "coi_bypass.h"
#include "coi_icmp_errors.h"
#include "coi_vip_policy.h"
#include "coi_xfrm_interfaces.h"
#include "coi_stop_block.h"
#include "coi_leftovers.h"
#include "coi_network_policy.h"
#include "coi_pair_allow.h"
#include "util/coi_selector.h"
#include "coi_hold_sa.h"
#include "coi_policy_store.h"
#include "netfilter/coi_tracker.h"
#include "coi_trap_policy.h"

#include <threading/mutex.h>

typedef struct private_coi_pair_policy_t private_coi_pair_policy_t;

struct private_coi_pair_policy_t {

	/** Public interface. */
	coi_pair_policy_t public;

	uint16_t idle_port;

	/** knows who began a connection */
	coi_tracker_t *tracker;

	/** what is installed */
	coi_policy_store_t *store;

	/** what no trap may hold */
	coi_bypass_t *bypass;

	/** what stays when charon stops, and whether anything does */
	coi_stop_block_t *stop_block;
	bool keep;

	/** packets without these bits are led to the hold SA, 0 for none */
	uint32_t unmarked;

	/** guards unmarked */
	mutex_t *mutex;
};

/**
 * Want everything between two hosts dropped in one direction; what is forwarded comes
 * in.
 *
 * @param if_id		of an interface, else 0
 */
static void want_block(array_t *wanted, host_t *me, host_t *other,
					   policy_dir_t dir, uint32_t prio, uint32_t if_id)
{
	coi_selector_t selector;
	coi_flow_t all = {
		.local_to = 0xffff,
		.remote_to = 0xffff,
	};
	coi_policy_entry_t policy = {
		.type = POLICY_DROP,
		.prio = prio,
		.mode = MODE_TRANSPORT,
		.if_id = if_id,
	}, errors = {
		.prio = COI_PRIO_PAIR_ERRORS,
		.if_id = if_id,
	};

	selector = coi_selector_show_flow(me, other, &all);
	if (dir == POLICY_OUT)
	{
		coi_icmp_errors_want(wanted, errors, selector.local, selector.remote);
	}
	coi_policy_entry_add(wanted, policy, dir, selector.local, selector.remote);
	if (dir == POLICY_IN)
	{	/* what this host's NAT leads elsewhere is compared as it came */
		coi_policy_entry_add(wanted, policy, POLICY_FWD, selector.local,
							 selector.remote);
	}
	selector.local->destroy(selector.local);
	selector.remote->destroy(selector.remote);
}

/**
 * Get the priority of a community's flows.
 *
 * Where flows of several communities overlap, what one end sends through a
 * community's SA must be expected through it by the other: the names decide,
 * which both ends know.
 */
static uint32_t flow_priority(const coi_pair_allow_t *allow, u_int count, u_int i)
{
	child_cfg_t *cfg = allow[i].child->cfg;
	u_int rank = 0, j;

	for (j = 0; j < count; j++)
	{
		rank += strcmp(allow[j].child->name, allow[i].child->name) < 0;
	}
	if (allow[i].on_demand)
	{
		return COI_PRIO_JOIN + rank;
	}
	return coi_vip_policy_priority(&allow[i], cfg->get_manual_prio(cfg) ?:
								   COI_PRIO_ALLOW + rank, rank);
}

/**
 * Whether a community leaves nothing to block in a direction. With a mark or
 * interface ID it does, and the block has a kernel entry of its own.
 */
static bool allows_all(const coi_pair_allow_t *allow, host_t *me, host_t *other,
					   bool inbound)
{
	coi_range_t here = coi_selector_range(me);
	coi_range_t there = coi_selector_range(other);
	const coi_marks_t *marks = &allow->marks;
	mark_t mark = inbound ? marks->mark_in : marks->mark_out;
	coi_flows_t flows = {
		.list = (coi_flow_t*)allow->flows,
		.count = allow->count,
	};

	return coi_flows_all(&flows, &here, &there,
						 inbound ? COI_BEGIN_THERE : 0) && !mark.mask &&
		   !(inbound ? marks->if_id_in : marks->if_id_out);
}

/**
 * Want everything else blocked that goes through, or comes from, the interface
 * of a community.
 */
static void want_if_blocks(array_t *wanted, host_t *me, host_t *other,
						   const coi_pair_allow_t *allow, bool outbound)
{
	if (allow->marks.if_id_in)
	{
		want_block(wanted, me, other, POLICY_IN, COI_PRIO_BLOCK,
				   allow->marks.if_id_in);
	}
	if (allow->marks.if_id_out && outbound)
	{
		want_block(wanted, me, other, POLICY_OUT, COI_PRIO_BLOCK,
				   allow->marks.if_id_out);
	}
}

/**
 * Want everything blocked between the networks of two hosts, and between virtual
 * addresses and these.
 *
 * @param outbound	TRUE to block what leaves, too
 */
static void want_networks(array_t *wanted, host_t *me, host_t *other,
						  const coi_pair_allow_t *allow, bool outbound)
{
	coi_network_policy_want_blocks(wanted, allow->community, me, other, FALSE);
	coi_vip_policy_want_blocks(wanted, allow, me, other, FALSE);
	if (outbound)
	{
		coi_vip_policy_want_blocks(wanted, allow, me, other, TRUE);
		coi_network_policy_want_blocks(wanted, allow->community, me, other,
									   TRUE);
	}
}

METHOD(coi_pair_policy_t, set, bool,
	private_coi_pair_policy_t *this, host_t *me, host_t *other,
	const coi_pair_allow_t *allow, u_int count)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_PAIR,
		.me = me,
		.other = other,
	};
	array_t *wanted, *instead;
	bool outbound = FALSE, all_in = FALSE, all_out = FALSE, known = FALSE;
	coi_pair_allow_bits_t bits = {
		.known = this->tracker->get_mark(this->tracker),
	};
	u_int i;

	this->mutex->lock(this->mutex);
	bits.waited = this->unmarked;
	this->mutex->unlock(this->mutex);
	wanted = coi_policy_entry_create();
	instead = coi_policy_entry_create();
	for (i = 0; i < count; i++)
	{
		outbound |= allow[i].outbound;
		all_in |= allows_all(&allow[i], me, other, TRUE);
		all_out |= allow[i].outbound &&
				   allows_all(&allow[i], me, other, FALSE);
		if (allow[i].idle)
		{
			coi_pair_allow_idle(wanted, allow[i].idle_me ?: me,
								allow[i].idle_host ?: other, &allow[i],
								allow[i].given.count ? COI_PRIO_GUEST_IDLE
												 : COI_PRIO_IDLE,
								this->idle_port, &bits);
		}
		known |= coi_pair_allow_flows(wanted, me, other, &allow[i],
									  flow_priority(allow, count, i), &bits);
	}
	/* a pair's first blocks come after the flows: until then a trap holds the
	 * packets that wait for the tunnel, and a block would refuse them. For the
	 * same reason there is none in a direction that is not open yet. */
	if (count && !all_in)
	{
		want_block(wanted, me, other, POLICY_IN, COI_PRIO_BLOCK, 0);
	}
	if (outbound && !all_out)
	{
		want_block(wanted, me, other, POLICY_OUT, COI_PRIO_BLOCK, 0);
	}
	for (i = 0; i < count; i++)
	{
		want_if_blocks(wanted, me, other, &allow[i], outbound);
		want_if_blocks(instead, me, other, &allow[i], TRUE);
		want_networks(wanted, me, other, &allow[i], outbound);
		want_networks(instead, me, other, &allow[i], TRUE);
		coi_vip_policy_keep(this->store, &allow[i]);
	}
	if (count)
	{
		want_block(instead, me, other, POLICY_IN, COI_PRIO_BLOCK, 0);
		want_block(instead, me, other, POLICY_OUT, COI_PRIO_BLOCK, 0);
	}
	if (known)
	{	/* before the first answer */
		this->tracker->need(this->tracker);
	}
	return this->store->set(this->store, &key, wanted, instead);
}

METHOD(coi_pair_policy_t, refuse, bool,
	private_coi_pair_policy_t *this, host_t *me, host_t *other, bool on)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_REFUSE,
		.me = me,
		.other = other,
	};
	array_t *wanted;

	wanted = coi_policy_entry_create();
	if (on)
	{
		want_block(wanted, me, other, POLICY_OUT, COI_PRIO_REFUSE, 0);
	}
	return this->store->set(this->store, &key, wanted,
							coi_policy_entry_create());
}

METHOD(coi_pair_policy_t, trap, bool,
	private_coi_pair_policy_t *this, coi_connection_t *conn)
{
	uint32_t unmarked;

	this->mutex->lock(this->mutex);
	unmarked = this->unmarked;
	this->mutex->unlock(this->mutex);
	return coi_trap_policy_install(this->store, conn, unmarked);
}

METHOD(coi_pair_policy_t, hold, void,
	private_coi_pair_policy_t *this, uint32_t unmarked)
{
	this->mutex->lock(this->mutex);
	this->unmarked = unmarked;
	this->mutex->unlock(this->mutex);
}

METHOD(coi_pair_policy_t, untrap, void,
	private_coi_pair_policy_t *this, uint32_t reqid)
{
	coi_trap_policy_remove(this->store, reqid);
}

METHOD(coi_pair_policy_t, is_trapped, bool,
	private_coi_pair_policy_t *this, uint32_t reqid)
{
	return coi_trap_policy_is_installed(this->store, reqid);
}

METHOD(coi_pair_policy_t, get_store, coi_policy_store_t*,
	private_coi_pair_policy_t *this)
{
	return this->store;
}

METHOD(coi_pair_policy_t, get_tracking, coi_tracker_method_t,
	private_coi_pair_policy_t *this)
{
	return this->tracker->get_tracking(this->tracker);
}

METHOD(coi_pair_policy_t, get_stop_block, coi_stop_block_t*,
	private_coi_pair_policy_t *this)
{
	return this->stop_block;
}

METHOD(coi_pair_policy_t, destroy, void,
	private_coi_pair_policy_t *this)
{
	this->bypass->destroy(this->bypass);
	/* once more: policies may have changed since charon began to stop */
	this->stop_block->leave(this->stop_block);
	this->stop_block->destroy(this->stop_block);
	if (!this->keep)
	{	/* nor what was left before */
		coi_leftovers_remove();
	}
	this->store->destroy(this->store);
	coi_xfrm_interfaces_deinit();
	/* now that no trap raises another acquire */
	coi_leftovers_clear();
	this->tracker->destroy(this->tracker);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_pair_policy_t *coi_pair_policy_create(const coi_options_t *options)
{
	private_coi_pair_policy_t *this;
	u_int sas, policies;

	INIT(this,
		.public = {
			.set = _set,
			.refuse = _refuse,
			.trap = _trap,
			.hold = _hold,
			.untrap = _untrap,
			.is_trapped = _is_trapped,
			.get_store = _get_store,
			.get_tracking = _get_tracking,
			.get_stop_block = _get_stop_block,
			.destroy = _destroy,
		},
		.idle_port = options->idle_port,
		.store = coi_policy_store_create(),
		.keep = options->stop_block,
		.tracker = coi_tracker_create(options),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);

	if (!coi_leftovers_block(&sas, &policies))
	{
		DBG1(DBG_KNL, "looking for leftovers of a dead charon failed");
	}
	if (sas || policies)
	{
		DBG1(DBG_KNL, "found %u SAs and %u policies of a dead charon", sas,
			 policies);
	}
	if (!coi_hold_sa_install())
	{
		DBG1(DBG_KNL, "installing the SAs that lead to nowhere failed");
	}
	coi_xfrm_interfaces_init();
	this->bypass = coi_bypass_create(this->store, options->broadcast,
									 1U << options->nat_mark);
	this->stop_block = coi_stop_block_create(this->store, options->stop_block);
	return &this->public;
}
