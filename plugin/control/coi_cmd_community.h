/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands disable and enable: stop the use of a community, or of all, and
 * take it up again. docs/CONTROL.md.
 */

#ifndef COI_CMD_COMMUNITY_H_
#define COI_CMD_COMMUNITY_H_

#include "coi_command.h"
#include "config/coi_config.h"
#include "engine/coi_config_watch.h"
#include "engine/coi_engine.h"
#include "events/coi_events.h"
#include "keys/coi_admin_state.h"
#include "policy/coi_negative_cache.h"
#include "policy/coi_traps.h"
#include "session/coi_session_table.h"

typedef struct coi_cmd_community_uses_t coi_cmd_community_uses_t;

/** What both commands use; borrowed. */
struct coi_cmd_community_uses_t {
	/** what is disabled and enabled, which they change */
	coi_admin_state_t *admin_state;
	/** connections, and the look for what was loaded just now */
	coi_config_t *config;
	coi_config_watch_t *watch;
	/** what rests on a community */
	coi_session_table_t *sessions;
	/** closes that, and lets the rest follow */
	coi_engine_t *engine;
	/** of communities that are used on demand */
	coi_traps_t *traps;
	/** told of it */
	coi_events_t *events;
	/** peers that may be asked again once a community is enabled */
	coi_negative_cache_t *negative_cache;
};

/** disable { community, all }; what it uses is copied. */
coi_command_t *coi_cmd_community_disable_create(
										const coi_cmd_community_uses_t *uses);

/** enable { community, all }; what it uses is copied. */
coi_command_t *coi_cmd_community_enable_create(
										const coi_cmd_community_uses_t *uses);

#endif /** COI_CMD_COMMUNITY_H_ */
