/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the policies for what no trap may ever hold: IPv6 neighbour discovery,
 * and IPv6 from this host to itself, as its addresses come and go.
 */

#ifndef COI_ALWAYS_H_
#define COI_ALWAYS_H_

#include "coi_slots.h"

typedef struct coi_always_t coi_always_t;

struct coi_always_t {

	/** Follow addresses no longer; the policies stay. */
	void (*destroy)(coi_always_t *this);
};

/**
 * @param slots		where they are installed, borrowed
 */
coi_always_t *coi_always_create(coi_slots_t *slots);

#endif /** COI_ALWAYS_H_ */
