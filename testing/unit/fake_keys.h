/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tests have instead of the secrets that swanctl loads: a credential set
 * that enumerates the last one first, as charon's do.
 */

#ifndef FAKE_KEYS_H_
#define FAKE_KEYS_H_

#include <library.h>

/** Load what fake_configs_init() does, and the set. */
void fake_keys_init();

void fake_keys_deinit();

/**
 * Load a secret.
 *
 * @param name		community, NULL for none, as PPKs of IKE may have it
 * @param fill		what its octets are
 * @param len		how many it has
 */
void fake_keys_add(const char *name, uint8_t fill, size_t len);

/** Forget all. */
void fake_keys_clear();

/** Whether a secret has these octets. */
bool fake_keys_is(shared_key_t *secret, uint8_t fill);

#endif /** FAKE_KEYS_H_ */
