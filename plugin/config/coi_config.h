/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the connections that are loaded, as one snapshot that is replaced as a
 * whole when charon has others.
 *
 * A mistake is logged once at level 1 with key, value and what is allowed;
 * the connection that has it is not used, the rest is.
 */

#ifndef COI_CONFIG_H_
#define COI_CONFIG_H_

#include "coi_connection.h"

typedef struct coi_config_t coi_config_t;

/** Called for a connection that is not used, without a lock. */
typedef void (*coi_config_error_cb_t)(void *data, const char *name,
									  const char *error);

/**
 * The connections that are loaded. Thread-safe.
 */
struct coi_config_t {

	/**
	 * Read the connections from charon's backends again.
	 *
	 * @return		TRUE if anything changed
	 */
	bool (*refresh)(coi_config_t *this);

	/**
	 * Find the connection for two hosts, the best match of their addresses.
	 *
	 * @param me	own address, or NULL for any
	 * @param other	peer's address
	 * @return		reference, NULL if no COI connection covers the pair
	 */
	coi_connection_t *(*find)(coi_config_t *this, host_t *me, host_t *other);

	/**
	 * Get the connection of a peer config, reading it if it is new.
	 *
	 * @return		reference, NULL if it is not a (valid) COI connection
	 */
	coi_connection_t *(*get)(coi_config_t *this, peer_cfg_t *peer);

	/**
	 * Find the connection that is loaded by a name.
	 *
	 * @return		reference, NULL if there is none, or it has a mistake
	 */
	coi_connection_t *(*find_name)(coi_config_t *this, const char *name);

	/**
	 * Enumerate over all, coi_connection_t*, borrowed from the enumerator, which
	 * holds no lock: what is loaded meanwhile is not seen.
	 */
	enumerator_t *(*create_enumerator)(coi_config_t *this);

	/** Call back for all that are not used because of a mistake. */
	void (*for_errors)(coi_config_t *this, coi_config_error_cb_t cb,
					   void *data);

	/**
	 * Find the community that a reqid belongs to (trap or SA).
	 *
	 * @param child	receives the community, borrowed from the connection, NULL
	 *				for a connection's trap
	 * @return		reference to the connection, NULL if the reqid is not ours
	 */
	coi_connection_t *(*find_reqid)(coi_config_t *this, uint32_t reqid,
									const coi_child_t **child);

	void (*destroy)(coi_config_t *this);
};

/**
 * @param start		when the daemon started, ms since 1970
 * @param cb		called for each mistake once it is found
 * @param data		handed to it
 */
coi_config_t *coi_config_create(uint64_t start, coi_config_error_cb_t cb,
								void *data);

#endif /** COI_CONFIG_H_ */
