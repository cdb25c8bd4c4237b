/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what stays in the kernel when charon stops: what its policies protected is
 * blocked, and what was let pass still is, until another charon takes over or coi(1)
 * releases it.
 */

#ifndef COI_STOP_BLOCK_H_
#define COI_STOP_BLOCK_H_

#include "coi_policy_store.h"
#include "core/coi_block.h"

typedef struct coi_stop_block_t coi_stop_block_t;

struct coi_stop_block_t {

	/**
	 * List what would stay if charon stopped now.
	 *
	 * @return			coi_block_t by value, sorted by kind, to be destroyed;
	 *					empty if nothing is to be blocked
	 */
	array_t *(*list)(coi_stop_block_t *this);

	/** Whether charon has begun to stop. */
	bool (*is_stopping)(coi_stop_block_t *this);

	/**
	 * Let it stay from now on, if that is wanted. It changes nothing for what
	 * policies of ours cover that stand now, so they are removed afterwards.
	 */
	void (*leave)(coi_stop_block_t *this);

	void (*destroy)(coi_stop_block_t *this);
};

/**
 * Follow charon's shunts from now on: it removes them before it unloads plugins.
 *
 * @param store		where policies are installed, borrowed
 * @param block		FALSE to let nothing stay
 */
coi_stop_block_t *coi_stop_block_create(coi_policy_store_t *store, bool block);

#endif /** COI_STOP_BLOCK_H_ */
