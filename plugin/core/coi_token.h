/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the entries of Sess0 and Sess1: what a token says, and how one key seals,
 * marks and opens it. PROTOCOL.md sections 5 and 6.
 */

#ifndef COI_TOKEN_H_
#define COI_TOKEN_H_

#include "coi_key.h"
#include "coi_pdu.h"

typedef struct coi_token_t coi_token_t;
typedef struct coi_sess1_keys_t coi_sess1_keys_t;

/**
 * What an entry carries, the first suite->token_len octets of it; zeros follow.
 * Secret; wipe with memwipe().
 */
struct coi_token_t {
	uint8_t enc[COI_ENC_LEN];
	uint8_t val[COI_MAX_VAL];
};

/** VAL of a token, borrowed. */
static inline chunk_t coi_token_val(const coi_suite_t *suite,
									const coi_token_t *token)
{
	return chunk_create((uint8_t*)token->val, suite->val_len);
}

/** Whether ENC and VAL are the same. Constant time. */
bool coi_token_equals(const coi_token_t *a, const coi_token_t *b);

/**
 * Seal a Sess0 entry.
 *
 * @param key		community key
 * @param sess0		datagram whose header up to the session ids, and whose fields
 *					are there
 * @param token		token
 * @param entry		receives suite->entry_len octets
 */
bool coi_token_seal0(const coi_key_t *key, const coi_sess0_t *sess0,
					 const coi_token_t *token, uint8_t *entry)
					 __attribute__((warn_unused_result));

/**
 * Open a Sess0 entry.
 *
 * @param entry		suite->entry_len octets
 * @param token		filled in on TRUE
 */
bool coi_token_open0(const coi_key_t *key, const coi_sess0_t *sess0,
					 chunk_t entry, coi_token_t *token)
					 __attribute__((warn_unused_result));

/**
 * The tag by which a responder finds a Sess0 entry. Unlike the gate it keeps no
 * keyed MAC, so that any thread may call it.
 */
bool coi_token_tag0(const coi_key_t *key, const coi_sess0_t *sess0,
					uint8_t tag[COI_TAG_LEN])
					__attribute__((warn_unused_result));

/**
 * The gate key of a community for Sess1, e_c of section 6.
 *
 * @param enc_i		the initiator's ENC, COI_ENC_LEN octets
 * @param nonce_i	COI_NONCE_LEN octets
 * @param gate1		receives suite->hash_len octets
 */
bool coi_token_gate1(const coi_key_t *key, chunk_t enc_i, chunk_t nonce_i,
					 uint8_t *gate1) __attribute__((warn_unused_result));

/**
 * The tag by which an initiator finds a Sess1 entry.
 *
 * @param gate1		of coi_token_gate1()
 * @param spi_r		the responder's session id
 * @param nonce_r	COI_NONCE_LEN octets
 * @param etag		receives the tag
 */
bool coi_token_etag(const coi_suite_t *suite, chunk_t gate1, uint64_t spi_r,
					chunk_t nonce_r, uint8_t etag[COI_TAG_LEN])
					__attribute__((warn_unused_result));

/** What Sess1 entries depend on besides key and token; all borrowed. */
struct coi_sess1_keys_t {
	chunk_t enc_i;
	chunk_t nonce_i;
	chunk_t nonce_r;
	/** context(Sess1) */
	chunk_t context;
};

/** Seal a Sess1 entry. */
bool coi_token_seal1(const coi_key_t *key, const coi_sess1_keys_t *keys,
					 chunk_t etag, const coi_token_t *token,
					 uint8_t *entry)
					 __attribute__((warn_unused_result));

/** Open a Sess1 entry. */
bool coi_token_open1(const coi_key_t *key, const coi_sess1_keys_t *keys,
					 chunk_t etag, chunk_t entry, coi_token_t *token)
					 __attribute__((warn_unused_result));

#endif /** COI_TOKEN_H_ */
