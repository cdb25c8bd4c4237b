/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the description of a kernel policy of ours, lists of them, and the putting of
 * one into the kernel and taking it out.
 */

#ifndef COI_POLICY_ENTRY_H_
#define COI_POLICY_ENTRY_H_

#include <daemon.h>
#include <collections/array.h>

#include "coi_policy_group.h"

typedef struct coi_policy_entry_t coi_policy_entry_t;

/** A policy as charon->kernel knows it. */
struct coi_policy_entry_t {
	policy_dir_t dir;
	policy_type_t type;
	uint32_t prio;
	ipsec_mode_t mode;
	/** 0 for a policy without template, which lets pass or drops */
	uint32_t reqid;
	mark_t mark;
	uint32_t if_id;
	/** not 0: reqid of the hold or void SA that it leads to, see coi_hold_sa.h; but
	 * for priority, reqid, interface and selectors the others do not count */
	uint32_t leads_to;
	/** then it leads packets without these bits */
	uint32_t unmarked;
	traffic_selector_t *local;
	traffic_selector_t *remote;
	/** other end of the tunnel, NULL for that of the group's key */
	host_t *peer;
};

/** Create an empty list of wanted policies, and free one with what is in it. */
array_t *coi_policy_entry_create();
void coi_policy_entry_destroy(array_t *list);

/**
 * Add to a list of wanted policies.
 *
 * @param policy	what it is like, but for the other arguments; peer is cloned
 * @param local		cloned
 * @param remote	cloned
 */
void coi_policy_entry_add(array_t *list, coi_policy_entry_t policy,
						  policy_dir_t dir,
						  traffic_selector_t *local,
						  traffic_selector_t *remote);

/** Whether two policies are the same. */
bool coi_policy_entry_equals(const coi_policy_entry_t *a,
							 const coi_policy_entry_t *b);

/** Whether a policy is in a list. */
bool coi_policy_entry_has(array_t *list, const coi_policy_entry_t *policy);

/** Free what is in one. */
void coi_policy_entry_clear(coi_policy_entry_t *policy);

/**
 * Put a policy into the kernel or take it out.
 *
 * @param key		whose group it is in, see coi_policy_group.h
 * @return			FALSE if the kernel refused to add it
 */
bool coi_policy_entry_change(const coi_policy_group_t *key,
							 const coi_policy_entry_t *policy,
							 bool add);

#endif /** COI_POLICY_ENTRY_H_ */
