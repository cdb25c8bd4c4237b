/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the ring of events: in order, none twice, and a reader learns what it
 * missed */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "events/coi_events.h"

static coi_events_t *events;

/** numbers that a reader got, and those that it expects next */
static struct {
	u_int count;
	uint64_t first;
	uint64_t last;
} got;

static void setup()
{
	coi_test_init();
	events = coi_events_create();
}

static void teardown()
{
	events->destroy(events);
}

TestSuite(events, .init = setup, .fini = teardown);

static void add(coi_events_type_t type, const char *peer, const char *text)
{
	coi_events_item_t *item = coi_events_begin(type);

	coi_events_set(item, COI_EVENTS_PEER, "%s", peer);
	coi_events_set(item, COI_EVENTS_TEXT, "%s", text);
	events->add(events, item);
}

static void add_many(u_int count)
{
	while (count--)
	{
		add(COI_EVENTS_OPENED, "192.0.2.1", "");
	}
}

static void on_item(void *data, const coi_events_item_t *item)
{
	cr_expect(!got.count || item->number == got.last + 1, "in order");
	got.first = got.count++ ? got.first : item->number;
	got.last = item->number;
}

static uint64_t read_after(uint64_t after, u_int max, uint64_t *lost)
{
	memset(&got, 0, sizeof(got));
	return events->read(events, after, 0, max, lost, on_item, NULL);
}

Test(events, none)
{
	uint64_t lost = 7;

	cr_expect_eq(events->get_last(events), 0);
	cr_expect_eq(read_after(0, 10, &lost), 0);
	cr_expect(!got.count && !lost);
	/* not from this charon: a reader goes on from what it had */
	cr_expect_eq(read_after(99, 10, &lost), 99);
	cr_expect(!got.count && !lost);
}

Test(events, in_order)
{
	uint64_t lost;

	add_many(10);
	cr_expect_eq(events->get_last(events), 10);
	cr_expect_eq(read_after(0, 4, &lost), 4);
	cr_expect(got.count == 4 && got.first == 1 && got.last == 4 && !lost);
	cr_expect_eq(read_after(4, 100, &lost), 10);
	cr_expect(got.count == 6 && got.first == 5 && !lost);
	cr_expect_eq(read_after(10, 100, &lost), 10);
	cr_expect(!got.count && !lost);
	cr_expect_eq(read_after(0, 0, &lost), 0);
	cr_expect(!got.count);
}

/** Each one that was replaced is counted as lost, and no other. */
Test(events, replaced)
{
	uint64_t lost;

	add_many(COI_EVENTS_KEPT);
	read_after(0, UINT_MAX, &lost);
	cr_expect(got.count == COI_EVENTS_KEPT && !lost);
	add_many(5);
	read_after(0, UINT_MAX, &lost);
	cr_expect(got.count == COI_EVENTS_KEPT && lost == 5 && got.first == 6);
	read_after(3, UINT_MAX, &lost);
	cr_expect(got.count == COI_EVENTS_KEPT && lost == 2 && got.first == 6);
	read_after(5, UINT_MAX, &lost);
	cr_expect(got.count == COI_EVENTS_KEPT && !lost);
}

Test(events, find_end)
{
	host_t *peer = host_create_from_string("192.0.2.1", 0);
	coi_events_item_t *item;

	cr_expect_null(events->find_end(events, peer));
	add(COI_EVENTS_CLOSED, "192.0.2.1", "first");
	add(COI_EVENTS_FAILED, "192.0.2.1", "second");
	add(COI_EVENTS_OPENED, "192.0.2.1", "no end");
	add(COI_EVENTS_CLOSED, "192.0.2.11", "another peer's");
	item = events->find_end(events, peer);
	cr_assert(item);
	cr_expect_str_eq(item->values[COI_EVENTS_TEXT], "second");
	coi_events_item_destroy(item);
	/* what was replaced is not remembered */
	add_many(COI_EVENTS_KEPT);
	cr_expect_null(events->find_end(events, peer));
	peer->destroy(peer);
}

/** A value that is set again replaces, one that is too long is cut. */
Test(events, values)
{
	coi_events_item_t *item = coi_events_begin(COI_EVENTS_LEFT);
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	coi_events_set(item, COI_EVENTS_TEXT, "%s", text);
	cr_expect_eq(strlen(item->values[COI_EVENTS_TEXT]), 1023);
	coi_events_set(item, COI_EVENTS_TEXT, "%s", "%s%n");
	cr_expect_str_eq(item->values[COI_EVENTS_TEXT], "%s%n");
	cr_expect_null(item->values[COI_EVENTS_PEER]);
	coi_events_item_destroy(item);
	coi_events_item_destroy(NULL);
}

static void on_added(void *data)
{
	/* without a lock: it may look */
	*(uint64_t*)data = events->get_last(events);
}

Test(events, listener)
{
	uint64_t last = 0;

	events->set_listener(events, on_added, &last);
	add_many(1);
	cr_expect_eq(last, 1);
	events->set_listener(events, NULL, NULL);
	add_many(1);
	cr_expect_eq(last, 1);
}

/** A reader that waits gets what there is, or nothing when its time is over or
 * nobody is to wait any more. */
Test(events, wait)
{
	uint64_t lost;

	memset(&got, 0, sizeof(got));
	cr_expect_eq(events->read(events, 0, 20, 10, &lost, on_item, NULL), 0);
	cr_expect_eq(got.count, 0);
	add_many(1);
	cr_expect_eq(events->read(events, 0, 60000, 10, &lost, on_item, NULL), 1);
	cr_expect_eq(got.count, 1);
	events->stop(events);
	cr_expect_eq(events->read(events, 1, 60000, 10, &lost, on_item, NULL), 1);
	cr_expect_eq(got.count, 1);
}
