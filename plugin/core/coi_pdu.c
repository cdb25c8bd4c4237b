/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_pdu.h"
#include "coi_cursor.h"

ENUM(coi_pdu_names, COI_PDU_SESS0, COI_PDU_SESS3,
	"Sess0",
	"Sess1",
	"Sess2",
	"IDLE",
	"TERM",
	"Sess3",
);

/**
 * Whether a datagram of a known type may be so long: section 14.2.
 */
static bool is_length(const coi_suite_t *suite, uint8_t type, size_t len)
{
	switch (type)
	{
		case COI_PDU_SESS0:
			return len == suite->sess0_len;
		case COI_PDU_IDLE:
			return len == COI_IDLE_LEN;
		case COI_PDU_TERM:
			return len >= suite->term_min && len <= suite->term_max;
		default:
			return len > COI_SEGMENT_OFF && len <= COI_MAX_DATAGRAM;
	}
}

coi_reason_t coi_header_decode(chunk_t datagram, coi_header_t *header)
{
	coi_cursor_t cursor = coi_cursor(datagram);
	const coi_suite_t *suite;
	coi_header_t this = {};
	uint32_t marker;
	uint8_t version, segment;

	coi_cursor_u32(&cursor, &marker);
	coi_cursor_u8(&cursor, &version);
	coi_cursor_u8(&cursor, &this.type);
	coi_cursor_u8(&cursor, &this.suite);
	coi_cursor_u8(&cursor, &segment);
	coi_cursor_u64(&cursor, &this.spi_i);
	coi_cursor_u64(&cursor, &this.spi_r);
	if (!coi_cursor_copy(&cursor, this.digest, sizeof(this.digest)))
	{
		return COI_SHORT;
	}
	if (marker)
	{
		return COI_MARKER;
	}
	if (version != COI_VERSION)
	{
		return COI_BAD_VERSION;
	}
	if (this.type >= COI_PDU_MAX)
	{
		return COI_TYPE;
	}
	suite = coi_suite_get(this.suite);
	if (!suite)
	{
		return COI_SUITE;
	}
	if (!is_length(suite, this.type, datagram.len))
	{
		return COI_LENGTH;
	}
	this.index = segment >> 4;
	this.count = (segment & 0x0f) + 1;
	if (this.index >= this.count || (segment && !coi_pdu_is_segment(this.type)))
	{
		return COI_SEGMENT;
	}
	if (!this.spi_i || !this.spi_r != (this.type == COI_PDU_SESS0))
	{
		return COI_SPI;
	}
	*header = this;
	return COI_OK;
}

void coi_header_encode(const coi_header_t *header, uint8_t out[COI_HEADER_LEN])
{
	coi_writer_t writer = coi_writer(out, COI_HEADER_LEN);

	coi_writer_u32(&writer, 0);
	coi_writer_u8(&writer, COI_VERSION);
	coi_writer_u8(&writer, header->type);
	coi_writer_u8(&writer, header->suite);
	coi_writer_u8(&writer, header->index << 4 | (header->count - 1));
	coi_writer_u64(&writer, header->spi_i);
	coi_writer_u64(&writer, header->spi_r);
	coi_writer_bytes(&writer, chunk_create((uint8_t*)header->digest,
										   COI_DIGEST_LEN));
}

void coi_context_encode(const coi_header_t *header,
						uint8_t out[COI_CONTEXT_LEN])
{
	coi_writer_t writer = coi_writer(out, COI_CONTEXT_LEN);

	coi_writer_u8(&writer, COI_VERSION);
	coi_writer_u8(&writer, header->type);
	coi_writer_u8(&writer, header->suite);
	coi_writer_u8(&writer, 0);
	coi_writer_u64(&writer, header->spi_i);
	coi_writer_u64(&writer, header->spi_r);
}

bool coi_sess0_view(const coi_suite_t *suite, chunk_t datagram,
					coi_sess0_t *sess0)
{
	coi_cursor_t cursor;

	if (datagram.len != suite->sess0_len)
	{
		return FALSE;
	}
	sess0->ids = coi_slice(datagram, COI_HEADER_MAC_OFF, COI_HEADER_IDS_END);
	sess0->fields = coi_slice(datagram, COI_SESS0_FIELDS_OFF,
							  COI_SESS0_TAGS_OFF);
	sess0->tagged = coi_slice(datagram, COI_HEADER_MAC_OFF, COI_SESS0_TAGS_OFF);
	sess0->hashed = coi_slice(datagram, COI_HEADER_MAC_OFF, datagram.len);

	cursor = coi_cursor(coi_slice(datagram, COI_SESS0_FIELDS_OFF, datagram.len));
	coi_cursor_u64(&cursor, &sess0->time);
	coi_cursor_bytes(&cursor, COI_ADDR_LEN, &sess0->to);
	coi_cursor_bytes(&cursor, COI_NONCE_LEN, &sess0->nonce);
	coi_cursor_bytes(&cursor, COI_SESS0_PLACES * COI_TAG_LEN, &sess0->tags);
	coi_cursor_bytes(&cursor, COI_SESS0_PLACES * suite->entry_len,
					 &sess0->entries);
	return coi_cursor_done(&cursor);
}

