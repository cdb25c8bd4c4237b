/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Every value of an exchange, from Sess0 to the keys of its SAs, that the
 * independent implementation in testing/reference/ wrote down and for which
 * there is a function in core. test_vectors_session.c runs whole sessions on
 * such files.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors_check.h"

#include "core/coi_agreement.h"
#include "core/coi_cursor.h"
#include "core/coi_frame.h"
#include "core/coi_keymat.h"
#include "core/coi_pdu.h"
#include "core/coi_token.h"

TestSuite(vectors_exchange, .init = coi_test_init);

/**
 * The communities in common, as one side has them: C, children, SPIs.
 */
static coi_agreement_t make_common(const record_t *record, bool initiator)
{
	coi_agreement_t agreement = {};
	coi_shared_community_t *common;
	coi_key_t *key;
	char prefix[32], name[COI_MAX_NAME + 1];
	chunk_t octets;
	uint32_t esp_i, esp_r;
	u_int i;

	for (i = 0; i < vec_number(record, "C"); i++)
	{
		snprintf(prefix, sizeof(prefix), "C.%u.", i);
		key = vec_key(record, prefix);
		coi_agreement_add(&agreement, key);
		coi_key_destroy(key);
	}
	coi_agreement_sort(&agreement);
	for (i = 0; i < vec_number(record, "C"); i++)
	{
		octets = vec_octets(record, "C.%u.name", i);
		cr_assert(memeq(agreement.list[i].name, octets.ptr, octets.len),
				  "order of C");
	}
	for (i = 0; i < vec_number(record, "children"); i++)
	{
		memset(name, 0, sizeof(name));
		octets = vec_octets(record, "child%u.name", i);
		memcpy(name, octets.ptr, octets.len);
		common = coi_agreement_find(&agreement, name);
		cr_assert_not_null(common);
		esp_i = htonl(vec_number(record, "child%u.esp_i", i));
		esp_r = htonl(vec_number(record, "child%u.esp_r", i));
		common->used = TRUE;
		common->spi_in = initiator ? esp_i : esp_r;
		common->spi_out = initiator ? esp_r : esp_i;
		common->proposal.encr_len = vec_octets(record, "child%u.encr_ir",
											   i).len;
		common->proposal.integ_len = vec_octets(record, "child%u.integ_ir",
												i).len;
	}
	return agreement;
}

static void check_entries1(const record_t *record, const coi_message1_t *message)
{
	uint8_t gate1[COI_MAX_HASH], etag[COI_TAG_LEN], entry[MAX_ENTRY];
	uint8_t kn[COI_SEAL_KEY_LEN];
	coi_sess1_keys_t keys = {
		.enc_i = vec_octets(record, "ENC_I"),
		.nonce_i = vec_octets(record, "nonce_i"),
		.nonce_r = vec_octets(record, "nonce_r"),
		.context = vec_octets(record, "context1"),
	};
	coi_token_t token = {}, opened;
	chunk_t context[4], tag = chunk_from_thing(etag);
	coi_key_t *key;
	char prefix[32];
	u_int i, place;

	memcpy(token.enc, vec_octets(record, "ENC_R").ptr, sizeof(token.enc));
	memcpy(token.val, vec_octets(record, "VAL_R").ptr, SUITE->val_len);
	for (i = 0; i < vec_number(record, "C"); i++)
	{
		snprintf(prefix, sizeof(prefix), "C.%u.", i);
		key = vec_key(record, prefix);
		assert_vec(key->base, record, "C.%u.base", i);
		place = vec_number(record, "C.%u.place", i);
		cr_assert(coi_token_gate1(key, keys.enc_i, keys.nonce_i, gate1));
		assert_vec(chunk_hash(gate1), record, "C.%u.gate1", i);
		cr_assert(coi_token_etag(SUITE, chunk_hash(gate1),
								 vec_spi(record, "spi_r"), keys.nonce_r, etag));
		assert_vec(tag, record, "C.%u.etag", i);
		assert_vec(coi_nth(message->etags, COI_TAG_LEN, place), record,
				   "C.%u.etag", i);
		context[0] = keys.enc_i;
		context[1] = keys.nonce_i;
		context[2] = keys.nonce_r;
		context[3] = chunk_from_str(key->name);
		cr_assert(coi_suite_expand(SUITE, key->base, "entry1", context, 4, kn,
								   sizeof(kn)));
		assert_vec(chunk_from_thing(kn), record, "C.%u.kn", i);
		cr_assert(coi_token_seal1(key, &keys, tag, &token, entry));
		assert_vec(chunk_entry(entry), record, "C.%u.entry", i);
		assert_vec(coi_nth(message->entries, SUITE->entry_len, place), record,
				   "C.%u.entry", i);
		cr_assert(coi_token_open1(key, &keys, tag, chunk_entry(entry),
								  &opened));
		cr_assert(coi_token_equals(&opened, &token));
		coi_key_destroy(key);
	}
}

