/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the command measures: how long things took and what communities carried.
 * docs/CONTROL.md.
 */

#ifndef COI_CMD_MEASURES_H_
#define COI_CMD_MEASURES_H_

#include "coi_command.h"
#include "config/coi_config.h"
#include "engine/coi_engine.h"
#include "events/coi_histograms.h"
#include "hold/coi_hold.h"
#include "sa/coi_traffic_totals.h"
#include "session/coi_session_table.h"

/**
 * measures {}; all parameters are borrowed.
 *
 * @param histograms	how long things took
 * @param hold			packets that wait
 * @param config		connections, whose communities are told of
 * @param sessions		what is open
 * @param engine		to look at that
 * @param totals		what communities carried in SAs that are gone
 */
coi_command_t *coi_cmd_measures_create(coi_histograms_t *histograms,
									   coi_hold_t *hold, coi_config_t *config,
									   coi_session_table_t *sessions,
									   coi_engine_t *engine,
									   coi_traffic_totals_t *totals);

#endif /** COI_CMD_MEASURES_H_ */
