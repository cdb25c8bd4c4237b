/* SPDX-License-Identifier: GPL-2.0-or-later */

/* what is wanted for networks and virtual addresses: the narrower network above the
 * wider, and of each the block above the trap */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_kernel.h"
#include "config/coi_connection_read.h"
#include "policy/coi_hold_sa.h"
#include "policy/coi_network_policy.h"
#include "policy/coi_policy_priority.h"
#include "policy/coi_vip_policy.h"
#include "util/coi_selector.h"

#define LINE 160

static array_t *wanted;
static host_t *me, *gateway;

static void setup()
{
	fake_kernel_init();
	wanted = coi_policy_entry_create();
	me = host_create_from_string("10.0.0.1", 0);
	gateway = host_create_from_string("192.0.2.7", 0);
}

static void teardown()
{
	coi_policy_entry_destroy(wanted);
	me->destroy(me);
	gateway->destroy(gateway);
	fake_kernel_deinit();
}

TestSuite(network_policy, .init = setup, .fini = teardown);
TestSuite(vip_policy, .init = setup, .fini = teardown);

/** Without the compiler's check, which does not know %R. */
static void print(char *line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, LINE, fmt, args);
	va_end(args);
}

/** Take what is wanted, in the order to install, without ICMP errors. */
static const char *take()
{
	static char text[32 * LINE];
	coi_policy_entry_t policy;
	char line[LINE];

	*text = '\0';
	while (array_remove(wanted, ARRAY_HEAD, &policy))
	{
		if (policy.leads_to != COI_REQID_VOID)
		{
			print(line, "%N %s %u %R === %R\n", policy_dir_names, policy.dir,
				  policy.leads_to ? "hold" :
				  policy.type == POLICY_DROP ? "drop" : "flow", policy.prio,
				  policy.local, policy.remote);
			cr_assert_lt(strlen(text), 31 * LINE);
			strcat(text, line);
		}
		coi_policy_entry_clear(&policy);
	}
	return text;
}

/** Networks of a second community, NULL for none. */
static const char *second_ts;

static coi_connection_t *make(const char *remote, const char *local_ts,
							  const char *remote_ts)
{
	fake_connection_t fake = fake_connection("coi");
	coi_connection_t *conn;
	peer_cfg_t *peer;
	char *error = NULL;

	fake.ike.local = "10.0.0.1";
	fake.ike.remote = (char*)remote;
	fake.children[0].data.mode = MODE_TUNNEL;
	fake.children[0].local_ts = local_ts;
	fake.children[0].remote_ts = remote_ts;
	if (second_ts)
	{
		fake.children[1] = fake.children[0];
		fake.children[1].name = "beta";
		fake.children[1].remote_ts = second_ts;
		fake.count = 2;
	}
	peer = fake_connection_load(&fake);
	conn = coi_connection_read(peer, 0, &error);
	cr_assert(conn, "%s", error);
	peer->destroy(peer);
	return conn;
}

Test(network_policy, without_networks)
{
	coi_connection_t *conn = make("192.0.2.7", "dynamic", "dynamic");

	cr_assert(!coi_network_policy_any(conn));
	cr_assert(coi_network_policy_can_hold(conn));
	cr_assert_null(coi_network_policy_find(conn, gateway));
	cr_assert(coi_network_policy_want_traps(wanted, conn, 0x100));
	coi_network_policy_want_blocks(wanted, &conn->profile->communities[0], me,
								   gateway, TRUE);
	coi_network_policy_want_blocks(wanted, NULL, me, gateway, TRUE);
	cr_assert_eq(array_count(wanted), 0);
	coi_connection_destroy(conn);
}

Test(network_policy, traps)
{
	coi_connection_t *conn = make("192.0.2.7", "dynamic",
								  "10.8.0.0/16,10.9.9.0/24");

	cr_assert(coi_network_policy_any(conn));
	cr_assert(coi_network_policy_want_traps(wanted, conn, 0));
	cr_assert_str_eq(take(),
		"in flow 367452 10.0.0.1/32 === 10.8.0.0/16\n"
		"fwd flow 367452 10.0.0.1/32 === 10.8.0.0/16\n"
		"out flow 367452 10.0.0.1/32 === 10.8.0.0/16\n"
		"in flow 367420 10.0.0.1/32 === 10.9.9.0/24\n"
		"fwd flow 367420 10.0.0.1/32 === 10.9.9.0/24\n"
		"out flow 367420 10.0.0.1/32 === 10.9.9.0/24\n");
	/* what leaves may wait, above the trap */
	cr_assert(coi_network_policy_want_traps(wanted, conn, 0x100));
	cr_assert(strstr(take(), "out hold 367451 10.0.0.1/32 === 10.8.0.0/16\n"));
	coi_connection_destroy(conn);
}

