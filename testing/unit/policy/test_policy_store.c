/* SPDX-License-Identifier: GPL-2.0-or-later */

/* policies that the kernel refuses: what was there stays, a trap that is missing
 * is a block, and it is tried again */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "policy/coi_policy_priority.h"
#include "policy/coi_xfrm_interfaces.h"
#include "policy/coi_pair_policy.h"
#include "policy/coi_hold_sa.h"
#include "policy/coi_policy_store.h"
#include "fake_timer.h"

/** A policy in the kernel. */
typedef struct {
	policy_dir_t dir;
	policy_type_t type;
	uint32_t prio;
	traffic_selector_t *src;
	traffic_selector_t *dst;
} installed_t;

static array_t *installed;

/** which policies the kernel refuses */
static struct {
	bool all;
	bool sink;
	/** all of a type but drops */
	bool flows;
	/** all of a direction, -1 for none */
	int dir;
} refuse;

static u_int sinks;

static bool is_refused(policy_dir_t dir, policy_type_t type)
{
	return refuse.all || (int)dir == refuse.dir ||
		   (refuse.flows && type != POLICY_DROP);
}

static bool is_same(installed_t *one, kernel_ipsec_policy_id_t *id,
					kernel_ipsec_manage_policy_t *data)
{
	return one->dir == id->dir && one->type == data->type &&
		   one->prio == data->manual_prio &&
		   one->src->equals(one->src, id->src_ts) &&
		   one->dst->equals(one->dst, id->dst_ts);
}

static status_t add_policy(kernel_interface_t *this,
						   kernel_ipsec_policy_id_t *id,
						   kernel_ipsec_manage_policy_t *data)
{
	installed_t one = {
		.dir = id->dir,
		.type = data->type,
		.prio = data->manual_prio,
	};

	if (is_refused(id->dir, data->type))
	{
		return FAILED;
	}
	one.src = id->src_ts->clone(id->src_ts);
	one.dst = id->dst_ts->clone(id->dst_ts);
	array_insert(installed, ARRAY_TAIL, &one);
	return SUCCESS;
}

static status_t del_policy(kernel_interface_t *this,
						   kernel_ipsec_policy_id_t *id,
						   kernel_ipsec_manage_policy_t *data)
{
	enumerator_t *enumerator;
	installed_t *one;
	status_t status = NOT_FOUND;

	enumerator = array_create_enumerator(installed);
	while (status != SUCCESS && enumerator->enumerate(enumerator, &one))
	{
		if (is_same(one, id, data))
		{
			one->src->destroy(one->src);
			one->dst->destroy(one->dst);
			array_remove_at(installed, enumerator);
			status = SUCCESS;
		}
	}
	enumerator->destroy(enumerator);
	return status;
}

bool coi_hold_sa_policy(const coi_policy_entry_t *policy, uint32_t owner,
						bool add)
{
	if (add && (refuse.sink || refuse.all))
	{
		return FALSE;
	}
	sinks += add ? 1 : -1;
	return TRUE;
}

void coi_xfrm_interfaces_use(uint32_t if_id, bool add)
{
}

static void no_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
}

static kernel_interface_t kernel = {
	.add_policy = (void*)add_policy,
	.del_policy = (void*)del_policy,
};

static bus_t bus = {
	.log = no_log,
};

static daemon_t fake_daemon;
static coi_policy_store_t *slots;
static traffic_selector_t *any, *near, *far;

static const coi_policy_group_t trap = { .kind = COI_POLICY_GROUP_TRAP, .reqid = 7 };
static const coi_policy_group_t drop = { .kind = COI_POLICY_GROUP_DROP, .reqid = 7 };

static void setup()
{
	coi_test_init();
	fake_daemon.kernel = &kernel;
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	installed = array_create(sizeof(installed_t), 0);
	refuse.dir = -1;
	slots = coi_policy_store_create();
	any = traffic_selector_create_from_cidr("0.0.0.0/0", 0, 0, 0xffff);
	near = traffic_selector_create_from_cidr("10.1.0.0/16", 0, 0, 0xffff);
	far = traffic_selector_create_from_cidr("10.2.0.0/16", 0, 0, 0xffff);
}

