/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_idle_term.h"
#include "coi_cursor.h"
#include "coi_frame.h"
#include "coi_utf8.h"

/** plain text of the longest TERM */
#define MAX_PLAIN (COI_MAX_TERM - COI_SEALED_OFF - COI_ICV_LEN)

/** header[4..24] | sequence */
#define AAD_LEN (COI_HEADER_IDS_END - COI_HEADER_MAC_OFF + COI_SEQ_LEN)

/**
 * The key of one datagram: the direction's with the sequence in its nonce.
 */
static void derive(const uint8_t base[COI_SEAL_KEY_LEN], uint64_t sequence,
				   uint8_t kn[COI_SEAL_KEY_LEN])
{
	uint8_t number[COI_SEQ_LEN];

	htoun64(number, sequence);
	memcpy(kn, base, COI_SEAL_KEY_LEN);
	memxor(kn + COI_SEAL_KEY_LEN - COI_SEQ_LEN, number, COI_SEQ_LEN);
}

/**
 * header[4..24] | sequence: what is sealed along, and signed in a TERM.
 */
static void make_aad(const coi_header_t *header, uint64_t sequence,
					 uint8_t aad[AAD_LEN])
{
	coi_writer_t writer = coi_writer(aad, AAD_LEN);
	uint8_t head[COI_HEADER_LEN];

	coi_header_encode(header, head);
	coi_writer_bytes(&writer, coi_slice(chunk_from_thing(head),
										COI_HEADER_MAC_OFF,
										COI_HEADER_IDS_END));
	coi_writer_u64(&writer, sequence);
}

/**
 * Seal and frame a plain text.
 */
static bool make(coi_idle_term_t *this, const coi_header_t *header,
				 uint64_t sequence, chunk_t plain, chunk_t *datagram)
{
	uint8_t body[COI_SEQ_LEN + MAX_PLAIN + COI_ICV_LEN], aad[AAD_LEN];
	coi_writer_t writer = coi_writer(body, sizeof(body));
	uint8_t kn[COI_SEAL_KEY_LEN];
	chunk_t sealed, written;
	bool success;

	coi_writer_u64(&writer, sequence);
	sealed = coi_writer_gap(&writer, plain.len + COI_ICV_LEN);
	if (!coi_writer_done(&writer, &written))
	{
		return FALSE;
	}
	make_aad(header, sequence, aad);
	derive(this->keys.seal_out, sequence, kn);
	success = coi_suite_seal(this->suite, kn, chunk_from_thing(aad), plain,
							 sealed.ptr) &&
			  coi_frame_make(this->suite, header,
							 chunk_create(this->keys.tag_out,
										  this->suite->hash_len),
							 COI_SEQ_LEN, written, datagram);
	memwipe(kn, sizeof(kn));
	return success;
}

/**
 * The header of an own datagram.
 */
static coi_header_t make_header(const coi_header_t *header, uint8_t type)
{
	coi_header_t own = *header;

	own.type = type;
	own.index = 0;
	own.count = 1;
	return own;
}

bool coi_idle_term_make_idle(coi_idle_term_t *this, const coi_header_t *header,
							 const coi_idle_t *idle, chunk_t *datagram)
{
	coi_header_t own = make_header(header, COI_PDU_IDLE);
	uint8_t plain[COI_IDLE_PLAIN];
	coi_writer_t writer = coi_writer(plain, sizeof(plain));

	coi_writer_u32(&writer, idle->age);
	coi_writer_u32(&writer, idle->lifetime);
	coi_writer_u32(&writer, idle->ttl);
	coi_writer_u16(&writer, idle->answer ? COI_IDLE_ANSWER : 0);
	coi_writer_u16(&writer, min(idle->gained, COI_MAX_GAINED));
	/* a sequence is spent even if it fails: a nonce must never come again */
	return make(this, &own, ++this->sent, chunk_from_thing(plain), datagram);
}

