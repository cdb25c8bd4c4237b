/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_always.h"
#include "coi_policy.h"

#include <netinet/in.h>
#include <netinet/icmp6.h>

#include <processing/jobs/callback_job.h>

typedef struct private_coi_always_t private_coi_always_t;

struct private_coi_always_t {

	/** Public interface. */
	coi_always_t public;

	/** told when addresses change */
	kernel_listener_t listener;

	coi_slots_t *slots;

	/** one for the owner, one for each job */
	refcount_t refcount;
};

static void unref(private_coi_always_t *this)
{
	if (ref_put(&this->refcount))
	{
		free(this);
	}
}

/**
 * Let a host talk to itself: IPv4's local routes know no policies, IPv6's do.
 */
static void want_own(array_t *wanted, host_t *own, coi_wanted_t policy)
{
	traffic_selector_t *ts;

	ts = traffic_selector_create_from_subnet(own->clone(own), 128, 0, 0,
											 0xffff);
	coi_wanted_add(wanted, policy, POLICY_IN, ts, ts);
	coi_wanted_add(wanted, policy, POLICY_OUT, ts, ts);
	ts->destroy(ts);
}

/**
 * Let pass what no trap may ever hold.
 */
static job_requeue_t update(private_coi_always_t *this)
{
	coi_slot_key_t key = {
		.kind = COI_SLOT_OPEN,
	};
	/* not POLICY_PASS, for which kernel-netlink may install routes; without a
	 * reqid there is no template and it passes all the same */
	coi_wanted_t policy = {
		.type = POLICY_IPSEC,
		.prio = COI_PRIO_OPEN,
		.mode = MODE_TRANSPORT,
	};
	traffic_selector_t *ts, *any;
	enumerator_t *enumerator;
	array_t *wanted;
	host_t *own;
	int type;

	wanted = coi_wanted_create();
	any = traffic_selector_create_from_cidr("::/0", IPPROTO_ICMPV6, 0, 0xffff);
	for (type = ND_ROUTER_SOLICIT; type <= ND_REDIRECT; type++)
	{
		ts = traffic_selector_create_from_cidr("::/0", IPPROTO_ICMPV6,
											   type << 8, type << 8);
		coi_wanted_add(wanted, policy, POLICY_IN, any, ts);
		coi_wanted_add(wanted, policy, POLICY_OUT, ts, any);
		ts->destroy(ts);
	}
	any->destroy(any);
	own = host_create_from_string("::1", 0);
	want_own(wanted, own, policy);
	own->destroy(own);
	enumerator = charon->kernel->create_address_enumerator(charon->kernel,
									ADDR_TYPE_REGULAR | ADDR_TYPE_IGNORED |
									ADDR_TYPE_VIRTUAL);
	while (enumerator->enumerate(enumerator, &own))
	{
		if (own->get_family(own) == AF_INET6)
		{
			want_own(wanted, own, policy);
		}
	}
	enumerator->destroy(enumerator);
	this->slots->set(this->slots, &key, wanted, coi_wanted_create());
	return JOB_REQUEUE_NONE;
}

METHOD(kernel_listener_t, roam, bool,
	kernel_listener_t *listener, bool address)
{
	private_coi_always_t *this;

	if (address)
	{
		this = (private_coi_always_t*)
					((char*)listener - offsetof(typeof(*this), listener));
		ref_get(&this->refcount);
		lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create((callback_job_cb_t)update,
									this, (callback_job_cleanup_t)unref,
									NULL));
	}
	return TRUE;
}

METHOD(coi_always_t, destroy, void,
	private_coi_always_t *this)
{
	charon->kernel->remove_listener(charon->kernel, &this->listener);
	unref(this);
}

coi_always_t *coi_always_create(coi_slots_t *slots)
{
	private_coi_always_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.listener = {
			.roam = _roam,
		},
		.slots = slots,
		.refcount = 1,
	);
	update(this);
	charon->kernel->add_listener(charon->kernel, &this->listener);
	return &this->public;
}
