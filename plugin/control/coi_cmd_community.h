/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that disable and enable communities.
 * docs/CONTROL.md.
 */

#ifndef COI_SWITCHING_H_
#define COI_SWITCHING_H_

#include "coi_command.h"

/** disable { community, all } */
vici_message_t *coi_switching_disable(coi_request_t *request);

/** enable { community, all } */
vici_message_t *coi_switching_enable(coi_request_t *request);

#endif /** COI_SWITCHING_H_ */
