/* SPDX-License-Identifier: GPL-2.0-or-later */

/* connections that cannot be used are blocked, until a trap stands in the place of
 * the block or they are gone */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_kernel.h"
#include "fake_timer.h"
#include "policy/coi_fallback_block.h"
#include "util/coi_shadow.h"

#define BLOCK(net) \
	"fwd drop 399002 " net " === 10.0.0.1/32\n" \
	"in drop 399002 " net " === 10.0.0.1/32\n" \
	"out drop 399002 10.0.0.1/32 === " net "\n"
#define TRAP(net) \
	"fwd flow 399001 " net " === 10.0.0.1/32\n" \
	"in flow 399001 " net " === 10.0.0.1/32\n" \
	"out flow 399001 10.0.0.1/32 === " net "\n"

static coi_options_t options = {
	.stop_block = TRUE,
};
static coi_pair_policy_t *policy;
static coi_fallback_block_t *blocks;
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
	coi_shadow_init();
	charon->bus->child_state_change = (void*)nothing;
	policy = coi_pair_policy_create(&options);
	blocks = coi_fallback_block_create(policy->get_store(policy));
	traps = coi_traps_create(policy);
	config = coi_config_create(0, on_error, NULL);
}

static void teardown()
{
	config->destroy(config);
	traps->destroy(traps);
	blocks->destroy(blocks);
	policy->destroy(policy);
	coi_shadow_deinit();
	fake_kernel_deinit();
}

TestSuite(fallback_block, .init = setup, .fini = teardown);

static peer_cfg_t *load(const char *local, const char *remote,
						const char *remote_ts, bool mistake)
{
	fake_connection_t fake = fake_connection("coi");

	fake.ike.local = (char*)local;
	fake.ike.remote = (char*)remote;
	fake.ike.dscp = mistake ? 8 : 0;
	fake.children[0].remote_ts = remote_ts;
	return fake_connection_load(&fake);
}

static bool close_one(peer_cfg_t *peer)
{
	enumerator_t *enumerator = peer->create_child_cfg_enumerator(peer);
	child_cfg_t *child;
	bool success;

	cr_assert(enumerator->enumerate(enumerator, &child));
	success = blocks->close(blocks, peer, child);
	enumerator->destroy(enumerator);
	peer->destroy(peer);
	return success;
}

static bool close_net(const char *remote)
{
	return close_one(load("10.0.0.1", remote, "dynamic", TRUE));
}

/** Let this be all that is configured, and follow it. */
static void configure(peer_cfg_t *peer)
{
	fake_configs_flush();
	if (peer)
	{
		fake_configs_add(peer);
	}
	config->refresh(config);
	blocks->follow(blocks, config, traps);
}

