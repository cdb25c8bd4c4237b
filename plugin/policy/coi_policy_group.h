/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tells groups of policies apart, which are set together, see
 * coi_policy_store.h.
 */

#ifndef COI_POLICY_GROUP_H_
#define COI_POLICY_GROUP_H_

#include <library.h>
#include <networking/host.h>

typedef enum coi_policy_group_kind_t coi_policy_group_kind_t;
typedef struct coi_policy_group_t coi_policy_group_t;

/** What a group's policies are for; the order in which they are removed. */
enum coi_policy_group_kind_t {
	COI_POLICY_GROUP_PAIR,
	COI_POLICY_GROUP_REFUSE,
	COI_POLICY_GROUP_TRAP,
	COI_POLICY_GROUP_OPEN,
	COI_POLICY_GROUP_CLOSED,
	COI_POLICY_GROUP_DROP,
	COI_POLICY_GROUP_GUEST,
	COI_POLICY_GROUP_KINDS,
};

/** What tells groups apart. */
struct coi_policy_group_t {
	coi_policy_group_kind_t kind;
	/** hosts of a pair, the ends of its SAs; NULL for others */
	host_t *me;
	host_t *other;
	/** reqid of a trap, number of a drop or block, 0 for others */
	uint32_t reqid;
};

/** Hash of one. */
u_int coi_policy_group_hash(const coi_policy_group_t *group);

/** Whether two are the same. */
bool coi_policy_group_equals(const coi_policy_group_t *a,
							 const coi_policy_group_t *b);

/** Whether two addresses, or two NULLs, are the same. */
bool coi_policy_group_same_host(host_t *a, host_t *b);

#endif /** COI_POLICY_GROUP_H_ */
