/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the community keys that a host holds: one coi_key_t a generation, and
 * immutable sets of them in the administrator's order. PROTOCOL.md section 3.
 */

#ifndef COI_KEY_H_
#define COI_KEY_H_

#include "coi_suite.h"
#include "coi_limits.h"

typedef struct coi_key_t coi_key_t;
typedef struct coi_keyset_t coi_keyset_t;

/** One generation of a community's key. Holds derived secrets only. */
struct coi_key_t {
	char *name;
	const coi_suite_t *suite;
	/** position in the administrator's order; higher is newer */
	u_int generation;
	/** PROTOCOL.md section 3, suite->hash_len octets, secret */
	chunk_t base;
	/** not secret, see coi_key_fingerprint() */
	uint8_t fingerprint[COI_FINGERPRINT_LEN];
	/** keyed with gate0; only the receiver's thread uses it */
	signer_t *gate0;
	refcount_t refcount;
};

/**
 * Derive a generation's key.
 *
 * @param suite			suite of the community
 * @param name			1 to COI_MAX_NAME octets, cloned
 * @param generation	order, higher is newer
 * @param secret		COI_KEY_LEN octets, borrowed
 * @return				key, NULL if name, length or crypto is not right
 */
coi_key_t *coi_key_create(const coi_suite_t *suite, const char *name,
						  u_int generation, chunk_t secret);

coi_key_t *coi_key_get_ref(coi_key_t *key);

/** Whether two keys are the same generation of the same community. */
bool coi_key_equals(const coi_key_t *a, const coi_key_t *b);

/** Length of a fingerprint as text, with its terminator. */
#define COI_FINGERPRINT_TEXT (COI_FINGERPRINT_LEN * 5 / 2)

/**
 * What people compare to see whether two hosts hold the same key: 16 hex
 * digits in groups of four, "9f3a-01c2-77e0-4b5d". It depends on the key and
 * the community's name, not on the suite, and gives nothing of the key away.
 * PROTOCOL.md section 3.
 *
 * @param key		key
 * @param out		receives it, terminated
 */
void coi_key_fingerprint(const coi_key_t *key, char out[COI_FINGERPRINT_TEXT]);

/** Drop a reference; wipes with the last. */
void coi_key_destroy(coi_key_t *key);

/** Immutable list of keys, oldest first. */
struct coi_keyset_t {
	coi_key_t **keys;
	u_int count;
	refcount_t refcount;
};

/**
 * Create a set. More than COI_MAX_KEYS are refused.
 *
 * @param keys		array, references are adopted (also on failure)
 * @param count		number of keys, may be 0
 * @return			set with one reference, NULL if too many
 */
coi_keyset_t *coi_keyset_create(coi_key_t **keys, u_int count);

coi_keyset_t *coi_keyset_get_ref(coi_keyset_t *set);

void coi_keyset_destroy(coi_keyset_t *set);

#endif /** COI_KEY_H_ */