/**
 * What a TERM's signature is of; plain is all that stands before it.
 */
static chunk_t signed_data(const coi_idle_term_t *this,
						   const coi_header_t *header, uint64_t sequence,
						   chunk_t plain)
{
	uint8_t label[COI_LABEL_LEN], aad[AAD_LEN];
	chunk_t th2 = chunk_create((uint8_t*)this->keys.th2,
							   this->suite->hash_len);

	make_aad(header, sequence, aad);
	return chunk_cat("cccc", coi_suite_label(this->suite, "term", TRUE, label),
					 th2, chunk_from_thing(aad), plain);
}

/**
 * Length of a text, cut before an UTF-8 sequence that does not fit. One that the
 * peer would refuse is left out: that the session ends is what counts.
 */
static size_t text_len(const char *text)
{
	size_t len = strlen(text);

	if (len > COI_MAX_TERM_TEXT)
	{
		len = COI_MAX_TERM_TEXT;
		while (len && (text[len] & 0xc0) == 0x80)
		{
			len--;
		}
	}
	return coi_utf8_is_text(chunk_create((uint8_t*)text, len)) ? len : 0;
}

bool coi_idle_term_may_name(const uint16_t *indexes, u_int count,
							u_int communities)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (indexes[i] >= communities || (i && indexes[i] <= indexes[i - 1]))
		{
			return FALSE;
		}
	}
	return TRUE;
}

bool coi_idle_term_make_term(coi_idle_term_t *this, const coi_header_t *header,
							 private_key_t *val, coi_term_t term,
							 const char *text, const uint16_t *indexes,
							 u_int count, chunk_t *datagram)
{
	coi_header_t own = make_header(header, COI_PDU_TERM);
	uint8_t plain[MAX_PLAIN];
	coi_writer_t writer = coi_writer(plain, sizeof(plain));
	uint64_t sequence = ++this->sent;
	chunk_t said, signature, all, data;
	size_t len;
	bool success;
	u_int i;

	if (count > COI_MAX_KEYS)
	{
		return FALSE;
	}
	len = text ? text_len(text) : 0;
	coi_writer_u8(&writer, term);
	coi_writer_u8(&writer, len);
	coi_writer_bytes(&writer, chunk_create((uint8_t*)text, len));
	coi_writer_u8(&writer, count);
	for (i = 0; i < count; i++)
	{
		coi_writer_u16(&writer, indexes[i]);
	}
	if (!coi_writer_done(&writer, &said))
	{
		return FALSE;
	}
	signature = coi_writer_gap(&writer, this->suite->sig_len);
	if (!coi_writer_done(&writer, &all))
	{
		return FALSE;
	}
	data = signed_data(this, &own, sequence, said);
	success = coi_suite_sign(this->suite, val, data, signature.ptr) &&
			  make(this, &own, sequence, all, datagram);
	chunk_free(&data);
	return success;
}

/**
 * Verify a datagram and open what is sealed in it.
 *
 * @param plain		receives the plain text on COI_OK, to be freed
 */
static coi_reason_t open_sealed(const coi_idle_term_t *this,
								const coi_header_t *header, chunk_t datagram,
								uint64_t *sequence, chunk_t *plain)
{
	uint8_t aad[AAD_LEN], kn[COI_SEAL_KEY_LEN];
	coi_cursor_t cursor;
	coi_reason_t reason;
	chunk_t body, sealed;
	bool success;

	reason = coi_frame_verify(this->suite, header,
							  chunk_create((uint8_t*)this->keys.tag_in,
										   this->suite->hash_len),
							  COI_SEQ_LEN, datagram, &body);
	if (reason != COI_OK)
	{
		return reason;
	}
	cursor = coi_cursor(body);
	coi_cursor_u64(&cursor, sequence);
	if (!coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &sealed))
	{
		return COI_MALFORMED;
	}
	/* nobody comes to the end of them in one step: what follows would be replays */
	if (*sequence <= this->accepted || *sequence - this->accepted > COI_MAX_STEP)
	{
		return COI_REPLAY;
	}
	make_aad(header, *sequence, aad);
	derive(this->keys.seal_in, *sequence, kn);
	success = coi_suite_open(this->suite, kn, chunk_from_thing(aad), sealed,
							 plain);
	memwipe(kn, sizeof(kn));
	return success ? COI_OK : COI_SEALED;
}