u_int coi_message1_places(u_int communities)
{
	static const u_int sizes[] = {
		COI_SESS1_PLACES_FEW, COI_SESS1_PLACES_SOME, COI_SESS1_PLACES_MANY,
	};
	u_int i;

	for (i = 0; communities && i < countof(sizes); i++)
	{
		if (communities <= sizes[i])
		{
			return sizes[i];
		}
	}
	return 0;
}

/**
 * Read what all messages end with: SessionInfo behind its length, and a signature
 * of what stands before it.
 */
static bool take_end(coi_cursor_t *cursor, const coi_suite_t *suite,
					 chunk_t message, chunk_t *info, chunk_t *signature,
					 chunk_t *body)
{
	uint16_t len;

	coi_cursor_u16(cursor, &len);
	coi_cursor_bytes(cursor, len, info);
	coi_cursor_bytes(cursor, suite->sig_len, signature);
	if (!coi_cursor_done(cursor))
	{
		return FALSE;
	}
	*body = coi_slice(message, 0, message.len - suite->sig_len);
	return TRUE;
}

bool coi_message1_decode(const coi_suite_t *suite, chunk_t message,
						 coi_message1_t *message1)
{
	coi_cursor_t cursor = coi_cursor(message);
	uint8_t zero;

	coi_cursor_bytes(&cursor, COI_NONCE_LEN, &message1->nonce);
	coi_cursor_u16(&cursor, &message1->parts);
	coi_cursor_u8(&cursor, &message1->places);
	coi_cursor_u8(&cursor, &zero);
	if (zero || coi_message1_places(message1->places) != message1->places)
	{
		return FALSE;
	}
	coi_cursor_bytes(&cursor, message1->places * COI_TAG_LEN,
					 &message1->etags);
	coi_cursor_bytes(&cursor, message1->places * suite->entry_len,
					 &message1->entries);
	return take_end(&cursor, suite, message, &message1->info,
					&message1->signature, &message1->body);
}

/**
 * Write what all messages end with, and hand out a message whose signature is
 * still missing.
 */
static bool put_end(coi_writer_t *writer, const coi_suite_t *suite, chunk_t info,
					chunk_t *body, chunk_t *message)
{
	chunk_t written;

	*body = *message = chunk_empty;
	if (info.len > UINT16_MAX)
	{
		return FALSE;
	}
	coi_writer_u16(writer, info.len);
	coi_writer_bytes(writer, info);
	coi_writer_gap(writer, suite->sig_len);
	if (!coi_writer_done(writer, &written))
	{
		return FALSE;
	}
	*message = chunk_clone(written);
	*body = coi_slice(*message, 0, message->len - suite->sig_len);
	return TRUE;
}

bool coi_message1_encode(const coi_suite_t *suite,
						 const coi_message1_t *message1, chunk_t *body,
						 chunk_t *message)
{
	uint8_t buf[COI_MAX_MESSAGE];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));

	coi_writer_bytes(&writer, message1->nonce);
	coi_writer_u16(&writer, message1->parts);
	coi_writer_u8(&writer, message1->places);
	coi_writer_u8(&writer, 0);
	coi_writer_bytes(&writer, message1->etags);
	coi_writer_bytes(&writer, message1->entries);
	return put_end(&writer, suite, message1->info, body, message);
}

size_t coi_message1_room(const coi_suite_t *suite, u_int places)
{
	return COI_MAX_MESSAGE - COI_SESS1_FIXED -
		   places * (COI_TAG_LEN + suite->entry_len) - suite->sig_len;
}

bool coi_message2_decode(const coi_suite_t *suite, chunk_t message,
						 coi_message2_t *message2)
{
	coi_cursor_t cursor = coi_cursor(message);

	coi_cursor_bytes(&cursor, suite->value_len[COI_INITIATOR] + COI_ICV_LEN,
					 &message2->key);
	return take_end(&cursor, suite, message, &message2->info,
					&message2->signature, &message2->body);
}

bool coi_message2_encode(const coi_suite_t *suite,
						 const coi_message2_t *message2, chunk_t *body,
						 chunk_t *message)
{
	uint8_t buf[COI_MAX_MESSAGE];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));

	coi_writer_bytes(&writer, message2->key);
	return put_end(&writer, suite, message2->info, body, message);
}

size_t coi_message2_room(const coi_suite_t *suite)
{
	return COI_MAX_MESSAGE - suite->value_len[COI_INITIATOR] - COI_ICV_LEN - 2 -
		   suite->sig_len;
}

bool coi_message3_decode(const coi_suite_t *suite, chunk_t message,
						 coi_message3_t *message3)
{
	coi_cursor_t cursor = coi_cursor(message);

	return take_end(&cursor, suite, message, &message3->info,
					&message3->signature, &message3->body);
}

bool coi_message3_encode(const coi_suite_t *suite,
						 const coi_message3_t *message3, chunk_t *body,
						 chunk_t *message)
{
	uint8_t buf[COI_MAX_MESSAGE];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));

	return put_end(&writer, suite, message3->info, body, message);
}
