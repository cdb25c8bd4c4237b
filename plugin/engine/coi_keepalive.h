/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the watching over open sessions: an IDLE goes out when this side has sent
 * nothing else, a peer that leaves unanswered what it is sent is asked whether it is
 * there, see coi_liveness.h, and one from which nothing comes for too long is given
 * up.
 */

#ifndef COI_KEEPALIVE_H_
#define COI_KEEPALIVE_H_

#include "coi_opening.h"

typedef struct coi_keepalive_t coi_keepalive_t;
typedef struct coi_keepalive_config_t coi_keepalive_config_t;

/** What it works with; all borrowed. */
struct coi_keepalive_config_t {
	const coi_options_t *options;
	coi_session_table_t *sessions;
	coi_socket_t *socket;
	coi_counters_t *counters;
	/** for coi_liveness.h, like attempts and opening */
	coi_negative_cache_t *negative_cache;
	coi_attempts_t *attempts;
	/** ends sessions */
	coi_executor_t *executor;
	coi_opening_t *opening;
};

struct coi_keepalive_t {

	/** Look after a session that was just established; it is checked out. */
	void (*start)(coi_keepalive_t *this, coi_session_entry_t *entry);

	/** Send an IDLE now in a session that is checked out. */
	void (*send)(coi_keepalive_t *this, coi_session_entry_t *entry);

	/** Addresses or links have changed: hear whether the peer is there; it is checked
	 * out. */
	void (*roamed)(coi_keepalive_t *this, coi_session_entry_t *entry);

	void (*destroy)(coi_keepalive_t *this);
};

/**
 * @param config	copied
 */
coi_keepalive_t *coi_keepalive_create(const coi_keepalive_config_t *config);

#endif /** COI_KEEPALIVE_H_ */
