/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the answering of a Sess0: it makes a session, belongs to one that is being
 * made, or has crossed an opening of this host.
 */

#ifndef COI_RESPONDER_H_
#define COI_RESPONDER_H_

#include "coi_executor.h"
#include "session/coi_work_queue.h"

typedef struct coi_responder_t coi_responder_t;
typedef struct coi_responder_config_t coi_responder_config_t;

/** What Sess0s are answered with; all borrowed. */
struct coi_responder_config_t {
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_session_table_t *sessions;
	coi_counters_t *counters;
	coi_attempts_t *attempts;
	coi_executor_t *executor;
	/** for what has to wait */
	coi_work_queue_t *queue;
};

struct coi_responder_t {

	/**
	 * Take a Sess0 that passed the gate.
	 *
	 * @param work		with addresses, datagram and what the gate found
	 * @param id		receives the id of the session that it is a part of, and to be
	 *					given to; 0 if it has made one, or is refused
	 * @return			COI_OK, or why it is refused
	 */
	coi_reason_t (*answer)(coi_responder_t *this, coi_work_t *work,
						   uintptr_t *id);

	/**
	 * The initiator of a session has answered: end an own opening with it that still
	 * waits for an answer.
	 *
	 * @param entry		checked out
	 */
	void (*proved)(coi_responder_t *this, const coi_session_entry_t *entry);

	void (*destroy)(coi_responder_t *this);
};

/**
 * @param config	copied
 */
coi_responder_t *coi_responder_create(const coi_responder_config_t *config);

#endif /** COI_RESPONDER_H_ */
