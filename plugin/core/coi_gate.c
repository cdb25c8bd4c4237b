/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_gate.h"
#include "coi_cursor.h"
#include "coi_replay.h"
#include "coi_sess0.h"

struct coi_gate_t {
	/** ms that a Sess0's time may differ from our clock */
	uint64_t window;
	coi_replay_t *replay;
	/** one of each suite, so that a check allocates nothing */
	hasher_t *hashers[COI_SUITES];
};

/**
 * The suite that a number means, NULL if no key is of it.
 */
static const coi_suite_t *find_suite(const coi_keyset_t *keys, uint8_t id)
{
	u_int i;

	for (i = 0; i < keys->count; i++)
	{
		if (keys->keys[i]->suite->id == id)
		{
			return keys->keys[i]->suite;
		}
	}
	return NULL;
}

/**
 * Step 4: whether the Sess0 is meant for us.
 */
static bool is_ours(const coi_sess0_t *sess0,
					const uint8_t (*to)[COI_ADDR_LEN], u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (memeq(to[i], sess0->to.ptr, COI_ADDR_LEN))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Step 5: whether the Sess0 is of now.
 */
static bool is_timely(const coi_gate_t *this, uint64_t time, uint64_t now)
{
	uint64_t off = time > now ? time - now : now - time;

	return off <= this->window && time > coi_replay_floor(this->replay);
}

/**
 * Step 6: find our keys among the tags. A Sess0 with a tag twice matches twice, both
 * entries will have to open.
 */
static bool find_keys(const coi_sess0_t *sess0, const coi_suite_t *suite,
					  const coi_keyset_t *keys, coi_gate_match_t *match)
{
	uint8_t tag[COI_TAG_LEN];
	coi_key_t *key;
	u_int i, place;

	for (i = 0; i < keys->count; i++)
	{
		key = keys->keys[i];
		if (key->suite != suite)
		{
			continue;
		}
		if (!coi_suite_mac16(key->gate0, sess0->tagged, tag))
		{
			return FALSE;
		}
		for (place = 0; place < COI_SESS0_PLACES; place++)
		{
			if (match->count < countof(match->found) &&
				chunk_equals_const(chunk_from_thing(tag),
								coi_nth(sess0->tags, COI_TAG_LEN, place)))
			{
				match->found[match->count].key = key;
				match->found[match->count].place = place;
				if (!match->count++)
				{
					memcpy(match->tag, tag, COI_TAG_LEN);
				}
			}
		}
	}
	return TRUE;
}

/**
 * The tag at a place that matched.
 */
static const uint8_t *found_tag(const coi_sess0_t *sess0,
								const coi_gate_match_t *match, u_int i)
{
	return coi_nth(sess0->tags, COI_TAG_LEN, match->found[i].place).ptr;
}

/**
 * Step 7: whether any of the tags is remembered.
 */
static bool is_replay(const coi_gate_t *this, const coi_sess0_t *sess0,
					  const coi_gate_match_t *match)
{
	u_int i;

	for (i = 0; i < match->count; i++)
	{
		if (coi_replay_has(this->replay, found_tag(sess0, match, i)))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Step 8.
 */
static coi_reason_t check_digest(const coi_gate_t *this,
								 const coi_header_t *header,
								 const coi_sess0_t *sess0)
{
	uint8_t digest[COI_MAX_HASH];
	const coi_suite_t *suite;
	u_int i;

	for (i = 0; (suite = coi_suite_nth(i)); i++)
	{
		if (suite->id == header->suite)
		{
			if (!this->hashers[i] ||
				!this->hashers[i]->get_hash(this->hashers[i], sess0->entries,
											digest))
			{
				return COI_INTERNAL;
			}
			return memeq_const(digest, header->digest, COI_DIGEST_LEN) ?
				   COI_OK : COI_DIGEST;
		}
	}
	return COI_SUITE;
}

coi_reason_t coi_gate_check(coi_gate_t *this, const coi_header_t *header,
							chunk_t datagram,
							const uint8_t (*to)[COI_ADDR_LEN], u_int to_count,
							uint64_t now, const coi_keyset_t *keys,
							coi_gate_match_t *match)
{
	const coi_suite_t *suite = find_suite(keys, header->suite);
	coi_sess0_t sess0;

	*match = (coi_gate_match_t){};
	if (header->type != COI_PDU_SESS0)
	{
		return COI_TYPE;
	}
	if (!suite)
	{
		return COI_SUITE;
	}
	if (!coi_sess0_view(suite, datagram, &sess0))
	{
		return COI_LENGTH;
	}
	if (!is_ours(&sess0, to, to_count))
	{
		return COI_DESTINATION;
	}
	coi_replay_clock(this->replay, now);
	if (!is_timely(this, sess0.time, now))
	{
		return COI_TIME;
	}
	if (!find_keys(&sess0, suite, keys, match))
	{
		return COI_INTERNAL;
	}
	if (!match->count)
	{
		return COI_NO_COMMUNITY;
	}
	if (is_replay(this, &sess0, match))
	{
		return COI_REPLAY;
	}
	return check_digest(this, header, &sess0);
}

coi_reason_t coi_gate_opens(chunk_t datagram, const coi_gate_match_t *match)
{
	const coi_suite_t *suite;
	coi_reason_t reason;
	coi_sess0_t sess0;
	coi_token_t token;

	if (!match->count)
	{
		return COI_ENTRY;
	}
	suite = match->found[0].key->suite;
	if (!coi_sess0_view(suite, datagram, &sess0))
	{
		return COI_LENGTH;
	}
	reason = coi_sess0_open(suite, &sess0, match, &token, FALSE);
	memwipe(&token, sizeof(token));
	return reason;
}

coi_reason_t coi_gate_remember(coi_gate_t *this, chunk_t datagram,
							   const coi_gate_match_t *match, uint64_t now)
{
	coi_sess0_t sess0;
	const uint8_t *tag;
	u_int i;

	if (!match->count ||
		!coi_sess0_view(match->found[0].key->suite, datagram, &sess0))
	{
		return COI_LENGTH;
	}
	/* all of them: who changes one is still known by the others */
	for (i = 0; i < match->count; i++)
	{
		tag = found_tag(&sess0, match, i);
		if (!coi_replay_has(this->replay, tag) &&
			!coi_replay_add(this->replay, tag, sess0.time, now))
		{
			return COI_REPLAY;
		}
	}
	return COI_OK;
}

u_int coi_gate_remembered(const coi_gate_t *this)
{
	return coi_replay_count(this->replay);
}

void coi_gate_destroy(coi_gate_t *this)
{
	u_int i;

	if (this)
	{
		for (i = 0; i < COI_SUITES; i++)
		{
			DESTROY_IF(this->hashers[i]);
		}
		coi_replay_destroy(this->replay);
		free(this);
	}
}

coi_gate_t *coi_gate_create(u_int window, u_int capacity, uint64_t now)
{
	coi_gate_t *this;
	u_int i;

	INIT(this,
		.window = (uint64_t)window * 1000,
		.replay = coi_replay_create(capacity, now),
	);
	for (i = 0; i < COI_SUITES; i++)
	{
		this->hashers[i] = lib->crypto->create_hasher(lib->crypto,
													  coi_suite_nth(i)->hash);
	}
	if (!this->replay)
	{
		coi_gate_destroy(this);
		return NULL;
	}
	return this;
}
