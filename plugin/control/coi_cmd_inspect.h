/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the commands of the control socket that find something out about one
 * thing. docs/CONTROL.md.
 */

#ifndef COI_INQUIRIES_H_
#define COI_INQUIRIES_H_

#include "coi_command.h"

/** why { peer, service, direction } */
vici_message_t *coi_inquire_why(coi_request_t *request);

/** watch { after, wait }; the thread may be cancelled meanwhile. */
vici_message_t *coi_inquire_watch(coi_request_t *request);

/** compare {} */
vici_message_t *coi_inquire_compare(coi_request_t *request);

/** mistakes {} */
vici_message_t *coi_inquire_mistakes(coi_request_t *request);

#endif /** COI_INQUIRIES_H_ */