static void teardown()
{
	slots->destroy(slots);
	cr_assert_eq(array_count(installed), 0);
	cr_assert_eq(sinks, 0);
	array_destroy(installed);
	any->destroy(any);
	near->destroy(near);
	far->destroy(far);
	charon = NULL;
}

TestSuite(slots, .init = setup, .fini = teardown);

/** What a trap of one network wants. */
static array_t *want(traffic_selector_t *net, policy_type_t type)
{
	array_t *wanted = coi_policy_entry_create();
	coi_policy_entry_t policy = {
		.type = type,
		.prio = type == POLICY_DROP ? COI_PRIO_DROP : COI_PRIO_TRAP,
		.mode = MODE_TRANSPORT,
		.reqid = type == POLICY_DROP ? 0 : 7,
	}, hold = policy;

	coi_policy_entry_add(wanted, policy, POLICY_IN, any, net);
	coi_policy_entry_add(wanted, policy, POLICY_OUT, any, net);
	if (type != POLICY_DROP)
	{
		hold.leads_to = COI_REQID_HOLD;
		hold.prio = COI_PRIO_HOLD;
		coi_policy_entry_add(wanted, hold, POLICY_OUT, any, net);
	}
	return wanted;
}

static bool set(const coi_policy_group_t *key, array_t *wanted)
{
	return slots->set(slots, key, wanted, coi_policy_entry_create());
}

/** Number of policies of a network, in a direction and of a type. */
static u_int count(traffic_selector_t *net, policy_dir_t dir,
				   policy_type_t type)
{
	enumerator_t *enumerator;
	installed_t *one;
	u_int found = 0;

	enumerator = array_create_enumerator(installed);
	while (enumerator->enumerate(enumerator, &one))
	{
		found += one->dir == dir && one->type == type &&
				 (dir == POLICY_OUT ? one->dst : one->src)->equals(
							dir == POLICY_OUT ? one->dst : one->src, net);
	}
	enumerator->destroy(enumerator);
	return found;
}

Test(slots, replaced)
{
	cr_assert(set(&trap, want(near, POLICY_IPSEC)));
	cr_assert(set(&trap, want(far, POLICY_IPSEC)));
	cr_assert_eq(count(near, POLICY_OUT, POLICY_IPSEC), 0);
	cr_assert_eq(count(far, POLICY_OUT, POLICY_IPSEC), 1);
	cr_assert_eq(sinks, 1);
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 0);
	cr_assert_eq(fake_timer.count, 0);
}

Test(slots, replacement_refused)
{
	cr_assert(set(&trap, want(near, POLICY_IPSEC)));
	refuse.all = TRUE;
	cr_assert(!set(&trap, want(far, POLICY_IPSEC)));
	/* what was there stays, and the new one comes when it can */
	cr_assert_eq(count(near, POLICY_IN, POLICY_IPSEC), 1);
	cr_assert_eq(count(near, POLICY_OUT, POLICY_IPSEC), 1);
	cr_assert_eq(sinks, 1);
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 3);
	cr_assert(slots->is_set(slots, &trap));
	cr_assert(fake_timer.count == 1 && fake_timer.delay == 1000);
	fake_timer_fire();
	cr_assert(fake_timer.count == 2 && fake_timer.delay == 2000);
	refuse.all = FALSE;
	fake_timer_fire();
	cr_assert_eq(count(near, POLICY_OUT, POLICY_IPSEC), 0);
	cr_assert_eq(count(far, POLICY_IN, POLICY_IPSEC), 1);
	cr_assert_eq(count(far, POLICY_OUT, POLICY_IPSEC), 1);
	cr_assert_eq(sinks, 1);
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 0);
	cr_assert_eq(fake_timer.count, 2);
}

