/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a change of keys or connections means for open sessions:
 * communities end whose key is gone, others may join. It opens nothing.
 *
 * After a change all sessions are compared with what there is, once. An opening that
 * was under way may still end with what is gone, however long it takes: so each
 * session is compared once more when it has opened.
 */

#ifndef COI_RECONFIGURE_H_
#define COI_RECONFIGURE_H_

#include "coi_keepalive.h"

typedef struct coi_reconfigure_t coi_reconfigure_t;

struct coi_reconfigure_t {

	/** Compare all sessions with the keys and connections that there are. */
	void (*apply)(coi_reconfigure_t *this);

	/** A session has opened: apply_opened() is to compare it. */
	void (*opened)(coi_reconfigure_t *this, const coi_session_entry_t *entry);

	/** Compare those that have opened since it was called last, or apply(). */
	void (*apply_opened)(coi_reconfigure_t *this);

	void (*destroy)(coi_reconfigure_t *this);
};

/**
 * @param parts		what to work with, copied
 * @param runner	ends sessions, borrowed
 * @param keepalive	tells peers, borrowed
 */
coi_reconfigure_t *coi_reconfigure_create(const coi_parts_t *parts,
										  coi_executor_t *runner,
										  coi_keepalive_t *keepalive);

#endif /** COI_RECONFIGURE_H_ */
