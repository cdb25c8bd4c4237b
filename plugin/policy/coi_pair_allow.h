/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how what a community allows between two hosts becomes policies: who may
 * begin, by which marks, and the errors that go along with it.
 */

#ifndef COI_PAIR_ALLOW_H_
#define COI_PAIR_ALLOW_H_

#include <collections/array.h>

#include "config/coi_connection.h"
#include "config/coi_marks.h"
#include "core/coi_filter.h"
#include "core/coi_virtual.h"

typedef struct coi_pair_allow_t coi_pair_allow_t;
typedef struct coi_pair_allow_bits_t coi_pair_allow_bits_t;

/** What a community allows between two hosts. */
struct coi_pair_allow_t {
	/** borrowed */
	const coi_child_t *child;
	/** what is offered and used in it, borrowed; NULL if it is no gateway */
	const coi_community_t *community;
	ipsec_mode_t mode;
	/** flows, borrowed */
	const coi_flow_t *flows;
	u_int count;
	/** TRUE to let it out, FALSE while only inbound SAs are installed */
	bool outbound;
	/** TRUE if this community carries the IDLEs */
	bool idle;
	/** ends of these inside a tunnel, NULL if they are the addresses of the pair */
	host_t *idle_me;
	host_t *idle_host;
	/** TRUE if it has no SA: outbound traffic raises acquires */
	bool on_demand;
	/** virtual addresses in its flows, and whether they are this host's */
	coi_virtual_t given;
	bool guest;
	/** they are nobody else's when the session has ended, either */
	bool owned;
	/** of the policies */
	coi_marks_t marks;
};

/** Bits of the mark that packets may bear beside those of users. */
struct coi_pair_allow_bits_t {
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
						  const coi_pair_allow_t *allow, uint32_t prio,
						  const coi_pair_allow_bits_t *bits);

/**
 * Want the IDLEs of a session, which go through a community.
 *
 * @param port		theirs
 */
void coi_pair_allow_idle(array_t *wanted, host_t *me, host_t *other,
						 const coi_pair_allow_t *allow, uint32_t prio,
						 uint16_t port, const coi_pair_allow_bits_t *bits);

#endif /** COI_PAIR_ALLOW_H_ */
