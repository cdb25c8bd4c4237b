/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the admission of datagrams: form, gate, rate. What passes goes to the
 * engine; what does not is counted under its reason and forgotten.
 */

#ifndef COI_RECEIVER_H_
#define COI_RECEIVER_H_

#include "coi_engine.h"
#include "events/coi_refusals.h"
#include "keys/coi_keyring.h"

typedef struct coi_receiver_t coi_receiver_t;

struct coi_receiver_t {

	/**
	 * Take a datagram, see coi_socket_cb_t.
	 */
	void (*receive)(coi_receiver_t *this, bool tunnel, host_t *src,
					host_t *dst, chunk_t datagram);

	void (*destroy)(coi_receiver_t *this);
};

/**
 * All are borrowed.
 *
 * @param keyring	all keys, for the gate
 * @param refusals	remembers what somebody may want explained
 * @param engine	takes what passes
 */
coi_receiver_t *coi_receiver_create(const coi_options_t *options,
									coi_keyring_t *keyring,
									coi_session_table_t *sessions,
									coi_refusals_t *refusals,
									coi_counters_t *counters,
									coi_engine_t *engine);

#endif /** COI_RECEIVER_H_ */
