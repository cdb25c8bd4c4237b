/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Tokens: what a member, who can make tags and seal entries, puts into a Sess0.
 *
 * Input: an octet of flags, an octet that names places, a token, then a datagram;
 * the length tells the suite.
 */

#include <stdint.h>
#include <stdlib.h>

#include "coi_pair.h"

#include "core/coi_cursor.h"
#include "core/coi_sess0.h"

enum {
	/** the token has a VAL that is a point */
	REAL_VAL = 1,
	/** a second entry, with another token */
	OTHER_TOKEN = 4,
	/** a second entry, with the same */
	SAME_TOKEN = 8,
	/** an entry that does not open */
	SPOIL_ENTRY = 16,
};

/** of each suite */
static struct {
	coi_pair_t *pair;
	coi_token_t real;
} all[COI_SUITES], *now;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	coi_val_t *val;
	u_int i;

	coi_test_init();
	for (i = 0; i < COI_SUITES; i++)
	{
		coi_test_use(coi_suite_nth(i));
		all[i].pair = coi_pair_create("lab web", "lab web");
		val = coi_val_create(SUITE);
		if (!val)
		{
			return 1;
		}
		memcpy(all[i].real.val, val->public, sizeof(all[i].real.val));
		coi_val_destroy(val);
	}
	return 0;
}

static void must(bool condition)
{
	if (!condition)
	{
		abort();
	}
}

/**
 * Seal a token for a key, and note the place.
 */
static void seal(const coi_sess0_t *sess0, coi_gate_match_t *match, u_int key,
				 u_int place, const coi_token_t *token)
{
	chunk_t entry = coi_nth(sess0->entries, SUITE->entry_len, place);

	must(coi_token_seal0(now->pair->r.keys->keys[key], sess0, token, entry.ptr));
	match->found[match->count].key = now->pair->r.keys->keys[key];
	match->found[match->count++].place = place;
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	uint8_t raw[COI_MAX_DATAGRAM], flags, place;
	coi_gate_match_t match = {};
	coi_token_t token = {}, other;
	coi_session_t *session;
	coi_actions_t actions;
	coi_header_t header;
	coi_event_t event = {
		.type = COI_EV_SESS0, .header = &header, .match = &match,
	};
	coi_reason_t reason;
	coi_sess0_t sess0;
	u_int i;

	for (i = 0; i < COI_SUITES; i++)
	{
		coi_test_use(coi_suite_nth(i));
		now = &all[i];
		if (len == 2 + SUITE->token_len + SUITE->sess0_len)
		{
			break;
		}
	}
	if (i == COI_SUITES)
	{
		return 0;
	}
	event.datagram = chunk_sess0(raw);
	flags = buf[0];
	place = buf[1] % COI_SESS0_PLACES;
	memcpy(&token, buf + 2, SUITE->token_len);
	memcpy(raw, buf + 2 + SUITE->token_len, SUITE->sess0_len);
	if (coi_header_decode(event.datagram, &header) != COI_OK ||
		header.type != COI_PDU_SESS0 || header.suite != SUITE->id)
	{
		return 0;
	}
	must(coi_sess0_view(SUITE, event.datagram, &sess0));
	if (flags & REAL_VAL)
	{
		memcpy(token.val, now->real.val, sizeof(token.val));
	}
	seal(&sess0, &match, 0, place, &token);
	if (flags & (OTHER_TOKEN | SAME_TOKEN))
	{
		other = token;
		other.enc[31] ^= !!(flags & OTHER_TOKEN);
		seal(&sess0, &match, 1, (place + 1) % COI_SESS0_PLACES, &other);
	}
	if (flags & SPOIL_ENTRY)
	{
		coi_nth(sess0.entries, SUITE->entry_len, place).ptr[7] ^= 1;
	}
	reason = coi_session_respond(now->pair->r.profile, &now->pair->timing,
								 &now->pair->r.addresses, &event, &actions,
								 &session);
	must(!session == (reason != COI_OK));
	/* it has to be right in all; whose VAL it is shows later */
	must((reason == COI_OK) == !(flags & (OTHER_TOKEN | SPOIL_ENTRY)));
	coi_session_destroy(session);
	return 0;
}
