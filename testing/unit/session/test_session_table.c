/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the table of sessions: who has one, who finds it, and what is remembered for
 * whoever is not waited for */

#include <criterion/criterion.h>

#include "entries.h"
#include "fake_timer.h"
#include "session/coi_session_table.h"

#define HOST "192.0.2.1"
#define PEER "192.0.2.2"
#define PORT 4570

static coi_session_table_t *table;
static host_t *me, *other;

static void setup()
{
	coi_test_init();
	table = coi_session_table_create(10, 5);
	me = host_create_from_string(HOST, 0);
	other = host_create_from_string(PEER, 0);
}

static void teardown()
{
	table->destroy(table);
	me->destroy(me);
	other->destroy(other);
}

TestSuite(session_table, .init = setup, .fini = teardown);

/** Make an entry that is in no table. */
static coi_session_entry_t *make(const char *peer)
{
	coi_checkout_t *holder = entries_initiator(HOST, peer, PORT);
	coi_session_entry_t *entry = holder->entry;

	coi_checkout_destroy(holder);
	return entry;
}

/** Free one that is in no table any more. */
static void free_entry(coi_session_entry_t *entry)
{
	entries_destroy(coi_checkout_create(entry));
}

/** Add an initiator's session, checked out. */
static coi_session_entry_t *add(const char *peer)
{
	coi_session_entry_t *entry = make(peer);
	u_int wait;

	cr_assert_eq(table->add_initiator(table, entry, FALSE, &wait), 0);
	cr_assert(entry->id);
	return entry;
}

/** Take a checked out one out of the table. */
static void end(coi_session_entry_t *entry)
{
	table->remove(table, entry);
	free_entry(entry);
}

static void checkin(coi_session_entry_t *entry)
{
	coi_work_t *next;

	cr_assert_eq(table->checkin(table, entry, &next), 0);
	cr_assert_null(next);
}

static void count(void *data, const coi_session_entry_t *entry)
{
	(*(u_int*)data)++;
}

Test(session_table, one_for_a_pair)
{
	coi_session_entry_t *first = add(PEER), *second = make(PEER), *third;
	u_int wait;

	cr_expect_eq(table->add_initiator(table, second, FALSE, &wait), first->id);
	cr_expect_eq(table->add_initiator(table, second, TRUE, &wait), first->id,
				 "nor beside one that is being opened");
	free_entry(second);
	third = add("192.0.2.3");
	cr_expect_neq(third->id, first->id);
	end(first);
	end(third);
}

/** Beside one that is open another may be opened, by force. */
Test(session_table, rekeying)
{
	coi_session_entry_t *first = add(PEER), *second = make(PEER);
	u_int wait, pairs = 0;

	table->set_flag(table, first->id, COI_SESSION_ESTABLISHED);
	cr_expect_eq(first->established, fake_timer.now);
	cr_expect_eq(table->add_initiator(table, second, FALSE, &wait), first->id);
	cr_expect_eq(table->add_initiator(table, second, TRUE, &wait), 0);
	table->for_pair(table, me, other, count, &pairs);
	cr_expect_eq(pairs, 2);
	cr_expect_eq(table->find_pair(table, me, other), first->id);
	end(first);
	end(second);
	cr_expect_eq(table->find_pair(table, me, other), 0);
}

Test(session_table, checkout)
{
	coi_session_entry_t *entry = add(PEER);
	uintptr_t id = entry->id;
	coi_work_t *next;

	cr_expect_null(table->try_checkout(table, id, 0));
	cr_expect_eq(table->checkin(table, entry, &next), 0);
	cr_expect_eq(table->try_checkout(table, id, 0), entry);
	/* whoever has it is told what was asked for meanwhile, and has it still */
	cr_expect_null(table->try_checkout(table, id, COI_TERM_KEY_REMOVED));
	cr_expect_null(table->try_checkout(table, id, 0));
	cr_expect_eq(table->checkin(table, entry, &next), COI_TERM_KEY_REMOVED);
	cr_expect_null(next);
	cr_expect_null(table->try_checkout(table, id, 0));
	checkin(entry);
	cr_expect_eq(table->checkout(table, id), entry);
	end(entry);
	cr_expect_null(table->checkout(table, id));
	cr_expect_null(table->try_checkout(table, id, COI_TERM_KEY_REMOVED));
}

