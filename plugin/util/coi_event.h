/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the beginning of an event: sessions have no clock, each event tells them
 * what time it is.
 */

#ifndef COI_EVENT_H_
#define COI_EVENT_H_

#include "core/coi_session.h"
#include "coi_timer.h"

/** Begin an event: its type and the clocks, all else is zero. */
static inline void coi_event_init(coi_event_t *event, coi_event_type_t type)
{
	*event = (coi_event_t){
		.type = type,
		.now = coi_timer_now(),
		.wall = coi_timer_wall(),
	};
}

#endif /** COI_EVENT_H_ */
