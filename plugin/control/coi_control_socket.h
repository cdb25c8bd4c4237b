/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the control socket: VICI commands for what charon's own have no word
 * for. docs/CONTROL.md describes each.
 */

#ifndef COI_CONTROL_SOCKET_H_
#define COI_CONTROL_SOCKET_H_

#include "hooks/coi_initiate.h"
#include "keys/coi_key_files.h"

typedef struct coi_control_socket_t coi_control_socket_t;

struct coi_control_socket_t {

	/** Wait for the end of what is asked at the moment, stop listening. */
	void (*destroy)(coi_control_socket_t *this);
};

/**
 * Listen.
 *
 * @param parts		copied, all else is borrowed
 * @return			NULL if it cannot be
 */
coi_control_socket_t *coi_control_socket_create(const coi_parts_t *parts,
												coi_engine_t *engine,
												coi_config_watch_t *refresher,
												coi_initiate_t *initiator,
												coi_key_files_t *wgt);

#endif /** COI_CONTROL_SOCKET_H_ */
