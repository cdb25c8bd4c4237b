/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * The numbers as docs/PROTOCOL.md writes them, and that they add up: a layout
 * is written down twice on purpose.
 */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_limits.h"
#include "core/coi_pdu.h"
#include "core/coi_suite.h"

Test(limits, datagrams_of_section_4)
{
	cr_expect_eq(COI_MAX_DATAGRAM, 1280 - 40 - 8, "a path of 1280 in IPv6");
	cr_expect_eq(COI_HEADER_LEN, 4 + 1 + 1 + 1 + 1 + 8 + 8 + 32);
	cr_expect_eq(COI_HEADER_LEN, 56);
	cr_expect_eq(COI_HEADER_IDS_END, COI_HEADER_LEN - COI_DIGEST_LEN);
	cr_expect_eq(COI_SEGMENT_OFF, 72);
	cr_expect_eq(COI_MAX_SEGMENT, 1160);
	cr_expect_eq(COI_MAX_SEGMENTS, 16);
	cr_expect_eq(COI_MAX_MESSAGE, 18560);
	cr_expect_eq(COI_CONTEXT_LEN, 4 + 8 + 8);
	cr_expect_eq(COI_DEFAULT_PORT, 4570);
	cr_expect_eq(COI_DEFAULT_IDLE_PORT, 4571);
}

Test(limits, sess0_of_section_5)
{
	cr_expect_eq(COI_SESS0_FIELDS_OFF, 56);
	cr_expect_eq(COI_SESS0_TAGS_OFF, 56 + 8 + 16 + 32);
	cr_expect_eq(COI_SESS0_TAGS_OFF, COI_SESS0_FIELDS_OFF + COI_TIME_LEN +
									 COI_ADDR_LEN + COI_NONCE_LEN);
	cr_expect_eq(COI_SESS0_ENTRIES_OFF, 112 + 96);
	cr_expect_eq(COI_SESS0_ENTRIES_OFF, COI_SESS0_TAGS_OFF +
										COI_SESS0_PLACES * COI_TAG_LEN);
	cr_expect_eq(COI_MAX_KEYS, 96);
}

Test(limits, idle_and_term_of_section_9)
{
	cr_expect_eq(COI_SEALED_OFF, 80);
	cr_expect_eq(COI_IDLE_LEN, 80 + 16 + 16);
	cr_expect_eq(COI_TERM_FIXED, 80 + 1 + 1 + 1 + 16);
	cr_expect_eq(COI_TERM_VARIABLE, 255 + 96 * 2);
	cr_expect_leq(COI_MAX_TERM, COI_MAX_DATAGRAM);
}

Test(limits, caps_of_section_15)
{
	cr_expect_eq(COI_SESS0_MAX_PARTS, 16);
	cr_expect_eq(COI_MAX_SERVICES, 64);
	cr_expect_eq(COI_MAX_PROPOSALS, 16);
	cr_expect_eq(COI_MAX_IDENTITY, 512);
	cr_expect_eq(COI_MAX_NAME, 63);
	cr_expect_eq(COI_MAX_TERM_TEXT, 255);
	cr_expect_eq(COI_MIN_SPI, 256);
	cr_expect_eq(COI_DEFAULT_WINDOW, 300);
	cr_expect_eq(COI_DEFAULT_REPLAY, 65536);
	cr_expect_eq(COI_DEFAULT_HALF_OPEN, 1000);
	cr_expect_eq(COI_DEFAULT_HALF_SOURCE, 32);
	cr_expect_eq(COI_DEFAULT_BURST, 100);
	cr_expect_eq(COI_DEFAULT_RATE, 50);
}

Test(limits, timers_of_section_13)
{
	cr_expect_eq(COI_RETRANSMIT_FIRST, 500);
	cr_expect_eq(COI_RETRANSMIT_FIRST << (COI_RETRANSMIT_TRIES - 1), 1000);
	cr_expect_eq(COI_RETRANSMIT_LAST, 2000);
	cr_expect_eq(COI_COLLECT_TIME, 50);
	cr_expect_eq(COI_REPEAT_PAUSE, 100);
}

Test(limits, the_suites_fit_the_layout)
{
	const coi_suite_t *suite;
	u_int i;

	for (i = 0; (suite = coi_suite_nth(i)); i++)
	{
		cr_expect_leq(suite->hash_len, COI_MAX_HASH);
		cr_expect_geq(suite->hash_len, COI_DIGEST_LEN);
		cr_expect_leq(suite->val_len, COI_MAX_VAL);
		cr_expect_leq(suite->sig_len, COI_MAX_SIG);
		cr_expect_leq(suite->value_len[COI_INITIATOR], COI_MAX_DH);
		cr_expect_leq(suite->value_len[COI_RESPONDER], COI_MAX_DH);
		cr_expect_eq(suite->token_len, 32 + suite->val_len);
		cr_expect_eq(suite->entry_len, suite->token_len + 16);
		cr_expect_eq(suite->sess0_len, 208 + 6 * suite->entry_len);
		cr_expect_leq(suite->sess0_len, COI_MAX_DATAGRAM);
		cr_expect_eq(suite->term_min, 99 + suite->sig_len);
		cr_expect_eq(suite->term_max, suite->term_min + 255 + 192);
		cr_expect_leq(suite->term_max, COI_MAX_TERM);
	}
	cr_expect_eq(i, COI_SUITES);
}

Test(limits, full_messages_leave_room_for_session_info)
{
	/* 96 communities, a proposal and 6 services each */
	size_t info = 9 + 512 + 12 + 96 * (14 + 8 + 6 * 6) + 16 + 96;
	const coi_suite_t *suite = SUITE;
	u_int i, places[] = { 4, 96 };

	for (i = 0; i < countof(places); i++)
	{
		cr_expect_eq(coi_message1_room(suite, places[i]),
					 18560 - 38 - places[i] * (16 + suite->entry_len) -
					 suite->sig_len);
	}
	cr_expect_eq(coi_message2_room(suite),
				 18560 - suite->value_len[COI_INITIATOR] - 16 - 2 - suite->sig_len);
	cr_expect_leq(info, coi_message2_room(suite));
}
