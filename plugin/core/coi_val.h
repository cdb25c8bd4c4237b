/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns a VAL key pair, which signs what a host says in an exchange, and which
 * the exchanges of a short period may share: PROTOCOL.md section 2.
 */

#ifndef COI_VAL_H_
#define COI_VAL_H_

#include "coi_suite.h"

typedef struct coi_val_t coi_val_t;

/** Immutable and refcounted; any number of threads may sign at a time. */
struct coi_val_t {
	const coi_suite_t *suite;
	private_key_t *key;
	/** suite->val_len octets */
	uint8_t public[COI_MAX_VAL];
	refcount_t refcount;
};

/**
 * Make a key pair.
 *
 * @return			pair with one reference, NULL if that failed
 */
coi_val_t *coi_val_create(const coi_suite_t *suite);

/**
 * Make a pair of a private key.
 *
 * @param key		adopted, NULL if there is none
 * @return			pair with one reference, NULL if key is none of the suite
 */
coi_val_t *coi_val_create_of(const coi_suite_t *suite, private_key_t *key);

coi_val_t *coi_val_get_ref(coi_val_t *val);

/** Drop a reference, may be NULL; the last one wipes the private key. */
void coi_val_destroy(coi_val_t *val);

#endif /** COI_VAL_H_ */
