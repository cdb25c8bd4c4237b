/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Whom an end tells that it closes.
 *
 *   i  initiator, r  responder, -->  arrives, --x  is lost, ==>  through the tunnel
 */

#include <criterion/criterion.h>

#include "coi_pair.h"

TestSuite(close, .init = coi_test_init);

Test(close, term)
{
	static const coi_term_t terms[] = {
		COI_TERM_TERMINATED, COI_TERM_SHUTDOWN, COI_TERM_IDLE,
		COI_TERM_KEY_REMOVED, COI_TERM_IDENTITY, COI_TERM_SUPERSEDED,
		COI_TERM_FAILED,
	};
	coi_pair_t *pair;
	coi_end_t *from, *to;
	u_int i;

	for (i = 0; i < countof(terms); i++)
	{
		pair = coi_pair_create("lab", "lab");
		from = i % 2 ? &pair->i : &pair->r;
		to = i % 2 ? &pair->r : &pair->i;
		cr_assert(coi_pair_establish(pair));
		coi_pair_close(pair, from, terms[i], "bye");
		cr_assert_null(from->session);
		cr_assert_not_null(to->session);
		coi_pair_run(pair);
		cr_assert_null(to->session);
		cr_expect_eq(to->reason, COI_OK);
		cr_expect_eq(to->term, terms[i]);
		cr_expect_str_eq(to->text, "bye");
		/* never answered */
		cr_expect_eq(pair->sent[0][COI_PDU_TERM] + pair->sent[1][COI_PDU_TERM],
					 1);
		coi_pair_destroy(pair);
	}
}

Test(close, closing_before_it_is_open_tells_nobody)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	coi_pair_close(pair, &pair->i, COI_TERM_TERMINATED, NULL);
	coi_pair_close(pair, &pair->r, COI_TERM_TERMINATED, NULL);
	coi_pair_run(pair);
	cr_expect_eq(pair->sent[0][COI_PDU_TERM] + pair->sent[1][COI_PDU_TERM], 0);
	cr_expect_eq(pair->i.refused[COI_UNKNOWN_SESSION], 1, "the Sess1");
	coi_pair_destroy(pair);
}
