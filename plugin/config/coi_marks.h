/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tells the packets of a community's SAs from others besides their
 * addresses and services: marks and interface IDs.
 */

#ifndef COI_MARKS_H_
#define COI_MARKS_H_

#include <daemon.h>

typedef struct coi_marks_t coi_marks_t;

struct coi_marks_t {
	mark_t mark_in;
	mark_t mark_out;
	uint32_t if_id_in;
	uint32_t if_id_out;
};

/**
 * Get what is configured for a community; what is to be unique is left out.
 *
 * @param peer		whose interface IDs children have that have none
 */
coi_marks_t coi_marks_configured(peer_cfg_t *peer, child_cfg_t *cfg);

#endif /** COI_MARKS_H_ */
