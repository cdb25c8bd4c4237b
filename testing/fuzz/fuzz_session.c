/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Sessions of both roles in each state, and hostile datagrams. As no fuzzer guesses
 * a MAC, it may ask for tags and seals that only a fellow member or the peer can
 * make; what it cannot have is the peer's signature.
 *
 * Input: events, each an octet that chooses the session, an octet for the type,
 * one of flags, two of length, then octets of the datagram.
 *
 * A refused datagram leaves a session as it was, so that each is made once. This is
 * checked, and is what makes the target fast.
 */

#include <stdint.h>
#include <stdlib.h>

#include "coi_pair.h"

#include "core/coi_cursor.h"
#include "core/coi_frame.h"
#include "core/coi_session_private.h"

enum {
	/** session ids, suite and version are right */
	FIX_HEADER = 1,
	/** tag and digest are right */
	FIX_TAG = 2,
	/** the content is sealed as the peer does: IDLE, TERM */
	SEAL = 4,
	/** one segment of two */
	HALF = 8,
	FIRST = 16,
};

/** packets delivered before the sessions are taken as they are */
#define STEPS 5
#define PAIRS (STEPS * COI_SUITES)

/** in each suite: both ends after none to four packets, and open for long */
static coi_pair_t *pairs[PAIRS];

static void must(bool condition)
{
	if (!condition)
	{
		abort();
	}
}

