/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_frame.h"
#include "coi_cursor.h"

/**
 * The tag over header[4..56] and the covered octets of the body.
 */
static bool make_tag(const coi_suite_t *suite, chunk_t gate, chunk_t header,
					 chunk_t covered, uint8_t tag[COI_TAG_LEN])
{
	chunk_t data;

	data = chunk_cata("cc", coi_slice(header, COI_HEADER_MAC_OFF,
									  COI_HEADER_LEN), covered);
	return coi_suite_mac16_once(suite, gate, data, tag);
}

bool coi_frame_make(const coi_suite_t *suite, const coi_header_t *header,
					chunk_t gate, size_t covered, chunk_t body,
					chunk_t *datagram)
{
	uint8_t head[COI_HEADER_LEN], tag[COI_TAG_LEN], digest[COI_MAX_HASH];
	coi_header_t full = *header;

	*datagram = chunk_empty;
	if (!coi_suite_hash(suite, &body, 1, digest))
	{
		return FALSE;
	}
	memcpy(full.digest, digest, sizeof(full.digest));
	coi_header_encode(&full, head);
	if (!make_tag(suite, gate, chunk_from_thing(head),
				  coi_slice(body, 0, covered), tag))
	{
		return FALSE;
	}
	*datagram = chunk_cat("ccc", chunk_from_thing(head), chunk_from_thing(tag),
						  body);
	return TRUE;
}

coi_reason_t coi_frame_verify(const coi_suite_t *suite,
							  const coi_header_t *header, chunk_t gate,
							  size_t covered, chunk_t datagram, chunk_t *body)
{
	uint8_t expected[COI_TAG_LEN], digest[COI_MAX_HASH];
	chunk_t tag, rest;

	tag = coi_slice(datagram, COI_HEADER_LEN, COI_SEGMENT_OFF);
	rest = coi_slice(datagram, COI_SEGMENT_OFF, datagram.len);
	if (!make_tag(suite, gate, coi_slice(datagram, 0, COI_HEADER_LEN),
				  coi_slice(rest, 0, covered), expected))
	{
		return COI_INTERNAL;
	}
	if (!chunk_equals_const(tag, chunk_from_thing(expected)))
	{
		return COI_TAG;
	}
	if (!coi_suite_hash(suite, &rest, 1, digest))
	{
		return COI_INTERNAL;
	}
	if (!memeq_const(header->digest, digest, COI_DIGEST_LEN))
	{
		return COI_DIGEST;
	}
	*body = rest;
	return COI_OK;
}

bool coi_frame_cut(const coi_suite_t *suite, const coi_header_t *header,
				   chunk_t gate, chunk_t message, chunk_t **datagrams,
				   u_int *count)
{
	coi_header_t segment = *header;
	size_t from, to;
	u_int i;

	*datagrams = NULL;
	*count = 0;
	if (!message.len || message.len > COI_MAX_MESSAGE)
	{
		return FALSE;
	}
	segment.count = (message.len + COI_MAX_SEGMENT - 1) / COI_MAX_SEGMENT;
	*datagrams = calloc(segment.count, sizeof(chunk_t));
	*count = segment.count;
	for (i = 0; i < segment.count; i++)
	{
		segment.index = i;
		from = i * COI_MAX_SEGMENT;
		to = min(from + COI_MAX_SEGMENT, message.len);
		if (!coi_frame_make(suite, &segment, gate, 0,
							coi_slice(message, from, to), &(*datagrams)[i]))
		{
			coi_datagrams_clear(datagrams, count);
			return FALSE;
		}
	}
	return TRUE;
}

void coi_datagrams_clear(chunk_t **datagrams, u_int *count)
{
	u_int i;

	for (i = 0; i < *count; i++)
	{
		chunk_free(&(*datagrams)[i]);
	}
	free(*datagrams);
	*datagrams = NULL;
	*count = 0;
}
