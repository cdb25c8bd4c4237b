/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "entries.h"

#include "session/coi_peer_match.h"

#define HOST "192.0.2.1"
#define PEER "192.0.2.2"
#define PORT 4570

static coi_checkout_t *current, *next;

static void teardown()
{
	entries_destroy(current);
	if (next)
	{
		entries_destroy(next);
	}
}

TestSuite(relation, .init = coi_test_init, .fini = teardown);

static bool is_pair(const char *me, const char *other)
{
	host_t *a = me ? host_create_from_string((char*)me, 0) : NULL;
	host_t *b = host_create_from_string((char*)other, 1);
	bool pair;

	pair = coi_peer_match_is_pair(current, a, b);
	DESTROY_IF(a);
	b->destroy(b);
	return pair;
}

Test(relation, pair)
{
	current = entries_initiator(HOST, PEER, PORT);
	cr_expect(is_pair(HOST, PEER));
	cr_expect(is_pair(NULL, PEER));
	cr_expect_not(is_pair("192.0.2.9", PEER));
	cr_expect_not(is_pair(HOST, "192.0.2.9"));
	cr_expect_not(is_pair(HOST, "2001:db8::2"));

	/* one that a newer one follows is still of use, one that ends is not */
	current->flags = COI_SESSION_SUPERSEDED | COI_SESSION_ESTABLISHED;
	cr_expect(is_pair(HOST, PEER));
	current->flags = COI_SESSION_ENDING;
	cr_expect_not(is_pair(HOST, PEER));
	current->flags = COI_SESSION_GONE;
	cr_expect_not(is_pair(NULL, PEER));
}

Test(relation, peer)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_responder(HOST, PEER, PORT, 0);
	entries_claim(current, PEER, PORT);
	entries_claim(next, PEER, PORT);
	cr_expect(coi_peer_match_is_peer(current->entry, next->entry));

	/* a NAT maps the port anew: the same one, as it says who it is */
	next->entry->other->set_port(next->entry->other, 1024);
	cr_expect(coi_peer_match_is_peer(current->entry, next->entry));

	/* another one behind the same address */
	entries_claim(next, "10.0.0.2", PORT);
	cr_expect_not(coi_peer_match_is_peer(current->entry, next->entry));
	entries_claim(next, PEER, PORT + 1);
	cr_expect_not(coi_peer_match_is_peer(current->entry, next->entry));
}

Test(relation, peer_elsewhere)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_initiator(HOST, "192.0.2.3", PORT);
	entries_claim(current, "10.0.0.2", PORT);
	entries_claim(next, "10.0.0.2", PORT);
	cr_expect_not(coi_peer_match_is_peer(current->entry, next->entry));
}

Test(relation, in_way_of_an_opening)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_initiator(HOST, PEER, PORT);
	/* one is being opened */
	cr_expect(coi_peer_match_is_in_way(current, next->entry, FALSE));
	cr_expect(coi_peer_match_is_in_way(current, next->entry, TRUE));
	/* one is open: only a rekeying begins beside it */
	current->entry->established = 1;
	cr_expect(coi_peer_match_is_in_way(current, next->entry, FALSE));
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, TRUE));
	/* it ends */
	current->flags = COI_SESSION_ENDING;
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, FALSE));
}

Test(relation, in_way_from_another_port)
{
	current = entries_responder(HOST, PEER, 1024, 0);
	current->entry->proved = TRUE;
	next = entries_initiator(HOST, PEER, PORT);
	/* who opens from there may be another peer, whom a rekeying does not wait
	 * for */
	cr_expect(coi_peer_match_is_in_way(current, next->entry, FALSE));
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, TRUE));
}

Test(relation, not_in_way_of_others)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_initiator(HOST, "192.0.2.3", PORT);
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, FALSE));
	entries_destroy(next);
	next = entries_initiator("192.0.2.9", PEER, PORT);
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, FALSE));
}

