/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_bypass.h"
#include "coi_policy_priority.h"

#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>

#include <processing/jobs/callback_job.h>

typedef struct private_coi_bypass_t private_coi_bypass_t;

struct private_coi_bypass_t {

	/** Public interface. */
	coi_bypass_t public;

	/** told when addresses change */
	kernel_listener_t listener;

	coi_policy_store_t *store;

	/** let broadcast and multicast pass */
	bool broadcast;

	/** bits of the mark of what a policy has led */
	uint32_t led;

	/** one for the owner, one for each job */
	refcount_t refcount;
};

static void unref(private_coi_bypass_t *this)
{
	if (ref_put(&this->refcount))
	{
		free(this);
	}
}

/**
 * Let a host talk to itself: IPv4's local routes know no policies, IPv6's do.
 */
static void want_own(array_t *wanted, host_t *own, coi_policy_entry_t policy)
{
	traffic_selector_t *ts;

	ts = traffic_selector_create_from_subnet(own->clone(own), 128, 0, 0,
											 0xffff);
	coi_policy_entry_add(wanted, policy, POLICY_IN, ts, ts);
	coi_policy_entry_add(wanted, policy, POLICY_OUT, ts, ts);
	ts->destroy(ts);
}

/** Ports of a selector. */
typedef struct {
	uint16_t from;
	uint16_t to;
} ports_t;

static const ports_t all_ports = { 0, 0xffff };

/**
 * Let pass what is sent to an address of many hosts, and what arrives there.
 *
 * @param group		address or subnet
 * @param proto		IP protocol
 * @param to		destination ports, or types of ICMPv6
 * @param from		source ports
 * @param in		FALSE to only send
 */
static void want_group(array_t *wanted, coi_policy_entry_t policy, char *group,
					   uint8_t proto, ports_t to, ports_t from, bool in)
{
	traffic_selector_t *any, *many;

	any = traffic_selector_create_from_cidr(strchr(group, ':') ? "::/0"
											: "0.0.0.0/0", proto,
											from.from, from.to);
	many = traffic_selector_create_from_cidr(group, proto, to.from, to.to);
	coi_policy_entry_add(wanted, policy, POLICY_OUT, any, many);
	if (in)
	{
		coi_policy_entry_add(wanted, policy, POLICY_IN, many, any);
	}
	any->destroy(any);
	many->destroy(many);
}

/**
 * Let hosts find a DHCP server by broadcast or multicast, and it answer so.
 */
static void want_dhcp(array_t *wanted, coi_policy_entry_t policy)
{
	const ports_t client = { 68, 68 }, server = { 67, 67 };

	want_group(wanted, policy, "255.255.255.255/32", IPPROTO_UDP, server,
			   client, TRUE);
	want_group(wanted, policy, "255.255.255.255/32", IPPROTO_UDP, client,
			   server, TRUE);
	want_group(wanted, policy, "ff02::1:2/128", IPPROTO_UDP,
			   (ports_t){ 547, 547 }, (ports_t){ 546, 546 }, FALSE);
}

/**
 * Let hosts say on their link which multicast they want, without which a switch
 * leads no neighbour discovery to them, and be asked for that.
 */
static void want_mld(array_t *wanted, coi_policy_entry_t policy)
{
	static const uint8_t reports[] = {
		MLD_LISTENER_REPORT, MLD_LISTENER_REDUCTION,
		/* report of version 2 */
		143,
	};
	traffic_selector_t *any, *many;
	u_int i;

	any = traffic_selector_create_from_cidr("::/0", IPPROTO_ICMPV6, 0, 0xffff);
	for (i = 0; i < countof(reports); i++)
	{
		many = traffic_selector_create_from_cidr("ff02::/16", IPPROTO_ICMPV6,
									reports[i] << 8, reports[i] << 8);
		coi_policy_entry_add(wanted, policy, POLICY_OUT, any, many);
		many->destroy(many);
	}
	many = traffic_selector_create_from_cidr("ff00::/8", IPPROTO_ICMPV6,
							MLD_LISTENER_QUERY << 8, MLD_LISTENER_QUERY << 8);
	coi_policy_entry_add(wanted, policy, POLICY_IN, many, any);
	many->destroy(many);
	any->destroy(any);
}

/**
 * Let UDP to many hosts pass, and IGMP.
 */