static void make(u_int which)
{
	coi_pair_t *pair;
	u_int i;

	coi_test_use(coi_suite_nth(which / STEPS));
	coi_pair_destroy(pairs[which]);
	pair = pairs[which] = coi_pair_create("lab web", "lab web");
	coi_pair_open(pair);
	for (i = 0; i < which % STEPS; i++)
	{
		must(coi_pair_deliver(pair));
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	u_int i;

	coi_test_init();
	for (i = 0; i < PAIRS; i++)
	{
		pairs[i] = coi_pair_create("", "");
		make(i);
	}
	return 0;
}

/**
 * The gate key that a datagram for a session is checked with, if there is one.
 */
static chunk_t gate_key(coi_session_t *session, uint8_t type)
{
	if (type == COI_PDU_SESS1 && session->initiator && session->exchange &&
		session->exchange->gates)
	{
		return coi_session_gate1(session, 0);
	}
	if (type == COI_PDU_SESS2 && !session->initiator && session->exchange)
	{
		return chunk_create(session->exchange->keymat.gate2,
							session->suite->hash_len);
	}
	if (coi_pdu_is_segment(type))
	{
		return chunk_create(session->seen_gate, session->suite->hash_len);
	}
	return chunk_create(session->control.keys.tag_in,
						session->suite->hash_len);
}

/**
 * Seal octets as the peer would: what stands behind the sequence.
 */
static chunk_t seal(coi_session_t *session, const coi_header_t *header,
					chunk_t plain)
{
	uint8_t kn[COI_SEAL_KEY_LEN], head[COI_HEADER_LEN], number[8];
	chunk_t aad, sealed;

	htoun64(number, session->control.accepted + 1);
	memcpy(kn, session->control.keys.seal_in, sizeof(kn));
	memxor(kn + sizeof(kn) - 8, number, 8);
	coi_header_encode(header, head);
	aad = chunk_cata("cc", coi_slice(chunk_from_thing(head), 4, 24),
					 chunk_from_thing(number));
	sealed = chunk_alloc(8 + plain.len + COI_ICV_LEN);
	memcpy(sealed.ptr, number, 8);
	must(coi_suite_seal(session->suite, kn, aad, plain, sealed.ptr + 8));
	return sealed;
}

/**
 * Make a datagram of a type.
 */
static chunk_t build(coi_session_t *session, uint8_t type, uint8_t flags,
					 chunk_t octets)
{
	coi_header_t header = {
		.type = type,
		.suite = session->suite->id,
		.count = flags & HALF ? 2 : 1,
		.index = (flags & HALF) && (flags & FIRST) ? 0 : !!(flags & HALF),
		.spi_i = coi_session_spi_i(session),
		.spi_r = coi_session_spi_r(session) ?: 4711,
	};
	chunk_t body, datagram;

	if (!coi_pdu_is_segment(type))
	{
		header.index = 0;
		header.count = 1;
	}
	if (!(flags & FIX_HEADER))
	{
		return chunk_clone(octets);
	}
	if (type == COI_PDU_SESS0)
	{
		header.spi_r = 0;
		datagram = chunk_clone(octets);
		if (datagram.len >= COI_HEADER_LEN)
		{
			coi_header_encode(&header, datagram.ptr);
		}
		return datagram;
	}
	body = !coi_pdu_is_segment(type) && (flags & SEAL)
		   ? seal(session, &header, octets) : chunk_clone(octets);
	if (!(flags & FIX_TAG) || !body.len ||
		!coi_frame_make(session->suite, &header, gate_key(session, type),
						!coi_pdu_is_segment(type) ? COI_SEQ_LEN : 0, body,
						&datagram))
	{
		datagram = chunk_alloc(COI_SEGMENT_OFF + body.len);
		memset(datagram.ptr, 0x5a, COI_SEGMENT_OFF);
		coi_header_encode(&header, datagram.ptr);
		memcpy(datagram.ptr + COI_SEGMENT_OFF, body.ptr, body.len);
	}
	chunk_free(&body);
	return datagram;
}

/**
 * Give a datagram to a session. Returns whether the session has to be made anew.
 */
static bool feed(coi_session_t *session, chunk_t datagram)
{
	coi_session_t before = *session;
	coi_gate_match_t match = {};
	coi_actions_t actions;
	coi_header_t header;
	coi_event_t event = {
		.datagram = datagram, .header = &header, .match = &match,
		.now = 5000, .wall = COI_TEST_WALL + 5000,
	};
	coi_reason_t reason;

	if (coi_header_decode(datagram, &header) != COI_OK)
	{
		return FALSE;
	}
	event.type = COI_EV_SESS0 + header.type;
	reason = coi_session_step(session, &event, &actions);
	must(session->state == before.state);
	if (reason != COI_OK)
	{
		must(!actions.count);
		must(memeq(&before, session, sizeof(before)));
		return FALSE;
	}
	/* a segment was stored, or an IDLE accepted */
	must(header.type == COI_PDU_IDLE || !actions.count ||
		 actions.list[0].type == COI_ACT_ALIVE);
	return header.type == COI_PDU_IDLE && !before.confirmed;
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	coi_cursor_t cursor = coi_cursor(chunk_create((uint8_t*)buf, len));
	coi_session_t *session;
	uint8_t choice, type, flags;
	chunk_t octets, datagram;
	bool touched[PAIRS] = {};
	uint16_t size;
	u_int i, events = 0;

	while (coi_cursor_u8(&cursor, &choice) && coi_cursor_u8(&cursor, &type) &&
		   coi_cursor_u8(&cursor, &flags) && coi_cursor_u16(&cursor, &size) &&
		   events++ < 32)
	{
		if (!coi_cursor_bytes(&cursor, min(size, coi_cursor_remaining(&cursor)),
							  &octets))
		{
			break;
		}
		i = choice / 2 % PAIRS;
		session = choice % 2 ? pairs[i]->r.session : pairs[i]->i.session;
		if (session)
		{
			datagram = build(session, type % COI_PDU_MAX, flags, octets);
			touched[i] |= feed(session, datagram);
			chunk_free(&datagram);
		}
	}
	for (i = 0; i < PAIRS; i++)
	{
		if (touched[i])
		{
			make(i);
			continue;
		}
		/* segments of this input are not those of the next */
		if (pairs[i]->i.session && pairs[i]->i.session->exchange)
		{
			coi_segments_clear(&pairs[i]->i.session->exchange->segments);
		}
		if (pairs[i]->r.session && pairs[i]->r.session->exchange)
		{
			coi_segments_clear(&pairs[i]->r.session->exchange->segments);
		}
	}
	return 0;
}
