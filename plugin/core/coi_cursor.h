/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the arithmetic on wire octets: a silent bounded reader, a bounded
 * writer and slices. Nothing else adds to a pointer into a datagram.
 *
 * Both ends fail softly: after the first overrun every further call fails too,
 * so that a decoder may look once, at the end. bio_reader_t logs each short
 * read, which a stranger could cause.
 */

#ifndef COI_CURSOR_H_
#define COI_CURSOR_H_

#include <library.h>

typedef struct coi_cursor_t coi_cursor_t;
typedef struct coi_writer_t coi_writer_t;

/** Reader; lives on the stack, borrows its octets. */
struct coi_cursor_t {
	chunk_t left;
	bool failed;
};

/** Writer into a buffer of the caller's. */
struct coi_writer_t {
	chunk_t buf;
	size_t used;
	bool failed;
};

/** Start reading. */
coi_cursor_t coi_cursor(chunk_t data);

/**
 * Read a number in network byte order.
 *
 * @param cursor	reader
 * @param value		receives the number, in host order; 0 on failure
 * @return			FALSE if there are not enough octets, or a read failed before
 */
bool coi_cursor_u8(coi_cursor_t *cursor, uint8_t *value);
bool coi_cursor_u16(coi_cursor_t *cursor, uint16_t *value);
bool coi_cursor_u32(coi_cursor_t *cursor, uint32_t *value);
bool coi_cursor_u64(coi_cursor_t *cursor, uint64_t *value);

/** Read octets; bytes borrows from the data, empty on failure. */
bool coi_cursor_bytes(coi_cursor_t *cursor, size_t len, chunk_t *bytes);

/** Read octets into a buffer, which is left alone on failure. */
bool coi_cursor_copy(coi_cursor_t *cursor, void *out, size_t len);

/** Octets that are left. */
size_t coi_cursor_remaining(const coi_cursor_t *cursor);

/** Whether all octets were read and no read failed. */
bool coi_cursor_done(const coi_cursor_t *cursor);

/** Start writing into a buffer, borrowed. */
coi_writer_t coi_writer(void *buf, size_t len);

/** Write a number in network byte order. */
void coi_writer_u8(coi_writer_t *writer, uint8_t value);
void coi_writer_u16(coi_writer_t *writer, uint16_t value);
void coi_writer_u32(coi_writer_t *writer, uint32_t value);
void coi_writer_u64(coi_writer_t *writer, uint64_t value);

/** Write octets. */
void coi_writer_bytes(coi_writer_t *writer, chunk_t bytes);

/**
 * Leave a gap to be filled in by the caller.
 *
 * @return			the gap, inside the buffer; empty if there is no space
 */
chunk_t coi_writer_gap(coi_writer_t *writer, size_t len);

/**
 * What has been written.
 *
 * @param writer	writer
 * @param written	receives the octets, borrowed from the buffer
 * @return			FALSE if something did not fit
 */
bool coi_writer_done(const coi_writer_t *writer, chunk_t *written)
					 __attribute__((warn_unused_result));

/**
 * PROTOCOL.md's a[from..to]: octets from to to-1.
 *
 * @return			borrowed slice, empty if data is shorter or to < from
 */
chunk_t coi_slice(chunk_t data, size_t from, size_t to);

/** The nth of equally long fields that follow one another, empty if there is none. */
chunk_t coi_nth(chunk_t data, size_t len, u_int n);

#endif /** COI_CURSOR_H_ */
