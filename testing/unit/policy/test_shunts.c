/* SPDX-License-Identifier: GPL-2.0-or-later */

/* children that drop or let pass: the first get policies of ours, which stand above
 * all, the others are charon's alone */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_kernel.h"
#include "fake_timer.h"
#include "policy/coi_shunts.h"

#define DROP(net) \
	"fwd drop 60001 " net " === 0.0.0.0/0\n" \
	"in drop 60001 " net " === 0.0.0.0/0\n" \
	"out drop 60001 0.0.0.0/0 === " net "\n"

/** What charon's own shunt manager is asked for, and says. */
static struct {
	u_int installed;
	u_int uninstalled;
	bool refuses;
} own;

static bool install(shunt_manager_t *this, char *conn, child_cfg_t *child)
{
	own.installed++;
	return !own.refuses;
}

static bool uninstall(shunt_manager_t *this, char *conn, char *name)
{
	own.uninstalled++;
	return TRUE;
}

static shunt_manager_t manager = {
	.install = install,
	.uninstall = uninstall,
};

/** Whether the connection is one of COI. */
static bool coi;

static peer_cfg_t *get_peer(backend_manager_t *this, char *name)
{
	fake_connection_t fake = fake_connection(name);

	fake.local[0].coi = fake.remote[0].coi = coi;
	fake.local[0].auth = fake.remote[0].auth = AUTH_CLASS_PSK;
	return streq(name, "coi") ? fake_connection_load(&fake) : NULL;
}

static coi_policy_store_t *store;
static coi_shunts_t *shunts;

static void setup()
{
	fake_kernel_init();
	charon->shunts = &manager;
	charon->backends->get_peer_cfg_by_name = (void*)get_peer;
	coi = TRUE;
	store = coi_policy_store_create();
	shunts = coi_shunts_create(store);
}

static void teardown()
{
	shunts->destroy(shunts);
	/* charon has its own again */
	cr_assert(manager.install == install && manager.uninstall == uninstall);
	store->destroy(store);
	fake_kernel_deinit();
	charon = NULL;
}

TestSuite(shunts, .init = setup, .fini = teardown);

static child_cfg_t *make(ipsec_mode_t mode, const char *net, uint32_t prio)
{
	child_cfg_create_t data = {
		.mode = mode,
		.priority = prio,
	};
	child_cfg_t *child = child_cfg_create("shunt", &data);

	child->add_traffic_selector(child, TRUE,
				traffic_selector_create_from_cidr("0.0.0.0/0", 0, 0, 0xffff));
	child->add_traffic_selector(child, FALSE,
				traffic_selector_create_from_cidr((char*)net, 0, 0, 0xffff));
	return child;
}

/** Install a shunt as a child of a connection. */
static bool add(char *conn, ipsec_mode_t mode, const char *net, uint32_t prio)
{
	child_cfg_t *child = make(mode, net, prio);
	bool success;

	success = manager.install(&manager, conn, child);
	child->destroy(child);
	return success;
}

static bool take_out(char *conn, char *name)
{
	return manager.uninstall(&manager, conn, name);
}

Test(shunts, drop)
{
	cr_assert(add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert_eq(own.installed, 1);
	cr_assert_str_eq(fake_kernel_text(), DROP("198.51.100.0/24"));
	cr_assert_gt(fake_kernel_voids(), 0);
	/* something else from now on */
	cr_assert(add("coi", MODE_DROP, "203.0.113.0/24", 0));
	cr_assert_str_eq(fake_kernel_text(), DROP("203.0.113.0/24"));
	/* another child, another connection */
	cr_assert(take_out("coi", "other"));
	cr_assert(take_out("other", "shunt"));
	cr_assert(own.uninstalled == 2 && fake_timer.count == 0);
	/* a reload may put it back: it stays for a moment */
	cr_assert(take_out("coi", "shunt"));
	cr_assert(fake_timer.count == 1 && fake_timer.delay == 1000);
	cr_assert_str_eq(fake_kernel_text(), DROP("203.0.113.0/24"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
	cr_assert_eq(fake_kernel_voids(), 0);
	cr_assert_eq(own.uninstalled, 3);
}

Test(shunts, put_back)
{
	u_int first;

	cr_assert(add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert(take_out("coi", "shunt"));
	first = fake_timer.generation;
	fake_kernel.calls = 0;
	cr_assert(add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert_eq(fake_kernel.calls, 0);
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), DROP("198.51.100.0/24"));
	/* an earlier removal's timer is not that of the last one */
	cr_assert(take_out(NULL, "shunt"));
	fake_timer.cb(fake_timer.data, fake_timer.id, first);
	cr_assert_str_eq(fake_kernel_text(), DROP("198.51.100.0/24"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
}

/** What is charon's alone. */
Test(shunts, others)
{
	cr_assert(add("coi", MODE_PASS, "198.51.100.0/24", 0));
	/* it has a priority of its own */
	cr_assert(add("coi", MODE_DROP, "198.51.100.0/24", 1000));
	/* no connection, one that is not loaded */
	cr_assert(add(NULL, MODE_DROP, "198.51.100.0/24", 0));
	cr_assert(add("other", MODE_DROP, "198.51.100.0/24", 0));
	/* one of IKE */
	coi = FALSE;
	cr_assert(add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert_eq(own.installed, 5);
	cr_assert_eq(fake_kernel.calls, 0);
	cr_assert(take_out("coi", "shunt"));
	cr_assert_eq(fake_timer.count, 0);
}

/** Between two families there is nothing. */
Test(shunts, nothing_to_drop)
{
	cr_assert(add("coi", MODE_DROP, "2001:db8::/32", 0));
	cr_assert_str_eq(fake_kernel_text(), "");
	cr_assert_eq(fake_kernel_voids(), 0);
}

/** charon could not install its own: ours stands, and it is said. */
Test(shunts, charon_refuses)
{
	own.refuses = TRUE;
	cr_assert(!add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert_str_eq(fake_kernel_text(), DROP("198.51.100.0/24"));
	/* with a priority of its own, too: there is nothing else */
	cr_assert(!add("coi", MODE_DROP, "203.0.113.0/24", 1000));
	cr_assert_str_eq(fake_kernel_text(), DROP("203.0.113.0/24"));
	/* one that lets pass needs nothing of ours */
	cr_assert(take_out("coi", "shunt"));
	fake_timer_fire();
	cr_assert(!add("coi", MODE_PASS, "198.51.100.0/24", 0));
	cr_assert_str_eq(fake_kernel_text(), "");
}

Test(shunts, kernel_refuses)
{
	fake_kernel.refuse_all = TRUE;
	cr_assert(!add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert_str_eq(fake_kernel_text(), "");
	/* it is tried again */
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), DROP("198.51.100.0/24"));
	/* it still drops what it did before */
	fake_kernel.refuse_all = TRUE;
	cr_assert(!add("coi", MODE_DROP, "203.0.113.0/24", 0));
	cr_assert_str_eq(fake_kernel_text(), DROP("198.51.100.0/24"));
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), DROP("203.0.113.0/24"));
	/* nobody wants any more what was refused */
	fake_kernel.refuse_all = TRUE;
	cr_assert(!add("coi", MODE_DROP, "198.51.100.0/24", 0));
	cr_assert(take_out("coi", "shunt"));
	fake_timer_fire();
	cr_assert_eq(store->count_refused(store, COI_POLICY_GROUP_KINDS), 0);
	cr_assert_str_eq(fake_kernel_text(), "");
	fake_kernel.refuse_all = FALSE;
}