Test(fallback_block, closes_and_opens)
{
	cr_assert(!blocks->is_closed(blocks, "coi"));
	cr_assert(!blocks->open(blocks, "coi", "alpha"));
	cr_assert(close_net("192.0.2.0/24"));
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	cr_assert_gt(fake_kernel_voids(), 0);
	cr_assert(blocks->is_closed(blocks, "coi"));
	cr_assert(!blocks->is_closed(blocks, "other"));
	/* neither another connection's nor another child's */
	cr_assert(!blocks->open(blocks, "other", "alpha"));
	cr_assert(!blocks->open(blocks, "coi", "beta"));
	cr_assert_eq(fake_timer.count, 0);
	/* a reload opens before it closes: it stays for a moment */
	cr_assert(blocks->open(blocks, "coi", "alpha"));
	cr_assert(fake_timer.count == 1 && fake_timer.delay == 1000);
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	cr_assert(!blocks->open(blocks, "coi", "alpha"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
	cr_assert_eq(fake_kernel_voids(), 0);
	cr_assert(!blocks->is_closed(blocks, "coi"));
}

Test(fallback_block, closed_again)
{
	u_int first;

	cr_assert(close_net("192.0.2.0/24"));
	/* for any connection */
	cr_assert(blocks->open(blocks, NULL, "alpha"));
	first = fake_timer.generation;
	fake_kernel.calls = 0;
	cr_assert(close_net("192.0.2.0/24"));
	cr_assert_eq(fake_kernel.calls, 0);
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	/* nor does the timer of an earlier opening end it too soon */
	cr_assert(blocks->open(blocks, "coi", "alpha"));
	cr_assert_neq(fake_timer.generation, first);
	fake_timer.cb(fake_timer.data, fake_timer.id, first);
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
}

Test(fallback_block, other_hosts)
{
	cr_assert(close_net("192.0.2.0/24"));
	cr_assert(close_net("198.51.100.7"));
	cr_assert_str_eq(fake_kernel_text(), BLOCK("198.51.100.7/32"));
}

/** The networks that it names are blocked, too. */
Test(fallback_block, networks)
{
	cr_assert(close_one(load("10.0.0.1", "192.0.2.7", "10.9.0.0/16", TRUE)));
	cr_assert_str_eq(fake_kernel_text(),
		"fwd drop 399002 10.9.0.0/16 === 0.0.0.0/0\n"
		"fwd drop 399002 192.0.2.7/32 === 10.0.0.1/32\n"
		"in drop 399002 10.9.0.0/16 === 0.0.0.0/0\n"
		"in drop 399002 192.0.2.7/32 === 10.0.0.1/32\n"
		"out drop 399002 0.0.0.0/0 === 10.9.0.0/16\n"
		"out drop 399002 10.0.0.1/32 === 192.0.2.7/32\n");
}

/** What cannot be between the two needs no block, and takes none away. */
Test(fallback_block, nothing_to_block)
{
	cr_assert(!close_net("2001:db8::/32"));
	cr_assert(!blocks->is_closed(blocks, "coi"));
	cr_assert(close_net("192.0.2.0/24"));
	cr_assert(!close_net("2001:db8::/32"));
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	cr_assert(blocks->is_closed(blocks, "coi"));
}

Test(fallback_block, kernel_refuses)
{
	fake_kernel.refuse_all = TRUE;
	cr_assert(!close_net("192.0.2.0/24"));
	cr_assert_str_eq(fake_kernel_text(), "");
	/* it is wanted all the same */
	cr_assert(blocks->is_closed(blocks, "coi"));
	cr_assert_eq(fake_timer.count, 1);
	fake_timer_fire();
	cr_assert_eq(fake_timer.count, 2);
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));

	/* other hosts are refused: what was blocked stays so */
	fake_kernel.refuse_all = TRUE;
	cr_assert(!close_net("198.51.100.7"));
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), BLOCK("198.51.100.7/32"));
}

/** Each of the calls is refused in turn: the others are made. */
Test(fallback_block, one_refused)
{
	u_int calls, lines, i;
	const char *text;

	cr_assert(close_net("192.0.2.0/24"));
	calls = fake_kernel.calls;
	cr_assert_gt(calls, 3);
	for (i = 1; i <= calls; i++)
	{
		blocks->open(blocks, "coi", "alpha");
		fake_timer_fire();
		cr_assert_str_eq(fake_kernel_text(), "");
		fake_kernel.calls = 0;
		fake_kernel.refuse_at = i;
		cr_assert(!close_net("192.0.2.0/24"));
		for (lines = 0, text = fake_kernel_text(); *text; text++)
		{
			lines += *text == '\n';
		}
		cr_assert_eq(lines + fake_kernel_voids(), calls - 1, "%u", i);
		fake_kernel.refuse_at = 0;
		fake_timer_fire();
		cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	}
}

