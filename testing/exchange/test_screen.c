/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What is known of a datagram without its session: all that the session takes passes
 * the screen, and what the screen refuses the session refuses for the same reason.
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

#include "core/coi_screen.h"

TestSuite(screen, .init = coi_test_init);

/** Look at a datagram as the table of sessions does. */
static coi_reason_t look(const coi_session_t *session, coi_event_type_t type,
						 chunk_t datagram)
{
	coi_screen_t *screen = coi_screen_create(session);
	coi_header_t header;
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &header);
	if (reason == COI_OK)
	{
		reason = coi_screen_admits(screen, type, &header);
	}
	if (reason == COI_OK)
	{
		reason = coi_screen_verify(screen, type, &header, datagram);
	}
	coi_screen_destroy(screen);
	return reason;
}

/**
 * Deliver the next packet; both have to agree.
 *
 * @return		what the screen said, COI_OK if there was none
 */
static coi_reason_t deliver(coi_pair_t *pair)
{
	coi_packet_t *packet = pair->wire;
	coi_end_t *end = packet->to_r ? &pair->r : &pair->i;
	coi_reason_t screened = COI_OK;

	if (end->session && packet->type != COI_PDU_SESS0)
	{
		screened = look(end->session, COI_EV_SESS0 + packet->type,
						packet->datagram);
	}
	cr_assert(coi_pair_deliver(pair));
	if (screened != COI_OK)
	{
		cr_assert_eq(end->last, screened == COI_UNKNOWN_SESSION &&
								end->last == COI_STATE ? COI_STATE : screened);
	}
	return screened;
}

/** Lose what is under way. */
static void lose(coi_pair_t *pair)
{
	coi_packet_t *packet;

	while ((packet = pair->wire))
	{
		pair->wire = packet->next;
		chunk_free(&packet->datagram);
		free(packet);
	}
}

/** An exchange, of which one datagram of each type is bent and sent before it. */
static void exchange(const char *keys, bool proves)
{
	coi_pair_t *pair = coi_pair_create(keys, keys);
	static const u_int places[] = {
		/* suite, spi_i, spi_r, digest, tag, and the last octet of all */
		6, 8, 16, 24, 56, 0,
	};
	coi_packet_t *rest;
	chunk_t good, bent;
	bool to_r, tunnel;
	u_int seen = 0, i;

	if (proves)
	{
		pair->i.is = pair->r.wants = "i";
		pair->r.is = pair->i.wants = "r";
		pair->i.profile->demands = pair->r.profile->demands = TRUE;
		pair->r.profile->third = TRUE;
	}
	coi_pair_open(pair);
	while (pair->wire)
	{
		if (pair->wire->type == COI_PDU_SESS0)
		{
			cr_assert(coi_pair_deliver(pair));
			continue;
		}
		seen |= 1 << pair->wire->type;
		good = chunk_clone(pair->wire->datagram);
		to_r = pair->wire->to_r;
		tunnel = pair->wire->tunnel;
		rest = pair->wire;
		for (i = 0; i < countof(places); i++)
		{
			bent = chunk_clone(good);
			bent.ptr[places[i] ?: bent.len - 1] ^= 3;
			pair->wire = NULL;
			coi_pair_inject(pair, to_r, tunnel, bent);
			cr_expect_neq(deliver(pair), COI_OK, "place %u", places[i]);
			cr_assert_null(pair->wire);
			chunk_free(&bent);
		}
		pair->wire = rest;
		cr_expect_eq(deliver(pair), COI_OK);
		/* once more: a repeat, or an old sequence, is known by the same keys */
		rest = pair->wire;
		pair->wire = NULL;
		coi_pair_inject(pair, to_r, tunnel, good);
		deliver(pair);
		lose(pair);
		pair->wire = rest;
		chunk_free(&good);
	}
	cr_expect(coi_pair_agrees(pair));
	cr_expect(seen & (1 << COI_PDU_SESS1));
	cr_expect(seen & (1 << COI_PDU_SESS2));
	cr_expect(seen & (1 << COI_PDU_IDLE));
	cr_expect_eq(!!(seen & (1 << COI_PDU_SESS3)), proves);
	/* the end */
	coi_pair_close(pair, &pair->i, COI_TERM_TERMINATED, "bye");
	cr_assert_not_null(pair->wire);
	cr_expect_eq(deliver(pair), COI_OK);
	cr_expect_null(pair->r.session);
	coi_pair_destroy(pair);
}

Test(screen, agrees_with_the_session)
{
	exchange("lab", FALSE);
	exchange("a b c d e f g h i j", FALSE);
}

Test(screen, agrees_with_proofs)
{
	exchange("lab", TRUE);
	exchange("a b c d e f g h i j", TRUE);
}