/**
 * S step by step, which keymat does in one.
 */
static void check_s(const record_t *record, const coi_agreement_t *agreement)
{
	uint8_t s[COI_MAX_HASH];
	chunk_t nonces, encs;
	u_int i;

	nonces = chunk_cata("cc", vec_octets(record, "nonce_i"),
						vec_octets(record, "nonce_r"));
	encs = chunk_cata("cc", vec_octets(record, "ENC_I"),
					  vec_octets(record, "ENC_R"));
	cr_assert(coi_suite_extract(SUITE, nonces, encs, s));
	assert_vec(chunk_hash(s), record, "S.0");
	for (i = 0; i < agreement->count; i++)
	{
		cr_assert(coi_suite_extract(SUITE, chunk_hash(s),
									agreement->list[i].key->base, s));
		assert_vec(chunk_hash(s), record, "S.%u", i + 1);
	}
	assert_vec(chunk_hash(s), record, "S");
}

/**
 * Z from each side's private key.
 */
static void check_z(const record_t *record, char own, char peer)
{
	key_exchange_t *dh = lib->crypto->create_ke(lib->crypto, SUITE->dh);
	uint8_t value[COI_MAX_DH];
	bool initiator = own == 'I';
	chunk_t z;

	cr_assert(dh->set_private_key(dh, vec_octets(record, "DH_%c.private",
												 own)));
	if (initiator)
	{
		cr_assert_eq(coi_suite_ke_answer(SUITE, dh,
										 vec_octets(record, "DH_%c", peer),
										 value, &z), COI_OK);
	}
	else
	{
		cr_assert(coi_suite_ke_make(SUITE, dh, value));
		cr_assert(coi_suite_ke_take(SUITE, dh,
									vec_octets(record, "DH_%c", peer), &z));
	}
	assert_vec(chunk_create(value, SUITE->value_len[initiator ? COI_INITIATOR
															  : COI_RESPONDER]),
			   record, "DH_%c", own);
	assert_vec(z, record, "Z");
	chunk_clear(&z);
	dh->destroy(dh);
}

/**
 * Segments make up the message.
 */
static void check_segments(const record_t *record, coi_pdu_type_t type,
						   chunk_t gate, chunk_t message)
{
	coi_header_t header = {
		.type = type, .suite = SUITE->id, .count = 1,
		.spi_i = vec_spi(record, "spi_i"), .spi_r = vec_spi(record, "spi_r"),
	};
	u_int nth = type == COI_PDU_SESS3 ? 3 : type;
	chunk_t *datagrams;
	u_int count, i;

	cr_assert(coi_frame_cut(SUITE, &header, gate, message, &datagrams, &count));
	cr_assert_eq(count, vec_number(record, "sess%u.datagrams", nth));
	for (i = 0; i < count; i++)
	{
		assert_vec(datagrams[i], record, "sess%u.datagram.%u", nth, i);
	}
	coi_datagrams_clear(&datagrams, &count);
}

static void check_children(const record_t *record,
						   const coi_agreement_t *agreement, bool initiator)
{
	const coi_shared_community_t *common;
	char name[COI_MAX_NAME + 1];
	chunk_t octets;
	u_int i;

	for (i = 0; i < vec_number(record, "children"); i++)
	{
		memset(name, 0, sizeof(name));
		octets = vec_octets(record, "child%u.name", i);
		memcpy(name, octets.ptr, octets.len);
		common = coi_agreement_find(agreement, name);
		assert_vec(initiator ? common->encr_out : common->encr_in, record,
				   "child%u.encr_ir", i);
		assert_vec(initiator ? common->encr_in : common->encr_out, record,
				   "child%u.encr_ri", i);
		assert_vec(initiator ? common->integ_out : common->integ_in, record,
				   "child%u.integ_ir", i);
		assert_vec(initiator ? common->integ_in : common->integ_out, record,
				   "child%u.integ_ri", i);
	}
}

/**
 * A proof is signed as the reference signs it, and its key verifies it.
 */
