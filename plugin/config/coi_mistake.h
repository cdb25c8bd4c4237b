/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what is said of a setting that cannot be used: its key, its value and what
 * is allowed, in one form for all of swanctl.conf and coi.conf.
 */

#ifndef COI_MISTAKE_H_
#define COI_MISTAKE_H_

#include <library.h>

typedef struct coi_mistake_t coi_mistake_t;

/** The first mistake in a section. On the stack of whoever reads it. */
struct coi_mistake_t {
	/** name of the connection that is read, borrowed; NULL for coi.conf */
	const char *conn;
	/** its child, or a community of coi.conf, borrowed; NULL for none */
	const char *child;
	/** whether there is any */
	bool found;
	/** the line, allocated; NULL if there is none or no memory for it */
	char *text;
};

/**
 * Note a mistake, unless there is one already.
 *
 * @param fmt		what follows the section: ".key = value: what is allowed", with
 *					strongSwan's conversions (%H, %P, %R, %Y)
 * @return			FALSE
 */
bool coi_mistake_note(coi_mistake_t *this, const char *fmt, ...);

/**
 * Take over what was noted of another section, unless there is a mistake already.
 *
 * @param from		adopted, cleared
 * @return			FALSE if there is any mistake now
 */
bool coi_mistake_take(coi_mistake_t *this, coi_mistake_t *from);

/** Forget what was noted. */
void coi_mistake_clear(coi_mistake_t *this);

#endif /** COI_MISTAKE_H_ */
