/* SPDX-License-Identifier: GPL-2.0-or-later */

/* peers that did not answer: how long and how many are refused, whose go first, and
 * that what the kernel refuses is not said to be refused */

#include <criterion/criterion.h>

#include "fake_kernel.h"
#include "fake_timer.h"
#include "policy/coi_negative_cache.h"

#define LINE(other) "out drop 366002 10.0.0.1/32 === " other "/32\n"

static coi_options_t options;
static coi_pair_policy_t *policy;
static coi_negative_cache_t *cache;
static host_t *me, *second;

static void setup()
{
	options = (coi_options_t){
		.stop_block = TRUE,
		.negative_cache = 10,
		.negative_cache_size = 8,
		.own_share = 50,
	};
	fake_kernel_init();
	policy = coi_pair_policy_create(&options);
	cache = coi_negative_cache_create(policy, &options);
	me = host_create_from_string("10.0.0.1", 0);
	second = host_create_from_string("10.0.0.9", 0);
}

static void teardown()
{
	cache->destroy(cache);
	policy->destroy(policy);
	me->destroy(me);
	second->destroy(second);
	fake_kernel_deinit();
}

TestSuite(negative_cache, .init = setup, .fini = teardown);

static void add(u_int nth, coi_origin_t origin)
{
	char text[32];
	host_t *other;

	snprintf(text, sizeof(text), "192.0.2.%u", nth);
	other = host_create_from_string(text, 0);
	cache->add(cache, me, other, origin);
	other->destroy(other);
}

/** Whether a peer is refused, and for how many s. */
static bool find(u_int nth, u_int *left)
{
	char text[32];
	host_t *other;
	bool found;

	snprintf(text, sizeof(text), "192.0.2.%u", nth);
	other = host_create_from_string(text, 0);
	found = cache->find(cache, me, other, left);
	cr_assert_eq(cache->find(cache, NULL, other, NULL), found);
	cr_assert(!cache->find(cache, second, other, NULL));
	other->destroy(other);
	return found;
}

static void on_each(void *data, host_t *from, host_t *to, u_int left)
{
	(*(u_int*)data)++;
}

/** How many are listed, which is how many are in the kernel. */
static u_int count()
{
	const char *text = fake_kernel_text();
	u_int listed = 0, lines = 0;

	cache->for_all(cache, on_each, &listed);
	for (; *text; text++)
	{
		lines += *text == '\n';
	}
	cr_assert_eq(listed, lines, "%u listed:\n%s", listed, fake_kernel_text());
	return listed;
}

Test(negative_cache, expires)
{
	u_int left = 0;

	add(1, COI_ORIGIN_ROOT);
	cr_assert_str_eq(fake_kernel_text(), LINE("192.0.2.1"));
	cr_assert(find(1, &left) && left == 10);
	cr_assert(!find(2, NULL));
	cr_assert(fake_timer.count == 1 && fake_timer.delay == 10000);
	fake_timer.now += 4001;
	add(2, COI_ORIGIN_ROOT);
	/* a second that has begun counts */
	cr_assert(find(1, &left) && left == 6);
	cr_assert(find(2, &left) && left == 10);
	cr_assert_eq(fake_timer.count, 1);

	/* woken too early, it waits for the rest */
	fake_timer_fire();
	cr_assert_eq(count(), 2);
	cr_assert(fake_timer.count == 2 && fake_timer.delay == 5999);
	fake_timer.now += 5999;
	fake_timer_fire();
	cr_assert_str_eq(fake_kernel_text(), LINE("192.0.2.2"));
	cr_assert(!find(1, NULL));
	cr_assert(fake_timer.count == 3 && fake_timer.delay == 4001);
	fake_timer.now += 4001;
	fake_timer_fire();
	cr_assert_eq(count(), 0);
	cr_assert_eq(fake_timer.count, 3);
	/* and it begins anew */
	add(1, COI_ORIGIN_ROOT);
	cr_assert(fake_timer.count == 4 && fake_timer.delay == 10000);
	cr_assert_eq(cache->forget(cache, NULL), 1);
}

/** Once more: the time begins anew. */
Test(negative_cache, again)
{
	u_int left;

	add(1, COI_ORIGIN_ROOT);
	fake_timer.now += 5000;
	add(1, COI_ORIGIN_ROOT);
	cr_assert_eq(count(), 1);
	cr_assert(find(1, &left) && left == 10);
	fake_timer.now += 5000;
	fake_timer_fire();
	cr_assert(find(1, &left) && left == 5);
	cr_assert_str_eq(fake_kernel_text(), LINE("192.0.2.1"));
	cache->forget(cache, NULL);
}

