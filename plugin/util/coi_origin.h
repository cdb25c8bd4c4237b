/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the word for whoever has caused an opening: a user of this host, a host whose
 * packets this one forwards, or this host itself; and what share of a limit each
 * of them may have.
 */

#ifndef COI_ORIGIN_H_
#define COI_ORIGIN_H_

#include <library.h>

typedef uint64_t coi_origin_t;

/** Who is root, or asks by charon's sockets, which are root's. */
#define COI_ORIGIN_ROOT		0
/** A user of this host, or its kernel: it does not say which one. */
#define COI_ORIGIN_UNKNOWN	(1ULL << 32)
/** The first of those for hosts, see coi_open_budget_origin(). */
#define COI_ORIGIN_HOST		(1ULL << 34)
/** charon itself, in place of a session that there is: not limited. */
#define COI_ORIGIN_SELF		(1ULL << 33)

/** The user with an id. */
static inline coi_origin_t coi_origin_user(uint32_t uid)
{
	return uid;
}

/**
 * What one origin may have of a limit. One user has a share, and all users but
 * root together leave as much; root leaves as much to them. So nobody takes
 * all.
 *
 * @param total		the limit
 * @param percent	the share of a user, 1 to 100
 * @return			at least 1
 */
static inline u_int coi_origin_share(coi_origin_t origin, u_int total,
									 u_int percent)
{
	if (origin == COI_ORIGIN_ROOT)
	{
		percent = max(percent, 100 - percent);
	}
	return max((uint64_t)total * percent / 100, 1);
}

#endif /** COI_ORIGIN_H_ */
