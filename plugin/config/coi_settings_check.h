/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the refusing of settings in swanctl.conf that mean something to IKE and
 * that a COI connection does not carry out: none may look as if it were heeded.
 */

#ifndef COI_SETTINGS_CHECK_H_
#define COI_SETTINGS_CHECK_H_

#include <daemon.h>

/**
 * Check the settings of a connection, and of its rounds with xauth-coi.
 *
 * @return			NULL if all is well; else the mistake: key, value and what is
 *					allowed; to be freed
 */
char *coi_settings_check(peer_cfg_t *peer);

/**
 * Check the settings of a child that is a community.
 *
 * @param conn		name of its connection
 * @return			as above
 */
char *coi_settings_check_child(const char *conn, child_cfg_t *cfg);

/**
 * Check the settings of a child of such a connection that is no community but
 * lets pass or drops, see coi_shunts.h.
 */
char *coi_settings_check_clear(const char *conn, child_cfg_t *cfg);

#endif /** COI_SETTINGS_CHECK_H_ */
