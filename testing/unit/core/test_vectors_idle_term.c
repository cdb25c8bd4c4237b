/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * IDLE and TERM as the independent implementation in testing/reference/ wrote
 * them down.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors_check.h"

#include "core/coi_cursor.h"
#include "core/coi_idle_term.h"

TestSuite(vectors_idle_term, .init = coi_test_init);

/**
 * IDLE and TERM as the sender makes and the receiver takes them.
 */
static void check_control(const record_t *record)
{
	bool initiator = streq(vec_text(record, "sender"), "initiator");
	uint64_t sequence = vec_number(record, "sequence");
	chunk_t datagram = vec_octets(record, "datagram"), made, plain;
	coi_idle_term_t sender = { .suite = SUITE }, receiver = { .suite = SUITE };
	coi_pdu_keys_t *keys = &sender.keys;
	coi_term_body_t farewell;
	coi_header_t header;
	private_key_t *val;
	coi_idle_t idle;
	uint8_t term;
	u_int i;

	memcpy(keys->seal_out, vec_octets(record, initiator ? "pdu_ir"
												  : "pdu_ri").ptr, 44);
	memcpy(keys->tag_out, vec_octets(record, initiator ? "tag_ir"
												 : "tag_ri").ptr, SUITE->hash_len);
	memcpy(keys->th2, vec_octets(record, "TH2").ptr, SUITE->hash_len);
	receiver.keys = *keys;
	memcpy(receiver.keys.seal_in, keys->seal_out, 44);
	memcpy(receiver.keys.tag_in, keys->tag_out, SUITE->hash_len);
	memset(receiver.keys.seal_out, 0, 44);
	sender.sent = sequence - 1;
	receiver.accepted = sequence - 1;
	plain = vec_octets(record, "plain");
	cr_assert_eq(coi_header_decode(datagram, &header), COI_OK);
	assert_vec(chunk_from_thing(header.digest), record, "digest");
	assert_vec(coi_slice(datagram, 56, 72), record, "tag");
	assert_vec(coi_slice(datagram, 80, datagram.len), record, "sealed");
	vectors_check_sealed(record, vec_octets(record, "kn.used").ptr,
						 vec_octets(record, "aad"), plain,
						 vec_octets(record, "sealed"));
	if (header.type == COI_PDU_IDLE)
	{
		cr_assert_eq(coi_idle_term_open_idle(&receiver, &header, datagram,
											 &idle),
					 COI_OK);
		cr_assert_eq(idle.age, untoh32(plain.ptr));
		cr_assert_eq(idle.lifetime, untoh32(plain.ptr + 4));
		cr_assert_eq(idle.ttl, untoh32(plain.ptr + 8));
		cr_assert_eq(idle.answer, untoh16(plain.ptr + 12));
		cr_assert_eq(idle.gained, untoh16(plain.ptr + 14));
		cr_assert(coi_idle_term_make_idle(&sender, &header, &idle, &made));
		assert_vec(made, record, "datagram");
		chunk_free(&made);
	}
	else
	{
		cr_assert_eq(coi_idle_term_open_term(&receiver, &header, datagram,
						vec_octets(record, initiator ? "VAL_I" : "VAL_R"),
						vec_number(record, "C"), &farewell), COI_OK);
		term = plain.ptr[0];
		cr_assert_eq(farewell.term, term > 8 ? COI_TERM_TERMINATED : term);
		cr_assert_eq(strlen(farewell.text), plain.ptr[1]);
		cr_assert(memeq(farewell.text, plain.ptr + 2, plain.ptr[1]));
		plain = coi_slice(plain, 2 + plain.ptr[1], plain.len - SUITE->sig_len);
		cr_assert_eq(farewell.index_count, plain.ptr[0]);
		for (i = 0; i < farewell.index_count; i++)
		{
			cr_assert_eq(farewell.indexes[i], untoh16(plain.ptr + 1 + 2 * i));
		}
		/* signatures differ from run to run, so make one and take it */
		val = coi_suite_val_load(SUITE, vec_octets(record, "VAL_%c.private.der",
												initiator ? 'I' : 'R'));
		cr_assert(coi_idle_term_make_term(&sender, &header, val, term,
										  farewell.text, farewell.indexes,
										  farewell.index_count, &made));
		cr_assert_eq(made.len, datagram.len);
		receiver.accepted--;
		cr_assert_eq(coi_header_decode(made, &header), COI_OK);
		cr_assert_eq(coi_idle_term_open_term(&receiver, &header, made,
						vec_octets(record, initiator ? "VAL_I" : "VAL_R"),
						vec_number(record, "C"), &farewell), COI_OK);
		chunk_free(&made);
		val->destroy(val);
	}
	cr_assert_eq(receiver.accepted, sequence);
	vectors_check_master(record);
}

Test(vectors_idle_term, idle_and_term)
{
	vectors_t *vectors = vectors_read("idle-term");
	const record_t *record;

	each_record(vectors, record)
	{
		check_control(record);
	}
	vectors_destroy(vectors);
}
