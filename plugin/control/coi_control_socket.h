/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the control socket: VICI commands for what charon's own have no word
 * for. docs/CONTROL.md describes each.
 */

#ifndef COI_CONTROL_SOCKET_H_
#define COI_CONTROL_SOCKET_H_

#include "coi_why.h"
#include "engine/coi_config_watch.h"
#include "events/coi_counters.h"
#include "events/coi_histograms.h"
#include "hooks/coi_initiate.h"
#include "keys/coi_key_files.h"
#include "policy/coi_traps.h"
#include "sa/coi_traffic_totals.h"
#include "session/coi_local_user.h"

typedef struct coi_control_socket_t coi_control_socket_t;
typedef struct coi_control_socket_uses_t coi_control_socket_uses_t;

struct coi_control_socket_t {

	/** Wait for the end of what is asked at the moment, stop listening. */
	void (*destroy)(coi_control_socket_t *this);
};

/**
 * What commands are made with, all borrowed. Each is handed what it uses, and none
 * sees the rest.
 */
struct coi_control_socket_uses_t {
	/** all that why reads, much of which others read or change, too */
	coi_why_tables_t tables;
	/** look for what charon has loaded just now, before a command */
	coi_config_watch_t *config_watch;
	/** open */
	coi_initiate_t *initiate;
	/** disable, enable: traps of communities that are used on demand */
	coi_traps_t *traps;
	/** load-wgt, unload-wgt */
	coi_key_files_t *key_files;
	/** user */
	coi_local_user_t *local_user;
	/** counters */
	coi_counters_t *counters;
	/** measures */
	coi_histograms_t *histograms;
	coi_traffic_totals_t *totals;
};

/**
 * Listen.
 *
 * @param uri		where, NULL for nowhere; borrowed
 * @param uses		what commands are made with, copied
 * @return			NULL if it cannot be
 */
coi_control_socket_t *coi_control_socket_create(char *uri,
										const coi_control_socket_uses_t *uses);

#endif /** COI_CONTROL_SOCKET_H_ */
