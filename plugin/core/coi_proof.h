/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the proof of an identity: its elements of SessionInfo and the octets that
 * are signed. PROTOCOL.md section 7.2.
 *
 * Whether a certificate is trusted, and who may have which identity, is decided
 * elsewhere.
 */

#ifndef COI_PROOF_H_
#define COI_PROOF_H_

#include "coi_cursor.h"
#include "coi_limits.h"
#include "coi_suite.h"

typedef struct coi_proof_t coi_proof_t;
typedef struct coi_certificate_t coi_certificate_t;
typedef struct coi_binder_t coi_binder_t;

/** How a certificate is encoded, numbers of RFC 7296 section 3.6. */
enum {
	COI_CERT_X509 = 4,
	COI_CERT_RAW = 15,
};

struct coi_certificate_t {
	uint8_t encoding;
	chunk_t data;
};

/** A proof; all zero if there is none. */
struct coi_proof_t {
	/** type as in RFC 7296 section 3.5, never 0 in a proof */
	uint8_t id_type;
	chunk_t id;
	/** DER of an AlgorithmIdentifier, as in RFC 7427 */
	chunk_t algorithm;
	chunk_t signature;
	/** the first holds the key that signed */
	coi_certificate_t *certs;
	u_int cert_count;
};

/** What ties a proof to one session and one end of it. */
struct coi_binder_t {
	const coi_suite_t *suite;
	/** whose proof it is */
	bool initiator;
	/** TH1 for the initiator, TH2 for the responder, borrowed */
	chunk_t transcript;
	/** VAL_I | VAL_R | DH_I | DH_R, borrowed */
	chunk_t values;
};

/** Whether there is a proof. */
static inline bool coi_proof_exists(const coi_proof_t *proof)
{
	return proof->id_type != 0;
}

/**
 * The octets that are signed.
 *
 * @param proof		all but the signature
 * @param octets	receives them, to be freed
 */
bool coi_proof_octets(const coi_binder_t *binder, const coi_proof_t *proof,
					  chunk_t *octets) __attribute__((warn_unused_result));

/** Append a certificate, cloned. */
void coi_proof_add_cert(coi_proof_t *proof, uint8_t encoding, chunk_t data);

/**
 * Decode the value of an element proof, or of an element certificate.
 *
 * @param proof		receives clones, also on failure
 * @return			FALSE if it is malformed, or comes too often
 */
bool coi_proof_decode(chunk_t value, coi_proof_t *proof)
					  __attribute__((warn_unused_result));
bool coi_proof_decode_cert(chunk_t value, coi_proof_t *proof)
						   __attribute__((warn_unused_result));

/** Whether all that was decoded makes a proof, or nothing did. */
bool coi_proof_is_whole(const coi_proof_t *proof);

/** Octets that the elements take, headers included; 0 if there is no proof. */
size_t coi_proof_size(const coi_proof_t *proof);

/**
 * Write the elements.
 *
 * @return			FALSE if something is not as section 7.2 has it
 */
bool coi_proof_write(coi_writer_t *writer, const coi_proof_t *proof)
					 __attribute__((warn_unused_result));

/** Move a proof to where there was none. */
void coi_proof_move(coi_proof_t *to, coi_proof_t *from);

/** Free, leave none. */
void coi_proof_clear(coi_proof_t *proof);

#endif /** COI_PROOF_H_ */
