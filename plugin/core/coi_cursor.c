/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cursor.h"

coi_cursor_t coi_cursor(chunk_t data)
{
	return (coi_cursor_t){ .left = data };
}

bool coi_cursor_bytes(coi_cursor_t *cursor, size_t len, chunk_t *bytes)
{
	if (cursor->failed || cursor->left.len < len)
	{
		cursor->failed = TRUE;
		*bytes = chunk_empty;
		return FALSE;
	}
	*bytes = chunk_create(cursor->left.ptr, len);
	cursor->left = chunk_skip(cursor->left, len);
	return TRUE;
}

bool coi_cursor_copy(coi_cursor_t *cursor, void *out, size_t len)
{
	chunk_t bytes;

	if (!coi_cursor_bytes(cursor, len, &bytes))
	{
		return FALSE;
	}
	memcpy(out, bytes.ptr, len);
	return TRUE;
}

/**
 * Read a number of up to eight octets.
 */
static uint64_t read_number(coi_cursor_t *cursor, size_t len)
{
	uint64_t value = 0;
	chunk_t bytes;
	size_t i;

	if (coi_cursor_bytes(cursor, len, &bytes))
	{
		for (i = 0; i < len; i++)
		{
			value = value << 8 | bytes.ptr[i];
		}
	}
	return value;
}

bool coi_cursor_u8(coi_cursor_t *cursor, uint8_t *value)
{
	*value = read_number(cursor, sizeof(*value));
	return !cursor->failed;
}

bool coi_cursor_u16(coi_cursor_t *cursor, uint16_t *value)
{
	*value = read_number(cursor, sizeof(*value));
	return !cursor->failed;
}

bool coi_cursor_u32(coi_cursor_t *cursor, uint32_t *value)
{
	*value = read_number(cursor, sizeof(*value));
	return !cursor->failed;
}

bool coi_cursor_u64(coi_cursor_t *cursor, uint64_t *value)
{
	*value = read_number(cursor, sizeof(*value));
	return !cursor->failed;
}

size_t coi_cursor_remaining(const coi_cursor_t *cursor)
{
	return cursor->failed ? 0 : cursor->left.len;
}

bool coi_cursor_done(const coi_cursor_t *cursor)
{
	return !cursor->failed && !cursor->left.len;
}

coi_writer_t coi_writer(void *buf, size_t len)
{
	return (coi_writer_t){ .buf = chunk_create(buf, len) };
}

chunk_t coi_writer_gap(coi_writer_t *writer, size_t len)
{
	chunk_t gap;

	if (writer->failed || writer->buf.len - writer->used < len)
	{
		writer->failed = TRUE;
		return chunk_empty;
	}
	gap = chunk_create(writer->buf.ptr + writer->used, len);
	writer->used += len;
	return gap;
}

void coi_writer_bytes(coi_writer_t *writer, chunk_t bytes)
{
	chunk_t gap;

	gap = coi_writer_gap(writer, bytes.len);
	memcpy(gap.ptr, bytes.ptr, gap.len);
}

/**
 * Write the low octets of a number.
 */
static void write_number(coi_writer_t *writer, uint64_t value, size_t len)
{
	chunk_t gap;

	gap = coi_writer_gap(writer, len);
	while (gap.len)
	{
		gap.ptr[--gap.len] = value;
		value >>= 8;
	}
}

void coi_writer_u8(coi_writer_t *writer, uint8_t value)
{
	write_number(writer, value, sizeof(value));
}

void coi_writer_u16(coi_writer_t *writer, uint16_t value)
{
	write_number(writer, value, sizeof(value));
}

void coi_writer_u32(coi_writer_t *writer, uint32_t value)
{
	write_number(writer, value, sizeof(value));
}

void coi_writer_u64(coi_writer_t *writer, uint64_t value)
{
	write_number(writer, value, sizeof(value));
}

bool coi_writer_done(const coi_writer_t *writer, chunk_t *written)
{
	*written = chunk_create(writer->buf.ptr,
							writer->failed ? 0 : writer->used);
	return !writer->failed;
}

chunk_t coi_slice(chunk_t data, size_t from, size_t to)
{
	if (from > to || to > data.len)
	{
		return chunk_empty;
	}
	return chunk_create(data.ptr + from, to - from);
}

chunk_t coi_nth(chunk_t data, size_t len, u_int n)
{
	return coi_slice(data, n * len, (n + 1) * len);
}
