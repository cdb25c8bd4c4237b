/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the telling of what there is: sessions, refused peers and communities,
 * as VICI messages that docs/CONTROL.md describes. No secret is in them.
 */

#ifndef COI_REPORT_H_
#define COI_REPORT_H_

#include "engine/coi_engine.h"
#include "coi_vici_library.h"

/** Called without a lock for each message, which is adopted. */
typedef void (*coi_report_cb_t)(void *data, char *event,
								vici_message_t *message);

/**
 * Tell of all sessions, oldest first, and of refused peers: events "peer" and
 * "refused".
 *
 * @param wait		FALSE to leave out sessions that are busy
 */
void coi_report_status(const coi_parts_t *parts, coi_engine_t *engine,
					   bool wait, coi_report_cb_t cb, void *data);

/** Tell of the communities of all connections: event "community". */
void coi_report_communities(const coi_parts_t *parts, coi_report_cb_t cb,
							void *data);

/** Add a number to a message. */
void coi_report_number(vici_builder_t *b, char *key, uint64_t number);

/** Add a key's fingerprint to a message. */
void coi_report_fingerprint(vici_builder_t *b, const coi_key_t *key);

#endif /** COI_REPORT_H_ */
