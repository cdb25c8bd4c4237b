/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_idle_term.h"
#include "core/coi_frame.h"

/** Both ends of a session that is open. */
static coi_idle_term_t here, there;
static private_key_t *val;
static uint8_t point[COI_MAX_VAL];
/** length of C */
static u_int communities = COI_MAX_KEYS;
static coi_header_t header = {
	.count = 1, .spi_i = 0x1122334455667788ULL, .spi_r = 42,
};

static void setup(void)
{
	coi_test_init();
	here.suite = there.suite = coi_test_suite();
	header.suite = here.suite->id;
	cr_assert(coi_suite_random((uint8_t*)&here.keys, sizeof(here.keys)));
	there.keys = here.keys;
	memcpy(there.keys.seal_in, here.keys.seal_out, COI_SEAL_KEY_LEN);
	memcpy(there.keys.seal_out, here.keys.seal_in, COI_SEAL_KEY_LEN);
	memcpy(there.keys.tag_in, here.keys.tag_out, COI_MAX_HASH);
	memcpy(there.keys.tag_out, here.keys.tag_in, COI_MAX_HASH);
	val = coi_suite_val_create(here.suite);
	cr_assert(coi_suite_val_public(here.suite, val, point));
}

static void teardown(void)
{
	val->destroy(val);
}

TestSuite(control, .init = setup, .fini = teardown);

static chunk_t make_idle(coi_idle_term_t *control)
{
	coi_idle_t idle = { 1, 3600, 120, TRUE, 7 };
	chunk_t datagram;

	cr_assert(coi_idle_term_make_idle(control, &header, &idle, &datagram));
	return datagram;
}

static chunk_t make_term(coi_idle_term_t *control, coi_term_t term,
						 const char *text)
{
	chunk_t datagram;

	cr_assert(coi_idle_term_make_term(control, &header, val, term, text, NULL, 0,
									  &datagram));
	return datagram;
}

/** A TERM of some communities. */
static chunk_t make_partial(const uint16_t *indexes, u_int count,
							const char *text)
{
	chunk_t datagram;

	cr_assert(coi_idle_term_make_term(&here, &header, val, COI_TERM_KEY_REMOVED,
									  text, indexes, count, &datagram));
	return datagram;
}

static coi_reason_t open_idle(coi_idle_term_t *control, chunk_t datagram,
							  coi_idle_t *idle)
{
	coi_header_t decoded;
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &decoded);
	return reason ?: coi_idle_term_open_idle(control, &decoded, datagram, idle);
}

static coi_reason_t open_term(coi_idle_term_t *control, chunk_t datagram,
							  coi_term_body_t *farewell)
{
	coi_header_t decoded;
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &decoded);
	return reason ?: coi_idle_term_open_term(control, &decoded, datagram,
											 chunk_val(point), communities,
											 farewell);
}

/**
 * Seal any plain text with here's keys and the next sequence.
 */
static chunk_t forge(coi_pdu_type_t type, chunk_t plain, bool valid)
{
	coi_header_t own = header;
	uint8_t kn[COI_SEAL_KEY_LEN], seq[8], head[COI_HEADER_LEN];
	chunk_t aad, body, sealed, datagram;

	own.type = type;
	coi_header_encode(&own, head);
	htoun64(seq, ++here.sent);
	memcpy(kn, here.keys.seal_out, sizeof(kn));
	memxor(kn + 36, seq, 8);
	kn[0] ^= !valid;
	aad = chunk_cata("cc", chunk_create(head + 4, 20), chunk_from_thing(seq));
	sealed = chunk_alloca(plain.len + COI_ICV_LEN);
	cr_assert(coi_suite_seal(here.suite, kn, aad, plain, sealed.ptr));
	body = chunk_cata("cc", chunk_from_thing(seq), sealed);
	cr_assert(coi_frame_make(here.suite, &own,
							 chunk_hash(here.keys.tag_out), 8, body,
							 &datagram));
	return datagram;
}

