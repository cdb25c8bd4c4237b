/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * A key exchange that is not symmetric: a suite whose DH_R is a public key and
 * whose DH_I is a ciphertext, as long as ML-KEM-768's where a message may need
 * several datagrams. It is a row and a key exchange that libstrongswan's factory
 * knows; nothing else is told of it. The KEM keeps nothing secret, but is strict
 * about who does what.
 */

#include <criterion/criterion.h>

#include "steps.h"

/** of the range for private use */
#define TOY_KEM 65001

#define TOY_PUBLIC toy.value_len[COI_RESPONDER]
#define TOY_CIPHERTEXT toy.value_len[COI_INITIATOR]
#define TOY_SECRET 32

typedef struct {
	key_exchange_t public;
	/** own private key, drawn when its public key is asked for */
	uint8_t private[TOY_SECRET];
	bool made;
	/** the peer's public key was answered, with that */
	uint8_t drawn[TOY_SECRET];
	bool answered;
	uint8_t z[TOY_SECRET];
	bool agreed;
} toy_t;

/** values that were refused for what is in them */
static u_int refused;

/** the next value is refused */
static bool refuse;

/** row of the suite, what it does not say is the used suite's */
static coi_suite_t toy;

/**
 * A secret as a value: what follows it is to be there, too.
 */
static chunk_t put_value(const uint8_t *secret, size_t len)
{
	chunk_t value = chunk_alloc(len);

	memset(value.ptr, 0xa5, len);
	memcpy(value.ptr, secret, TOY_SECRET);
	return value;
}

static bool take_value(chunk_t value, uint8_t *secret)
{
	size_t i;

	for (i = TOY_SECRET; i < value.len; i++)
	{
		if (value.ptr[i] != 0xa5)
		{
			return FALSE;
		}
	}
	if (refuse)
	{
		refuse = FALSE;
		refused++;
		return FALSE;
	}
	memcpy(secret, value.ptr, TOY_SECRET);
	return TRUE;
}

/** Z of a public key and a ciphertext. */
static bool agree(toy_t *this, const uint8_t *public, const uint8_t *drawn)
{
	u_int i;

	for (i = 0; i < TOY_SECRET; i++)
	{
		this->z[i] = public[i] ^ (drawn[i] * 3);
	}
	this->agreed = TRUE;
	return TRUE;
}

METHOD(key_exchange_t, get_public_key, bool,
	toy_t *this, chunk_t *value)
{
	if (this->answered)
	{
		*value = put_value(this->drawn, TOY_CIPHERTEXT);
		return TRUE;
	}
	if (!this->made && !coi_suite_random(this->private, TOY_SECRET))
	{
		return FALSE;
	}
	this->made = TRUE;
	*value = put_value(this->private, TOY_PUBLIC);
	return TRUE;
}

METHOD(key_exchange_t, set_public_key, bool,
	toy_t *this, chunk_t value)
{
	uint8_t secret[TOY_SECRET];

	if (this->made)
	{
		return value.len == TOY_CIPHERTEXT && take_value(value, secret) &&
			   agree(this, this->private, secret);
	}
	if (value.len != TOY_PUBLIC || !take_value(value, secret) ||
		!coi_suite_random(this->drawn, TOY_SECRET))
	{
		return FALSE;
	}
	this->answered = TRUE;
	return agree(this, secret, this->drawn);
}

METHOD(key_exchange_t, get_shared_secret, bool,
	toy_t *this, chunk_t *secret)
{
	if (!this->agreed)
	{
		return FALSE;
	}
	*secret = chunk_clone(chunk_from_thing(this->z));
	return TRUE;
}

METHOD(key_exchange_t, get_method, key_exchange_method_t,
	toy_t *this)
{
	return TOY_KEM;
}

METHOD(key_exchange_t, destroy, void,
	toy_t *this)
{
	free(this);
}

static key_exchange_t *toy_create(key_exchange_method_t method, ...)
{
	toy_t *this;

	INIT(this,
		.public = {
			.get_public_key = _get_public_key,
			.set_public_key = _set_public_key,
			.get_shared_secret = _get_shared_secret,
			.get_method = _get_method,
			.destroy = _destroy,
		},
	);
	return &this->public;
}

static void setup(void)
{
	coi_test_init();
	cr_assert(lib->crypto->add_ke(lib->crypto, TOY_KEM, "test", toy_create));
	toy = *SUITE;
	toy.dh = TOY_KEM;
	toy.kem = TRUE;
	toy.direct = FALSE;
	toy.weak_dh = FALSE;
	toy.value_len[COI_INITIATOR] = 1088;
	toy.value_len[COI_RESPONDER] = 1184;
	coi_test_use(&toy);
}

