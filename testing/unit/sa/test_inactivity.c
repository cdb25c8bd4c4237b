/* SPDX-License-Identifier: GPL-2.0-or-later */

/* CHILD_SAs that nothing uses: when each ends, and when the IKE_SA does */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "fake_timer.h"
#include "sa/coi_inactivity.h"

#define TIMEOUT 30

static struct {
	child_sa_t child;
	child_cfg_t *cfg;
	child_sa_state_t state;
	/** seconds since it was used in, out, installed */
	time_t in;
	time_t out;
	time_t installed;
	ike_sa_t ike;
	u_int children;
	/** FALSE once charon has it no longer */
	bool there;
	u_int checkins;
	u_int destroyed;
	u_int ended;
	bool all;
	status_t status;
} sa;

static child_cfg_t *get_config(child_sa_t *this)
{
	return sa.cfg;
}

static void get_usestats(child_sa_t *this, bool inbound, time_t *at,
						 uint64_t *bytes, uint64_t *packets)
{
	*at = time_monotonic(NULL) - (inbound ? sa.in : sa.out);
}

static time_t get_installtime(child_sa_t *this)
{
	return time_monotonic(NULL) - sa.installed;
}

static uint32_t get_unique_id(child_sa_t *this)
{
	return 7;
}

static child_sa_state_t get_state(child_sa_t *this)
{
	return sa.state;
}

static char *get_name(child_sa_t *this)
{
	return "alpha";
}

static int get_child_count(ike_sa_t *this)
{
	return sa.children;
}

static ike_sa_t *checkout_by_id(child_sa_manager_t *this, uint32_t id,
								child_sa_t **child_sa)
{
	cr_assert_eq(id, 7);
	*child_sa = &sa.child;
	return sa.there ? &sa.ike : NULL;
}

static void checkin(ike_sa_manager_t *this, ike_sa_t *ike_sa)
{
	sa.checkins++;
}

static void checkin_and_destroy(ike_sa_manager_t *this, ike_sa_t *ike_sa)
{
	sa.destroyed++;
}

static status_t end(ike_sa_t *ike_sa, child_sa_t *child_sa, bool all)
{
	cr_assert_eq(child_sa, &sa.child);
	sa.ended++;
	sa.all = all;
	return sa.status;
}

static const coi_inactivity_end_t end_cb = end;
static child_sa_manager_t children = {
	.checkout_by_id = checkout_by_id,
};
static ike_sa_manager_t manager = {
	.checkin = checkin,
	.checkin_and_destroy = checkin_and_destroy,
};

static void watch(u_int timeout)
{
	child_cfg_create_t data = {
		.inactivity = timeout,
	};

	sa.cfg = child_cfg_create("alpha", &data);
	coi_inactivity_watch(&sa.child, &end_cb);
}

static void setup()
{
	fake_configs_init();
	charon->child_sa_manager = &children;
	charon->ike_sa_manager = &manager;
	sa = (typeof(sa)){
		.child = {
			.get_config = get_config,
			.get_usestats = get_usestats,
			.get_installtime = get_installtime,
			.get_unique_id = get_unique_id,
			.get_state = get_state,
			.get_name = get_name,
		},
		.ike.get_child_count = get_child_count,
		.state = CHILD_INSTALLED,
		.in = 1000,
		.out = 1000,
		.installed = 1000,
		.children = 2,
		.there = TRUE,
		.status = SUCCESS,
	};
}

static void teardown()
{
	DESTROY_IF(sa.cfg);
	fake_configs_deinit();
}

TestSuite(inactivity, .init = setup, .fini = teardown);

Test(inactivity, not_wanted)
{
	watch(0);
	cr_assert_eq(fake_timer.count, 0);
}

Test(inactivity, unused)
{
	watch(TIMEOUT);
	cr_assert_eq(fake_timer.count, 1);
	cr_assert_eq(fake_timer.delay, TIMEOUT * 1000);
	fake_timer_fire();
	cr_assert_eq(sa.ended, 1);
	cr_assert(!sa.all);
	cr_assert_eq(sa.checkins, 1);
	cr_assert_eq(fake_timer.count, 1);
}

/** Use in either direction, and being new, are use; the rest is waited for. */
Test(inactivity, used)
{
	time_t *uses[] = { &sa.in, &sa.out, &sa.installed };
	u_int i;

	watch(TIMEOUT);
	for (i = 0; i < countof(uses); i++)
	{
		*uses[i] = 10;
		fake_timer_fire();
		cr_assert_eq(sa.ended, 0);
		cr_assert_eq(fake_timer.count, i + 2);
		cr_assert(fake_timer.delay >= (TIMEOUT - 12) * 1000 &&
				  fake_timer.delay <= (TIMEOUT - 10) * 1000);
		cr_assert_eq(fake_timer.generation, TIMEOUT);
		*uses[i] = 1000;
	}
	fake_timer_fire();
	cr_assert_eq(sa.ended, 1);
}

Test(inactivity, gone)
{
	watch(TIMEOUT);
	sa.there = FALSE;
	fake_timer_fire();
	cr_assert_eq(sa.ended + sa.checkins + sa.destroyed, 0);
	cr_assert_eq(fake_timer.count, 1);
}

/** What another one has taken the place of ends without us. */
Test(inactivity, rekeyed)
{
	watch(TIMEOUT);
	sa.state = CHILD_REKEYED;
	fake_timer_fire();
	cr_assert_eq(sa.ended, 0);
	cr_assert_eq(sa.checkins, 1);
}

Test(inactivity, last_one)
{
	watch(TIMEOUT);
	sa.children = 1;
	fake_timer_fire();
	cr_assert(!sa.all);
	lib->settings->set_bool(lib->settings, "%s.inactivity_close_ike", TRUE,
							lib->ns);
	sa.status = DESTROY_ME;
	fake_timer_fire();
	cr_assert(sa.all);
	cr_assert_eq(sa.ended, 2);
	cr_assert_eq(sa.checkins, 1);
	cr_assert_eq(sa.destroyed, 1);
	/* not if there are others */
	sa.children = 2;
	sa.status = SUCCESS;
	fake_timer_fire();
	cr_assert(!sa.all);
}