static void check_proof(const record_t *record, const coi_proof_t *proof,
						const coi_keymat_t *keymat, bool initiator)
{
	chunk_t values, octets;
	coi_binder_t binder = {
		.suite = SUITE,
		.initiator = initiator,
		.transcript = chunk_hash((uint8_t*)(initiator ? keymat->th1
													  : keymat->th2)),
	};
	public_key_t *key;

	cr_assert_eq(coi_proof_exists(proof),
				 vec_number(record, initiator ? "i_asked" : "r_asked"));
	if (!coi_proof_exists(proof))
	{
		return;
	}
	values = chunk_cata("cccc", vec_octets(record, "VAL_I"),
						vec_octets(record, "VAL_R"),
						vec_octets(record, "DH_I"),
						vec_octets(record, "DH_R"));
	binder.values = values;
	cr_assert(coi_proof_octets(&binder, proof, &octets));
	assert_vec(octets, record, initiator ? "proof_i.signed" : "proof_r.signed");
	cr_assert_eq(proof->cert_count, 1);
	cr_assert_eq(proof->certs[0].encoding, COI_CERT_RAW);
	key = lib->creds->create(lib->creds, CRED_PUBLIC_KEY, KEY_ED25519,
							 BUILD_BLOB_ASN1_DER, proof->certs[0].data,
							 BUILD_END);
	cr_assert_not_null(key);
	cr_expect(key->verify(key, SIGN_ED25519, NULL, octets, proof->signature));
	key->destroy(key);
	chunk_free(&octets);
}

/**
 * Sess3, and the proofs in it and in Sess2.
 */
static void check_third(const record_t *record, coi_keymat_t *keymat,
						coi_header_t *header)
{
	uint8_t buf[COI_CONTEXT_LEN];
	coi_message3_t message3;
	coi_info_t info;

	assert_vec(chunk_hash(keymat->gate3), record, "gate3");
	assert_vec(chunk_from_thing(keymat->info3), record, "sess3.kn");
	cr_assert(coi_message3_decode(SUITE, vec_octets(record, "message3"),
								  &message3));
	assert_vec(message3.info, record, "sess3.info");
	assert_vec(message3.signature, record, "sess3.signature");
	header->type = COI_PDU_SESS3;
	coi_context_encode(header, buf);
	assert_vec(chunk_from_thing(buf), record, "context3");
	vectors_check_sealed(record, keymat->info3, chunk_from_thing(buf),
						 vec_octets(record, "SessionInfo_3"), message3.info);
	cr_assert_eq(coi_keymat_verify(keymat, header, message3.body,
								   vec_octets(record, "VAL_R"),
								   message3.signature), COI_OK);
	assert_vec(chunk_hash(keymat->th3), record, "TH3");
	check_segments(record, COI_PDU_SESS3, chunk_hash(keymat->gate3),
				   vec_octets(record, "message3"));
	cr_assert(coi_info_decode(vec_octets(record, "SessionInfo_I"), &info));
	check_proof(record, &info.proof, keymat, TRUE);
	cr_expect_eq(info.rounds,
				 vec_number(record, "r_asked") ? COI_ROUND_PROVE : 0);
	coi_info_clear(&info);
	cr_assert(coi_info_decode_third(vec_octets(record, "SessionInfo_3"),
									&info));
	check_proof(record, &info.proof, keymat, FALSE);
	coi_info_clear(&info);
}

/**
 * Sections 6 to 8 as one of the ends runs through them.
 */
