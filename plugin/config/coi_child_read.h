/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of one child section: suite, mode, proposals and filter of
 * a community.
 */

#ifndef COI_CHILD_READ_H_
#define COI_CHILD_READ_H_

#include "coi_connection.h"
#include "coi_mistake.h"

/** charon's word for the mode of a community on the wire. */
ipsec_mode_t coi_child_read_mode(uint8_t mode);

/**
 * Read a child section.
 *
 * @param cfg		child config, borrowed
 * @param child		receives name and suite
 * @param community	receives all; what it has belongs to the profile, also if
 *					this fails
 * @param mistake	of the connection, receives what is wrong
 * @return			FALSE if it cannot be used
 */
bool coi_child_read(child_cfg_t *cfg, coi_child_t *child,
					coi_community_t *community, coi_mistake_t *mistake);

#endif /** COI_CHILD_READ_H_ */