Test(control, idle_round_trip)
{
	coi_idle_t idle = {};
	chunk_t datagram;
	u_int i;

	for (i = 1; i <= 3; i++)
	{
		datagram = make_idle(&here);
		cr_expect_eq(datagram.len, COI_IDLE_LEN);
		cr_expect_eq(here.sent, i);
		cr_expect_eq(untoh64(datagram.ptr + 72), i, "sequence");
		cr_assert_eq(open_idle(&there, datagram, &idle), COI_OK);
		cr_expect_eq(idle.age, 1);
		cr_expect_eq(idle.lifetime, 3600);
		cr_expect_eq(idle.ttl, 120);
		cr_expect(idle.answer);
		cr_expect_eq(idle.gained, 7);
		cr_expect_eq(there.accepted, i);
		chunk_free(&datagram);
	}
	/* the same the other way round, on its own sequence */
	datagram = make_idle(&there);
	cr_expect_eq(there.sent, 1);
	cr_assert_eq(open_idle(&here, datagram, &idle), COI_OK);
	chunk_free(&datagram);
}

Test(control, directions_have_different_keys)
{
	coi_idle_t idle;
	chunk_t datagram;

	datagram = make_idle(&here);
	cr_expect_eq(open_idle(&here, datagram, &idle), COI_TAG, "own, come back");
	chunk_free(&datagram);
}

Test(control, sequence_has_to_rise)
{
	coi_idle_t idle = {};
	chunk_t first, second, third;
	coi_term_body_t farewell;

	first = make_idle(&here);
	second = make_idle(&here);
	third = make_term(&here, COI_TERM_SHUTDOWN, NULL);
	cr_assert_eq(open_idle(&there, second, &idle), COI_OK);
	cr_expect_eq(open_idle(&there, second, &idle), COI_REPLAY);
	cr_expect_eq(open_idle(&there, first, &idle), COI_REPLAY);
	cr_expect_eq(there.accepted, 2);
	cr_assert_eq(open_term(&there, third, &farewell), COI_OK);
	cr_expect_eq(open_term(&there, third, &farewell), COI_REPLAY);
	chunk_free(&first);
	chunk_free(&second);
	chunk_free(&third);
	/* the last one there is */
	here.sent = UINT64_MAX - 1;
	there.accepted = UINT64_MAX - 2;
	first = make_idle(&here);
	cr_assert_eq(open_idle(&there, first, &idle), COI_OK);
	cr_expect_eq(there.accepted, UINT64_MAX);
	second = make_idle(&here);
	cr_expect_eq(open_idle(&there, second, &idle), COI_REPLAY);
	chunk_free(&first);
	chunk_free(&second);
}

Test(control, sequence_takes_no_longer_step)
{
	const uint64_t steps[] = { COI_MAX_STEP + 1, 1ULL << 32, UINT64_MAX };
	coi_term_body_t farewell;
	chunk_t datagram;
	coi_idle_t idle;
	u_int i;

	for (i = 0; i < countof(steps); i++)
	{
		here.sent = steps[i] - 1;
		datagram = make_idle(&here);
		cr_expect_eq(open_idle(&there, datagram, &idle), COI_REPLAY);
		chunk_free(&datagram);
		here.sent = steps[i] - 1;
		datagram = make_term(&here, COI_TERM_SHUTDOWN, NULL);
		cr_expect_eq(open_term(&there, datagram, &farewell), COI_REPLAY);
		chunk_free(&datagram);
		cr_expect_eq(there.accepted, 0);
	}
	/* as many may have been lost; what follows is taken, so also the end */
	here.sent = COI_MAX_STEP - 1;
	datagram = make_idle(&here);
	cr_expect_eq(open_idle(&there, datagram, &idle), COI_OK);
	cr_expect_eq(there.accepted, COI_MAX_STEP);
	chunk_free(&datagram);
	datagram = make_term(&here, COI_TERM_SHUTDOWN, NULL);
	cr_expect_eq(open_term(&there, datagram, &farewell), COI_OK);
	chunk_free(&datagram);
}

Test(control, term_round_trip)
{
	char longest[COI_MAX_TERM_TEXT + 1] = {};
	const char *texts[] = { NULL, "", "going down", longest };
	coi_term_body_t farewell;
	chunk_t datagram;
	u_int i, term;

	memset(longest, 'x', COI_MAX_TERM_TEXT);
	for (i = 0; i < countof(texts); i++)
	{
		for (term = COI_TERM_TERMINATED; term <= COI_TERM_ADDRESS; term++)
		{
			memset(&farewell, 0xaa, sizeof(farewell));
			datagram = make_term(&here, term, texts[i]);
			cr_assert_eq(datagram.len, SUITE->term_min +
						 (texts[i] ? strlen(texts[i]) : 0));
			cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
			cr_expect_eq(farewell.term, term);
			cr_expect_str_eq(farewell.text, texts[i] ?: "");
			cr_expect_eq(farewell.index_count, 0);
			chunk_free(&datagram);
		}
	}
}

