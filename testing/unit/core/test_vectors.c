/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Every value that the independent implementation in testing/reference/ wrote
 * down, for which there is a function in core. test_vectors_session.c runs whole
 * sessions on the same files.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors.h"

#include "core/coi_agreement.h"
#include "core/coi_idle_term.h"
#include "core/coi_cursor.h"
#include "core/coi_frame.h"
#include "core/coi_keymat.h"
#include "core/coi_pdu.h"
#include "core/coi_sess0.h"
#include "core/coi_token.h"

TestSuite(vectors, .init = coi_test_init);

/** Compare octets with what the record has. */
#define assert_vec(octets, record, ...) ({ \
	chunk_t expected_ = vec_octets(record, __VA_ARGS__); \
	chunk_t found_ = (octets); \
	cr_assert_eq(chunk_compare(found_, expected_), 0, "%s: %s", \
				 vec_text(record, "case"), #octets); \
})

#define each_record(vectors, record) \
	for (record = (vectors)->records; \
		 record < (vectors)->records + (vectors)->count; record++)

/**
 * The key with a name and K of a record.
 */
static coi_key_t *make_key(const record_t *record, const char *prefix,
						   u_int generation)
{
	chunk_t octets = vec_octets(record, "%sname", prefix);
	char name[COI_MAX_NAME + 1] = {};
	coi_key_t *key;

	cr_assert_leq(octets.len, COI_MAX_NAME);
	memcpy(name, octets.ptr, octets.len);
	key = coi_key_create(SUITE, name, generation,
						 vec_octets(record, "%sK", prefix));
	cr_assert_not_null(key);
	return key;
}

static void check_key(const record_t *record, const char *prefix)
{
	coi_key_t *key = make_key(record, prefix, 0);
	uint8_t tag[COI_TAG_LEN], expected[COI_TAG_LEN];

	assert_vec(key->base, record, "%sbase", prefix);
	/* gate0 is seen in what it makes */
	cr_assert(coi_suite_mac16(key->gate0, chunk_from_str("x"), tag));
	cr_assert(coi_suite_mac16_once(SUITE, vec_octets(record, "%sgate0", prefix),
								   chunk_from_str("x"), expected));
	cr_assert(memeq(tag, expected, sizeof(tag)));
	coi_key_destroy(key);
}

Test(vectors, keys)
{
	vectors_t *vectors = vectors_read("keys");
	const record_t *record;
	coi_key_t *key;

	each_record(vectors, record)
	{
		check_key(record, "");
		key = make_key(record, "", 0);
		assert_vec(chunk_from_thing(key->fingerprint), record, "fingerprint");
		coi_key_destroy(key);
	}
	vectors_destroy(vectors);
}

/**
 * One key at its place in a part.
 */
static void check_entry0(const record_t *record, const char *prefix,
						 const coi_sess0_t *sess0, const coi_token_t *token,
						 coi_gate_match_t *match)
{
	uint8_t entry[MAX_ENTRY], tag[COI_TAG_LEN], kn[COI_SEAL_KEY_LEN];
	u_int place = vec_number(record, "%splace", prefix);
	chunk_t context[2];
	coi_token_t opened;
	coi_key_t *key;

	check_key(record, prefix);
	key = make_key(record, prefix, 0);
	context[0] = sess0->nonce;
	context[1] = chunk_from_str(key->name);
	cr_assert(coi_suite_expand(SUITE, key->base, "entry0", context, 2, kn,
							   sizeof(kn)));
	assert_vec(chunk_from_thing(kn), record, "%skn", prefix);
	cr_assert(coi_token_seal0(key, sess0, token, entry));
	assert_vec(chunk_entry(entry), record, "%sentry", prefix);
	cr_assert(chunk_equals(chunk_entry(entry),
						coi_nth(sess0->entries, SUITE->entry_len, place)));
	cr_assert(coi_token_open0(key, sess0, chunk_entry(entry), &opened));
	cr_assert(coi_token_equals(&opened, token));
	cr_assert(coi_token_tag0(key, sess0, tag));
	assert_vec(chunk_from_thing(tag), record, "%stag", prefix);
	cr_assert(memeq(tag, coi_nth(sess0->tags, COI_TAG_LEN, place).ptr,
					sizeof(tag)));
	match->found[match->count].key = key;
	match->found[match->count++].place = place;
}

