/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reqids of connections and communities, and the range that they are
 * from. Thread-safe.
 */

#ifndef COI_REQIDS_H_
#define COI_REQIDS_H_

#include <library.h>

struct coi_connection_t;

typedef struct coi_reqids_t coi_reqids_t;

/** First and last reqid of ours: leftovers of a dead charon are known by it.
 * From COI_REQID_DROP on they are of SAs that drop, see coi_hold_sa.h. */
#define COI_REQID_FIRST 0x0C010000
#define COI_REQID_LAST  0x0C01FFFF
#define COI_REQID_DROP 0x0C01FFFE

/** Whether a reqid is one of ours, those of SAs that drop included. */
static inline bool coi_reqids_is_ours(uint32_t reqid)
{
	return reqid >= COI_REQID_FIRST && reqid <= COI_REQID_LAST;
}

struct coi_reqids_t {

	/**
	 * Give a connection's trap and its communities their reqids. A name has
	 * the same one each time, in whatever connection a community is.
	 *
	 * @return		FALSE if there is none left
	 */
	bool (*assign)(coi_reqids_t *this, struct coi_connection_t *conn);

	void (*destroy)(coi_reqids_t *this);
};

coi_reqids_t *coi_reqids_create();

#endif /** COI_REQIDS_H_ */