coi_reason_t coi_idle_term_open_idle(coi_idle_term_t *this,
									 const coi_header_t *header,
									 chunk_t datagram, coi_idle_t *idle)
{
	coi_cursor_t cursor;
	coi_reason_t reason;
	coi_idle_t said;
	uint16_t flags, gained;
	uint64_t sequence;
	chunk_t plain;

	reason = open_sealed(this, header, datagram, &sequence, &plain);
	if (reason != COI_OK)
	{
		return reason;
	}
	cursor = coi_cursor(plain);
	coi_cursor_u32(&cursor, &said.age);
	coi_cursor_u32(&cursor, &said.lifetime);
	coi_cursor_u32(&cursor, &said.ttl);
	coi_cursor_u16(&cursor, &flags);
	coi_cursor_u16(&cursor, &gained);
	if (coi_cursor_done(&cursor))
	{
		said.answer = flags & COI_IDLE_ANSWER;
		said.gained = gained;
		*idle = said;
		this->accepted = sequence;
	}
	else
	{
		reason = COI_MALFORMED;
	}
	chunk_free(&plain);
	return reason;
}

/**
 * Take a TERM's plain text apart: step 8.
 *
 * @param communities	length of C
 * @param signature		receives the signature, which ends it
 */
static bool parse_term(chunk_t plain, size_t sig_len, u_int communities,
					   coi_term_body_t *said, chunk_t *signature)
{
	coi_cursor_t cursor = coi_cursor(plain);
	uint8_t term, len, count;
	chunk_t text;
	u_int i;

	coi_cursor_u8(&cursor, &term);
	coi_cursor_u8(&cursor, &len);
	coi_cursor_bytes(&cursor, len, &text);
	coi_cursor_u8(&cursor, &count);
	if (count > COI_MAX_KEYS)
	{
		return FALSE;
	}
	for (i = 0; i < count; i++)
	{
		coi_cursor_u16(&cursor, &said->indexes[i]);
	}
	coi_cursor_bytes(&cursor, sig_len, signature);
	if (!coi_cursor_done(&cursor) || !coi_utf8_is_text(text) ||
		!coi_idle_term_may_name(said->indexes, count, communities))
	{
		return FALSE;
	}
	said->term = term && term <= COI_TERM_LAST ? term : COI_TERM_TERMINATED;
	memcpy(said->text, text.ptr, text.len);
	said->text[text.len] = '\0';
	said->index_count = count;
	return TRUE;
}

coi_reason_t coi_idle_term_open_term(coi_idle_term_t *this,
									 const coi_header_t *header,
									 chunk_t datagram, chunk_t val,
									 u_int communities,
									 coi_term_body_t *farewell)
{
	chunk_t plain, signature, data;
	coi_term_body_t said = {};
	coi_reason_t reason;
	uint64_t sequence;

	reason = open_sealed(this, header, datagram, &sequence, &plain);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (!parse_term(plain, this->suite->sig_len, communities, &said,
					&signature))
	{
		chunk_free(&plain);
		return COI_MALFORMED;
	}
	data = signed_data(this, header, sequence,
					   coi_slice(plain, 0, plain.len - signature.len));
	if (coi_suite_verify(this->suite, val, data, signature))
	{
		*farewell = said;
		this->accepted = sequence;
	}
	else
	{
		reason = COI_SIGNATURE;
	}
	chunk_free(&data);
	chunk_free(&plain);
	return reason;
}
