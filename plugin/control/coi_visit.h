/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the look of a command at all sessions, one after the other: only one is
 * checked out at a time, and none while an answer is sent.
 */

#ifndef COI_VISIT_H_
#define COI_VISIT_H_

#include "engine/coi_engine.h"
#include "session/coi_session_table.h"

/**
 * Look at all sessions that there are now, oldest first.
 *
 * @param wait		FALSE to leave out those that are busy
 * @param look		called with each, checked out
 * @param after		called when it is checked in again, NULL for nothing
 * @param data		for both
 */
void coi_visit_sessions(coi_session_table_t *sessions, coi_engine_t *engine,
						bool wait, coi_session_table_cb_t look,
						void (*after)(void *data), void *data);

#endif /** COI_VISIT_H_ */
