/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how what happens to a session is told: in the log, as an event and in
 * how long it took.
 *
 * All functions want the entry checked out.
 */

#ifndef COI_SESSION_LOG_H_
#define COI_SESSION_LOG_H_

#include "coi_session_entry.h"
#include "events/coi_events.h"
#include "events/coi_histograms.h"

/** The peer has answered an opening of ours. */
void coi_session_log_answered(coi_histograms_t *histograms,
							  coi_session_entry_t *entry);

/** A session is open at both ends. */
void coi_session_log_opened(coi_events_t *events, coi_histograms_t *histograms,
							const coi_session_entry_t *entry,
							identification_t *id);

/**
 * Remember why a session ends, the first reason counts.
 *
 * @param by_peer	the peer has ended it
 * @param text		what was said to or by the peer, may be NULL
 */
void coi_session_log_why(coi_session_entry_t *entry, coi_term_t why,
						 bool by_peer,
						 const char *text);

/** Say why a datagram that has passed all other checks is refused. */
void coi_session_log_refused(const coi_session_entry_t *entry,
							 coi_reason_t reason);

/** Why a session ends, by its own or, if it was not opened, by the peer's
 * word. */
coi_reason_t coi_session_log_cause(const coi_session_entry_t *entry,
								   const coi_action_t *action);

/**
 * Say why an own opening has failed.
 *
 * @return			FALSE if it is not one that would fail again
 */
bool coi_session_log_failed(const coi_session_entry_t *entry,
							coi_reason_t reason);

/** A session ended, or was never opened. */
void coi_session_log_ended(coi_events_t *events,
						   const coi_session_entry_t *entry,
						   coi_reason_t reason);

/**
 * A community ended, its session goes on.
 *
 * @param term		why the peer has ended it, 0 if this side has
 * @param text		what the peer said, may be NULL
 */
void coi_session_log_left(coi_events_t *events,
						  const coi_session_entry_t *entry,
						  const char *name, coi_term_t term, const char *text);

/** A connection has a mistake: events are the data. A coi_config_error_cb_t. */
void coi_session_log_mistake(void *data, const char *name, const char *error);

#endif /** COI_SESSION_LOG_H_ */