Test(control, term_of_communities_round_trip)
{
	uint16_t indexes[COI_MAX_KEYS];
	coi_term_body_t farewell;
	chunk_t datagram;
	u_int i, count;
	char text[COI_MAX_TERM_TEXT + 1] = {};

	memset(text, 'x', COI_MAX_TERM_TEXT);
	for (count = 1; count <= COI_MAX_KEYS; count += 19)
	{
		for (i = 0; i < count; i++)
		{	/* the last ones of C, so that the very last is there */
			indexes[i] = COI_MAX_KEYS - count + i;
		}
		memset(&farewell, 0xaa, sizeof(farewell));
		datagram = make_partial(indexes, count, text);
		cr_expect_eq(datagram.len, SUITE->term_min + COI_MAX_TERM_TEXT + 2 * count);
		cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
		cr_expect_eq(farewell.term, COI_TERM_KEY_REMOVED);
		cr_expect_str_eq(farewell.text, text);
		cr_assert_eq(farewell.index_count, count);
		cr_expect(memeq(farewell.indexes, indexes, count * sizeof(*indexes)));
		chunk_free(&datagram);
	}
	cr_expect_eq(count, COI_MAX_KEYS + 19, "all of them too");
	/* more than there can be */
	cr_expect_not(coi_idle_term_make_term(&here, &header, val, COI_TERM_FAILED,
										  NULL, indexes, COI_MAX_KEYS + 1,
										  &datagram));
}

Test(control, communities_that_may_be_named)
{
	static const struct {
		uint16_t indexes[3];
		u_int count;
		u_int communities;
		bool expected;
	} cases[] = {
		{ {}, 0, 0, TRUE },
		{ { 0 }, 1, 1, TRUE },
		{ { 0, 2 }, 2, 3, TRUE },
		{ { 0, 1, 2 }, 3, 3, TRUE },
		{ { 0 }, 1, 0, FALSE },
		{ { 3 }, 1, 3, FALSE },
		{ { 0, 1, 3 }, 3, 3, FALSE },
		{ { 65535 }, 1, 96, FALSE },
		{ { 1, 0 }, 2, 3, FALSE },
		{ { 1, 1 }, 2, 3, FALSE },
		{ { 0, 2, 1 }, 3, 3, FALSE },
	};
	coi_term_body_t farewell;
	chunk_t datagram;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		cr_expect_eq(coi_idle_term_may_name(cases[i].indexes, cases[i].count,
											cases[i].communities),
					 cases[i].expected, "case %u", i);
		/* on the wire, signed by the peer itself */
		communities = cases[i].communities;
		there.accepted = 0;
		datagram = make_partial(cases[i].indexes, cases[i].count, NULL);
		memset(&farewell, 0xaa, sizeof(farewell));
		cr_expect_eq(open_term(&there, datagram, &farewell),
					 cases[i].expected ? COI_OK : COI_MALFORMED, "case %u", i);
		cr_expect_eq(there.accepted, cases[i].expected ? here.sent : 0);
		cr_expect_eq(farewell.index_count,
					 cases[i].expected ? cases[i].count : 0xaaaaaaaa);
		chunk_free(&datagram);
	}
}

Test(control, term_text_is_cut_between_characters)
{
	static const uint16_t indexes[] = { 3, 95 };
	char text[400] = {};
	coi_term_body_t farewell;
	chunk_t datagram;

	memset(text, 'x', 254);
	strcat(text, "\xc3\xa4 and more");
	datagram = make_term(&here, COI_TERM_FAILED, text);
	cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
	cr_expect_eq(strlen(farewell.text), 254);
	chunk_free(&datagram);
	/* what stands behind it is not cut */
	datagram = make_partial(indexes, countof(indexes), text);
	cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
	cr_expect_eq(strlen(farewell.text), 254);
	cr_assert_eq(farewell.index_count, 2);
	cr_expect_eq(farewell.indexes[1], 95);
	chunk_free(&datagram);
	/* no character begins anywhere */
	memset(text, 0x80, sizeof(text) - 1);
	datagram = make_term(&here, COI_TERM_FAILED, text);
	cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
	cr_expect_eq(strlen(farewell.text), 0);
	chunk_free(&datagram);
}

