/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the memory of tags that were accepted, and the floor below which nothing
 * is accepted any more: PROTOCOL.md section 14.1.
 *
 * Bounded; all memory is allocated with the object. Not thread-safe.
 */

#ifndef COI_REPLAY_H_
#define COI_REPLAY_H_

#include <library.h>

#include "coi_limits.h"

typedef struct coi_replay_t coi_replay_t;

/**
 * Create an empty memory.
 *
 * @param capacity	number of tags, at least COI_SESS0_PLACES are taken
 * @param now		own clock, ms since 1970: the first floor
 * @return			NULL if there is not enough memory
 */
coi_replay_t *coi_replay_create(u_int capacity, uint64_t now);

/**
 * Follow the clock. If it was set back behind the floor, and nothing has been
 * forgotten, the floor comes down with it: else a host that started with a clock
 * that was ahead would refuse everybody until time catches up.
 *
 * @param now		own clock, ms since 1970
 */
void coi_replay_clock(coi_replay_t *replay, uint64_t now);

/** Time that a Sess0 must be later than. */
uint64_t coi_replay_floor(const coi_replay_t *replay);

/** Whether a tag is remembered. */
bool coi_replay_has(const coi_replay_t *replay,
					const uint8_t tag[COI_TAG_LEN]);

/**
 * Remember a tag that is not remembered yet. When there is no space, the one
 * with the earliest time is forgotten and becomes the floor, unless that lies
 * in the future: nobody's clock may shut out others.
 *
 * @param tag		tag
 * @param time		time of its Sess0
 * @param now		own clock
 * @return			FALSE if there is no space
 */
bool coi_replay_add(coi_replay_t *replay, const uint8_t tag[COI_TAG_LEN],
					uint64_t time, uint64_t now)
					__attribute__((warn_unused_result));

/** Number of tags remembered. */
u_int coi_replay_count(const coi_replay_t *replay);

void coi_replay_destroy(coi_replay_t *replay);

#endif /** COI_REPLAY_H_ */