static void check_exchange(const record_t *record, bool initiator)
{
	coi_agreement_t agreement = make_common(record, initiator);
	chunk_t parts[COI_SESS0_MAX_PARTS], nonces, encs, context, plain;
	u_int count = vec_number(record, "sess0.count"), used = 0, i;
	coi_header_t header = {
		.suite = SUITE->id, .count = 1, .spi_i = vec_spi(record, "spi_i"),
		.spi_r = vec_spi(record, "spi_r"),
	};
	uint8_t buf[COI_CONTEXT_LEN];
	coi_message1_t message1;
	coi_message2_t message2;
	coi_pdu_keys_t keys;
	coi_keymat_t keymat;

	context = chunk_from_thing(buf);
	for (i = 0; i < count; i++)
	{
		if (vec_number(record, "parts") & (1 << i))
		{
			parts[used++] = vec_octets(record, "sess0.%u.datagram", i);
		}
	}
	cr_assert(coi_keymat_start(&keymat, SUITE, parts, used));
	assert_vec(chunk_hash(keymat.th0), record, "TH0");
	nonces = chunk_cata("cc", vec_octets(record, "nonce_i"),
						vec_octets(record, "nonce_r"));
	encs = chunk_cata("cc", vec_octets(record, "ENC_I"),
					  vec_octets(record, "ENC_R"));
	cr_assert(coi_keymat_agree(&keymat, nonces, encs, agreement.list,
							   agreement.count));
	assert_vec(chunk_hash(keymat.secret), record, "S");
	assert_vec(chunk_hash(keymat.gate2), record, "gate2");
	assert_vec(chunk_from_thing(keymat.info1), record, "sess1.kn");

	cr_assert(coi_message1_decode(SUITE, vec_octets(record, "message1"),
								  &message1));
	assert_vec(message1.nonce, record, "nonce_r");
	assert_vec(message1.info, record, "sess1.info");
	assert_vec(message1.signature, record, "sess1.signature");
	cr_assert_eq(message1.parts, vec_number(record, "parts"));
	cr_assert_eq(message1.places, coi_message1_places(agreement.count));
	header.type = COI_PDU_SESS1;
	coi_context_encode(&header, buf);
	assert_vec(context, record, "context1");
	plain = chunk_cata("cc", vec_octets(record, "DH_R"),
					   vec_octets(record, "SessionInfo_R"));
	vectors_check_sealed(record, keymat.info1, context, plain, message1.info);
	cr_assert_eq(coi_keymat_verify(&keymat, &header, message1.body,
								   vec_octets(record, "VAL_R"),
								   message1.signature), COI_OK);
	assert_vec(chunk_hash(keymat.th1), record, "TH1");
	check_segments(record, COI_PDU_SESS1, vec_octets(record, "C.0.gate1"),
				   vec_octets(record, "message1"));

	cr_assert(coi_keymat_key2(&keymat));
	assert_vec(chunk_from_thing(keymat.key2), record, "sess2.key.kn");
	cr_assert(coi_keymat_shared(&keymat, vec_octets(record, "Z")));
	assert_vec(chunk_hash(keymat.secret), record, "S2");
	assert_vec(chunk_from_thing(keymat.info2), record, "sess2.info.kn");
	cr_assert(coi_message2_decode(SUITE, vec_octets(record, "message2"),
								  &message2));
	assert_vec(message2.key, record, "sess2.key");
	assert_vec(message2.info, record, "sess2.info");
	assert_vec(message2.signature, record, "sess2.signature");
	header.type = COI_PDU_SESS2;
	coi_context_encode(&header, buf);
	assert_vec(context, record, "context2");
	vectors_check_sealed(record, keymat.key2, context,
						 vec_octets(record, "DH_I"), message2.key);
	vectors_check_sealed(record, keymat.info2, context,
						 vec_octets(record, "SessionInfo_I"), message2.info);
	cr_assert_eq(coi_keymat_verify(&keymat, &header, message2.body,
								   vec_octets(record, "VAL_I"),
								   message2.signature), COI_OK);
	assert_vec(chunk_hash(keymat.th2), record, "TH2");
	check_segments(record, COI_PDU_SESS2, chunk_hash(keymat.gate2),
				   vec_octets(record, "message2"));

	if (vec_has(record, "TH3"))
	{
		cr_assert(coi_keymat_third(&keymat, initiator, &keys));
		check_third(record, &keymat, &header);
	}
	cr_assert(coi_keymat_finish(&keymat, initiator, &keys, agreement.list,
								agreement.count));
	assert_vec(chunk_hash(keys.th2), record, "TH2");
	assert_vec(chunk_create(initiator ? keys.seal_out : keys.seal_in, 44),
			   record, "pdu_ir");
	assert_vec(chunk_create(initiator ? keys.seal_in : keys.seal_out, 44),
			   record, "pdu_ri");
	assert_vec(chunk_hash(initiator ? keys.tag_out : keys.tag_in),
			   record, "tag_ir");
	assert_vec(chunk_hash(initiator ? keys.tag_in : keys.tag_out),
			   record, "tag_ri");
	check_children(record, &agreement, initiator);
	check_entries1(record, &message1);
	check_s(record, &agreement);
	coi_agreement_clear(&agreement);
}

static void check_exchanges(const char *name)
{
	vectors_t *vectors = vectors_read(name);
	const record_t *record;

	each_record(vectors, record)
	{
		vectors_check_sess0(record);
		check_exchange(record, TRUE);
		check_exchange(record, FALSE);
		check_z(record, 'I', 'R');
		check_z(record, 'R', 'I');
		vectors_check_master(record);
	}
	vectors_destroy(vectors);
}

Test(vectors_exchange, exchange_proof)
{
	check_exchanges("exchange-proof");
}

Test(vectors_exchange, exchange)
{
	check_exchanges("exchange");
}

Test(vectors_exchange, exchange_many)
{
	check_exchanges("exchange-many");
}