Test(fallback_block, mended)
{
	cr_assert(close_net("192.0.2.0/24"));
	/* the mistake is still there */
	configure(load("10.0.0.1", "192.0.2.0/24", "dynamic", TRUE));
	cr_assert(fake_timer.count == 0 && blocks->is_closed(blocks, "coi"));
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	/* the trap comes first, then the block goes */
	configure(load("10.0.0.1", "192.0.2.0/24", "dynamic", FALSE));
	cr_assert_str_eq(fake_kernel_text(),
		"fwd drop 399002 192.0.2.0/24 === 10.0.0.1/32\n"
		"fwd flow 399001 192.0.2.0/24 === 10.0.0.1/32\n"
		"in drop 399002 192.0.2.0/24 === 10.0.0.1/32\n"
		"in flow 399001 192.0.2.0/24 === 10.0.0.1/32\n"
		"out drop 399002 10.0.0.1/32 === 192.0.2.0/24\n"
		"out flow 399001 10.0.0.1/32 === 192.0.2.0/24\n");
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
	cr_assert(!blocks->is_closed(blocks, "coi"));
}

/**
 * What calls out is refused: there is a block in the trap's place, and what there was
 * stays as well.
 */
Test(fallback_block, trap_refused)
{
	cr_assert(close_net("192.0.2.0/24"));
	fake_kernel.refuse_flows = TRUE;
	configure(load("10.0.0.1", "192.0.2.0/24", "dynamic", FALSE));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(),
		"fwd drop 399002 192.0.2.0/24 === 10.0.0.1/32\n"
		"fwd drop 399002 192.0.2.0/24 === 10.0.0.1/32\n"
		"in drop 399002 192.0.2.0/24 === 10.0.0.1/32\n"
		"in drop 399002 192.0.2.0/24 === 10.0.0.1/32\n"
		"out drop 399002 10.0.0.1/32 === 192.0.2.0/24\n"
		"out drop 399002 10.0.0.1/32 === 192.0.2.0/24\n");
	fake_kernel.refuse_flows = FALSE;
}

/** The kernel takes neither a trap nor a block for it: what there is stays until it does. */
Test(fallback_block, all_refused)
{
	peer_cfg_t *mended = load("10.0.0.1", "192.0.2.0/24", "dynamic", FALSE);
	coi_connection_t *conn;
	u_int i;

	cr_assert(close_net("192.0.2.0/24"));
	fake_kernel.refuse_all = TRUE;
	configure(mended);
	for (i = 0; i < 3; i++)
	{
		cr_assert_eq(fake_timer.delay, 1000);
		fake_timer_fire();
		cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	}
	fake_kernel.refuse_all = FALSE;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	conn = config->find_name(config, "coi");
	cr_assert(traps->add(traps, conn, conn->children[0].cfg, FALSE));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), TRAP("192.0.2.0/24"));
}

/** What is closed again while it waits is not waited for any more. */
Test(fallback_block, all_refused_and_closed)
{
	u_int count;

	cr_assert(close_net("192.0.2.0/24"));
	fake_kernel.refuse_all = TRUE;
	configure(load("10.0.0.1", "192.0.2.0/24", "dynamic", FALSE));
	count = fake_timer.count;
	fake_timer_fire();
	cr_assert_eq(fake_timer.count, count + 1);
	cr_assert(close_net("192.0.2.0/24"));
	fake_timer_fire();
	cr_assert_eq(fake_timer.count, count + 1);
	fake_kernel.refuse_all = FALSE;
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
}

/** A connection that nothing can be between has no trap. */
Test(fallback_block, no_trap)
{
	cr_assert(close_net("192.0.2.0/24"));
	configure(load("10.0.0.1", "2001:db8::/32", "dynamic", FALSE));
	cr_assert_eq(fake_timer.count, 0);
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	cr_assert(blocks->is_closed(blocks, "coi"));
}

Test(fallback_block, gone)
{
	cr_assert(close_net("192.0.2.0/24"));
	configure(NULL);
	cr_assert_str_eq(fake_kernel_text(), BLOCK("192.0.2.0/24"));
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), "");
}
