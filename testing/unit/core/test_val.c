/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Key pairs that are made ahead: VAL pairs that several exchanges share, DH pairs
 * that one takes.
 */

#include <criterion/criterion.h>

#include "steps.h"

TestSuite(val, .init = coi_test_init);

Test(val, pair)
{
	uint8_t signature[COI_MAX_SIG];
	chunk_t data = chunk_from_str("data");
	coi_val_t *val, *ref;

	val = coi_val_create(SUITE);
	cr_assert(val);
	ref = coi_val_get_ref(val);
	coi_val_destroy(val);
	cr_assert(coi_suite_sign(SUITE, ref->key, data, signature));
	cr_assert(coi_suite_verify(SUITE, chunk_create(ref->public, SUITE->val_len),
							   data, chunk_create(signature, SUITE->sig_len)));
	coi_val_destroy(ref);
	coi_val_destroy(NULL);
	cr_assert_null(coi_val_create_of(SUITE, NULL));
}

/**
 * Go through an exchange of which both ends were given a VAL pair.
 */
static void exchange_with(coi_val_t *val[2])
{
	run_t run;
	u_int i;

	run = begin(I_CREATED);
	coi_session_set_val(run.session[0], val[0]);
	while (run.stage < R_GOT_SESS0)
	{
		advance(&run);
	}
	coi_session_set_val(run.session[1], val[1]);
	while (run.stage < I_GOT_IDLE)
	{
		advance(&run);
	}
	for (i = 0; i < 2; i++)
	{
		cr_assert_eq(run.session[i]->val, val[i]);
		cr_assert(memeq(run.session[i]->peer_val, val[!i]->public,
						SUITE->val_len));
	}
	/* TERM is signed with it too */
	advance(&run);
	end(&run);
}

Test(val, shared)
{
	coi_val_t *val[] = { coi_val_create(SUITE), coi_val_create(SUITE) };

	exchange_with(val);
	exchange_with(val);
	cr_assert_eq(val[0]->refcount, 1);
	cr_assert_eq(val[1]->refcount, 1);
	coi_val_destroy(val[0]);
	coi_val_destroy(val[1]);
}

Test(val, own_is_kept)
{
	const coi_suite_t *other = coi_suite_nth(SUITE == coi_suite_nth(0));
	coi_val_t *val[] = { coi_val_create(SUITE), coi_val_create(other) }, *own;
	run_t run;

	/* one of another suite is none */
	run = begin(I_CREATED);
	coi_session_set_val(run.session[0], val[1]);
	cr_assert_null(run.session[0]->val);
	/* once a message was signed it is too late */
	advance(&run);
	own = run.session[0]->val;
	cr_assert(own);
	coi_session_set_val(run.session[0], val[0]);
	cr_assert_eq(run.session[0]->val, own);
	end(&run);
	cr_assert_eq(val[0]->refcount, 1);
	coi_val_destroy(val[0]);
	coi_val_destroy(val[1]);
}

/**
 * Give a session a DH pair.
 *
 * @param value		receives its public value
 */
static void lend(coi_session_t *session, const coi_suite_t *suite,
				 uint8_t value[COI_MAX_DH])
{
	key_exchange_t *dh;

	dh = coi_suite_ke_create(suite);
	cr_assert(dh && coi_suite_ke_make(suite, dh, value));
	coi_session_set_dh(session, dh);
}

Test(val, dh_is_used)
{
	uint8_t values[2][COI_MAX_DH], value[COI_MAX_DH];
	run_t run;

	run = begin(R_GOT_SESS0);
	cr_assert(coi_session_wants_dh(run.session[1]));
	lend(run.session[1], SUITE, values[1]);
	cr_assert_not(coi_session_wants_dh(run.session[1]));
	/* a second one is not wanted */
	lend(run.session[1], SUITE, value);
	advance(&run);
	cr_assert_eq(run.stage, R_SENT_SESS1);
	cr_assert(coi_suite_ke_make(SUITE, run.session[1]->exchange->dh, value));
	cr_assert(memeq(value, values[1], SUITE->value_len[COI_RESPONDER]));
	cr_assert_null(run.session[1]->exchange->spare);

	cr_assert(coi_session_wants_dh(run.session[0]));
	lend(run.session[0], SUITE, values[0]);
	advance(&run);
	cr_assert_eq(run.stage, I_GOT_SESS1);
	cr_assert(chunk_equals(coi_session_tied(run.session[0], COI_TIE_DH_I),
						   chunk_create(values[0],
										SUITE->value_len[COI_INITIATOR])));
	cr_assert_null(run.session[0]->exchange->spare);
	cr_assert_not(coi_session_wants_dh(run.session[0]));
	while (run.stage < I_GOT_IDLE)
	{
		advance(&run);
	}
	cr_assert_not(coi_session_wants_dh(run.session[0]));
	lend(run.session[0], SUITE, value);
	end(&run);
}

Test(val, dh_of_another_suite)
{
	const coi_suite_t *other = coi_suite_nth(SUITE == coi_suite_nth(0));
	uint8_t value[COI_MAX_DH];
	run_t run;

	run = begin(R_GOT_SESS0);
	lend(run.session[1], other, value);
	cr_assert(coi_session_wants_dh(run.session[1]));
	advance(&run);
	cr_assert_eq(run.stage, R_SENT_SESS1);
	end(&run);
}
