/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command watch: events as they come. docs/CONTROL.md.
 */

#ifndef COI_CMD_WATCH_H_
#define COI_CMD_WATCH_H_

#include "coi_command.h"
#include "events/coi_events.h"

/** watch { after, wait } with events "event"; events are borrowed. */
coi_command_t *coi_cmd_watch_create(coi_events_t *events);

#endif /** COI_CMD_WATCH_H_ */