/** What is forwarded from a local network is not to get to the hold SA. */
Test(network_policy, not_held)
{
	coi_connection_t *conn = make("192.0.2.7", "10.1.0.0/16", "10.8.0.0/16");

	cr_assert(!coi_network_policy_can_hold(conn));
	cr_assert(coi_network_policy_want_traps(wanted, conn, 0x100));
	cr_assert_str_eq(take(),
		"in flow 367452 10.1.0.0/16 === 10.8.0.0/16\n"
		"fwd flow 367452 10.1.0.0/16 === 10.8.0.0/16\n"
		"out flow 367452 10.1.0.0/16 === 10.8.0.0/16\n");
	coi_connection_destroy(conn);
}

Test(network_policy, blocks)
{
	coi_connection_t *conn = make("192.0.2.7", "10.1.0.0/16", "10.8.0.0/16");
	const coi_community_t *community = &conn->profile->communities[0];

	coi_network_policy_want_blocks(wanted, community, me, gateway, TRUE);
	cr_assert_str_eq(take(), "out drop 367450 10.1.0.0/16 === 10.8.0.0/16\n");
	coi_network_policy_want_blocks(wanted, community, me, gateway, FALSE);
	cr_assert_str_eq(take(),
		"in drop 367450 10.1.0.0/16 === 10.8.0.0/16\n"
		"fwd drop 367450 10.1.0.0/16 === 10.8.0.0/16\n");
	coi_connection_destroy(conn);
}

/** Who is asked for a tunnel. */
Test(network_policy, ends)
{
	coi_connection_t *conn, *open;
	host_t *src = me->clone(me);
	host_t *dst = host_create_from_string("10.8.8.8", 0);
	const coi_range_t *found;
	char text[128];

	open = make("192.0.2.0/24", "dynamic", "10.8.0.0/16");
	second_ts = "10.8.8.0/24";
	conn = make("192.0.2.7", "dynamic", "10.8.0.0/16");
	/* the narrowest that it is in */
	found = coi_network_policy_find(conn, dst);
	cr_assert(found);
	coi_selector_print(found, text, sizeof(text));
	cr_assert(strstr(text, "10.8.8."), "%s", text);
	/* of several peers none is known to be the gateway: nothing changes */
	cr_assert(!coi_network_policy_ends(open, &src, &dst));
	cr_assert(src->ip_equals(src, me) && !dst->ip_equals(dst, gateway));
	cr_assert(coi_network_policy_ends(conn, &src, &dst));
	cr_assert(src->ip_equals(src, me) && dst->ip_equals(dst, gateway));
	/* the peer itself */
	cr_assert(coi_network_policy_ends(conn, &src, &dst));
	cr_assert(src->ip_equals(src, me) && dst->ip_equals(dst, gateway));
	src->destroy(src);
	dst->destroy(dst);
	coi_connection_destroy(conn);
	coi_connection_destroy(open);
}

/** What a community allows with one virtual address. */
static coi_pair_allow_t allow(coi_connection_t *conn, const char *address,
							  bool guest)
{
	host_t *host = host_create_from_string((char*)address, 0);
	coi_range_t range = coi_selector_range(host);
	coi_pair_allow_t one = {
		.child = &conn->children[0],
		.community = &conn->profile->communities[0],
		.mode = MODE_TUNNEL,
		.guest = guest,
		.owned = !guest,
	};

	cr_assert(coi_virtual_add(&one.given, &range));
	host->destroy(host);
	return one;
}

