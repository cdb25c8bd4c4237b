/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "entries.h"

#include "session/coi_half_open.h"
#include "session/coi_peer_match.h"

#define HOST "192.0.2.1"
#define PEER "192.0.2.2"
#define PORT 4570

/** more than any bound below */
#define MANY 40

static coi_half_open_t *halves;
static coi_checkout_t *list[MANY];
static u_int count;

static void teardown()
{
	while (count--)
	{
		halves->remove(halves, list[count]);
		entries_destroy(list[count]);
	}
	halves->destroy(halves);
}

TestSuite(halves, .init = coi_test_init, .fini = teardown);

/** Add one, return which has to go for it. */
static uintptr_t add(const char *other)
{
	coi_checkout_t *holder = entries_responder(HOST, other, PORT, 0);

	list[count++] = holder;
	holder->entry->id = count;
	halves->add(halves, holder);
	return halves->excess(halves, holder->entry->other);
}

Test(halves, the_newest_of_an_address_stay)
{
	u_int i;

	halves = coi_half_open_create(100, 3);
	for (i = 1; i <= 3; i++)
	{
		cr_expect_eq(add(PEER), 0);
	}
	/* each goes once, also if that takes its time */
	for (i = 1; i <= 10; i++)
	{
		cr_expect_eq(add(PEER), i);
	}
	/* it costs nobody else anything */
	cr_expect_eq(add("192.0.2.3"), 0);
	/* one that is gone, or shown to be genuine, makes room */
	halves->remove(halves, list[11]);
	halves->remove(halves, list[11]);
	cr_expect_eq(add(PEER), 0);
	cr_expect_eq(add(PEER), 11);
	halves->remove(halves, list[0]);
	cr_expect_eq(add(PEER), 13);
}

Test(halves, the_newest_of_all_stay)
{
	char addr[32];
	u_int i;

	halves = coi_half_open_create(10, 3);
	for (i = 1; i <= 30; i++)
	{
		snprintf(addr, sizeof(addr), "192.0.2.%u", 10 + i);
		cr_expect_eq(add(addr), i > 10 ? i - 10 : 0);
	}
	halves->remove(halves, list[29]);
	cr_expect_eq(add("192.0.2.99"), 0);
	cr_expect_eq(add("192.0.2.99"), 21);
}

Test(halves, an_opening_waits_for_one_and_no_more)
{
	coi_checkout_t *own = entries_initiator(HOST, PEER, PORT);
	coi_checkout_t *other = entries_initiator(HOST, "192.0.2.3", PORT);

	halves = coi_half_open_create(100, 3);
	cr_expect_eq(halves->wait(halves, own->entry), 0);
	/* it may be the peer's: leave it the time to show that */
	add(PEER);
	cr_expect_eq(halves->wait(halves, own->entry), COI_PEER_MATCH_WAIT);
	cr_expect_eq(halves->wait(halves, other->entry), 0);
	/* the peer does not send two: however many come, they hold up nothing */
	add(PEER);
	cr_expect_eq(halves->wait(halves, own->entry), 0);
	while (count < MANY - 1)
	{
		add(PEER);
		cr_expect_eq(halves->wait(halves, own->entry), 0);
	}
	/* another one's are nothing to it */
	add("192.0.2.3");
	cr_expect_eq(halves->wait(halves, other->entry), COI_PEER_MATCH_WAIT);
	cr_expect_eq(halves->wait(halves, own->entry), 0);
	entries_destroy(own);
	entries_destroy(other);
}
