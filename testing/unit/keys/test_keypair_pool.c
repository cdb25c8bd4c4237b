/* SPDX-License-Identifier: GPL-2.0-or-later */

/* key pairs made ahead: lent, shared, and known again when they come back */

#include <criterion/criterion.h>

#include "coi_pair.h"
#include "keys/coi_keypair_pool.h"

#define WINDOW 300

TestSuite(keypairs, .init = coi_test_init, .fini = coi_test_deinit);

/** Let the initiator open, with a VAL of a pool or of its own. */
static void open_with(coi_pair_t *pair, coi_keypair_pool_t *pool)
{
	coi_event_t event = { .type = COI_EV_OPEN };

	pair->i.session = coi_session_create(pair->i.profile, pair->i.keys,
										 &pair->timing, &pair->i.addresses);
	cr_assert(pair->i.session);
	if (pool)
	{
		cr_assert(pool->lend_val(pool, pair->i.session));
		pool->lend_dh(pool, pair->i.session);
	}
	cr_assert_eq(coi_pair_event(pair, &pair->i, &event), COI_OK);
	cr_assert(coi_pair_deliver(pair));
	cr_assert(pair->r.session);
}

/** What comes back to the host that has lent it is told from what others sent. */
Test(keypairs, own)
{
	coi_keypair_pool_t *pool, *other;
	coi_pair_t *pair;

	pool = coi_keypair_pool_create(WINDOW);
	other = coi_keypair_pool_create(WINDOW);
	pair = coi_pair_create("alpha", "alpha");
	open_with(pair, pool);
	cr_assert(pool->is_own(pool, pair->r.session));
	cr_assert(!other->is_own(other, pair->r.session));
	other->prepare(other, coi_test_suite());
	cr_assert(!other->is_own(other, pair->r.session));
	/* with it an exchange goes on as with any other */
	coi_pair_run(pair);
	cr_assert(coi_pair_agrees(pair));
	coi_pair_destroy(pair);

	/* the next exchange has the same one */
	pair = coi_pair_create("alpha", "alpha");
	open_with(pair, pool);
	cr_assert(pool->is_own(pool, pair->r.session));
	coi_pair_destroy(pair);

	/* one that a session has made itself is nobody's */
	pair = coi_pair_create("alpha", "alpha");
	open_with(pair, NULL);
	cr_assert(!pool->is_own(pool, pair->r.session));
	coi_pair_destroy(pair);
	other->destroy(other);
	pool->destroy(pool);
}

/** A pool that was never used has nothing to wipe, and one of all suites fits. */
Test(keypairs, suites)
{
	coi_keypair_pool_t *pool = coi_keypair_pool_create(WINDOW);
	coi_pair_t *pair;
	u_int i;

	pool->destroy(pool);
	pool = coi_keypair_pool_create(WINDOW);
	for (i = 0; coi_suite_nth(i); i++)
	{
		pool->prepare(pool, coi_suite_nth(i));
		pool->prepare(pool, coi_suite_nth(i));
		/* each has a place of its own, and is known again */
		coi_test_use(coi_suite_nth(i));
		pair = coi_pair_create("alpha", "alpha");
		open_with(pair, pool);
		cr_assert(pool->is_own(pool, pair->r.session));
		coi_pair_destroy(pair);
	}
	pool->destroy(pool);
}
