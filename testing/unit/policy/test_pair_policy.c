/* SPDX-License-Identifier: GPL-2.0-or-later */

/* flows and blocks between two hosts: whatever the kernel refuses, nothing that was
 * there goes, and where there was nothing everything is blocked */

#include <criterion/criterion.h>

#include "fake_kernel.h"
#include "fake_timer.h"
#include "fake_configs.h"
#include "policy/coi_pair_policy.h"
#include "config/coi_connection_read.h"
#include "config/coi_reqids.h"

#define BLOCKS_IN \
	"fwd drop 366001 192.0.2.7/32 === 10.0.0.1/32\n" \
	"in drop 366001 192.0.2.7/32 === 10.0.0.1/32\n"
#define BLOCK_OUT "out drop 366001 10.0.0.1/32 === 192.0.2.7/32\n"

static coi_pair_policy_t *policy;
static coi_connection_t *conn;
static host_t *me, *other;

static const coi_flow_t https = {
	.proto = IPPROTO_TCP,
	.local_to = 0xffff,
	.remote_from = 443,
	.remote_to = 443,
	.begin = COI_BEGIN_BOTH,
}, any = {
	.local_to = 0xffff,
	.remote_to = 0xffff,
	.begin = COI_BEGIN_BOTH,
};

static void setup()
{
	static coi_options_t options = {
		.idle_port = 4571,
		.stop_block = TRUE,
	};
	fake_connection_t config = fake_connection("coi");
	peer_cfg_t *peer;
	char *error = NULL;

	fake_kernel_init();
	policy = coi_pair_policy_create(&options);
	peer = fake_connection_load(&config);
	conn = coi_connection_read(peer, 0, &error);
	cr_assert(conn, "%s", error);
	peer->destroy(peer);
	conn->reqid = COI_REQID_FIRST;
	conn->children[0].reqid = COI_REQID_FIRST + 1;
	me = host_create_from_string("10.0.0.1", 0);
	other = host_create_from_string("192.0.2.7", 0);
}

static void teardown()
{
	policy->destroy(policy);
	coi_connection_destroy(conn);
	me->destroy(me);
	other->destroy(other);
	fake_kernel_deinit();
}

TestSuite(pair_policy, .init = setup, .fini = teardown);

static coi_pair_allow_t allow(const coi_flow_t *flow, bool outbound)
{
	return (coi_pair_allow_t){
		.child = &conn->children[0],
		.mode = MODE_TRANSPORT,
		.flows = flow,
		.count = 1,
		.outbound = outbound,
	};
}

static bool set(const coi_flow_t *flow, bool outbound)
{
	coi_pair_allow_t one = allow(flow, outbound);

	return policy->set(policy, me, other, &one, flow ? 1 : 0);
}

/** Whether a text has a line. */
static bool has(const char *text, const char *line)
{
	return strstr(text, line) != NULL;
}

/** Whether it has each line of another text. */
static bool has_all(const char *text, const char *wanted)
{
	enumerator_t *enumerator;
	bool all = TRUE;
	char *line;

	enumerator = enumerator_create_token(wanted, "\n", "");
	while (enumerator->enumerate(enumerator, &line))
	{
		all &= !*line || has(text, line);
	}
	enumerator->destroy(enumerator);
	return all;
}

Test(pair_policy, opens_in_steps)
{
	/* first what comes in, nothing is blocked that still waits */
	cr_assert(set(&https, FALSE));
	cr_assert(has_all(fake_kernel_text(), BLOCKS_IN));
	cr_assert(!has(fake_kernel_text(), "out "));
	/* then what goes out, and everything else is blocked */
	cr_assert(set(&https, TRUE));
	cr_assert(has_all(fake_kernel_text(), BLOCKS_IN BLOCK_OUT));
	cr_assert(has(fake_kernel_text(), "out flow 266002 "));
	cr_assert_gt(fake_kernel_voids(), 0);
	cr_assert_eq(fake_timer.count, 0);
	/* the same again asks the kernel for nothing */
	fake_kernel.calls = 0;
	cr_assert(set(&https, TRUE));
	cr_assert_eq(fake_kernel.calls, 0);
	cr_assert(set(NULL, FALSE));
	cr_assert_str_eq(fake_kernel_text(), "");
	cr_assert_eq(fake_kernel_voids(), 0);
}

Test(pair_policy, everything_allowed)
{
	cr_assert(set(&any, TRUE));
	cr_assert(!has(fake_kernel_text(), "drop"));
	cr_assert(has(fake_kernel_text(), "out flow 266002 10.0.0.1/32 === "));
	set(NULL, FALSE);
}