/** What refuses a peer is there all the time, also if the kernel takes nothing. */
Test(negative_cache, again_refused)
{
	u_int left;

	add(1, COI_ORIGIN_ROOT);
	fake_timer.now += 5000;
	fake_kernel.refuse_all = TRUE;
	add(1, COI_ORIGIN_ROOT);
	add(2, COI_ORIGIN_ROOT);
	fake_kernel.refuse_all = FALSE;
	cr_assert_str_eq(fake_kernel_text(), LINE("192.0.2.1"));
	cr_assert(find(1, &left) && left == 10);
	cr_assert(!find(2, NULL));
	cache->forget(cache, NULL);
	cr_assert_str_eq(fake_kernel_text(), "");
}

Test(negative_cache, off)
{
	options.negative_cache = 0;
	add(1, COI_ORIGIN_ROOT);
	cr_assert_eq(count(), 0);
	cr_assert(fake_kernel.calls == 0 && fake_timer.count == 0);
}

/** The limit holds for all, even for what has no share. */
Test(negative_cache, limit)
{
	u_int i;

	for (i = 1; i <= 8; i++)
	{
		add(i, COI_ORIGIN_SELF);
	}
	cr_assert_eq(count(), 8);
	add(9, COI_ORIGIN_SELF);
	cr_assert_eq(count(), 8);
	cr_assert(!find(1, NULL) && find(2, NULL) && find(9, NULL));
	/* whoever comes next takes the place of the oldest */
	add(10, coi_origin_user(1000));
	cr_assert_eq(count(), 8);
	cr_assert(!find(2, NULL) && find(3, NULL) && find(10, NULL));
	cr_assert_eq(cache->forget(cache, NULL), 8);
}

/** Whoever has more than a share loses the own ones, not those of others. */
Test(negative_cache, share)
{
	u_int i;

	add(1, coi_origin_user(1001));
	for (i = 2; i <= 5; i++)
	{
		add(i, coi_origin_user(1000));
	}
	cr_assert_eq(count(), 5);
	for (i = 6; i <= 40; i++)
	{
		add(i, coi_origin_user(1000));
		cr_assert_eq(count(), 5);
		cr_assert(find(1, NULL) && find(i, NULL) && !find(i - 4, NULL));
	}
	/* root has as much, and only once all are too many the oldest goes */
	for (i = 41; i <= 43; i++)
	{
		add(i, COI_ORIGIN_ROOT);
	}
	cr_assert_eq(count(), 8);
	cr_assert(find(1, NULL));
	add(44, COI_ORIGIN_ROOT);
	cr_assert_eq(count(), 8);
	cr_assert(!find(1, NULL) && find(37, NULL) && find(44, NULL));
	cache->forget(cache, NULL);
}

Test(negative_cache, forget)
{
	host_t *other = host_create_from_string("192.0.2.1", 0);

	add(1, COI_ORIGIN_ROOT);
	add(2, COI_ORIGIN_ROOT);
	cache->add(cache, second, other, COI_ORIGIN_ROOT);
	cr_assert_eq(count(), 3);
	/* between two hosts, which is not what a peer has with others */
	cache->remove(cache, me, other);
	cr_assert_eq(count(), 2);
	cr_assert(!cache->find(cache, me, other, NULL));
	cr_assert(cache->find(cache, second, other, NULL));
	cache->remove(cache, me, other);
	cr_assert_eq(count(), 2);
	/* a peer's, whatever the own address */
	cache->add(cache, me, other, COI_ORIGIN_ROOT);
	cr_assert_eq(cache->forget(cache, other), 2);
	cr_assert_eq(cache->forget(cache, other), 0);
	cr_assert_str_eq(fake_kernel_text(), LINE("192.0.2.2"));
	cr_assert_eq(cache->forget(cache, NULL), 1);
	cr_assert_eq(cache->forget(cache, NULL), 0);
	other->destroy(other);
}

Test(negative_cache, kernel_refuses)
{
	add(1, COI_ORIGIN_ROOT);
	fake_kernel.refuse_all = TRUE;
	add(2, COI_ORIGIN_ROOT);
	/* it is not refused, so it is not said to be; others stay */
	cr_assert(!find(2, NULL) && find(1, NULL));
	cr_assert_str_eq(fake_kernel_text(), LINE("192.0.2.1"));
	/* nothing tries again: the next packet asks */
	cr_assert_eq(fake_timer.count, 1);
	fake_kernel.refuse_all = FALSE;
	add(2, COI_ORIGIN_ROOT);
	cr_assert_eq(count(), 2);
	/* the limit counts what is installed */
	options.negative_cache_size = 2;
	fake_kernel.refuse_all = TRUE;
	add(3, COI_ORIGIN_SELF);
	cr_assert(find(1, NULL) && find(2, NULL) && !find(3, NULL));
	fake_kernel.refuse_all = FALSE;
	cr_assert_eq(cache->forget(cache, NULL), 2);
}
