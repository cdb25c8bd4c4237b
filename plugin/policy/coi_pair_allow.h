/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how what a community allows between two hosts becomes policies: who may
 * begin, by which marks, and the errors that go along with it.
 */

#ifndef COI_PAIR_ALLOW_H_
#define COI_PAIR_ALLOW_H_

#include "coi_pair_policy.h"

typedef struct coi_bits_t coi_bits_t;

/** Bits of the mark that packets may bear beside those of users. */
struct coi_bits_t {
	/** those that have waited, 0 if none do */
	uint32_t waited;
	/** those of a connection that is known, see coi_tracker.h */
	uint32_t known;
};

/**
 * Want the flows of one community.
 *
 * What comes in needs to be of a known connection where only this side may begin.
 *
 * @param wanted	coi_policy_entry_t, appended to
 * @return			TRUE if known connections matter
 */
bool coi_pair_allow_flows(array_t *wanted, host_t *me, host_t *other,
						  const coi_allow_t *allow, uint32_t prio,
						  const coi_bits_t *bits);

/**
 * Want the IDLEs of a session, which go through a community.
 *
 * @param port		theirs
 */
void coi_pair_allow_idle(array_t *wanted, host_t *me, host_t *other,
						 const coi_allow_t *allow, uint32_t prio, uint16_t port,
						 const coi_bits_t *bits);

#endif /** COI_PAIR_ALLOW_H_ */
