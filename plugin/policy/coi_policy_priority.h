/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the priorities of our policies in the kernel, of which the lower wins, and
 * by which those that a dead charon left are known.
 *
 * A shunt of charon's that lets pass stands between DROP and OPEN, one that drops
 * and is not ours, and a trap of IKE, below all but ASTRAY, unless they have a
 * priority. Plain C, for whoever asks the kernel without charon.
 */

#ifndef COI_POLICY_PRIORITY_H_
#define COI_POLICY_PRIORITY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/coi_limits.h"

typedef struct coi_policy_priority_t coi_policy_priority_t;

/**
 * All of them, in their order: name, first and last, whether it has policies without
 * a template, which are known by nothing else, the file that sets them, what they
 * are.
 *
 * Where several communities have the same kind, each has one more than that named
 * before it.
 */
#define COI_POLICY_PRIORITIES(X) \
	X(DROP_ERRORS,	 60000,  60000, 0, "coi_shunts", "ICMP errors of DROP") \
	X(DROP,			 60001,  60001, 1, "coi_shunts", "child with mode = drop") \
	X(OPEN,			199001, 199001, 1, "coi_bypass", "what no trap may hold") \
	X(GUEST_IDLE,	265000, 265000, 0, "coi_pair_policy", \
	  "IDLE port of virtual addresses") \
	X(GUEST,		265001, 265000 + COI_MAX_KEYS, 0, "coi_vip_policy", \
	  "flows of virtual addresses") \
	X(GUEST_ERRORS,	265500, 265500, 0, "coi_vip_policy", \
	  "ICMP errors of virtual addresses") \
	X(GUEST_BLOCK,	265501, 265501, 1, "coi_vip_policy", \
	  "everything else of virtual addresses") \
	X(IDLE,			266001, 266001, 0, "coi_pair_policy", \
	  "IDLE port between peers") \
	X(ALLOW,		266002, 266001 + COI_MAX_KEYS, 0, "coi_pair_policy", \
	  "flows, unless the child has a priority") \
	X(PAIR_ERRORS,	365000, 365000, 0, "coi_pair_policy", \
	  "ICMP errors between two peers") \
	X(JOIN,			365001, 365000 + COI_MAX_KEYS, 0, "coi_pair_policy", \
	  "calls out for a community that may join") \
	X(BLOCK,		366001, 366001, 1, "coi_pair_policy", \
	  "everything else between two peers") \
	X(REFUSE,		366002, 366002, 1, "coi_pair_policy", \
	  "peer that did not answer") \
	X(NETS,			367001, 367516, 1, "coi_network_policy", \
	  "between networks: errors, block, hold and trap of each prefix") \
	X(GUEST_GONE,	398001, 398001, 1, "coi_vip_policy", \
	  "virtual addresses that nobody has any more") \
	X(ERRORS,		398999, 398999, 0, "coi_trap_policy", \
	  "ICMP errors, which do not call out") \
	X(HOLD,			399000, 399000, 0, "coi_trap_policy", \
	  "calls out and holds, see coi_hold_sa.h") \
	X(TRAP,			399001, 399001, 0, "coi_trap_policy", "calls out") \
	X(CLOSED,		399002, 399002, 1, "coi_fallback_block", \
	  "connection with a mistake, trap that the kernel refused") \
	X(KEPT,			399003, 399005, 0, "coi_kept_policy", \
	  "of a charon that is no more, known by the selector, see core/coi_block.h") \
	X(ASTRAY,		900001, 900001, 1, "coi_bypass", \
	  "led by a policy and then given another source by NAT")

/** COI_PRIO_ and the name is the first of a kind, with _LAST the last. */
enum {
#define COI_POLICY_PRIORITY_ENUM(name, first, last, ...) \
	COI_PRIO_##name = (first), \
	COI_PRIO_##name##_LAST = (last),
	COI_POLICY_PRIORITIES(COI_POLICY_PRIORITY_ENUM)
#undef COI_POLICY_PRIORITY_ENUM
};

/** A kind of policies. */
struct coi_policy_priority_t {
	const char *name;
	uint32_t first;
	uint32_t last;
	/** has policies without template */
	bool bare;
	/** file that sets them, without its ending */
	const char *whose;
	const char *what;
};

/**
 * Get the kinds, those that win first.
 *
 * @param count		receives their number
 */
const coi_policy_priority_t *coi_policy_priority_list(size_t *count);

/**
 * Whether a policy without template is one of ours, and no kept one. Those with a
 * template are known by its reqid, see config/coi_reqids.h.
 */
bool coi_policy_priority_is_ours(uint32_t priority);

#endif /** COI_POLICY_PRIORITY_H_ */