/** Texts by which a line would do, or look like, something else. */
static const char *unclean[] = {
	"a\x1b[2Jb", "two\nlines", "back\rspace", "\x7f", ("\xc2\x9b" "31m"),
	"\xe2\x80\xaeylpmis", "\xe2\x80\xa8next", "\xe2\x81\xa6", "\xef\xbb\xbf",
	"\xf3\xa0\x81\xa1", "\xc3", "\x80", "\xc0\xaf", "\xed\xa0\x80",
	"\xf4\x90\x80\x80",
};

Test(control, term_text_that_is_not_clean_is_not_sent)
{
	static const uint16_t indexes[] = { 3, 95 };
	coi_term_body_t farewell;
	chunk_t datagram;
	u_int i;

	for (i = 0; i < countof(unclean); i++)
	{
		datagram = make_term(&here, COI_TERM_SHUTDOWN, unclean[i]);
		cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK, "%u", i);
		cr_expect_eq(farewell.term, COI_TERM_SHUTDOWN);
		cr_expect_str_eq(farewell.text, "");
		chunk_free(&datagram);
		datagram = make_partial(indexes, countof(indexes), unclean[i]);
		cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK, "%u", i);
		cr_expect_str_eq(farewell.text, "");
		cr_expect_eq(farewell.index_count, 2);
		chunk_free(&datagram);
	}
	datagram = make_term(&here, COI_TERM_SHUTDOWN, "Schl\xc3\xbcssel \xe8\x98\xad");
	cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
	cr_expect_str_eq(farewell.text, "Schl\xc3\xbcssel \xe8\x98\xad");
	chunk_free(&datagram);
}

/**
 * Change every octet, cut it everywhere: nothing of it is taken.
 */
static void refuses_changes(chunk_t datagram, bool idle)
{
	coi_idle_term_t before = there;
	coi_idle_t said, untouched;
	coi_term_body_t farewell;
	coi_reason_t reason, expected;
	chunk_t longer;
	size_t i;

	memset(&said, 0xaa, sizeof(said));
	untouched = said;
	for (i = 0; i < datagram.len; i++)
	{
		datagram.ptr[i] ^= 0x20;
		reason = idle ? open_idle(&there, datagram, &said)
					  : open_term(&there, datagram, &farewell);
		expected = i < 4 ? COI_MARKER : i == 4 ? COI_BAD_VERSION :
				   i == 5 ? COI_TYPE : i == 6 ? COI_SUITE :
				   i == 7 ? COI_SEGMENT : i < 80 ? COI_TAG : COI_DIGEST;
		cr_expect_eq(reason, expected, "octet %zu", i);
		datagram.ptr[i] ^= 0x20;
		reason = idle ?
				 open_idle(&there, chunk_create(datagram.ptr, i), &said) :
				 open_term(&there, chunk_create(datagram.ptr, i), &farewell);
		cr_expect(reason == COI_SHORT || reason == COI_LENGTH ||
				  (!idle && reason == COI_DIGEST));
	}
	longer = chunk_cata("cc", datagram, chunk_from_str("x"));
	reason = idle ? open_idle(&there, longer, &said)
				  : open_term(&there, longer, &farewell);
	cr_expect(reason == (idle ? COI_LENGTH : COI_DIGEST));
	cr_expect(memeq(&said, &untouched, sizeof(said)));
	cr_expect(memeq(&there, &before, sizeof(there)));
	reason = idle ? open_idle(&there, datagram, &said)
				  : open_term(&there, datagram, &farewell);
	cr_expect_eq(reason, COI_OK);
}

Test(control, idle_changed)
{
	chunk_t datagram = make_idle(&here);

	refuses_changes(datagram, TRUE);
	chunk_free(&datagram);
}