/**
 * ENC, VAL and private key of a side.
 */
static private_key_t *load_token(const record_t *record, char side,
								 coi_token_t *token)
{
	uint8_t point[COI_MAX_VAL];
	private_key_t *val;

	*token = (coi_token_t){};
	memcpy(token->enc, vec_octets(record, "ENC_%c", side).ptr, COI_ENC_LEN);
	memcpy(token->val, vec_octets(record, "VAL_%c", side).ptr,
		   SUITE->val_len);
	val = coi_suite_val_load(SUITE, vec_octets(record, "VAL_%c.private.der",
											   side));
	cr_assert_not_null(val);
	cr_assert(coi_suite_val_public(SUITE, val, point));
	assert_vec(chunk_val(point), record, "VAL_%c", side);
	return val;
}

/**
 * All parts of an opening; TH0 from those in use.
 */
static void check_sess0(const record_t *record)
{
	chunk_t parts[COI_SESS0_MAX_PARTS], all[COI_SESS0_MAX_PARTS];
	u_int count = vec_number(record, "sess0.count"), i, j, used = 0, mask;
	coi_keymat_t keymat;
	coi_header_t header;
	coi_sess0_t sess0;
	coi_token_t token, opened;
	private_key_t *val;
	char prefix[32];

	val = load_token(record, 'I', &token);
	mask = vec_has(record, "parts") ? vec_number(record, "parts") : 0xffff;
	for (i = 0; i < count; i++)
	{
		coi_gate_match_t match = {};

		all[i] = vec_octets(record, "sess0.%u.datagram", i);
		if (mask & (1 << i))
		{
			parts[used++] = all[i];
		}
		cr_assert_eq(coi_header_decode(all[i], &header), COI_OK);
		cr_assert_eq(header.index, i);
		cr_assert_eq(header.count, count);
		cr_assert_eq(header.spi_i, vec_spi(record, "spi_i"));
		assert_vec(chunk_from_thing(header.digest), record, "sess0.%u.digest",
				   i);
		cr_assert(coi_sess0_view(SUITE, all[i], &sess0));
		cr_assert_eq(sess0.time, vec_number(record, "time"));
		assert_vec(sess0.to, record, "to");
		assert_vec(sess0.nonce, record, "nonce_i");
		assert_vec(sess0.tags, record, "sess0.%u.tags", i);
		assert_vec(sess0.entries, record, "sess0.%u.entries", i);
		assert_vec(chunk_cata("cc", sess0.ids, sess0.fields), record,
				   "sess0.%u.aad", i);
		for (j = 0; j < vec_number(record, "sess0.%u.n", i); j++)
		{
			snprintf(prefix, sizeof(prefix), "sess0.%u.%u.", i, j);
			check_entry0(record, prefix, &sess0, &token, &match);
		}
		cr_assert_eq(coi_sess0_open(SUITE, &sess0, &match, &opened, FALSE),
					 COI_OK);
		cr_assert(coi_token_equals(&opened, &token));
		while (match.count)
		{
			coi_key_destroy(match.found[--match.count].key);
		}
	}
	cr_assert(coi_keymat_start(&keymat, SUITE, parts, used));
	assert_vec(chunk_hash(keymat.th0), record, "TH0");
	coi_keymat_wipe(&keymat);
	val->destroy(val);
}

Test(vectors, sess0)
{
	vectors_t *vectors = vectors_read("sess0");
	const record_t *record;

	each_record(vectors, record)
	{
		check_sess0(record);
	}
	vectors_destroy(vectors);
}

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
		key = make_key(record, prefix, 0);
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
		key = make_key(record, prefix, 0);
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
 * What is sealed, both ways.
 */
