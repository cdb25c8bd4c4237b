/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the generations of one community's key: the secrets that charon has for
 * it, in the administrator's order, and the keys derived from them.
 */

#ifndef COI_KEY_GENERATIONS_H_
#define COI_KEY_GENERATIONS_H_

#include "core/coi_key.h"

typedef struct coi_key_generations_t coi_key_generations_t;
typedef struct coi_key_generation_t coi_key_generation_t;

/** A generation of a community's key. */
struct coi_key_generation_t {
	/** as configured; not a copy but a reference, so that a secret lies in
	 * memory once. Tells whether the key has to be derived again. */
	shared_key_t *secret;
	/** NULL before coi_key_generations_derive() */
	coi_key_t *key;
};

struct coi_key_generations_t {
	char *name;
	const coi_suite_t *suite;
	/** oldest first */
	coi_key_generation_t *held;
	u_int count;
	/** highest generation ever given out, so that none is used twice */
	u_int highest;
	/** an administrator has disabled the community: they are not used */
	bool disabled;
	/** what is wrong with the secrets, NULL if nothing */
	char *complaint;
};

/**
 * Collect the secrets of a community that can be used.
 *
 * @param this		receives secrets without their keys
 * @param name		community's name, cloned
 * @param suite		community's suite
 */
void coi_key_generations_collect(coi_key_generations_t *this, const char *name,
								 const coi_suite_t *suite);

/**
 * Make the keys. One that was held before keeps its generation and is not
 * derived again, unless the administrator changed the order.
 *
 * @param before	generations that were held before, NULL if none
 */
void coi_key_generations_derive(coi_key_generations_t *this,
								const coi_key_generations_t *before);

/** Leave out the oldest one, for want of room. */
void coi_key_generations_drop(coi_key_generations_t *this);

/**
 * Whether a key is held, whatever the generation that it is counted as.
 *
 * @param this		generations, NULL if there are none
 */
bool coi_key_generations_hold(const coi_key_generations_t *this,
							  const coi_key_t *key);

/** Release everything. */
void coi_key_generations_clear(coi_key_generations_t *this);

#endif /** COI_KEY_GENERATIONS_H_ */
