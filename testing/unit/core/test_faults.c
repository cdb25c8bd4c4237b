/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Algorithms that cannot be had in the middle of an exchange: each step, with the
 * first, second, .. of those that it asks for missing. Either the step is refused
 * and the session as it was, or the session ends. With sanitizers this also shows
 * that nothing is leaked or freed twice on the way out.
 */

#include <criterion/criterion.h>

#include "steps.h"

#include "core/coi_sess0.h"

/** how many algorithms are to be had before one is not; 0: all */
static u_int fail_at;
static u_int asked;
/** an algorithm asks for another one: no business of ours */
static bool inside;

static crypto_factory_t real;

/** Whether to say that there is none. */
static bool is_missing(void)
{
	return !inside && !step_outside && ++asked == fail_at;
}

static hasher_t *create_hasher(crypto_factory_t *this, hash_algorithm_t algo)
{
	return is_missing() ? NULL : real.create_hasher(this, algo);
}

static signer_t *create_signer(crypto_factory_t *this,
							   integrity_algorithm_t algo)
{
	return is_missing() ? NULL : real.create_signer(this, algo);
}

static aead_t *create_aead(crypto_factory_t *this, encryption_algorithm_t algo,
						   size_t key, size_t salt)
{
	aead_t *aead;

	if (is_missing())
	{
		return NULL;
	}
	inside = TRUE;
	aead = real.create_aead(this, algo, key, salt);
	inside = FALSE;
	return aead;
}

static prf_t *create_prf(crypto_factory_t *this, pseudo_random_function_t algo)
{
	return is_missing() ? NULL : real.create_prf(this, algo);
}

static rng_t *create_rng(crypto_factory_t *this, rng_quality_t quality)
{
	return is_missing() ? NULL : real.create_rng(this, quality);
}

static void setup(void)
{
	coi_test_init();
	real = *lib->crypto;
	lib->crypto->create_hasher = create_hasher;
	lib->crypto->create_signer = create_signer;
	lib->crypto->create_aead = create_aead;
	lib->crypto->create_prf = create_prf;
	lib->crypto->create_rng = create_rng;
}

TestSuite(faults, .init = setup);

/**
 * Try one step with one algorithm missing.
 *
 * @return			FALSE if the step asks for fewer
 */
static bool try_fault(stage_t stage, bool third, u_int nth)
{
	run_t run = begin_before(stage, third);
	snapshot_t before[2];
	coi_reason_t reason;
	bool hit;
	u_int i;

	for (i = 0; i < 2; i++)
	{
		if (run.session[i])
		{
			take(run.session[i], &before[i]);
		}
	}
	asked = 0;
	fail_at = nth;
	reason = try_advance(&run);
	hit = asked >= nth;
	fail_at = 0;
	cr_assert(!hit || reason != COI_OK || stage == BOTH_CLOSED ||
			  (run.actions.count == 1 &&
			   run.actions.list[0].type == COI_ACT_CLOSED &&
			   run.actions.list[0].reason == COI_INTERNAL),
			  "stage %u goes on without number %u", stage, nth);
	if (reason != COI_OK)
	{
		for (i = 0; i < 2; i++)
		{
			if (run.session[i] && run.stage >= (i ? R_GOT_SESS0 : I_CREATED))
			{
				cr_assert_eq(run.session[i]->state, before[i].session.state);
				/* Z may have been agreed on, segments thrown away: nothing that
				 * can be seen, and the exchange still completes */
				cr_assert(stage == I_GOT_SESS1 || stage == R_GOT_SESS2 ||
						  stage == I_GOT_SESS3 ||
						  unchanged(run.session[i], &before[i]),
						  "stage %u, number %u", stage, nth);
			}
		}
		while (run.stage < I_GOT_IDLE)
		{
			advance(&run);
		}
	}
	end(&run);
	return hit;
}

Test(faults, every_algorithm_missing_once_in_every_step)
{
	u_int total = 0, third, nth;
	stage_t stage;

	for (third = 0; third < 2; third++)
	{
		for (stage = I_CREATED; stage < BOTH_CLOSED; stage++)
		{
			for (nth = 1; has_stage(stage, third) &&
						  try_fault(stage, third, nth); nth++)
			{
				total++;
			}
		}
	}
	cr_assert_gt(total, 100);
}

Test(faults, making_and_opening_of_a_term)
{
	static const uint16_t indexes[] = { 1 };
	coi_event_t event = {
		.type = COI_EV_CLOSE, .tell = TRUE, .term = COI_TERM_SHUTDOWN,
		.indexes = indexes,
	};
	snapshot_t before;
	chunk_t term;
	u_int nth;
	run_t run;

	for (event.index_count = 0; event.index_count < 2; event.index_count++)
	{
		/* who cannot say goodbye leaves without a word */
		for (nth = 1; nth < 20; nth++)
		{
			run = begin(I_GOT_IDLE);
			asked = 0;
			fail_at = nth;
			cr_assert_eq(step(&run, TRUE, &event), COI_OK);
			fail_at = 0;
			cr_assert_eq(run.actions.list[run.actions.count - 1].type,
						 event.index_count ? COI_ACT_DROPPED : COI_ACT_CLOSED);
			cr_assert_eq(run.session[0]->agreement.list[1].used,
						 !event.index_count);
			if (asked < nth)
			{
				cr_assert_eq(run.actions.count, 2);
				break;
			}
			cr_assert_eq(run.actions.count, 1);
			end(&run);
		}
		cr_assert_gt(nth, 1);
		term = chunk_clone(run.actions.list[0].datagrams[0]);
		take(run.session[1], &before);
		for (nth = 1; nth < 20; nth++)
		{
			asked = 0;
			fail_at = nth;
			if (step_datagram(&run, FALSE, term) == COI_OK)
			{
				break;
			}
			cr_assert(unchanged(run.session[1], &before));
		}
		cr_assert_gt(nth, 1);
		fail_at = 0;
		chunk_free(&term);
		end(&run);
	}
}

Test(faults, keys_and_gate)
{
	coi_suite_t const *suite = coi_test_suite();
	uint8_t secret[COI_KEY_LEN] = { 1 };
	coi_key_t *key;
	u_int nth;

	for (nth = 1; nth < 20; nth++)
	{
		asked = 0;
		fail_at = nth;
		key = coi_key_create(suite, "lab", 0, chunk_from_thing(secret));
		cr_assert_eq(!key, asked >= nth);
		coi_key_destroy(key);
		if (asked < nth)
		{
			break;
		}
	}
	cr_assert_gt(nth, 3);
	fail_at = 0;
}

Test(faults, a_gate_without_hash_lets_nothing_pass)
{
	run_t run = begin(I_SENT_SESS0);
	coi_end_t *end_r = &run.pair->r;
	coi_gate_match_t match;
	coi_header_t header;
	coi_gate_t *gate;

	asked = 0;
	/* the gate has one hash for each suite, in their order */
	fail_at = SUITE->id;
	gate = coi_gate_create(COI_DEFAULT_WINDOW, 10, COI_TEST_WALL);
	fail_at = 0;
	cr_assert_eq(coi_header_decode(run.sent[COI_PDU_SESS0], &header), COI_OK);
	cr_assert(!gate ||
			  coi_gate_check(gate, &header, run.sent[COI_PDU_SESS0],
							 (const uint8_t(*)[COI_ADDR_LEN])end_r->addr, 1,
							 COI_TEST_WALL + 1000, end_r->keys, &match) ==
			  COI_INTERNAL);
	coi_gate_destroy(gate);
	end(&run);
}
