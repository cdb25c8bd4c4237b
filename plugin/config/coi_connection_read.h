/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of one connection: from a peer config of charon's to a
 * coi_connection_t, or to the line that says what is wrong with it.
 */

#ifndef COI_CONNECTION_READ_H_
#define COI_CONNECTION_READ_H_

#include "coi_connection.h"

/**
 * Whether a peer config is one of ours: both sides authenticate with the
 * xauth-coi method.
 */
bool coi_connection_is_coi(peer_cfg_t *peer);

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

#endif /** COI_CONNECTION_READ_H_ */