Test(vip_policy, blocks)
{
	coi_connection_t *conn = make("192.0.2.7", "dynamic", "10.8.0.0/16");
	coi_pair_allow_t one = allow(conn, "10.3.0.5", TRUE), none = one;

	none.given.count = 0;
	coi_vip_policy_want_blocks(wanted, &none, me, gateway, TRUE);
	cr_assert_eq(array_count(wanted), 0);
	/* with the gateway, and with what is behind it */
	coi_vip_policy_want_blocks(wanted, &one, me, gateway, TRUE);
	cr_assert_str_eq(take(),
		"out drop 265501 10.3.0.5/32 === 192.0.2.7/32\n"
		"out drop 265501 10.3.0.5/32 === 10.8.0.0/16\n");
	coi_vip_policy_want_blocks(wanted, &one, me, gateway, FALSE);
	cr_assert_str_eq(take(),
		"in drop 265501 10.3.0.5/32 === 192.0.2.7/32\n"
		"fwd drop 265501 10.3.0.5/32 === 192.0.2.7/32\n"
		"in drop 265501 10.3.0.5/32 === 10.8.0.0/16\n"
		"fwd drop 265501 10.3.0.5/32 === 10.8.0.0/16\n");
	/* another family has nothing to do with it */
	one = allow(conn, "2001:db8::5", TRUE);
	coi_vip_policy_want_blocks(wanted, &one, me, gateway, TRUE);
	cr_assert_str_eq(take(), "");
	coi_connection_destroy(conn);
}

/** Seen from whoever gives it, local and remote change places. */
Test(vip_policy, blocks_of_gateway)
{
	coi_connection_t *conn = make("192.0.2.7", "10.1.0.0/16", "dynamic");
	coi_pair_allow_t one = allow(conn, "10.3.0.5", FALSE);

	coi_vip_policy_want_blocks(wanted, &one, me, gateway, TRUE);
	cr_assert_str_eq(take(),
		"out drop 265501 10.0.0.1/32 === 10.3.0.5/32\n"
		"out drop 265501 10.1.0.0/16 === 10.3.0.5/32\n");
	coi_connection_destroy(conn);
}

/** What was given from here stays blocked beyond the session. */
Test(vip_policy, kept)
{
	coi_connection_t *conn = make("192.0.2.7", "10.1.0.0/16", "dynamic");
	coi_pair_allow_t one = allow(conn, "10.3.0.5", FALSE);
	coi_policy_store_t *store = coi_policy_store_create();
	u_int calls;

	one.owned = FALSE;
	coi_vip_policy_keep(store, &one);
	cr_assert_eq(fake_kernel.calls, 0);
	one.owned = TRUE;
	coi_vip_policy_keep(store, &one);
	cr_assert_str_eq(fake_kernel_text(),
		"fwd drop 398001 10.3.0.5/32 === 0.0.0.0/0\n"
		"in drop 398001 10.3.0.5/32 === 0.0.0.0/0\n"
		"out drop 398001 0.0.0.0/0 === 10.3.0.5/32\n");
	calls = fake_kernel.calls;
	coi_vip_policy_keep(store, &one);
	cr_assert_eq(fake_kernel.calls, calls);
	store->destroy(store);
	coi_connection_destroy(conn);
}

/** Flows of virtual addresses stand above all others, whatever these want. */
Test(vip_policy, priority)
{
	coi_connection_t *conn = make("192.0.2.7", "dynamic", "dynamic");
	coi_pair_allow_t one = allow(conn, "10.3.0.5", TRUE);

	cr_assert_eq(coi_vip_policy_priority(&one, COI_PRIO_ALLOW, 2),
				 COI_PRIO_GUEST + 2);
	cr_assert_eq(coi_vip_policy_priority(&one, 1000, 2), 1000);
	one.given.count = 0;
	cr_assert_eq(coi_vip_policy_priority(&one, COI_PRIO_ALLOW, 2),
				 COI_PRIO_ALLOW);
	coi_connection_destroy(conn);
}

/** The end of IDLEs is the address of the same family, with the same port. */
Test(vip_policy, idle)
{
	coi_connection_t *conn = make("192.0.2.7", "dynamic", "dynamic");
	coi_pair_allow_t one = allow(conn, "10.3.0.5", TRUE);
	coi_pair_allow_t six = allow(conn, "2001:db8::5", TRUE);
	host_t *own = host_create_from_string("10.0.0.1", 4571), *host;

	cr_assert_null(coi_vip_policy_idle(&six.given, own));
	host = coi_vip_policy_idle(&one.given, own);
	cr_assert(host && host->get_port(host) == 4571);
	host->destroy(host);
	cr_assert_eq(coi_vip_policy_inside(&six.given, own), own);
	host = coi_vip_policy_inside(&one.given, own);
	cr_assert(!host->ip_equals(host, me));
	host->destroy(host);
	coi_connection_destroy(conn);
}
