/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the noticing of change: connections and keys are compared with what
 * charon has loaded, each second and whenever a session is to be opened. A
 * session whose key is gone ends.
 */

#ifndef COI_CONFIG_WATCH_H_
#define COI_CONFIG_WATCH_H_

#include "coi_engine.h"

typedef struct coi_config_watch_t coi_config_watch_t;

struct coi_config_watch_t {

	/**
	 * Compare now. Keys are known before the traps that it installs, so whoever
	 * installs one calls this first.
	 */
	void (*refresh)(coi_config_watch_t *this);

	/**
	 * Whether keys and connections have stayed the same for a second or two,
	 * so that what is missing is not just about to be loaded. Turns FALSE
	 * before the negative cache is emptied because keys have changed.
	 */
	bool (*is_settled)(coi_config_watch_t *this);

	void (*destroy)(coi_config_watch_t *this);
};

/**
 * Create and schedule.
 *
 * @param parts		what to work with, copied
 * @param engine	closes sessions
 */
coi_config_watch_t *coi_config_watch_create(const coi_parts_t *parts,
											coi_engine_t *engine);

#endif /** COI_CONFIG_WATCH_H_ */