/** For steps that know messages of one datagram only. */
static void make_short(void)
{
	toy.value_len[COI_INITIATOR] = 72;
	toy.value_len[COI_RESPONDER] = 112;
}

TestSuite(kem, .init = setup);

Test(kem, make_answer_take)
{
	uint8_t public[COI_MAX_DH], ciphertext[COI_MAX_DH], again[COI_MAX_DH];
	key_exchange_t *x = coi_suite_ke_create(&toy);
	key_exchange_t *y = coi_suite_ke_create(&toy);
	chunk_t z, same;

	cr_assert(x && y);
	cr_assert(coi_suite_ke_make(&toy, x, public));
	cr_assert_eq(coi_suite_ke_answer(&toy, y,
									 chunk_create(public, TOY_PUBLIC),
									 ciphertext, &same), COI_OK);
	cr_assert(coi_suite_ke_take(&toy, x,
								chunk_create(ciphertext, TOY_CIPHERTEXT), &z));
	cr_expect(chunk_equals(z, same));
	cr_expect_eq(z.len, TOY_SECRET);
	chunk_clear(&z);
	chunk_clear(&same);
	/* no value of the other role, and nothing that is cut off */
	cr_expect_not(coi_suite_ke_take(&toy, x, chunk_create(public, TOY_PUBLIC),
									&z));
	cr_expect_not(coi_suite_ke_take(&toy, x, chunk_create(ciphertext,
													TOY_CIPHERTEXT - 1), &z));
	cr_expect_eq(z.len, 0);
	y->destroy(y);
	y = coi_suite_ke_create(&toy);
	cr_expect_eq(coi_suite_ke_answer(&toy, y, chunk_create(ciphertext,
											TOY_CIPHERTEXT), again, &z),
				 COI_DH);
	cr_expect_eq(z.len, 0);
	/* nobody who has made answers */
	cr_assert(coi_suite_ke_make(&toy, y, again));
	cr_expect_eq(coi_suite_ke_answer(&toy, y, chunk_create(public, TOY_PUBLIC),
									 again, &z), COI_DH);
	x->destroy(x);
	y->destroy(y);
}

Test(kem, carries_a_session)
{
	coi_pair_t *pair = coi_pair_create("lab web", "web lab");

	cr_assert(coi_pair_establish(pair));
	cr_expect_eq(coi_session_suite(pair->i.session), &toy);
	cr_expect_eq(coi_session_suite(pair->r.session), &toy);
	coi_pair_close(pair, &pair->i, COI_TERM_TERMINATED, NULL);
	coi_pair_run(pair);
	cr_expect_null(pair->r.session);
	coi_pair_destroy(pair);
}

/** Proofs are tied to both values, whatever their lengths. */
Test(kem, carries_proofs)
{
	run_t run;

	make_short();
	run = begin_third(R_GOT_SESS2);
	cr_assert_eq(coi_session_tied(run.session[0], COI_TIE_DH_I).len,
				 TOY_CIPHERTEXT);
	cr_assert_eq(coi_session_tied(run.session[0], COI_TIE_DH_R).len, TOY_PUBLIC);
	cr_assert(chunk_equals(run.session[0]->exchange->ties,
						   run.session[1]->exchange->ties));
	while (run.stage < I_GOT_IDLE)
	{
		advance(&run);
	}
	cr_expect(coi_session_confirmed(run.session[0]));
	cr_expect(coi_session_confirmed(run.session[1]));
	end(&run);
}

Test(kem, only_the_maker_wants_a_pair_made_ahead)
{
	run_t run;

	make_short();
	run = begin(R_GOT_SESS0);
	cr_expect_not(coi_session_wants_dh(run.session[0]));
	cr_expect(coi_session_wants_dh(run.session[1]));
	coi_session_set_dh(run.session[0], coi_suite_ke_create(&toy));
	cr_expect_null(run.session[0]->exchange->spare);
	coi_session_set_dh(run.session[1], coi_suite_ke_create(&toy));
	cr_expect_not_null(run.session[1]->exchange->spare);
	while (run.stage < I_GOT_IDLE)
	{
		advance(&run);
	}
	end(&run);
}

/** Either value is refused, and the session goes on with the one after. */
Test(kem, value_is_refused)
{
	stage_t stages[] = { I_GOT_SESS1, R_GOT_SESS2 };
	snapshot_t before;
	run_t run;
	u_int i;

	make_short();
	for (i = 0; i < countof(stages); i++)
	{
		run = begin(stages[i] - 1);
		take(run.session[i], &before);
		refuse = TRUE;
		cr_assert_eq(try_advance(&run), COI_DH);
		cr_assert_eq(refused, i + 1);
		cr_assert(unchanged(run.session[i], &before));
		while (run.stage < I_GOT_IDLE)
		{
			advance(&run);
		}
		end(&run);
	}
}
