/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "hold/coi_held_packets.h"

#define PER_PAIR 3
#define TOTAL 5
#define SHARE 100

static host_t *me, *a, *b, *c;
static coi_held_packets_t *held;

static void setup()
{
	coi_test_init();
	me = host_create_from_string("192.0.2.1", 0);
	a = host_create_from_string("192.0.2.2", 0);
	b = host_create_from_string("2001:db8::2", 0);
	c = host_create_from_string("192.0.2.3", 0);
	held = coi_held_packets_create(PER_PAIR, TOTAL, SHARE);
}

static void teardown()
{
	held->destroy(held);
	me->destroy(me);
	a->destroy(a);
	b->destroy(b);
	c->destroy(c);
}

TestSuite(held, .init = setup, .fini = teardown);

static coi_held_packets_result_t add_of(coi_origin_t origin, host_t *other,
										uint32_t id, uint64_t now)
{
	coi_held_packet_t packet = {
		.id = id,
		.mark = id + 100,
		.origin = origin,
	};

	return held->add(held, me, other, packet, now);
}

static coi_held_packets_result_t add(host_t *other, uint32_t id, uint64_t now)
{
	return add_of(1000, other, id, now);
}

/** Expect the packets of a list to have these ids, and free it. */
static void expect_ids(array_t *list, u_int count, uint32_t first)
{
	coi_held_packet_t packet;
	u_int i;

	cr_assert_eq((u_int)array_count(list), count);
	for (i = 0; i < count; i++)
	{
		array_get(list, i, &packet);
		cr_expect_eq(packet.id, first + i);
		cr_expect_eq(packet.mark, first + i + 100);
	}
	array_destroy(list);
}

static array_t *take(host_t *other)
{
	array_t *list;

	list = array_create(sizeof(coi_held_packet_t), 0);
	held->take(held, me, other, list);
	return list;
}

Test(held, takes_in_order)
{
	cr_expect_eq(add(a, 1, 0), COI_HELD_PACKETS_FIRST);
	cr_expect_eq(add(b, 11, 0), COI_HELD_PACKETS_FIRST);
	cr_expect_eq(add(a, 2, 0), COI_HELD_PACKETS_NEXT);
	cr_expect_eq(add(a, 3, 0), COI_HELD_PACKETS_NEXT);
	expect_ids(take(a), 3, 1);
	cr_expect_eq(held->get_count(held), 1);
	/* nothing of it is left */
	expect_ids(take(a), 0, 0);
	cr_expect_eq(add(a, 4, 0), COI_HELD_PACKETS_FIRST);
	expect_ids(take(b), 1, 11);
}

Test(held, limits_a_pair)
{
	add(a, 1, 0);
	add(a, 2, 0);
	add(a, 3, 0);
	cr_expect_eq(add(a, 4, 0), COI_HELD_PACKETS_MANY);
	cr_expect_eq(held->get_count(held), 3);
	cr_expect_eq(held->get_waiting(held, me, a), 3);
	cr_expect_eq(held->get_waiting(held, me, b), 0);
	/* others do not suffer */
	cr_expect_eq(add(c, 11, 0), COI_HELD_PACKETS_FIRST);
	/* the new one was not held */
	expect_ids(take(a), 3, 1);
}

Test(held, limits_all)
{
	add(a, 1, 0);
	add(a, 2, 0);
	add(a, 3, 0);
	add(b, 11, 0);
	add(b, 12, 0);
	/* who has nothing yet asks, who has something has asked */
	cr_expect_eq(add(c, 21, 0), COI_HELD_PACKETS_FULL);
	cr_expect_eq(add(c, 22, 0), COI_HELD_PACKETS_FULL);
	cr_expect_eq(add(b, 13, 0), COI_HELD_PACKETS_MANY);
	cr_expect_eq(held->get_count(held), TOTAL);
	expect_ids(take(c), 0, 0);
	expect_ids(take(a), 3, 1);
	cr_expect_eq(add(c, 23, 0), COI_HELD_PACKETS_FIRST);
}

Test(held, takes_old_pairs)
{
	array_t *list;

	list = array_create(sizeof(coi_held_packet_t), 0);
	add(a, 1, 1000);
	add(a, 2, 5000);
	add(b, 11, 2000);
	held->take_before(held, 1000, list);
	cr_expect_eq(array_count(list), 0);
	held->take_before(held, 2000, list);
	/* what a pair's first packet says is said of all */
	expect_ids(list, 2, 1);
	cr_expect_eq(held->get_count(held), 1);
	expect_ids(take(b), 1, 11);
}

Test(held, limits_who_has_sent_them)
{
	held->destroy(held);
	held = coi_held_packets_create(PER_PAIR, TOTAL, 40);
	cr_expect_eq(add_of(1, a, 1, 0), COI_HELD_PACKETS_FIRST);
	cr_expect_eq(add_of(1, b, 11, 0), COI_HELD_PACKETS_FIRST);
	cr_expect_eq(add_of(1, a, 2, 0), COI_HELD_PACKETS_MANY);
	cr_expect_eq(add_of(1, c, 21, 0), COI_HELD_PACKETS_FULL);
	/* others have room, in the same pairs too */
	cr_expect_eq(add_of(2, a, 2, 0), COI_HELD_PACKETS_NEXT);
	cr_expect_eq(add_of(2, c, 21, 0), COI_HELD_PACKETS_FIRST);
	cr_expect_eq(add_of(2, c, 22, 0), COI_HELD_PACKETS_MANY);
	/* root has what a user leaves, as far as there is any */
	cr_expect_eq(add_of(COI_ORIGIN_ROOT, c, 22, 0), COI_HELD_PACKETS_NEXT);
	cr_expect_eq(add_of(COI_ORIGIN_ROOT, c, 23, 0), COI_HELD_PACKETS_MANY);
	expect_ids(take(c), 2, 21);
	cr_expect_eq(add_of(2, b, 12, 0), COI_HELD_PACKETS_NEXT);
	expect_ids(take(a), 2, 1);
	expect_ids(take(b), 2, 11);
	cr_expect_eq(held->get_count(held), 0);
	cr_expect_eq(add_of(1, c, 21, 0), COI_HELD_PACKETS_FIRST);
}