Test(session_table, flags)
{
	coi_session_entry_t *entry = add(PEER);
	uintptr_t id = entry->id;

	cr_expect_not(table->has_flag(table, id, COI_SESSION_GONE));
	table->set_flag(table, id, COI_SESSION_GONE);
	cr_expect(table->has_flag(table, id, COI_SESSION_GONE));
	cr_expect_not(table->has_flag(table, id, COI_SESSION_ENDING));
	table->set_flag(table, id, COI_SESSION_ENDING);
	cr_expect(table->has_flag(table, id, COI_SESSION_GONE));
	end(entry);
	/* of one that is gone nothing is known, and nothing is noted */
	table->set_flag(table, id, COI_SESSION_GONE);
	cr_expect_not(table->has_flag(table, id, COI_SESSION_GONE));
	cr_expect_not(table->has_flag(table, 0, COI_SESSION_GONE));
}

Test(session_table, ended_is_not_found)
{
	coi_session_entry_t *entry = add(PEER);

	checkin(entry);
	cr_expect_eq(table->find_pair(table, me, other), entry->id);
	table->set_flag(table, entry->id, COI_SESSION_ENDING);
	cr_expect_eq(table->find_pair(table, me, other), 0);
	cr_expect_eq(table->checkout(table, entry->id), entry, "but by its id");
	end(entry);
}

Test(session_table, enumerated)
{
	coi_session_entry_t *a = add(PEER), *b = add("192.0.2.3");
	coi_addresses_t said = {
		.own = entries_address("10.0.0.1", 7),
	};
	u_int pair = 0, any = 0, own = 0, every = 0;

	table->set_peer(table, a, &said);
	said.own.port = 9;
	table->for_pair(table, me, other, count, &pair);
	table->for_pair(table, NULL, other, count, &any);
	table->for_own(table, &said.own, count, &own);
	table->for_all(table, count, &every);
	cr_expect(pair == 1 && any == 1 && own == 1 && every == 2);
	table->for_pair(table, other, other, count, &pair);
	cr_expect_eq(pair, 1, "not from another address");
	end(a);
	table->for_own(table, &said.own, count, &own);
	cr_expect_eq(own, 1);
	end(b);
	table->for_all(table, count, &every);
	cr_expect_eq(every, 2);
}

Test(session_table, relocated)
{
	coi_session_entry_t *entry = add(PEER);
	host_t *new = host_create_from_string("192.0.2.7", 99);

	table->relocate(table, entry, new);
	cr_expect(entry->other->equals(entry->other, new));
	cr_expect_eq(table->find_pair(table, me, other), 0);
	cr_expect_eq(table->find_pair(table, me, new), entry->id);
	end(entry);
	cr_expect_eq(table->find_pair(table, me, new), 0);
	new->destroy(new);
}

static coi_share_t one_share(coi_connection_t *conn)
{
	return (coi_share_t){
		.conn = coi_connection_get_ref(conn),
	};
}

Test(session_table, shares)
{
	coi_session_entry_t *entry = add(PEER);
	coi_connection_t conn = { .refcount = 1 };
	coi_share_t share = one_share(&conn);
	array_t *list = coi_share_list_create();

	array_insert(list, ARRAY_TAIL, &share);
	table->set_shares(table, entry, list);
	cr_expect_eq(entry->shares, list);
	cr_expect_eq(conn.refcount, 2);
	table->set_shares(table, entry, NULL);
	cr_expect_null(entry->shares);
	cr_expect_eq(conn.refcount, 1, "the old ones are freed");
	end(entry);
}

Test(session_table, waited_for)
{
	coi_session_entry_t *entry = add(PEER);
	uintptr_t id = entry->id;

	cr_expect_eq(table->wait(table, id, 10), COI_OPENING_TIMEOUT);
	table->set_flag(table, id, COI_SESSION_ESTABLISHED);
	cr_expect_eq(table->wait(table, id, 0), COI_OPENING_OPENED);
	cr_expect_eq(table->wait(table, id, 10), COI_OPENING_OPENED);
	end(entry);
	cr_expect_eq(table->wait(table, id, 0), COI_OPENING_FAILED);
}

/** How it ended is told to those who waited before it was gone. */
Test(session_table, result)
{
	coi_opening_result_t *result = coi_opening_result_create();

	coi_opening_result_set(result, COI_OPENING_FAILED);
	coi_opening_result_set(result, COI_OPENING_OPENED);
	cr_expect_eq(coi_opening_result_wait(coi_opening_result_get_ref(result), 0),
				 COI_OPENING_FAILED, "what is said first counts");
	coi_opening_result_destroy(result);
}
