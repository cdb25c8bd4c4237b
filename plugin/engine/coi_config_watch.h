/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the noticing of change: connections and keys are compared with what
 * charon has loaded, each second and whenever a session is to be opened. What that
 * means for open sessions is coi_reconfigure.h's.
 */

#ifndef COI_CONFIG_WATCH_H_
#define COI_CONFIG_WATCH_H_

#include "coi_reconfigure.h"
#include "keys/coi_keypair_pool.h"
#include "policy/coi_fallback_block.h"
#include "policy/coi_negative_cache.h"
#include "policy/coi_traps.h"

typedef struct coi_config_watch_t coi_config_watch_t;
typedef struct coi_config_watch_config_t coi_config_watch_config_t;

/** What is compared, and who follows; all borrowed. */
struct coi_config_watch_config_t {
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_admin_state_t *admin_state;
	coi_keypair_pool_t *keypairs;
	coi_traps_t *traps;
	coi_fallback_block_t *fallback_block;
	coi_negative_cache_t *negative_cache;
	coi_reconfigure_t *reconfigure;
};

struct coi_config_watch_t {

	/**
	 * Compare now. Keys are known before the traps that it installs, so whoever
	 * installs one calls this first.
	 */
	void (*refresh)(coi_config_watch_t *this);

	/**
	 * Whether keys and connections have stayed the same for a second or two,
	 * so that what is missing is not just about to be loaded. Turns FALSE
	 * before the negative cache is emptied because keys have changed.
	 */
	bool (*is_settled)(coi_config_watch_t *this);

	void (*destroy)(coi_config_watch_t *this);
};

/**
 * Create and schedule.
 *
 * @param config	copied
 */
coi_config_watch_t *coi_config_watch_create(
										const coi_config_watch_config_t *config);

#endif /** COI_CONFIG_WATCH_H_ */
