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
 * @param parts		what to work with, copied
 * @param timing	times that sessions keep, copied
 * @param runner	carries actions out, borrowed
 * @param queue		for what has to wait, borrowed
 */
coi_responder_t *coi_responder_create(const coi_parts_t *parts,
									  const coi_timing_t *timing,
									  coi_executor_t *runner,
									  coi_work_queue_t *queue);

#endif /** COI_RESPONDER_H_ */
