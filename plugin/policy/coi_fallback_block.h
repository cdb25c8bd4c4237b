/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the policies that block what a connection with a mistake covers: it is not
 * used, but its traffic must not leave in the clear for that.
 *
 * They stand below everything else of ours, so they change nothing for whoever another
 * connection covers as well, nor for what is let pass.
 */

#ifndef COI_FALLBACK_BLOCK_H_
#define COI_FALLBACK_BLOCK_H_

#include "config/coi_config.h"
#include "coi_traps.h"
#include "coi_policy_store.h"

typedef struct coi_fallback_block_t coi_fallback_block_t;

/** Thread-safe. */
struct coi_fallback_block_t {

	/**
	 * Block the addresses and networks of a connection for a child that would
	 * call out, again if that was done before.
	 *
	 * @return			FALSE if there is nothing to block, or the kernel refused
	 */
	bool (*close)(coi_fallback_block_t *this, peer_cfg_t *peer,
				  child_cfg_t *child);

	/**
	 * Open again, a little later: a reload opens before it closes.
	 *
	 * @param peer		name of the connection, NULL for any
	 * @param child		name of the child
	 * @return			FALSE if it is not closed
	 */
	bool (*open)(coi_fallback_block_t *this, char *peer, char *child);

	/**
	 * Follow what is configured where vici does not say so: install traps instead
	 * where the mistake is gone, open where the connection is.
	 */
	void (*follow)(coi_fallback_block_t *this, coi_config_t *config,
				   coi_traps_t *routes);

	/** Block again what has names for hosts, which have other addresses now. */
	void (*renew)(coi_fallback_block_t *this);

	/** Whether a connection is closed. */
	bool (*is_closed)(coi_fallback_block_t *this, const char *peer);

	/** The policies go with the store. */
	void (*destroy)(coi_fallback_block_t *this);
};

/** @param store	where policies are installed, borrowed */
coi_fallback_block_t *coi_fallback_block_create(coi_policy_store_t *store);

#endif /** COI_FALLBACK_BLOCK_H_ */
