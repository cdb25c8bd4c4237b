/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the community keys of this host, taken from charon's credential sets
 * (secrets of type PPK whose identity is the community's name).
 *
 * Several secrets with one identity are generations; the last one listed is
 * the newest. Thread-safe.
 */

#ifndef COI_KEYRING_H_
#define COI_KEYRING_H_

#include "config/coi_config.h"
#include "events/coi_events.h"
#include "coi_admin_state.h"
#include "core/coi_key.h"

typedef struct coi_keyring_t coi_keyring_t;

struct coi_keyring_t {

	/**
	 * Bring the keys up to date for the communities of the connections.
	 * Communities without a key, and secrets that are not 256 bit, are said
	 * once each time that changes.
	 *
	 * @param config	loaded connections
	 * @return			TRUE if a key came or went
	 */
	bool (*refresh)(coi_keyring_t *this, coi_config_t *config);

	/** All keys, for the gate. Reference. */
	coi_keyset_t *(*get_all)(coi_keyring_t *this);

	/**
	 * The keys of a connection's communities, of one suite.
	 *
	 * @return			reference, possibly an empty set
	 */
	coi_keyset_t *(*get)(coi_keyring_t *this, const coi_connection_t *conn,
						 const coi_suite_t *suite);

	/** Whether there is a key for a community of the connections, and it is not
	 * disabled. */
	bool (*has)(coi_keyring_t *this, const char *name);

	/** Whether charon still has the secret of a key, configured or not, and its
	 * community is not disabled. */
	bool (*holds)(coi_keyring_t *this, const coi_key_t *key);

	void (*destroy)(coi_keyring_t *this);
};

/**
 * @param events	told of keys that come and go, borrowed
 * @param admin		says what is disabled, borrowed
 */
coi_keyring_t *coi_keyring_create(coi_events_t *events,
								  coi_admin_state_t *admin);

#endif /** COI_KEYRING_H_ */