Test(control, term_changed)
{
	chunk_t datagram = make_term(&here, COI_TERM_IDLE, "text");

	refuses_changes(datagram, FALSE);
	chunk_free(&datagram);
}

Test(control, term_of_communities_changed)
{
	static const uint16_t indexes[] = { 1, 5 };
	chunk_t datagram = make_partial(indexes, countof(indexes), "text");

	refuses_changes(datagram, FALSE);
	chunk_free(&datagram);
}

Test(control, sealed_and_malformed)
{
	uint8_t plain[COI_TERM_PLAIN + COI_MAX_TERM_TEXT + COI_MAX_SIG] = {};
	coi_term_body_t farewell;
	chunk_t datagram;
	coi_idle_t idle;
	u_int len;

	/* the tag is right, but not what was sealed */
	datagram = forge(COI_PDU_IDLE, chunk_create(plain, COI_IDLE_PLAIN), FALSE);
	cr_expect_eq(open_idle(&there, datagram, &idle), COI_SEALED);
	chunk_free(&datagram);
	datagram = forge(COI_PDU_IDLE, chunk_create(plain, COI_IDLE_PLAIN), TRUE);
	cr_expect_eq(open_idle(&there, datagram, &idle), COI_OK);
	chunk_free(&datagram);
	datagram = forge(COI_PDU_TERM, chunk_create(plain, 3 + SUITE->sig_len), FALSE);
	cr_expect_eq(open_term(&there, datagram, &farewell), COI_SEALED);
	chunk_free(&datagram);
	/* every length of text but the right one */
	memset(plain + 2, 'x', 5);
	for (len = 0; len <= UINT8_MAX; len++)
	{
		plain[1] = len;
		datagram = forge(COI_PDU_TERM, chunk_create(plain, 3 + SUITE->sig_len + 5), TRUE);
		cr_expect_eq(open_term(&there, datagram, &farewell),
					 len == 5 ? COI_SIGNATURE : COI_MALFORMED);
		chunk_free(&datagram);
	}
	cr_expect_eq(there.accepted, 2, "only the IDLE counts");
}

/**
 * What becomes of a TERM's plain text of any length: the header's decoder would
 * refuse some lengths before.
 */
static coi_reason_t open_forged(chunk_t plain)
{
	coi_header_t decoded = header;
	coi_term_body_t farewell;
	coi_reason_t reason;
	chunk_t datagram;

	datagram = forge(COI_PDU_TERM, plain, TRUE);
	decoded.type = COI_PDU_TERM;
	memcpy(decoded.digest, datagram.ptr + 24, COI_DIGEST_LEN);
	reason = coi_idle_term_open_term(&there, &decoded, datagram,
									 chunk_val(point), communities,
									 &farewell);
	chunk_free(&datagram);
	return reason;
}

Test(control, term_text_that_is_not_clean_is_refused)
{
	uint8_t plain[3 + COI_MAX_TERM_TEXT + COI_MAX_SIG] = {};
	size_t len;
	u_int i;

	for (i = 0; i < countof(unclean); i++)
	{
		len = strlen(unclean[i]);
		plain[0] = COI_TERM_FAILED;
		plain[1] = len;
		memcpy(plain + 2, unclean[i], len);
		memset(plain + 2 + len, 0, 1 + SUITE->sig_len);
		cr_expect_eq(open_forged(chunk_create(plain, 3 + len + SUITE->sig_len)),
					 COI_MALFORMED, "%u", i);
		/* it is the text that it was refused for */
		memset(plain + 2, 'x', len);
		cr_expect_eq(open_forged(chunk_create(plain, 3 + len + SUITE->sig_len)),
					 COI_SIGNATURE);
	}
	plain[1] = 1;
	plain[2] = '\0';
	cr_expect_eq(open_forged(chunk_create(plain, 4 + SUITE->sig_len)),
				 COI_MALFORMED);
	cr_expect_eq(there.accepted, 0);
}

