/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_proof.h"
#include "coi_profile.h"

/** lengths on the wire */
#define ELEMENT_HEADER	4
#define PROOF_FIXED		(1 + 1 + 2 + 2)

/**
 * Write what an element proof holds before the signature.
 */
static void write_claim(coi_writer_t *writer, const coi_proof_t *proof)
{
	coi_writer_u8(writer, proof->id_type);
	coi_writer_u8(writer, 0);
	coi_writer_u16(writer, proof->id.len);
	coi_writer_bytes(writer, proof->id);
	coi_writer_u16(writer, proof->algorithm.len);
	coi_writer_bytes(writer, proof->algorithm);
}

bool coi_proof_octets(const coi_binder_t *binder, const coi_proof_t *proof,
					  chunk_t *octets)
{
	uint8_t label[COI_LABEL_LEN], hash[COI_MAX_HASH], encoding = 0;
	chunk_t claim, pieces[5] = { binder->transcript, binder->values };
	coi_writer_t writer;
	u_int count = 3;
	bool success;

	claim = chunk_alloc(PROOF_FIXED + proof->id.len + proof->algorithm.len);
	writer = coi_writer(claim.ptr, claim.len);
	write_claim(&writer, proof);
	pieces[2] = claim;
	if (proof->cert_count)
	{
		encoding = proof->certs[0].encoding;
		pieces[count++] = chunk_from_thing(encoding);
		pieces[count++] = proof->certs[0].data;
	}
	success = coi_suite_hash(binder->suite, pieces, count, hash);
	chunk_free(&claim);
	if (success)
	{
		*octets = chunk_cat("cc",
					coi_suite_label(binder->suite, binder->initiator ?
									"identity i" : "identity r", TRUE, label),
					chunk_create(hash, binder->suite->hash_len));
	}
	return success;
}

void coi_proof_add_cert(coi_proof_t *proof, uint8_t encoding, chunk_t data)
{
	proof->certs = realloc(proof->certs, (proof->cert_count + 1) *
						   sizeof(*proof->certs));
	proof->certs[proof->cert_count++] = (coi_certificate_t){
		.encoding = encoding,
		.data = chunk_clone(data),
	};
}

static bool valid_cert(const coi_certificate_t *cert)
{
	return cert->data.len && cert->data.len < UINT16_MAX &&
		   (cert->encoding == COI_CERT_X509 || cert->encoding == COI_CERT_RAW);
}

bool coi_proof_decode(chunk_t value, coi_proof_t *proof)
{
	coi_cursor_t cursor = coi_cursor(value);
	chunk_t id, algorithm, signature;
	uint8_t type, zero;
	uint16_t len;

	coi_cursor_u8(&cursor, &type);
	coi_cursor_u8(&cursor, &zero);
	coi_cursor_u16(&cursor, &len);
	coi_cursor_bytes(&cursor, len, &id);
	coi_cursor_u16(&cursor, &len);
	if (!coi_cursor_bytes(&cursor, len, &algorithm) ||
		!coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor),
						  &signature) ||
		coi_proof_exists(proof) || !type || zero ||
		!coi_profile_valid_id(type, id.len) || !algorithm.len ||
		!signature.len)
	{
		return FALSE;
	}
	proof->id_type = type;
	proof->id = chunk_clone(id);
	proof->algorithm = chunk_clone(algorithm);
	proof->signature = chunk_clone(signature);
	return TRUE;
}

bool coi_proof_decode_cert(chunk_t value, coi_proof_t *proof)
{
	coi_cursor_t cursor = coi_cursor(value);
	coi_certificate_t cert;

	coi_cursor_u8(&cursor, &cert.encoding);
	if (!coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor),
						  &cert.data) ||
		!valid_cert(&cert) || proof->cert_count == COI_MAX_CERTIFICATES)
	{
		return FALSE;
	}
	coi_proof_add_cert(proof, cert.encoding, cert.data);
	return TRUE;
}

bool coi_proof_is_whole(const coi_proof_t *proof)
{
	return coi_proof_exists(proof) || !proof->cert_count;
}

size_t coi_proof_size(const coi_proof_t *proof)
{
	size_t size;
	u_int i;

	if (!coi_proof_exists(proof))
	{
		return 0;
	}
	size = ELEMENT_HEADER + PROOF_FIXED + proof->id.len +
		   proof->algorithm.len + proof->signature.len;
	for (i = 0; i < proof->cert_count; i++)
	{
		size += ELEMENT_HEADER + 1 + proof->certs[i].data.len;
	}
	return size;
}

bool coi_proof_write(coi_writer_t *writer, const coi_proof_t *proof)
{
	const coi_certificate_t *cert;
	u_int i;

	if (!coi_proof_exists(proof))
	{
		return coi_proof_is_whole(proof);
	}
	if (!coi_profile_valid_id(proof->id_type, proof->id.len) ||
		!proof->algorithm.len || !proof->signature.len ||
		proof->cert_count > COI_MAX_CERTIFICATES ||
		PROOF_FIXED + proof->id.len + proof->algorithm.len +
		proof->signature.len > UINT16_MAX)
	{
		return FALSE;
	}
	coi_writer_u16(writer, COI_INFO_PROOF);
	coi_writer_u16(writer, PROOF_FIXED + proof->id.len +
				   proof->algorithm.len + proof->signature.len);
	write_claim(writer, proof);
	coi_writer_bytes(writer, proof->signature);
	for (i = 0; i < proof->cert_count; i++)
	{
		cert = &proof->certs[i];
		if (!valid_cert(cert))
		{
			return FALSE;
		}
		coi_writer_u16(writer, COI_INFO_CERTIFICATE);
		coi_writer_u16(writer, 1 + cert->data.len);
		coi_writer_u8(writer, cert->encoding);
		coi_writer_bytes(writer, cert->data);
	}
	return TRUE;
}

void coi_proof_move(coi_proof_t *to, coi_proof_t *from)
{
	*to = *from;
	*from = (coi_proof_t){};
}

void coi_proof_clear(coi_proof_t *proof)
{
	u_int i;

	for (i = 0; i < proof->cert_count; i++)
	{
		chunk_free(&proof->certs[i].data);
	}
	free(proof->certs);
	chunk_free(&proof->id);
	chunk_free(&proof->algorithm);
	chunk_free(&proof->signature);
	*proof = (coi_proof_t){};
}
