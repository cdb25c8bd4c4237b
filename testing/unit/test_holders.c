/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "entries.h"

#include "coi_holders.h"

static coi_holders_t *holders;

static void setup()
{
	coi_test_init();
	holders = coi_holders_create();
}

static void teardown()
{
	holders->destroy(holders);
}

TestSuite(holders, .init = setup, .fini = teardown);

/** Expect an enumerator to have these, in this order, and destroy it. */
static void expect(enumerator_t *enumerator, coi_holder_t *first,
				   coi_holder_t *second)
{
	coi_holder_t *wanted[] = { first, second, NULL }, *found;
	u_int i = 0;

	while (enumerator->enumerate(enumerator, &found))
	{
		cr_assert_not_null(wanted[i]);
		cr_expect_eq(found, wanted[i]);
		i++;
	}
	enumerator->destroy(enumerator);
	cr_expect_null(wanted[i]);
}

static void expect_at(const char *addr, coi_holder_t *first,
					  coi_holder_t *second)
{
	host_t *host = host_create_from_string((char*)addr, 0);

	expect(holders->at(holders, host), first, second);
	host->destroy(host);
}

static void expect_claiming(const char *addr, coi_holder_t *first,
							coi_holder_t *second)
{
	coi_address_t own = entries_address(addr, 0);

	expect(holders->claiming(holders, &own), first, second);
}

static coi_holder_t *add(const char *other, uint16_t port)
{
	coi_holder_t *holder = entries_initiator("192.0.2.1", other, port);

	holders->add(holders, holder);
	return holder;
}

static void claim(coi_holder_t *holder, const char *own, uint16_t port)
{
	coi_address_t address = entries_address(own, port);

	holders->claim(holders, holder, &address);
}

static void drop(coi_holder_t *holder)
{
	holders->remove(holders, holder);
	entries_destroy(holder);
}

Test(holders, finds_by_ids)
{
	coi_holder_t *a = add("192.0.2.2", 4570), *b = add("2001:db8::2", 4570);
	uintptr_t id = a->entry->id;
	uint64_t spi = a->own_spi;

	cr_expect_neq(id, b->entry->id);
	cr_expect_eq(holders->get(holders, id), a);
	cr_expect_eq(holders->get(holders, b->entry->id), b);
	cr_expect_eq(holders->get_spi(holders, spi), a);
	drop(a);
	cr_expect_null(holders->get(holders, id));
	cr_expect_null(holders->get_spi(holders, spi));
	expect(holders->all(holders), b, NULL);
	/* an id is never used again */
	a = add("192.0.2.2", 4570);
	cr_expect_gt(a->entry->id, b->entry->id);
	drop(a);
	drop(b);
	expect(holders->all(holders), NULL, NULL);
}

Test(holders, finds_by_where_the_peer_is_seen)
{
	coi_holder_t *a, *b, *c;
	host_t *moved;

	a = add("192.0.2.2", 4570);
	b = add("192.0.2.2", 1024);
	c = add("2001:db8::2", 4570);
	expect_at("192.0.2.2", a, b);
	expect_at("2001:db8::2", c, NULL);
	expect_at("192.0.2.3", NULL, NULL);

	moved = host_create_from_string("192.0.2.3", 4570);
	holders->relocate(holders, a, moved);
	moved->destroy(moved);
	expect_at("192.0.2.2", b, NULL);
	expect_at("192.0.2.3", a, NULL);
	drop(a);
	expect_at("192.0.2.3", NULL, NULL);
	drop(b);
	drop(c);
	expect_at("192.0.2.2", NULL, NULL);
}

Test(holders, finds_by_what_the_peer_says)
{
	coi_holder_t *a = add("192.0.2.2", 4570), *b = add("192.0.2.3", 4570);

	expect_claiming("10.0.0.2", NULL, NULL);
	/* who has said nothing claims nothing */
	expect_claiming("::", NULL, NULL);
	claim(a, "10.0.0.2", 4570);
	expect_claiming("10.0.0.2", a, NULL);
	claim(b, "10.0.0.2", 4571);
	expect_claiming("10.0.0.2", a, b);
	cr_expect_eq(a->entry->peer_own.port, 4570);

	/* who says something else does not claim the former any more */
	claim(a, "2001:db8::2", 4570);
	expect_claiming("10.0.0.2", b, NULL);
	expect_claiming("2001:db8::2", a, NULL);
	claim(a, "2001:db8::2", 4572);
	expect_claiming("2001:db8::2", a, NULL);
	drop(a);
	expect_claiming("2001:db8::2", NULL, NULL);
	drop(b);
	expect_claiming("10.0.0.2", NULL, NULL);
}

Test(holders, follows_another_session)
{
	coi_holder_t *a = add("192.0.2.2", 4570);
	coi_holder_t *other = entries_initiator("192.0.2.1", "192.0.2.2", 4570);
	uint64_t before = a->own_spi, after = other->own_spi;
	coi_session_t *old = a->entry->session;

	holders->rename(holders, a, other->entry->session);
	other->entry->session = old;
	entries_destroy(other);
	cr_expect_null(holders->get_spi(holders, before));
	cr_expect_eq(holders->get_spi(holders, after), a);
	cr_expect_eq(a->spi_i, after);
	drop(a);
	cr_expect_null(holders->get_spi(holders, after));
}

/** More than there were buckets for. */
Test(holders, grows)
{
	coi_holder_t *list[300];
	char addr[32];
	u_int i;

	for (i = 0; i < countof(list); i++)
	{
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i / 100, i % 100 + 1);
		list[i] = add(addr, 4570);
		claim(list[i], addr, 4570);
	}
	for (i = 0; i < countof(list); i++)
	{
		snprintf(addr, sizeof(addr), "10.1.%u.%u", i / 100, i % 100 + 1);
		expect_at(addr, list[i], NULL);
		expect_claiming(addr, list[i], NULL);
		drop(list[i]);
	}
}
