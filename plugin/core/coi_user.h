/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a host says of the person who uses it: a name, which is claimed and
 * not proved, and when the session began. PROTOCOL.md section 10.
 */

#ifndef COI_USER_H_
#define COI_USER_H_

#include <library.h>

typedef struct coi_user_t coi_user_t;

struct coi_user_t {
	/** as coi_user_valid() wants it; empty if there is nobody */
	chunk_t name;
	/** when the session began, ms since 1970; 0 if it is not known */
	uint64_t since;
};

/**
 * Whether a name may be on the wire: 1 to 255 octets of clean text, see
 * coi_utf8.h.
 */
bool coi_user_valid(chunk_t name);

bool coi_user_equals(const coi_user_t *a, const coi_user_t *b);

/** Copy, to be freed with coi_user_clear(). */
coi_user_t coi_user_clone(const coi_user_t *user);

void coi_user_clear(coi_user_t *user);

#endif /** COI_USER_H_ */
