/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the algorithms: which ones a suite fixes, and the few operations that
 * the protocol builds on, through libstrongswan's factories. PROTOCOL.md
 * sections 1 and 2.
 *
 * Every operation fails if no loaded plugin provides the algorithm;
 * coi_suite_missing() tells which one that is.
 */

#ifndef COI_SUITE_H_
#define COI_SUITE_H_

#include <library.h>
#include <credentials/keys/private_key.h>
#include <crypto/key_exchange.h>
#include <crypto/hashers/hasher.h>
#include <crypto/signers/signer.h>

#include "coi_limits.h"
#include "coi_reason.h"

typedef struct coi_suite_t coi_suite_t;
typedef enum coi_suite_role_t coi_suite_role_t;

/** An end of a session, by which what is made of the key exchange differs. */
enum coi_suite_role_t {
	/** answers, with DH_I in Sess2 */
	COI_INITIATOR,
	/** makes, with DH_R in Sess1, and takes the answer */
	COI_RESPONDER,
};

/** What a suite fixes. Lengths in octets. */
struct coi_suite_t {
	/** number on the wire */
	uint8_t id;
	/** name in the configuration and in every key derivation */
	const char *name;
	hash_algorithm_t hash;
	integrity_algorithm_t mac;
	pseudo_random_function_t prf;
	encryption_algorithm_t aead;
	key_exchange_method_t dh;
	key_type_t val;
	u_int val_bits;
	signature_scheme_t scheme;
	/** what precedes a VAL public key in its SubjectPublicKeyInfo */
	chunk_t spki;
	/** what precedes it at the end of a private key, empty if it is not there */
	chunk_t spri;
	/** a public key may be loaded without its SubjectPublicKeyInfo, which OpenSSL 3
	 * takes longer to decode than to verify a signature */
	bool raw;
	/** OpenSSL may be asked directly, by coi_p384 */
	bool direct;
	/** the common secret is to be looked at, it may be one that anybody knows */
	bool weak_dh;
	/** dh encapsulates: whoever answers draws the secret for the value that it
	 * answers, and has no use for a pair made ahead */
	bool kem;
	size_t hash_len;
	/** VAL public key */
	size_t val_len;
	size_t sig_len;
	/** DH_I and DH_R: the public value of each role, or what a KEM has for it: the
	 * responder's encapsulation key, the initiator's ciphertext */
	size_t value_len[2];
	/** ENC and VAL, and an entry, which is that sealed */
	size_t token_len;
	size_t entry_len;
	/** datagrams: Sess0, shortest and longest TERM */
	size_t sess0_len;
	size_t term_min;
	size_t term_max;
};

/** Number of suites known, and the one with an index, for whoever needs one object
 * each. */
#define COI_SUITES 2
const coi_suite_t *coi_suite_nth(u_int index);

/** Find a suite by its number on the wire or its name, NULL if unknown. */
const coi_suite_t *coi_suite_get(uint8_t id);
const coi_suite_t *coi_suite_by_name(const char *name);

/**
 * Find out whether the plugins that are loaded provide all that a suite needs.
 *
 * @return			what is missing, for a message; NULL if nothing is
 */
const char *coi_suite_missing(const coi_suite_t *suite);

/** Space for a label. */
#define COI_LABEL_LEN 48

/**
 * "coi1 " | suite name | " " | label, what everything hashed, signed or derived
 * begins with.
 *
 * @param suite		suite
 * @param label		label
 * @param zero		whether a zero octet follows
 * @param buf		space
 * @return			octets in buf, empty if they do not fit
 */
chunk_t coi_suite_label(const coi_suite_t *suite, const char *label, bool zero,
						uint8_t buf[COI_LABEL_LEN]);

/**
 * H over several pieces.
 *
 * @param suite		suite
 * @param parts		pieces, hashed in order
 * @param count		number of pieces
 * @param out		receives suite->hash_len octets
 */
bool coi_suite_hash(const coi_suite_t *suite, const chunk_t *parts, u_int count,
					uint8_t *out) __attribute__((warn_unused_result));

/** HKDF-Extract; out receives suite->hash_len octets, may be salt or ikm. */
bool coi_suite_extract(const coi_suite_t *suite, chunk_t salt, chunk_t ikm,
					   uint8_t *out) __attribute__((warn_unused_result));

/**
 * HKDF-Expand with L(label, context) as info, section 1.
 *
 * @param suite		suite
 * @param prk		key, suite->hash_len octets
 * @param label		label
 * @param context	pieces of the context, in order
 * @param count		number of pieces
 * @param out		receives len octets, may be prk
 * @param len		octets wanted
 */
bool coi_suite_expand(const coi_suite_t *suite, chunk_t prk, const char *label,
					  const chunk_t *context, u_int count, uint8_t *out,
					  size_t len) __attribute__((warn_unused_result));

/**
 * Make a keyed MAC, for whoever uses it more than once.
 *
 * @return			signer whose output is the whole hash, NULL on failure
 */
