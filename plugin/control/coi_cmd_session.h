/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that change something: open and
 * close sessions, forget refused peers, set who uses this host. docs/CONTROL.md.
 */

#ifndef COI_DEMANDS_H_
#define COI_DEMANDS_H_

#include "coi_command.h"

/** open { peer, timeout, child }; the thread may be cancelled meanwhile. */
vici_message_t *coi_demand_open(coi_request_t *request);

/** close { peer, community, reason } */
vici_message_t *coi_demand_close(coi_request_t *request);

/** forget { peer } */
vici_message_t *coi_demand_forget(coi_request_t *request);

/** user { name, since, clear } */
vici_message_t *coi_demand_user(coi_request_t *request);

#endif /** COI_DEMANDS_H_ */
