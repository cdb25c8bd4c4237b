/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * The gate: a Sess0 from anybody. As no fuzzer guesses a MAC, it may ask for what
 * only a member can make.
 *
 * Input: an octet of flags, an octet that names key and place, then a datagram, whose
 * length tells the suite.
 */

#include <stdint.h>
#include <stdlib.h>

#include "coi_test.h"

#include "core/coi_cursor.h"
#include "core/coi_token.h"

#define NOW COI_TEST_WALL

/** keys of each suite */
#define KEYS 3

/** flags: what is put right before it is checked */
enum {
	FIX_HEADER = 1,
	FIX_TO = 2,
	FIX_TIME = 4,
	FIX_DIGEST = 8,
	FIX_TAG = 16,
	FIX_TAG_TWICE = 32,
	AGAIN = 64,
};

static const uint8_t to[1][COI_ADDR_LEN] = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 1 },
};
static coi_keyset_t *keys;
static coi_gate_t *gate;

static void make_keys()
{
	coi_key_t *all[COI_SUITES * KEYS];
	u_int i;

	for (i = 0; i < countof(all); i++)
	{
		coi_test_use(coi_suite_nth(i / KEYS));
		all[i] = coi_test_key(i % KEYS < 2 ? "lab" : "web", i % KEYS == 1);
	}
	keys = coi_keyset_create(all, countof(all));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	coi_test_init();
	make_keys();
	gate = coi_gate_create(COI_DEFAULT_WINDOW, 64, NOW - 10000);
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
 * Put right what the flags say.
 */
static void fix(chunk_t datagram, uint8_t flags, uint8_t choice)
{
	const uint8_t start[] = { 0, 0, 0, 0, 1, 0, SUITE->id, 0, 1 };
	uint8_t digest[COI_MAX_HASH], tag[COI_TAG_LEN];
	u_int place = choice % COI_SESS0_PLACES;
	coi_sess0_t sess0;

	if (!coi_sess0_view(SUITE, datagram, &sess0))
	{
		return;
	}
	if (flags & FIX_HEADER)
	{
		memcpy(datagram.ptr, start, sizeof(start));
		memset(datagram.ptr + 16, 0, 8);
	}
	if (flags & FIX_TO)
	{
		memcpy(sess0.to.ptr, to[0], COI_ADDR_LEN);
	}
	if (flags & FIX_TIME)
	{
		htoun64(sess0.fields.ptr, NOW + sess0.fields.ptr[7]);
	}
	if (flags & FIX_DIGEST)
	{
		must(coi_suite_hash(coi_test_suite(), &sess0.entries, 1, digest));
		memcpy(datagram.ptr + COI_HEADER_IDS_END, digest, COI_DIGEST_LEN);
	}
	if (flags & FIX_TAG)
	{
		must(coi_token_tag0(keys->keys[choice / 8 % KEYS +
											(SUITE->id - 1) * KEYS], &sess0, tag));
		memcpy(coi_nth(sess0.tags, COI_TAG_LEN, place).ptr, tag, sizeof(tag));
		if (flags & FIX_TAG_TWICE)
		{
			memcpy(coi_nth(sess0.tags, COI_TAG_LEN, (place + 1) % 6).ptr, tag,
				   sizeof(tag));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	coi_gate_match_t match;
	coi_header_t header;
	coi_reason_t reason;
	chunk_t datagram;
	u_int i;

	if (len < 2)
	{
		return 0;
	}
	datagram = chunk_clone(chunk_create((uint8_t*)buf + 2, len - 2));
	coi_test_use(coi_suite_nth(datagram.len <= coi_suite_nth(1)->sess0_len));
	fix(datagram, buf[0], buf[1]);
	for (i = 0; i < 2; i++)
	{
		reason = coi_header_decode(datagram, &header);
		if (reason == COI_OK)
		{
			reason = coi_gate_check(gate, &header, datagram, to, 1, NOW, keys,
									&match);
			must(match.count <= COI_SESS0_PLACES);
			must(match.count || (reason != COI_OK && reason != COI_REPLAY));
		}
		if (reason == COI_OK)
		{	/* no stranger gets here */
			must(buf[0] & FIX_TAG);
			must(!i);
			/* entries of one who has no key open by no chance */
			must(coi_gate_opens(datagram, &match) == COI_OK ||
				 coi_gate_opens(datagram, &match) == COI_ENTRY);
			must(coi_gate_remember(gate, datagram, &match, NOW + 1000) ==
				 COI_OK);
		}
		if (!(buf[0] & AGAIN))
		{
			break;
		}
	}
	if (coi_gate_remembered(gate) > 48)
	{
		coi_gate_destroy(gate);
		gate = coi_gate_create(COI_DEFAULT_WINDOW, 64, NOW - 10000);
	}
	chunk_free(&datagram);
	return 0;
}