static void check_sealed(const record_t *record, const uint8_t *kn,
						 chunk_t context, chunk_t plain, chunk_t sealed)
{
	chunk_t opened, again = chunk_alloca(sealed.len);

	cr_assert_eq(sealed.len, plain.len + COI_ICV_LEN, "%s",
				 vec_text(record, "case"));
	cr_assert(coi_suite_seal(SUITE, kn, context, plain, again.ptr));
	cr_assert(chunk_equals(again, sealed));
	cr_assert(coi_suite_open(SUITE, kn, context, sealed, &opened));
	cr_assert(chunk_equals(opened, plain));
	chunk_clear(&opened);
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
	check_sealed(record, keymat->info3, chunk_from_thing(buf),
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
	check_sealed(record, keymat.info1, context, plain, message1.info);
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
	check_sealed(record, keymat.key2, context, vec_octets(record, "DH_I"),
				 message2.key);
	check_sealed(record, keymat.info2, context,
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

/**
 * master is not seen from outside; the keys that come from it are.
 */
static void check_master(const record_t *record)
{
	chunk_t th2 = vec_octets(record, "TH2");
	uint8_t master[COI_MAX_HASH], kn[COI_SEAL_KEY_LEN];

	if (vec_has(record, "S2"))
	{
		cr_assert(coi_suite_expand(SUITE, vec_octets(record, "S2"), "master",
								   &th2, 1, master, SUITE->hash_len));
		assert_vec(chunk_hash(master), record, "master");
	}
	cr_assert(coi_suite_expand(SUITE, vec_octets(record, "master"), "pdu i2r",
							   NULL, 0, kn, sizeof(kn)));
	assert_vec(chunk_from_thing(kn), record, "pdu_ir");
}

static void check_exchanges(const char *name)
{
	vectors_t *vectors = vectors_read(name);
	const record_t *record;

	each_record(vectors, record)
	{
		check_sess0(record);
		check_exchange(record, TRUE);
		check_exchange(record, FALSE);
		check_z(record, 'I', 'R');
		check_z(record, 'R', 'I');
		check_master(record);
	}
	vectors_destroy(vectors);
}

Test(vectors, exchange_proof)
{
	check_exchanges("exchange-proof");
}

Test(vectors, exchange)
{
	check_exchanges("exchange");
}

Test(vectors, exchange_many)
{
	check_exchanges("exchange-many");
}

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
	check_sealed(record, vec_octets(record, "kn.used").ptr,
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
	check_master(record);
}

Test(vectors, idle_and_term)
{
	vectors_t *vectors = vectors_read("idle-term");
	const record_t *record;

	each_record(vectors, record)
	{
		check_control(record);
	}
	vectors_destroy(vectors);
}

static coi_range_t parse_range(const char *first, const char *last)
{
	chunk_t from, to;
	coi_range_t range;

	from = chunk_from_hex(chunk_from_str((char*)first), NULL);
	to = chunk_from_hex(chunk_from_str((char*)last), NULL);
	cr_assert_eq(from.len, to.len);
	cr_assert(coi_range_set(&range, from.len == 4 ? 4 : 6, from.ptr, to.ptr));
	free(from.ptr);
	free(to.ptr);
	return range;
}

static coi_services_t parse_services(const record_t *record, const char *name)
{
	coi_services_t services = { .count = vec_number(record, "%s", name) };
	char first[33], last[33];
	coi_service_t *service;
	const char *text;
	u_int i;
	int n;

	services.list = calloc(max(services.count, 1), sizeof(*services.list));
	for (i = 0; i < services.count; i++)
	{
		service = &services.list[i];
		text = vec_text(record, "%s.%u", name, i);
		n = sscanf(text, "%hhu %hu %hu %32s %32s", &service->proto,
				   &service->from, &service->to, first, last);
		cr_assert(n == 3 || n == 5, "%s", text);
		service->at = n == 5 ? parse_range(first, last) : (coi_range_t){};
	}
	return services;
}

static void check_info_community(const record_t *record, u_int i,
								 const coi_info_community_t *community)
{
	u_int bits[4], j;
	coi_services_t services;
	char name[64];

	cr_assert_eq(community->index, vec_number(record, "community.%u.index", i));
	cr_assert_eq(ntohl(community->spi),
				 vec_number(record, "community.%u.spi", i));
	cr_assert_eq(community->mode, vec_number(record, "community.%u.mode", i));
	cr_assert_eq(community->proposal_count,
				 vec_number(record, "community.%u.proposals", i));
	for (j = 0; j < community->proposal_count; j++)
	{
		cr_assert_eq(sscanf(vec_text(record, "community.%u.proposals.%u", i, j),
							"%u %u %u %u", &bits[0], &bits[1], &bits[2],
							&bits[3]), 4);
		cr_assert_eq(community->proposals[j].encr, bits[0]);
		cr_assert_eq(community->proposals[j].encr_bits, bits[1]);
		cr_assert_eq(community->proposals[j].integ, bits[2]);
		cr_assert_eq(community->proposals[j].esn, bits[3]);
	}
	snprintf(name, sizeof(name), "community.%u.offers", i);
	services = parse_services(record, name);
	cr_assert(coi_services_equals(&services, &community->offers));
	coi_services_clear(&services);
	snprintf(name, sizeof(name), "community.%u.uses", i);
	services = parse_services(record, name);
	cr_assert(coi_services_equals(&services, &community->uses));
	coi_services_clear(&services);
}

static void check_address(const record_t *record, const char *name,
						  const coi_address_t *address)
{
	cr_assert(chunk_equals(chunk_from_thing(address->addr),
						   vec_octets(record, "%s", name)));
	cr_assert_eq(address->port, vec_number(record, "%s.port", name));
}

/**
 * Whether every index is one of C, which the decoder does not know.
 */
static bool in_range(const coi_info_t *info, u_int count)
{
	u_int i;

	for (i = 0; i < info->count; i++)
	{
		if (info->communities[i].index >= count)
		{
			return FALSE;
		}
	}
	return TRUE;
}

Test(vectors, info)
{
	vectors_t *vectors = vectors_read("info");
	const record_t *record;
	coi_info_t info;
	chunk_t octets, again;
	u_int i, bad = 0, same = 0;
	bool valid;

	each_record(vectors, record)
	{
		octets = vec_octets(record, "octets");
		valid = coi_info_decode(octets, &info);
		if (!streq(vec_text(record, "result"), "ok"))
		{
			cr_assert(!valid || !in_range(&info, vec_number(record, "C")),
					  "%s", vec_text(record, "case"));
			bad++;
			if (valid)
			{
				coi_info_clear(&info);
			}
			continue;
		}
		cr_assert(valid, "%s", vec_text(record, "case"));
		cr_assert_eq(info.id_type, vec_number(record, "identity.type"));
		cr_assert_eq(info.start, vec_number(record, "start"));
		cr_assert_eq(info.user.since, vec_number(record, "user.since"));
		again = vec_octets(record, "user.name");
		cr_assert_eq(chunk_compare(info.user.name, again), 0);
		check_address(record, "seen", &info.addresses.seen);
		check_address(record, "own", &info.addresses.own);
		cr_assert_eq(info.addresses.encap, vec_number(record, "encap"));
		/* equal, where two empty ones count as such */
		again = vec_octets(record, "identity.data");
		cr_assert_eq(chunk_compare(info.id, again), 0);
		cr_assert_eq(info.count, vec_number(record, "communities"));
		for (i = 0; i < info.count; i++)
		{
			check_info_community(record, i, &info.communities[i]);
		}
		/* ours is the same where the order of elements is ours too */
		cr_assert(coi_info_encode(&info, &again));
		same += chunk_equals(again, octets);
		chunk_free(&again);
		coi_info_clear(&info);
	}
	cr_assert_geq(bad, 20);
	cr_assert_geq(same, vectors->count - bad - 3);
	vectors_destroy(vectors);
}

/** One end of a packet. */
typedef struct {
	coi_range_t address;
	u_int port;
} end_t;

static bool passes(const coi_flows_t *flows, u_int proto, const end_t *local,
				   const end_t *remote)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if ((!flow->proto || flow->proto == proto) &&
			flow->local_from <= local->port &&
			local->port <= flow->local_to &&
			flow->remote_from <= remote->port &&
			remote->port <= flow->remote_to &&
			coi_range_contains(&flow->local, &local->address) &&
			coi_range_contains(&flow->remote, &remote->address))
		{
			return TRUE;
		}
	}
	return FALSE;
}

static bool read_packet(const char *text, u_int *proto, end_t *a, end_t *b)
{
	char verdict[8], from[33], to[33];

	*a = *b = (end_t){};
	if (sscanf(text, "%u %u %u %7s", proto, &a->port, &b->port, verdict) != 4)
	{
		cr_assert_eq(sscanf(text, "%u %32s %u %32s %u %7s", proto, from,
							&a->port, to, &b->port, verdict), 6, "%s", text);
		a->address = parse_range(from, from);
		b->address = parse_range(to, to);
	}
	return streq(verdict, "allow");
}

/**
 * Read what a host itself may stand for, nothing if the record has none of it.
 */
static coi_ranges_t read_itself(const record_t *record, char side,
								const coi_services_t *uses,
								coi_itself_t *itself, coi_range_t *assigned)
{
	struct {
		const char *name;
		coi_range_t *range;
	} kinds[] = {
		{ "assigned", assigned },
		{ "announced", &itself->announced },
		{ "seen", &itself->seen },
	};
	const char *text;
	char name[32];
	u_int i;

	*itself = (coi_itself_t){
		.assigned = { assigned, vec_has(record, "assigned_%c", side) },
	};
	for (i = 0; i < countof(kinds); i++)
	{
		snprintf(name, sizeof(name), "%s_%c", kinds[i].name, side);
		if (vec_has(record, "%s", name))
		{
			text = vec_text(record, "%s", name);
			*kinds[i].range = parse_range(text, text);
		}
	}
	return itself->seen.family ? coi_itself_choose(itself, uses)
							   : (coi_ranges_t){};
}

Test(vectors, filter)
{
	vectors_t *vectors = vectors_read("filter");
	coi_services_t oa, ua, ob, ub;
	coi_itself_t at_a, at_b;
	coi_range_t assigned_a, assigned_b;
	const record_t *record;
	coi_side_t left, right;
	coi_flows_t a, b;
	u_int i, proto, networks = 0;
	end_t x, y;
	bool allowed;

	each_record(vectors, record)
	{
		oa = parse_services(record, "offers_A");
		ua = parse_services(record, "uses_A");
		ob = parse_services(record, "offers_B");
		ub = parse_services(record, "uses_B");
		left = (coi_side_t){ &oa, &ua, read_itself(record, 'A', &ub, &at_a,
											  &assigned_a) };
		right = (coi_side_t){ &ob, &ub, read_itself(record, 'B', &ua, &at_b,
											   &assigned_b) };
		networks += left.itself.count;
		cr_assert(coi_filter_flows(&left, &right, &a));
		cr_assert(coi_filter_flows(&right, &left, &b));
		for (i = 0; i < vec_number(record, "packets"); i++)
		{
			allowed = read_packet(vec_text(record, "packet.%u", i), &proto,
								  &x, &y);
			cr_assert_eq(passes(&a, proto, &x, &y), allowed, "%s %s",
						 vec_text(record, "case"),
						 vec_text(record, "packet.%u", i));
			cr_assert_eq(passes(&b, proto, &y, &x), allowed);
		}
		coi_flows_clear(&a);
		coi_flows_clear(&b);
		coi_services_clear(&oa);
		coi_services_clear(&ua);
		coi_services_clear(&ob);
		coi_services_clear(&ub);
	}
	cr_assert_geq(networks, 10);
	vectors_destroy(vectors);
}
