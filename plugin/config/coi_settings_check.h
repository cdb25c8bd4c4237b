/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the refusing of settings in swanctl.conf that mean something to IKE and
 * that a COI connection does not carry out: none may look as if it were heeded.
 */

#ifndef COI_SETTINGS_CHECK_H_
#define COI_SETTINGS_CHECK_H_

#include "coi_mistake.h"

#include <daemon.h>

/**
 * Check the settings of a connection, and of its rounds with xauth-coi.
 *
 * @param mistake	of this connection, receives what is wrong
 * @return			FALSE if anything is
 */
bool coi_settings_check(peer_cfg_t *peer, coi_mistake_t *mistake);

/**
 * Check the settings of a child that is a community.
 *
 * @param mistake	of this child, receives what is wrong
 * @return			FALSE if anything is
 */
bool coi_settings_check_child(child_cfg_t *cfg, coi_mistake_t *mistake);

/**
 * Check the settings of a child of such a connection that is no community but
 * lets pass or drops, see coi_shunts.h.
 *
 * @param mistake	of this child, receives what is wrong
 * @return			FALSE if anything is
 */
bool coi_settings_check_clear(child_cfg_t *cfg, coi_mistake_t *mistake);

#endif /** COI_SETTINGS_CHECK_H_ */
