/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that load and unload encrypted files
 * of keys. docs/CONTROL.md.
 */

#ifndef COI_DEMAND_WGT_H_
#define COI_DEMAND_WGT_H_

#include "coi_command.h"

/** load-wgt { name, data } */
vici_message_t *coi_demand_load_wgt(coi_request_t *request);

/** unload-wgt { name } */
vici_message_t *coi_demand_unload_wgt(coi_request_t *request);

#endif /** COI_DEMAND_WGT_H_ */
