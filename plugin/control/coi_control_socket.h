/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the control socket: VICI commands for what charon's own have no word
 * for. docs/CONTROL.md describes each.
 */

#ifndef COI_COMMANDS_H_
#define COI_COMMANDS_H_

#include "hooks/coi_initiate.h"
#include "keys/coi_key_files.h"

typedef struct coi_commands_t coi_commands_t;

struct coi_commands_t {

	/** Wait for the end of what is asked at the moment, stop listening. */
	void (*destroy)(coi_commands_t *this);
};

/**
 * Listen.
 *
 * @param parts		copied, all else is borrowed
 * @return			NULL if it cannot be
 */
coi_commands_t *coi_commands_create(const coi_parts_t *parts,
									coi_engine_t *engine,
									coi_refresher_t *refresher,
									coi_initiate_t *initiator,
									coi_wgt_t *wgt);

#endif /** COI_COMMANDS_H_ */