Test(control, term_of_communities_cut_and_longer)
{
	/* reason, length, text, n, indexes; the signature is not looked at before */
	uint8_t plain[9 + COI_MAX_SIG + 2] = { 1, 2, 'a', 'b', 2, 0, 0, 0, 1 };
	u_int len, n;

	for (len = 0; len <= sizeof(plain); len++)
	{
		cr_expect_eq(open_forged(chunk_create(plain, len)),
					 len == 9 + SUITE->sig_len ? COI_SIGNATURE : COI_MALFORMED,
					 "%u octets", len);
	}
	/* every n but the right one */
	for (n = 0; n <= UINT8_MAX; n++)
	{
		plain[4] = n;
		cr_expect_eq(open_forged(chunk_create(plain, 9 + SUITE->sig_len)),
					 n == 2 ? COI_SIGNATURE : COI_MALFORMED, "n is %u", n);
	}
	cr_expect_eq(there.accepted, 0);
}

Test(control, term_of_more_communities_than_there_can_be)
{
	uint8_t plain[3 + 2 * UINT8_MAX + COI_MAX_SIG] = { 1 };
	u_int n;

	communities = UINT16_MAX;
	for (n = 0; n < UINT8_MAX; n++)
	{
		htoun16(plain + 3 + 2 * n, n);
	}
	for (n = COI_MAX_KEYS; n <= UINT8_MAX; n++)
	{
		plain[2] = n;
		memset(plain + 3 + 2 * n, 0, SUITE->sig_len);
		cr_expect_eq(open_forged(chunk_create(plain,
											  3 + 2 * n + SUITE->sig_len)),
					 n == COI_MAX_KEYS ? COI_SIGNATURE : COI_MALFORMED);
		htoun16(plain + 3 + 2 * n, n);
	}
}

Test(control, idle_of_another_length)
{
	uint8_t plain[COI_IDLE_PLAIN + 1] = {};
	coi_header_t decoded;
	chunk_t datagram;
	coi_idle_t idle;
	u_int len;

	for (len = 0; len <= sizeof(plain); len++)
	{
		datagram = forge(COI_PDU_IDLE, chunk_create(plain, len), TRUE);
		/* the header's decoder would refuse it before */
		decoded = header;
		decoded.type = COI_PDU_IDLE;
		memcpy(decoded.digest, datagram.ptr + 24, COI_DIGEST_LEN);
		cr_expect_eq(coi_idle_term_open_idle(&there, &decoded, datagram, &idle),
					 len == COI_IDLE_PLAIN ? COI_OK : COI_MALFORMED);
		chunk_free(&datagram);
	}
}

Test(control, term_by_somebody_else)
{
	coi_term_body_t farewell;
	private_key_t *other;
	chunk_t datagram;

	other = coi_suite_val_create(here.suite);
	cr_assert(coi_idle_term_make_term(&here, &header, other, COI_TERM_IDLE,
									  NULL,
									  NULL, 0, &datagram));
	cr_expect_eq(open_term(&there, datagram, &farewell), COI_SIGNATURE);
	cr_expect_eq(there.accepted, 0);
	chunk_free(&datagram);
	/* of another session: TH2 is signed too */
	there.keys.th2[0] ^= 1;
	datagram = make_term(&here, COI_TERM_IDLE, NULL);
	cr_expect_eq(open_term(&there, datagram, &farewell), COI_SIGNATURE);
	chunk_free(&datagram);
	other->destroy(other);
}

Test(control, unknown_reasons_are_terminated)
{
	static const uint8_t terms[] = { 0, 10, 99, 255 };
	coi_term_body_t farewell;
	chunk_t datagram;
	u_int i;

	for (i = 0; i < countof(terms); i++)
	{
		datagram = make_term(&here, terms[i], "?");
		cr_assert_eq(open_term(&there, datagram, &farewell), COI_OK);
		cr_expect_eq(farewell.term, COI_TERM_TERMINATED);
		chunk_free(&datagram);
	}
}

Test(control, a_sequence_is_never_used_again_even_if_making_fails)
{
	coi_suite_t lame = *here.suite;
	coi_idle_t idle = {};
	chunk_t datagram;

	lame.aead = ENCR_UNDEFINED;
	lame.scheme = SIGN_UNKNOWN;
	here.suite = &lame;
	cr_expect_not(coi_idle_term_make_idle(&here, &header, &idle, &datagram));
	cr_expect_eq(here.sent, 1);
	cr_expect_not(coi_idle_term_make_term(&here, &header, val, COI_TERM_IDLE,
										  NULL, NULL, 0, &datagram));
	cr_expect_eq(here.sent, 2);
}
