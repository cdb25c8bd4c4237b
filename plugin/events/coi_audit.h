/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the audit log: the events as structured records, in a file, in the
 * journal or at syslog. Writing is done by a worker; nobody waits for it.
 */

#ifndef COI_AUDIT_H_
#define COI_AUDIT_H_

#include "coi_events.h"
#include "coi_obstacles.h"

typedef struct coi_audit_t coi_audit_t;

struct coi_audit_t {

	/**
	 * Whether it can be written.
	 *
	 * @param why		what is wrong
	 */
	bool (*check)(coi_audit_t *this, char why[COI_OBSTACLE_TEXT]);

	/** Write what is left, stop. */
	void (*destroy)(coi_audit_t *this);
};

/**
 * Begin to write.
 *
 * @param where		path of a file, "journal" or "syslog", NULL for nowhere
 * @param events	what is written, borrowed
 * @return			NULL if nothing is to be written
 */
coi_audit_t *coi_audit_create(const char *where, coi_events_t *events);

/**
 * Write an event as JSON, on one line without its end.
 *
 * What peers say may hold anything: control characters, quotes and what is no
 * UTF-8 are escaped, so that nobody can add a line or a field.
 *
 * @return			allocated
 */
char *coi_audit_json(const coi_events_item_t *item);

#endif /** COI_AUDIT_H_ */