Test(relation, a_claim_is_in_nobodys_way)
{
	/* anybody who is a member may have begun it in the peer's name */
	current = entries_responder(HOST, PEER, PORT, 0);
	next = entries_initiator(HOST, PEER, PORT);
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, FALSE));
	cr_expect_not(coi_peer_match_is_in_way(current, next->entry, TRUE));
	cr_expect_not(coi_peer_match_is_genuine(current->entry));
	/* the peer itself has answered */
	current->entry->proved = TRUE;
	cr_expect(coi_peer_match_is_in_way(current, next->entry, FALSE));
	cr_expect(coi_peer_match_is_in_way(current, next->entry, TRUE));
	cr_expect(coi_peer_match_is_genuine(current->entry));
	cr_expect(coi_peer_match_is_genuine(next->entry));
}

Test(relation, time_for_a_claim)
{
	current = entries_responder(HOST, PEER, PORT, 0);
	next = entries_initiator(HOST, PEER, PORT);
	current->entry->begun = next->entry->begun = 1000;
	cr_expect_eq(coi_peer_match_wait(current, next->entry),
				 COI_PEER_MATCH_WAIT);
	/* what is left of it, never more */
	next->entry->begun += 1;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), COI_PEER_MATCH_WAIT - 1);
	next->entry->begun = 1000 + COI_PEER_MATCH_WAIT - 1;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), 1);
	next->entry->begun += 1;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), 0);
	next->entry->begun += 100000;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), 0);
	/* one that came while the opening was made has its own turn */
	next->entry->begun = 999;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), 0);
}

Test(relation, no_time_for_another_port)
{
	current = entries_responder(HOST, PEER, 1024, 0);
	next = entries_initiator(HOST, PEER, PORT);
	current->entry->begun = next->entry->begun = 1000;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), 0);
	/* nor from another own address */
	entries_destroy(current);
	current = entries_responder("192.0.2.9", PEER, PORT, 0);
	current->entry->begun = 1000;
	cr_expect_eq(coi_peer_match_wait(current, next->entry), 0);
}

Test(relation, cross_lower)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_responder(HOST, PEER, PORT, current->spi_i);
	cr_expect_eq(coi_peer_match_cross(current, next->entry), COI_OK);
	cr_expect_eq(current->ignored, 0);
	/* it costs the own opening nothing before the peer has answered in it, then it
	 * ends, whichever is lower */
	cr_expect(coi_peer_match_is_loser(current->entry, next->entry));
	cr_expect_not(coi_peer_match_is_loser(next->entry, next->entry));
	current->entry->confirmed = TRUE;
	cr_expect_not(coi_peer_match_is_loser(current->entry, next->entry));
}

Test(relation, cross_lower_from_another_port)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_responder(HOST, PEER, 1024, current->spi_i);
	cr_expect_eq(coi_peer_match_cross(current, next->entry), COI_OK);
	cr_expect_not(coi_peer_match_is_loser(current->entry, next->entry));
}

Test(relation, cross_higher)
{
	next = entries_responder(HOST, PEER, PORT, 0);
	current = entries_initiator(HOST, PEER, PORT);
	if (current->spi_i >= next->spi_i)
	{
		cr_assert(coi_session_draw_below(current->entry->session,
										 next->spi_i));
		current->own_spi = current->spi_i =
								coi_session_spi_i(current->entry->session);
	}
	cr_expect_eq(coi_peer_match_cross(current, next->entry),
				 COI_CROSSED);
	/* what it begins anew with has to be below that */
	cr_expect_eq(current->ignored, next->spi_i);

	/* it is confirmed: this is a new opening */
	current->entry->confirmed = TRUE;
	cr_expect_eq(coi_peer_match_cross(current, next->entry), COI_OK);
	/* or it is on its way out */
	current->entry->confirmed = FALSE;
	current->flags = COI_SESSION_GONE;
	cr_expect_eq(coi_peer_match_cross(current, next->entry), COI_OK);
}

Test(relation, cross_with_another_peer)
{
	current = entries_initiator(HOST, PEER, PORT);
	next = entries_responder(HOST, "192.0.2.3", PORT, current->spi_i);
	cr_expect_eq(coi_peer_match_cross(current, next->entry), COI_OK);
}

Test(relation, cross_with_an_answer)
{
	/* another part was faster */
	current = entries_responder(HOST, PEER, PORT, 0);
	cr_expect_eq(coi_peer_match_cross(current, current->entry),
				 COI_REPLAY);
	/* the peer begins anew */
	next = entries_responder(HOST, PEER, PORT, 0);
	cr_expect_eq(coi_peer_match_cross(current, next->entry), COI_OK);
}
