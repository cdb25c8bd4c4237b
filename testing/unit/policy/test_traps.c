/* SPDX-License-Identifier: GPL-2.0-or-later */

/* communities that call out: one trap a connection, which goes only when its last
 * child is gone for a while */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_kernel.h"
#include "fake_timer.h"
#include "policy/coi_traps.h"
#include "util/coi_shadow.h"

#define TRAP(net) \
	"fwd flow 399001 " net " === 10.0.0.1/32\n" \
	"in flow 399001 " net " === 10.0.0.1/32\n" \
	"out flow 399001 10.0.0.1/32 === " net "\n"

static coi_options_t options = {
	.stop_block = TRUE,
};
static coi_pair_policy_t *policy;
static coi_traps_t *traps;
static coi_config_t *config;

static void on_error(void *data, const char *name, const char *error)
{
}

static void nothing()
{
}

static void setup()
{
	fake_kernel_init();
	charon->bus->child_state_change = (void*)nothing;
	coi_shadow_init();
	policy = coi_pair_policy_create(&options);
	traps = coi_traps_create(policy);
	config = coi_config_create(0, on_error, NULL);
}

static void teardown()
{
	config->destroy(config);
	traps->destroy(traps);
	policy->destroy(policy);
	coi_shadow_deinit();
	fake_kernel_deinit();
}

TestSuite(traps, .init = setup, .fini = teardown);

/** Let one connection be all that is configured. */
static void configure(const char *remote, const char *first, const char *second)
{
	fake_connection_t fake = fake_connection("coi");

	fake.ike.local = "10.0.0.1";
	fake.ike.remote = (char*)remote;
	fake.children[0].name = first;
	if (second)
	{
		fake.children[1] = fake.children[0];
		fake.children[1].name = second;
		fake.count = 2;
	}
	fake_configs_flush();
	fake_configs_add(fake_connection_load(&fake));
	config->refresh(config);
}

static bool add(const char *child, bool started)
{
	coi_connection_t *conn = config->find_name(config, "coi");
	const coi_child_t *found;

	cr_assert(conn, "%s", fake_configs_logged());
	found = coi_connection_find(conn, child);
	cr_assert(found);
	return traps->add(traps, conn, found->cfg, started);
}

static bool take_out(char *peer, char *child)
{
	return traps->remove(traps, peer, child);
}

/** Names of the children that are listed, each followed by a space. */
static const char *listed()
{
	static char text[256];
	traffic_selector_t *ts;
	enumerator_t *enumerator, *selectors;
	peer_cfg_t *peer;
	child_sa_t *child;

	*text = '\0';
	enumerator = traps->create_enumerator(traps, enumerator_create_empty());
	while (enumerator->enumerate(enumerator, &peer, &child))
	{
		cr_assert_str_eq(peer->get_name(peer), "coi");
		selectors = child->create_ts_enumerator(child, FALSE);
		cr_assert(selectors->enumerate(selectors, &ts));
		cr_assert(ts->is_dynamic(ts));
		selectors->destroy(selectors);
		strcat(strcat(text, child->get_name(child)), " ");
	}
	enumerator->destroy(enumerator);
	return text;
}

Test(traps, one_a_connection)
{
	configure("192.0.2.0/24", "alpha", "beta");
	cr_assert_str_eq(listed(), "");
	cr_assert(add("alpha", FALSE));
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	cr_assert(add("beta", FALSE));
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	cr_assert_str_eq(listed(), "alpha beta ");
	/* one that is there is replaced */
	cr_assert(add("alpha", FALSE));
	cr_assert_str_eq(listed(), "beta alpha ");

	cr_assert(!take_out("other", "alpha"));
	cr_assert(!take_out("coi", "gamma"));
	cr_assert_eq(fake_timer.count, 0);
	cr_assert(take_out("coi", "alpha"));
	cr_assert(!take_out("coi", "alpha"));
	cr_assert(fake_timer.count == 1 && fake_timer.delay == 1000);
	fake_timer_fire();
	cr_assert_str_eq(listed(), "beta ");
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	/* the last one, of any connection */
	cr_assert(take_out(NULL, "beta"));
	cr_assert_str_eq(listed(), "");
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
}

/** A reload takes it out before it puts it back. */
Test(traps, put_back)
{
	configure("192.0.2.0/24", "alpha", NULL);
	cr_assert(add("alpha", FALSE));
	cr_assert(take_out("coi", "alpha"));
	fake_kernel.calls = 0;
	cr_assert(add("alpha", FALSE));
	fake_timer_fire();
	cr_assert_eq(fake_kernel.calls, 0);
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
}

Test(traps, other_hosts)
{
	configure("192.0.2.0/24", "alpha", NULL);
	cr_assert(add("alpha", FALSE));
	configure("198.51.100.7", "alpha", NULL);
	cr_assert(add("alpha", FALSE));
	cr_assert_str_eq(fake_kernel_text(), TRAP("198.51.100.7/32"));
	cr_assert_str_eq(listed(), "alpha ");
}

/** What nothing can be between is not in the list, and takes nothing away. */
Test(traps, no_trap)
{
	configure("192.0.2.0/24", "alpha", NULL);
	cr_assert(add("alpha", FALSE));
	configure("2001:db8::/32", "alpha", NULL);
	cr_assert(!add("alpha", FALSE));
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	cr_assert_str_eq(listed(), "alpha ");
}

/** One that charon will not take out goes when it is configured no more. */
Test(traps, pruned)
{
	configure("192.0.2.0/24", "alpha", "beta");
	cr_assert(add("alpha", TRUE));
	cr_assert(add("beta", FALSE));
	traps->prune(traps, config);
	cr_assert_str_eq(listed(), "alpha beta ");
	cr_assert_eq(fake_timer.count, 0);
	fake_configs_flush();
	config->refresh(config);
	traps->prune(traps, config);
	/* the other one is taken out by charon */
	cr_assert_str_eq(listed(), "beta ");
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	cr_assert(take_out("coi", "beta"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
}

/** trap|start: uninstalling the trap takes it out, whichever comes first. */
Test(traps, trap_and_start)
{
	configure("192.0.2.0/24", "alpha", NULL);
	cr_assert(add("alpha", FALSE));
	cr_assert(add("alpha", TRUE));
	fake_configs_flush();
	config->refresh(config);
	traps->prune(traps, config);
	cr_assert_str_eq(listed(), "alpha ");
}

/** vici says nothing of a child that has another name and is the same. */
Test(traps, renamed)
{
	configure("192.0.2.0/24", "alpha", NULL);
	cr_assert(add("alpha", FALSE));
	configure("192.0.2.0/24", "omega", NULL);
	traps->prune(traps, config);
	cr_assert_str_eq(listed(), "omega ");
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
}

Test(traps, kernel_refuses)
{
	configure("192.0.2.0/24", "alpha", NULL);
	fake_kernel.refuse_all = TRUE;
	add("alpha", FALSE);
	cr_assert_str_eq(fake_kernel_text(), "");
	cr_assert_str_eq(listed(), "alpha ");
	/* it is tried again */
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	/* other hosts are refused: what there is stays */
	fake_kernel.refuse_all = TRUE;
	configure("198.51.100.7", "alpha", NULL);
	add("alpha", FALSE);
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), TRAP("198.51.100.7/32"));
	/* and nobody wants it any more once it is taken out */
	fake_kernel.refuse_all = TRUE;
	configure("192.0.2.0/24", "alpha", NULL);
	add("alpha", FALSE);
	cr_assert(take_out("coi", "alpha"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
	fake_kernel.refuse_all = FALSE;
}