signer_t *coi_suite_mac_create(const coi_suite_t *suite, chunk_t key);

/**
 * MAC16 with a keyed MAC. Allocates nothing itself.
 *
 * @param mac		of coi_suite_mac_create()
 * @param data		octets
 * @param out		receives COI_TAG_LEN octets
 */
bool coi_suite_mac16(signer_t *mac, chunk_t data, uint8_t out[COI_TAG_LEN])
					 __attribute__((warn_unused_result));

/** MAC16 with a key that is used once. */
bool coi_suite_mac16_once(const coi_suite_t *suite, chunk_t key, chunk_t data,
						  uint8_t out[COI_TAG_LEN])
						  __attribute__((warn_unused_result));

/**
 * Seal, section 1.
 *
 * @param suite		suite
 * @param kn		COI_SEAL_KEY_LEN octets
 * @param aad		associated data
 * @param plain		plain text
 * @param out		receives plain.len + COI_ICV_LEN octets; must not overlap plain
 */
bool coi_suite_seal(const coi_suite_t *suite,
					const uint8_t kn[COI_SEAL_KEY_LEN], chunk_t aad,
					chunk_t plain, uint8_t *out)
					__attribute__((warn_unused_result));

/**
 * Open, section 1.
 *
 * @param sealed	ciphertext and ICV
 * @param plain		receives sealed.len - COI_ICV_LEN octets on success, to be
 *					wiped and freed; empty if it does not open
 */
bool coi_suite_open(const coi_suite_t *suite,
					const uint8_t kn[COI_SEAL_KEY_LEN], chunk_t aad,
					chunk_t sealed, chunk_t *plain)
					__attribute__((warn_unused_result));

/** Make a VAL key pair. NULL on failure. */
private_key_t *coi_suite_val_create(const coi_suite_t *suite);

/** Load a VAL key pair from its DER (SEC 1 or PKCS#8), for test vectors. */
private_key_t *coi_suite_val_load(const coi_suite_t *suite, chunk_t der);

/** Get the public key as it goes on the wire, suite->val_len octets. */
bool coi_suite_val_public(const coi_suite_t *suite, private_key_t *val,
						  uint8_t *out) __attribute__((warn_unused_result));

/**
 * Sign.
 *
 * @param out		receives suite->sig_len octets
 */
bool coi_suite_sign(const coi_suite_t *suite, private_key_t *val, chunk_t data,
					uint8_t *out) __attribute__((warn_unused_result));

/**
 * Verify a signature. A public key that is no point verifies nothing.
 *
 * @param val		public key as on the wire
 */
bool coi_suite_verify(const coi_suite_t *suite, chunk_t val, chunk_t data,
					  chunk_t signature) __attribute__((warn_unused_result));

/** Whether a VAL public key may be one: section 2. */
bool coi_suite_val_valid(const coi_suite_t *suite, chunk_t val);

/**
 * Make what one end has of a key exchange. For the responder, and unless the suite's is
 * a KEM for the initiator, too, it may be made ahead.
 *
 * @return			key pair, NULL on failure
 */
key_exchange_t *coi_suite_ke_create(const coi_suite_t *suite);

/**
 * The responder's first step: get its value.
 *
 * @param ke		of coi_suite_ke_create()
 * @param out		receives DH_R, suite->value_len[COI_RESPONDER] octets
 */
bool coi_suite_ke_make(const coi_suite_t *suite, key_exchange_t *ke,
					   uint8_t *out) __attribute__((warn_unused_result));

/**
 * The initiator's only step: answer a value and agree on the secret.
 *
 * @param ke		of coi_suite_ke_create(), not used before
 * @param value		DH_R as it has come
 * @param out		receives DH_I, suite->value_len[COI_INITIATOR] octets
 * @param z			receives Z on COI_OK, to be wiped and freed; empty if not
 * @return			COI_OK, COI_DH if section 2 refuses the value, COI_INTERNAL
 */
coi_reason_t coi_suite_ke_answer(const coi_suite_t *suite, key_exchange_t *ke,
								 chunk_t value, uint8_t *out, chunk_t *z)
								 __attribute__((warn_unused_result));

/**
 * The responder's last step: take the answer and agree on the secret. It may be tried
 * again with another answer.
 *
 * @param ke		what coi_suite_ke_make() has got the value of
 * @param value		DH_I as it has come
 * @param z			receives Z, to be wiped and freed; empty on failure
 * @return			FALSE if section 2 refuses the value
 */
bool coi_suite_ke_take(const coi_suite_t *suite, key_exchange_t *ke,
					   chunk_t value, chunk_t *z)
					   __attribute__((warn_unused_result));

/** Draw random octets of key quality. */
bool coi_suite_random(uint8_t *out, size_t len)
					  __attribute__((warn_unused_result));

/** Draw a random permutation of 0 to count-1 into places. */
bool coi_suite_shuffle(uint8_t *places, u_int count)
					   __attribute__((warn_unused_result));

#endif /** COI_SUITE_H_ */
