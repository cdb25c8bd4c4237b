/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which VAL public keys are this host's own: the one that it uses, and those
 * before it for as long as a Sess0 that holds one may be in the time window.
 * PROTOCOL.md section 14.1, step 11.
 */

#ifndef COI_OWN_VALS_H_
#define COI_OWN_VALS_H_

#include "coi_suite.h"

typedef struct coi_vals_t coi_vals_t;

/**
 * Create an empty list for one suite. Not thread-safe.
 *
 * @param suite		suite, borrowed
 * @param keep		ms that a key is remembered after another one has replaced it
 */
coi_vals_t *coi_own_vals_create(const coi_suite_t *suite, uint64_t keep);

/**
 * Another key is used from now on.
 *
 * @param val		suite->val_len octets, cloned; NULL if none is
 * @param now		monotonic clock, ms
 */
void coi_own_vals_replace(coi_vals_t *this, const uint8_t *val, uint64_t now);

/**
 * Whether a key is an own one.
 *
 * @param val		of any length
 * @param now		monotonic clock, ms
 */
bool coi_own_vals_has(const coi_vals_t *this, chunk_t val, uint64_t now);

/** Number of keys that are remembered. */
u_int coi_own_vals_count(const coi_vals_t *this);

/** Free a list, may be NULL. */
void coi_own_vals_destroy(coi_vals_t *this);

#endif /** COI_OWN_VALS_H_ */
