/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of one connection: from a peer config of charon's to a
 * coi_connection_t, or to the line that says what is wrong with it.
 */

#ifndef COI_CONNECTION_H_
#define COI_CONNECTION_H_

#include "coi_config.h"

/**
 * Whether a peer config uses the xauth-coi method on any side. If that is not
 * both sides, reading it fails.
 */
bool coi_connection_concerns(peer_cfg_t *peer);

/**
 * Get all peer configs that charon has loaded and that use it.
 *
 * @return			peer_cfg_t, references, to be destroyed with them
 */
linked_list_t *coi_connection_peers();

/**
 * Read a connection.
 *
 * @param peer		peer config, reference taken
 * @param start		when the daemon started, ms since 1970
 * @param error		receives the line to log if this fails, to be freed
 * @return			connection without reqids, NULL if it cannot be used
 */
coi_connection_t *coi_connection_read(peer_cfg_t *peer, uint64_t start,
									  char **error);

/**
 * Get the connection that is loaded by that name.
 *
 * @return			reference, NULL if there is none, or it has a mistake
 */
coi_connection_t *coi_connection_get_loaded(coi_config_t *config,
											const char *name);

/**
 * Whether a connection was read from what a peer config is now, so that reading it
 * again would make the same. May be FALSE though it would.
 */
bool coi_connection_is_of(coi_connection_t *this, peer_cfg_t *peer);

/**
 * Whether two connections mean the same, reqids aside.
 */
bool coi_connection_equals(coi_connection_t *a, coi_connection_t *b);

/**
 * Find the own address for sessions of a connection with a peer.
 *
 * @return			NULL if nothing leads there
 */
host_t *coi_connection_source(coi_connection_t *conn, host_t *other);

#endif /** COI_CONNECTION_H_ */
