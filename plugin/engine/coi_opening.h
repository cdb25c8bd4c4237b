/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how a session is begun because this host wants one: whether it may be now,
 * with which ports, once more in place of an open one, and the waiting for it.
 */

#ifndef COI_OPENING_H_
#define COI_OPENING_H_

#include "coi_attempts.h"
#include "coi_executor.h"
#include "events/coi_obstacles.h"
#include "session/coi_open_budget.h"
#include "session/coi_work_queue.h"

typedef struct coi_opening_t coi_opening_t;
typedef struct coi_opening_config_t coi_opening_config_t;
typedef struct coi_opening_asker_t coi_opening_asker_t;

/** Who asks for a session. */
struct coi_opening_asker_t {
	/** whose limits count */
	coi_origin_t origin;
	/** of the policy that asked, 0 if none did */
	uint32_t reqid;
};

/** What openings need; all borrowed. */
struct coi_opening_config_t {
	const coi_options_t *options;
	coi_obstacles_t *obstacles;
	coi_open_budget_t *budget;
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_session_table_t *sessions;
	coi_counters_t *counters;
	coi_attempts_t *attempts;
	coi_executor_t *executor;
	coi_work_queue_t *queue;
};

struct coi_opening_t {

	/**
	 * Open a session with a peer, unless there is one, or it is not to be
	 * asked again yet.
	 *
	 * @param conn		borrowed
	 * @param me		own address, borrowed
	 * @param other		peer's address, borrowed
	 * @param tries		openings before giving up, 0 for no end
	 * @param force		TRUE to open a second one that replaces it (rekey)
	 * @param asker		who asks, NULL if it is charon itself
	 * @param reason	receives why none could be made, which is counted:
	 *					COI_NO_KEY, or COI_OWN_... at a limit; may be NULL
	 * @return			id of the session to wait for, 0 if none could be made
	 */
	uintptr_t (*open)(coi_opening_t *this, coi_connection_t *conn, host_t *me,
					  host_t *other, u_int tries, bool force,
					  const coi_opening_asker_t *asker, coi_reason_t *reason);

	/**
	 * Let a worker open another session in place of an open one, with the keys and
	 * the connection that there are then.
	 *
	 * @param id		session; whoever has it checked out is not waited for
	 */
	void (*renew)(coi_opening_t *this, uintptr_t id);

	/**
	 * Wait for a session, or the one that won a crossing against it. Can be
	 * cancelled.
	 *
	 * @param timeout	ms, 0 for no end
	 */
	coi_opening_end_t (*wait)(coi_opening_t *this, uintptr_t id, host_t *me,
					   host_t *other, u_int timeout);

	void (*destroy)(coi_opening_t *this);
};

/**
 * @param config	copied
 */
coi_opening_t *coi_opening_create(const coi_opening_config_t *config);

#endif /** COI_OPENING_H_ */
