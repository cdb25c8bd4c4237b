/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_segments.h"

coi_reason_t coi_segments_add(coi_segments_t *segments,
							  const coi_header_t *header, chunk_t segment)
{
	u_int index = header->index;

	if (segments->count && (segments->count != header->count ||
							segments->spi_r != header->spi_r))
	{
		return COI_SEGMENT;
	}
	if (segments->segment[index].len)
	{
		return chunk_equals(segments->segment[index], segment) ? COI_OK
															   : COI_SEGMENT;
	}
	segments->count = header->count;
	segments->spi_r = header->spi_r;
	segments->segment[index] = chunk_clone(segment);
	memcpy(segments->digest[index], header->digest, COI_DIGEST_LEN);
	return COI_OK;
}

bool coi_segments_join(const coi_segments_t *segments, chunk_t *message)
{
	chunk_t joined = chunk_empty;
	u_int i;

	for (i = 0; i < segments->count; i++)
	{
		if (!segments->segment[i].len)
		{
			chunk_free(&joined);
			return FALSE;
		}
		joined = chunk_cat("mc", joined, segments->segment[i]);
	}
	*message = joined;
	return joined.len;
}

size_t coi_segments_size(const coi_segments_t *segments)
{
	size_t size = 0;
	u_int i;

	for (i = 0; i < segments->count; i++)
	{
		size += segments->segment[i].len;
	}
	return size;
}

void coi_segments_clear(coi_segments_t *segments)
{
	u_int i;

	for (i = 0; i < countof(segments->segment); i++)
	{
		chunk_free(&segments->segment[i]);
	}
	*segments = (coi_segments_t){};
}

void coi_seen_set(coi_seen_t *seen, const coi_segments_t *segments)
{
	coi_seen_clear(seen);
	seen->digest = malloc(segments->count * sizeof(*seen->digest));
	seen->count = segments->count;
	memcpy(seen->digest, segments->digest,
		   segments->count * sizeof(*seen->digest));
}

bool coi_seen_has(const coi_seen_t *seen, const coi_header_t *header)
{
	return seen->count && header->count == seen->count &&
		   memeq(seen->digest[header->index], header->digest, COI_DIGEST_LEN);
}

void coi_seen_clear(coi_seen_t *seen)
{
	free(seen->digest);
	*seen = (coi_seen_t){};
}
