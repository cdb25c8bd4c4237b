/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_sess0.h"
#include "coi_cursor.h"
#include "coi_frame.h"

/**
 * Write header and fields, dummies everywhere else.
 */
static bool prepare(const coi_sess0_opening_t *opening, const coi_header_t *header,
					chunk_t datagram, coi_sess0_t *sess0)
{
	uint8_t head[COI_HEADER_LEN];
	coi_writer_t writer = coi_writer(datagram.ptr, datagram.len);
	chunk_t written, rest;

	coi_header_encode(header, head);
	coi_writer_bytes(&writer, chunk_from_thing(head));
	coi_writer_u64(&writer, opening->time);
	coi_writer_bytes(&writer, opening->to);
	coi_writer_bytes(&writer, opening->nonce);
	rest = coi_writer_gap(&writer, datagram.len - writer.used);
	return coi_writer_done(&writer, &written) &&
		   written.len == datagram.len &&
		   coi_suite_random(rest.ptr, rest.len) &&
		   coi_sess0_view(opening->suite, datagram, sess0);
}

/**
 * Fill in entries, digest and tags, in this order: each covers what was there
 * before.
 */
static bool fill(const coi_sess0_opening_t *opening, coi_header_t *header,
				 chunk_t datagram, coi_sess0_t *sess0, coi_key_t *const *keys,
				 u_int count)
{
	uint8_t places[COI_SESS0_PLACES], digest[COI_MAX_HASH];
	u_int i;

	if (!coi_suite_shuffle(places, COI_SESS0_PLACES))
	{
		return FALSE;
	}
	for (i = 0; i < count; i++)
	{
		if (!coi_token_seal0(keys[i], sess0, opening->token,
							 coi_nth(sess0->entries,
									 opening->suite->entry_len,
									 places[i]).ptr))
		{
			return FALSE;
		}
	}
	if (!coi_suite_hash(opening->suite, &sess0->entries, 1, digest))
	{
		return FALSE;
	}
	memcpy(header->digest, digest, sizeof(header->digest));
	coi_header_encode(header, datagram.ptr);
	for (i = 0; i < count; i++)
	{
		if (!coi_token_tag0(keys[i], sess0,
							coi_nth(sess0->tags, COI_TAG_LEN, places[i]).ptr))
		{
			return FALSE;
		}
	}
	return TRUE;
}

bool coi_sess0_make(const coi_sess0_opening_t *opening, u_int index, u_int count,
					coi_key_t *const *keys, u_int key_count, chunk_t *datagram)
{
	coi_header_t header = {
		.type = COI_PDU_SESS0,
		.suite = opening->suite->id,
		.index = index,
		.count = count,
		.spi_i = opening->spi_i,
	};
	coi_sess0_t sess0;
	chunk_t made;

	*datagram = chunk_empty;
	if (key_count > COI_SESS0_PLACES)
	{
		return FALSE;
	}
	made = chunk_alloc(opening->suite->sess0_len);
	if (!prepare(opening, &header, made, &sess0) ||
		!fill(opening, &header, made, &sess0, keys, key_count))
	{
		chunk_free(&made);
		return FALSE;
	}
	*datagram = made;
	return TRUE;
}

bool coi_sess0_make_all(const coi_sess0_opening_t *opening, const coi_keyset_t *keys,
						chunk_t **datagrams, u_int *count)
{
	coi_key_t *ordered[COI_MAX_KEYS], **next = ordered;
	uint8_t order[COI_MAX_KEYS];
	u_int left, take, i;

	*datagrams = NULL;
	*count = 0;
	if (!keys->count || keys->count > COI_MAX_KEYS ||
		!coi_suite_shuffle(order, keys->count))
	{
		return FALSE;
	}
	for (i = 0; i < keys->count; i++)
	{
		ordered[i] = keys->keys[order[i]];
	}
	*count = (keys->count + COI_SESS0_PLACES - 1) / COI_SESS0_PLACES;
	*datagrams = calloc(*count, sizeof(chunk_t));
	for (i = 0, left = keys->count; i < *count; i++, left -= take)
	{
		take = min(left, COI_SESS0_PLACES);
		if (!coi_sess0_make(opening, i, *count, next, take, &(*datagrams)[i]))
		{
			coi_datagrams_clear(datagrams, count);
			return FALSE;
		}
		next += take;
	}
	return TRUE;
}

coi_reason_t coi_sess0_open(const coi_suite_t *suite, const coi_sess0_t *sess0,
							const coi_gate_match_t *match, coi_token_t *token,
							bool expected)
{
	coi_reason_t reason = COI_OK;
	coi_token_t first, opened;
	u_int i;

	if (expected)
	{
		first = *token;
	}
	for (i = 0; i < match->count && reason == COI_OK; i++)
	{
		if (!coi_token_open0(match->found[i].key, sess0,
							 coi_nth(sess0->entries, suite->entry_len,
									 match->found[i].place), &opened))
		{
			reason = COI_ENTRY;
		}
		else if (!i && !expected)
		{
			first = opened;
		}
		else if (!coi_token_equals(&first, &opened))
		{
			reason = COI_ENTRY;
		}
	}
	if (!match->count)
	{
		reason = COI_ENTRY;
	}
	if (reason == COI_OK)
	{
		*token = first;
	}
	memwipe(&first, sizeof(first));
	memwipe(&opened, sizeof(opened));
	return reason;
}
