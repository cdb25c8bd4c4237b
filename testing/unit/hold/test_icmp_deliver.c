/* SPDX-License-Identifier: GPL-2.0-or-later */

/* routers' errors that are handed to this host's programs: to this host alone,
 * and for IPv6 with a mark that nobody else knows */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "fake_raw.h"
#include "hold/coi_icmp_deliver.h"

#include <daemon.h>

/** bits that the mark must not have: all but these */
#define FREE 0x00000ff0

static host_t *own;
static bool refuse_policy;

/** policies that were installed last */
static u_int policies;
static coi_policy_entry_t policy;

static bool get_interface(kernel_interface_t *this, host_t *host, char **name)
{
	return host->ip_equals(host, own);
}

static bool set(coi_policy_store_t *this, const coi_policy_group_t *key,
				array_t *wanted, array_t *instead)
{
	cr_expect_eq(array_count(instead), 0);
	policies = array_count(wanted);
	array_get(wanted, 0, &policy);
	policy.local = policy.local->clone(policy.local);
	coi_policy_entry_destroy(wanted);
	coi_policy_entry_destroy(instead);
	return !refuse_policy;
}

static void no_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
}

static kernel_interface_t kernel = {
	.get_interface = get_interface,
};

static bus_t bus = {
	.log = no_log,
};

static coi_policy_store_t store = {
	.set = set,
};

static daemon_t fake_daemon;
static coi_icmp_deliver_t *icmp;
static chunk_t error = chunk_from_chars(0x45, 0, 0, 4);

static void setup()
{
	coi_test_init();
	fake_daemon.kernel = &kernel;
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	own = host_create_from_string("192.0.2.1", 0);
}

static void teardown()
{
	DESTROY_IF(icmp);
	cr_expect_eq(fake_raw.open, 0);
	DESTROY_IF(policy.local);
	DESTROY_IF(fake_raw.to);
	own->destroy(own);
}

TestSuite(icmp_deliver, .init = setup, .fini = teardown);

static bool deliver(int family, chunk_t me)
{
	return icmp->deliver(icmp, family, me, error);
}

Test(icmp_deliver, to_this_host)
{
	host_t *v6 = host_create_from_string("2001:db8::1", 0), *other = own;

	icmp = coi_icmp_deliver_create(&store, ~FREE);
	cr_assert(icmp);
	cr_expect(deliver(AF_INET, own->get_address(own)));
	cr_expect(fake_raw.count == 1 && fake_raw.by_protocol == IPPROTO_RAW);
	cr_expect(fake_raw.len == error.len &&
			  memeq(fake_raw.data, error.ptr, error.len), "as it is");
	cr_expect(fake_raw.to->ip_equals(fake_raw.to, own));
	own = v6;
	cr_expect(deliver(AF_INET6, v6->get_address(v6)));
	cr_expect(fake_raw.count == 2 && fake_raw.family == AF_INET6);
	own = other;
	v6->destroy(v6);
}

/** To anybody else nothing is sent, nor to what is no address. */
Test(icmp_deliver, to_nobody_else)
{
	icmp = coi_icmp_deliver_create(&store, ~FREE);
	cr_expect_not(deliver(AF_INET, chunk_from_chars(192, 0, 2, 2)));
	cr_expect_not(deliver(AF_INET, chunk_from_chars(192, 0, 2)));
	cr_expect_not(deliver(AF_INET6, own->get_address(own)));
	cr_expect_not(deliver(AF_INET, chunk_empty));
	cr_expect_eq(fake_raw.count, 0);
}

Test(icmp_deliver, refused)
{
	icmp = coi_icmp_deliver_create(&store, ~FREE);
	fake_raw.refuse = TRUE;
	cr_expect_not(deliver(AF_INET, own->get_address(own)));
	fake_raw.refuse = FALSE;
	cr_expect(deliver(AF_INET, own->get_address(own)));
}

/** The policy of IPv6 lets in the whole of a mark, which others have no part
 * in. */
Test(icmp_deliver, mark)
{
	u_int i;

	icmp = coi_icmp_deliver_create(&store, ~FREE);
	cr_assert_eq(policies, 1);
	cr_expect(policy.dir == POLICY_IN && policy.type == POLICY_IPSEC);
	cr_expect_eq(policy.mark.mask, UINT32_MAX);
	cr_expect(policy.mark.value && !(policy.mark.value & ~FREE));
	cr_expect_eq(policy.local->get_protocol(policy.local), IPPROTO_ICMPV6);
	for (i = 0; i < countof(fake_raw.mark); i++)
	{
		cr_expect(!fake_raw.mark[i] || fake_raw.mark[i] == policy.mark.value);
	}
}

/** With no bit that is free there is no mark; IPv6 is left out, IPv4 works. */
Test(icmp_deliver, no_mark)
{
	icmp = coi_icmp_deliver_create(&store, UINT32_MAX);
	cr_assert(icmp);
	cr_expect_eq(policies, 0);
	cr_expect(deliver(AF_INET, own->get_address(own)));
	cr_expect_eq(fake_raw.open, 1);
}

Test(icmp_deliver, no_policy)
{
	refuse_policy = TRUE;
	icmp = coi_icmp_deliver_create(&store, ~FREE);
	cr_assert(icmp);
	cr_expect_eq(fake_raw.open, 1, "nothing would let it in");
	cr_expect(deliver(AF_INET, own->get_address(own)));
}

Test(icmp_deliver, no_sockets)
{
	fake_raw.no_v4 = fake_raw.no_v6 = TRUE;
	icmp = coi_icmp_deliver_create(&store, ~FREE);
	cr_expect_null(icmp);
	cr_expect_eq(policies, 0);
}