static void want_broadcast(array_t *wanted, coi_policy_entry_t policy)
{
	enumerator_t *enumerator;
	char *name, group[32];
	uint32_t address;
	uint8_t mask;
	host_t *net;

	want_group(wanted, policy, "255.255.255.255/32", IPPROTO_UDP, all_ports,
			   all_ports, TRUE);
	want_group(wanted, policy, "224.0.0.0/4", IPPROTO_UDP, all_ports,
			   all_ports, TRUE);
	want_group(wanted, policy, "224.0.0.0/4", IPPROTO_IGMP, all_ports,
			   all_ports, TRUE);
	want_group(wanted, policy, "ff00::/8", IPPROTO_UDP, all_ports, all_ports,
			   TRUE);
	enumerator = charon->kernel->create_local_subnet_enumerator(charon->kernel);
	while (enumerator->enumerate(enumerator, &net, &mask, &name))
	{
		if (net->get_family(net) == AF_INET && mask && mask < 31)
		{
			address = untoh32(net->get_address(net).ptr) | UINT32_MAX >> mask;
			snprintf(group, sizeof(group), "%u.%u.%u.%u/32", address >> 24,
					 (address >> 16) & 0xff, (address >> 8) & 0xff,
					 address & 0xff);
			want_group(wanted, policy, group, IPPROTO_UDP, all_ports,
					   all_ports, TRUE);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Let in what says that a packet was too big for the path: a router's word for
 * it may come from an address that is a member's otherwise, or a trap's. The
 * kernel takes it only for an SA or a socket that sent such a packet.
 */
static void want_too_big(array_t *wanted, coi_policy_entry_t policy)
{
	static const struct {
		char *cidr;
		uint8_t proto;
		/** type and code */
		uint16_t type;
	} messages[] = {
		{ "0.0.0.0/0", IPPROTO_ICMP,
		  ICMP_DEST_UNREACH << 8 | ICMP_FRAG_NEEDED },
		{ "::/0", IPPROTO_ICMPV6, ICMP6_PACKET_TOO_BIG << 8 },
	};
	traffic_selector_t *any, *ts;
	u_int i;

	for (i = 0; i < countof(messages); i++)
	{
		any = traffic_selector_create_from_cidr(messages[i].cidr,
												messages[i].proto, 0, 0xffff);
		ts = traffic_selector_create_from_cidr(messages[i].cidr,
											   messages[i].proto,
											   messages[i].type,
											   messages[i].type);
		coi_policy_entry_add(wanted, policy, POLICY_IN, any, ts);
		coi_policy_entry_add(wanted, policy, POLICY_FWD, any, ts);
		any->destroy(any);
		ts->destroy(ts);
	}
}

/**
 * Block what a policy has led, below all policies that may lead it.
 */
static void want_astray(array_t *wanted, uint32_t led)
{
	static char *cidrs[] = { "0.0.0.0/0", "::/0" };
	coi_policy_entry_t policy = {
		.type = POLICY_DROP,
		.prio = COI_PRIO_ASTRAY,
		.mode = MODE_TRANSPORT,
		.mark = {
			.value = led,
			.mask = led,
		},
	};
	traffic_selector_t *any;
	u_int i;

	for (i = 0; i < countof(cidrs); i++)
	{
		any = traffic_selector_create_from_cidr(cidrs[i], 0, 0, 0xffff);
		coi_policy_entry_add(wanted, policy, POLICY_OUT, any, any);
		any->destroy(any);
	}
}

/**
 * Let pass what no trap may ever hold.
 */
static job_requeue_t update(private_coi_bypass_t *this)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_OPEN,
	};
	/* not POLICY_PASS, for which kernel-netlink may install routes; without a
	 * reqid there is no template and it passes all the same */
	coi_policy_entry_t policy = {
		.type = POLICY_IPSEC,
		.prio = COI_PRIO_OPEN,
		.mode = MODE_TRANSPORT,
	};
	traffic_selector_t *ts, *any;
	enumerator_t *enumerator;
	array_t *wanted;
	host_t *own;
	int type;

	wanted = coi_policy_entry_create();
	any = traffic_selector_create_from_cidr("::/0", IPPROTO_ICMPV6, 0, 0xffff);
	/* no redirect: nobody is told where else a packet of his should go, and from a
	 * router's link-local address it comes in where connections do not cover that */
	for (type = ND_ROUTER_SOLICIT; type <= ND_NEIGHBOR_ADVERT; type++)
	{
		ts = traffic_selector_create_from_cidr("::/0", IPPROTO_ICMPV6,
											   type << 8, type << 8);
		coi_policy_entry_add(wanted, policy, POLICY_IN, any, ts);
		coi_policy_entry_add(wanted, policy, POLICY_OUT, ts, any);
		ts->destroy(ts);
	}
	any->destroy(any);
	want_mld(wanted, policy);
	want_dhcp(wanted, policy);
	if (this->broadcast)
	{
		want_broadcast(wanted, policy);
	}
	want_too_big(wanted, policy);
	want_astray(wanted, this->led);
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
	this->store->set(this->store, &key, wanted, coi_policy_entry_create());
	return JOB_REQUEUE_NONE;
}

METHOD(kernel_listener_t, roam, bool,
	kernel_listener_t *listener, bool address)
{
	private_coi_bypass_t *this;

	if (address)
	{
		this = (private_coi_bypass_t*)
					((char*)listener - offsetof(typeof(*this), listener));
		ref_get(&this->refcount);
		lib->processor->queue_job(lib->processor,
					(job_t*)callback_job_create((callback_job_cb_t)update,
									this, (callback_job_cleanup_t)unref,
									NULL));
	}
	return TRUE;
}

METHOD(coi_bypass_t, destroy, void,
	private_coi_bypass_t *this)
{
	charon->kernel->remove_listener(charon->kernel, &this->listener);
	unref(this);
}

coi_bypass_t *coi_bypass_create(coi_policy_store_t *store, bool broadcast,
								uint32_t led)
{
	private_coi_bypass_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.listener = {
			.roam = _roam,
		},
		.store = store,
		.broadcast = broadcast,
		.led = led,
		.refcount = 1,
	);
	update(this);
	charon->kernel->add_listener(charon->kernel, &this->listener);
	return &this->public;
}