/** Each of the calls is refused in turn, of a pair that is new. */
Test(pair_policy, new_refused)
{
	u_int calls, i;

	cr_assert(set(&https, TRUE));
	calls = fake_kernel.calls;
	cr_assert(set(NULL, FALSE));
	cr_assert_gt(calls, 3);
	for (i = 1; i <= calls; i++)
	{
		fake_kernel.calls = 0;
		fake_kernel.refuse_at = i;
		cr_assert(!set(&https, TRUE), "%u of %u", i, calls);
		cr_assert(has_all(fake_kernel_text(), BLOCKS_IN BLOCK_OUT),
				  "%u of %u was refused:\n%s", i, calls, fake_kernel_text());
		fake_kernel.refuse_at = 0;
		/* it comes when it can */
		fake_timer_fire();
		cr_assert(has(fake_kernel_text(), "out flow 266002 "));
		cr_assert(set(NULL, FALSE));
		cr_assert_str_eq(fake_kernel_text(), "");
	}
}

/** Likewise, of a pair that is open and changes: what was there stays. */
Test(pair_policy, change_refused)
{
	char *before;
	u_int i;

	for (i = 1; i < 4; i++)
	{
		cr_assert(set(&https, TRUE));
		before = strdup(fake_kernel_text());
		fake_kernel.calls = 0;
		fake_kernel.refuse_at = i;
		cr_assert(!set(&any, TRUE));
		cr_assert(has_all(fake_kernel_text(), before),
				  "%u was refused:\n%s", i, fake_kernel_text());
		free(before);
		fake_kernel.refuse_at = 0;
		cr_assert(set(NULL, FALSE));
	}
}

Test(pair_policy, all_refused)
{
	char *before;

	cr_assert(set(&https, TRUE));
	before = strdup(fake_kernel_text());
	fake_kernel.refuse_all = TRUE;
	cr_assert(!set(&any, TRUE));
	cr_assert_str_eq(fake_kernel_text(), before);
	free(before);
	cr_assert(set(NULL, FALSE));
}

Test(pair_policy, refuse)
{
	cr_assert(policy->refuse(policy, me, other, TRUE));
	cr_assert_str_eq(fake_kernel_text(),
					 "out drop 366002 10.0.0.1/32 === 192.0.2.7/32\n");
	/* a session that opens does not remove it, nor it a session's */
	cr_assert(set(&https, TRUE));
	cr_assert(policy->refuse(policy, me, other, FALSE));
	cr_assert(!has(fake_kernel_text(), "366002"));
	cr_assert(has_all(fake_kernel_text(), BLOCKS_IN BLOCK_OUT));
	cr_assert(set(NULL, FALSE));
	fake_kernel.refuse_all = TRUE;
	cr_assert(!policy->refuse(policy, me, other, TRUE));
	cr_assert_str_eq(fake_kernel_text(), "");
	fake_kernel.refuse_all = FALSE;
}

Test(pair_policy, trap)
{
	static const char *const trap[] = {
		"fwd flow 399001 192.0.2.0/24 === ", "in flow 399001 192.0.2.0/24 === ",
		"out flow 399001 ",
	};
	u_int i;

	cr_assert(policy->trap(policy, conn));
	cr_assert(policy->is_trapped(policy, conn->reqid));
	for (i = 0; i < countof(trap); i++)
	{
		cr_assert(has(fake_kernel_text(), trap[i]), "%s", fake_kernel_text());
	}
	cr_assert(!has(fake_kernel_text(), "hold"));
	/* held from now on, when it is installed again */
	policy->hold(policy, 0x200);
	cr_assert(!has(fake_kernel_text(), "hold"));
	cr_assert(policy->trap(policy, conn));
	cr_assert(has(fake_kernel_text(), "out hold 399000 "));
	policy->untrap(policy, conn->reqid);
	cr_assert(!policy->is_trapped(policy, conn->reqid));
	cr_assert_str_eq(fake_kernel_text(), "");
}

/** What calls out is refused: a block is in its place until it is not. */
Test(pair_policy, trap_refused)
{
	fake_kernel.refuse_flows = TRUE;
	policy->trap(policy, conn);
	cr_assert(has(fake_kernel_text(), "out drop 399002 "));
	cr_assert(has(fake_kernel_text(), "in drop 399002 192.0.2.0/24 === "));
	cr_assert(has(fake_kernel_text(), "fwd drop 399002 192.0.2.0/24 === "));
	cr_assert(!has(fake_kernel_text(), "flow"));
	fake_kernel.refuse_flows = FALSE;
	fake_timer_fire();
	cr_assert(has(fake_kernel_text(), "out flow 399001 "));
	cr_assert(!has(fake_kernel_text(), "drop"));
	policy->untrap(policy, conn->reqid);
}