Test(slots, first_refused)
{
	refuse.flows = TRUE;
	cr_assert(!set(&trap, want(near, POLICY_IPSEC)));
	cr_assert_eq(count(near, POLICY_IN, POLICY_DROP), 1);
	cr_assert_eq(count(near, POLICY_OUT, POLICY_DROP), 1);
	/* nothing more is done while it stays so */
	fake_timer_fire();
	cr_assert_eq(array_count(installed), 2);
	refuse.flows = FALSE;
	fake_timer_fire();
	cr_assert_eq(count(near, POLICY_OUT, POLICY_IPSEC), 1);
	cr_assert_eq(array_count(installed), 2);
}

Test(slots, one_refused)
{
	refuse.dir = POLICY_IN;
	cr_assert(!set(&trap, want(near, POLICY_IPSEC)));
	/* the others are installed */
	cr_assert_eq(count(near, POLICY_OUT, POLICY_IPSEC), 1);
	cr_assert_eq(count(near, POLICY_OUT, POLICY_DROP), 0);
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 1);
	refuse.dir = -1;
	fake_timer_fire();
	cr_assert_eq(count(near, POLICY_IN, POLICY_IPSEC), 1);
}

Test(slots, sink_refused)
{
	refuse.sink = TRUE;
	cr_assert(!set(&trap, want(near, POLICY_IPSEC)));
	cr_assert_eq(array_count(installed), 2);
	cr_assert_eq(count(near, POLICY_OUT, POLICY_DROP), 0);
}

Test(slots, drop_refused)
{
	cr_assert(set(&drop, want(near, POLICY_DROP)));
	refuse.all = TRUE;
	cr_assert(!set(&drop, want(far, POLICY_DROP)));
	cr_assert_eq(count(near, POLICY_OUT, POLICY_DROP), 1);
	refuse.all = FALSE;
	fake_timer_fire();
	cr_assert_eq(count(near, POLICY_OUT, POLICY_DROP), 0);
	cr_assert_eq(count(far, POLICY_OUT, POLICY_DROP), 1);
}

Test(slots, other_wish)
{
	refuse.all = TRUE;
	cr_assert(!set(&trap, want(near, POLICY_IPSEC)));
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 3);
	/* nobody wants it any more */
	cr_assert(set(&trap, coi_policy_entry_create()));
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 0);
	refuse.all = FALSE;
	fake_timer_fire();
	cr_assert_eq(array_count(installed), 0);
	cr_assert_eq(fake_timer.count, 1);
	/* and it begins anew */
	refuse.all = TRUE;
	cr_assert(!set(&trap, want(near, POLICY_IPSEC)));
	cr_assert(fake_timer.count == 2 && fake_timer.delay == 1000);
}

Test(slots, peer_refused)
{
	host_t *me = host_create_from_string("10.0.0.1", 0);
	host_t *other = host_create_from_string("10.0.0.2", 0);
	const coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_REFUSE, .me = me, .other = other,
	};

	refuse.all = TRUE;
	cr_assert(!set(&key, want(near, POLICY_DROP)));
	cr_assert_eq(fake_timer.count, 0);
	cr_assert_eq(slots->count_refused(slots, COI_POLICY_GROUP_KINDS), 0);
	me->destroy(me);
	other->destroy(other);
}

Test(slots, instead)
{
	host_t *me = host_create_from_string("10.0.0.1", 0);
	host_t *other = host_create_from_string("10.0.0.2", 0);
	const coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_PAIR, .me = me, .other = other,
	};

	cr_assert(set(&key, want(near, POLICY_IPSEC)));
	refuse.flows = TRUE;
	cr_assert(!slots->set(slots, &key, want(far, POLICY_IPSEC),
						  want(any, POLICY_DROP)));
	cr_assert_eq(count(near, POLICY_OUT, POLICY_IPSEC), 1);
	cr_assert_eq(count(any, POLICY_OUT, POLICY_DROP), 1);
	/* the session ends */
	cr_assert(set(&key, coi_policy_entry_create()));
	cr_assert_eq(array_count(installed), 0);
	me->destroy(me);
	other->destroy(other);
}
