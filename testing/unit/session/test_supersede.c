/* SPDX-License-Identifier: GPL-2.0-or-later */

/* which of several open sessions with a peer stays, and when the others end */

#include <criterion/criterion.h>

#include "entries.h"
#include "fake_timer.h"
#include "session/coi_supersede.h"

#include <daemon.h>

#define SESSIONS 5

/** sessions in the table, with their flags */
static struct {
	coi_session_entry_t entry;
	coi_session_flag_t flags;
	coi_tunnel_t tunnel;
	ike_sa_id_t *id;
} all[SESSIONS];
static u_int count;

/** what was armed, by the id of a session */
static struct {
	u_int how;
	u_int delay;
	bool armed;
} ends[SESSIONS + 1];

static host_t *own, *left, *other;

static ike_sa_id_t *get_id(coi_tunnel_t *this)
{
	u_int i;

	for (i = 0; &all[i].tunnel != this; i++)
	{
	}
	return all[i].id;
}

static void for_pair(coi_session_table_t *this, host_t *me, host_t *peer,
					 coi_session_table_cb_t cb, void *data)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (all[i].entry.other->ip_equals(all[i].entry.other, peer))
		{
			cb(data, &all[i].entry);
		}
	}
}

static bool has_flag(coi_session_table_t *this, uintptr_t id,
					 coi_session_flag_t flag)
{
	return all[id - 1].flags & flag;
}

static void set_flag(coi_session_table_t *this, uintptr_t id,
					 coi_session_flag_t flag)
{
	all[id - 1].flags |= flag;
}

static coi_session_table_t table = {
	.for_pair = for_pair,
	.has_flag = has_flag,
	.set_flag = set_flag,
};

static bool get_interface(kernel_interface_t *this, host_t *host, char **name)
{
	return host->ip_equals(host, own);
}

static kernel_interface_t kernel = {
	.get_interface = get_interface,
};

static daemon_t fake_daemon;

static void on_end(void *data, uintptr_t id, u_int generation)
{
}

static void setup()
{
	coi_test_init();
	fake_daemon.kernel = &kernel;
	charon = &fake_daemon;
	own = host_create_from_string("192.0.2.1", 0);
	left = host_create_from_string("192.0.2.9", 0);
	other = host_create_from_string("192.0.2.2", 0);
}

static void teardown()
{
	while (count--)
	{
		all[count].id->destroy(all[count].id);
	}
	own->destroy(own);
	left->destroy(left);
	other->destroy(other);
}

TestSuite(supersede, .init = setup, .fini = teardown);

/** Add an established session of the pair; the order says when it began. */
static coi_session_entry_t *add(host_t *me, uintptr_t order, bool initiator)
{
	coi_session_entry_t *entry = &all[count].entry;

	all[count].tunnel.get_id = get_id;
	all[count].id = ike_sa_id_create(IKEV2_MAJOR_VERSION, count + 1, 1, TRUE);
	*entry = (coi_session_entry_t){
		.id = count + 1,
		.order = order,
		.me = me,
		.other = other,
		.initiator = initiator,
		.established = 1,
		.tunnel = &all[count].tunnel,
		.peer_own = entries_address("192.0.2.2", 0),
	};
	count++;
	return entry;
}

/** How a session is to end: after a time of ms, 0 at once, -1 not at all. */
static int end_of(const coi_session_entry_t *entry)
{
	return ends[entry->id].armed ? (int)ends[entry->id].delay : -1;
}

/** Let a new session take the place of others. */
static void begin(const coi_session_entry_t *entry)
{
	u_int i, before;

	/* the timer knows the last one only: one by one */
	for (i = 0; i < count; i++)
	{
		before = fake_timer.count;
		coi_supersede_begin(&table, entry, on_end, NULL);
		if (fake_timer.count == before)
		{
			break;
		}
		ends[fake_timer.id].armed = TRUE;
		ends[fake_timer.id].how = fake_timer.generation;
		ends[fake_timer.id].delay = fake_timer.delay;
		cr_assert_eq(fake_timer.count, before + 1);
	}
}

static bool find(const coi_session_entry_t *entry, uint64_t *spi)
{
	ike_sa_id_t *id;
	bool stale;

	*spi = 0;
	id = coi_supersede_find(&table, entry, &stale);
	if (id)
	{
		*spi = id->get_initiator_spi(id);
		id->destroy(id);
	}
	return stale;
}

Test(supersede, alone)
{
	coi_session_entry_t *only = add(own, 1, TRUE);
	uint64_t spi;

	only->established = 0;
	cr_expect_not(find(only, &spi));
	cr_expect_eq(spi, 0);
	only->established = 1;
	begin(only);
	cr_expect_eq(end_of(only), -1);
}

Test(supersede, newer)
{
	coi_session_entry_t *old = add(own, 1, TRUE), *new = add(own, 2, TRUE);
	uint64_t spi;

	new->established = 0;
	cr_expect_not(find(new, &spi));
	cr_expect_eq(spi, 1, "users see a rekeying of it");
	new->established = 1;
	begin(new);
	cr_expect_eq(end_of(old), 5000);
	cr_expect_eq(ends[1].how, COI_SUPERSEDED);
	cr_expect_eq(end_of(new), -1);
	/* once is enough */
	begin(new);
	cr_expect_eq(fake_timer.count, 1);
}

/** Whoever answered waits longer, for the TERM of whoever opened. */
Test(supersede, responder)
{
	coi_session_entry_t *old = add(own, 1, FALSE), *new = add(own, 2, TRUE);

	begin(new);
	cr_expect_eq(end_of(old), 6000);
}

/** One that began later and was faster stays: the one that comes now ends. */
Test(supersede, overtaken)
{
	coi_session_entry_t *fast = add(own, 9, TRUE), *slow = add(own, 2, FALSE);
	uint64_t spi;

	slow->established = 0;
	cr_expect(find(slow, &spi));
	slow->established = 1;
	begin(slow);
	cr_expect_eq(end_of(fast), -1);
	cr_expect_eq(end_of(slow), 6000);
}

/** From an address that is gone it ends at once; from one that is used, too, it
 * does not. */
Test(supersede, moved)
{
	coi_session_entry_t *old = add(left, 1, TRUE), *new = add(own, 2, TRUE);
	uint64_t spi;

	cr_expect_not(find(new, &spi));
	begin(new);
	cr_expect_eq(end_of(old), 0);
	cr_expect_eq(ends[1].how, COI_MOVED);
	cr_expect_eq(end_of(new), -1);
}

Test(supersede, several_addresses)
{
	coi_session_entry_t *old = add(own, 1, TRUE), *new = add(left, 2, TRUE);

	begin(new);
	cr_expect_eq(end_of(old), -1);
	/* unless it is being left */
	old->moving = TRUE;
	begin(new);
	cr_expect_eq(end_of(old), 0);
}

/** Another peer behind the same address, and what is not open, stays. */
Test(supersede, others)
{
	coi_session_entry_t *another = add(own, 1, TRUE), *half = add(own, 2, TRUE),
						*new = add(own, 3, TRUE);

	another->peer_own = entries_address("10.0.0.7", 0);
	half->established = 0;
	begin(new);
	cr_expect_eq(end_of(another), -1);
	cr_expect_eq(end_of(half), -1);
	cr_expect_eq(end_of(new), -1);
}
