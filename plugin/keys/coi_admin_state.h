/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns which communities an administrator has disabled by command, and which he
 * has enabled that are configured for use on demand.
 *
 * A disabled community is as one without a key: not offered, not accepted. That
 * outlives a reload and, by a file beside the control socket, a restart of
 * charon, so that a crash does not connect again what was isolated.
 */

#ifndef COI_ADMIN_STATE_H_
#define COI_ADMIN_STATE_H_

#include "config/coi_options.h"

typedef struct coi_admin_state_t coi_admin_state_t;

/** Thread-safe. */
struct coi_admin_state_t {

	/** Whether a community is disabled, or all are. */
	bool (*is_disabled)(coi_admin_state_t *this, const char *name);

	/** Whether all are, also those that will be configured. */
	bool (*is_isolated)(coi_admin_state_t *this);

	/** Whether a community is enabled on demand. */
	bool (*is_enabled)(coi_admin_state_t *this, const char *name);

	/**
	 * Disable a community, or all.
	 *
	 * @param name		community, NULL for all
	 * @return			FALSE if that cannot be kept over a restart (said)
	 */
	bool (*disable)(coi_admin_state_t *this, const char *name);

	/**
	 * Enable a community, or all.
	 *
	 * @param name		community, NULL for all
	 * @param demand	TRUE to remember that its traffic is to ask for tunnels
	 * @return			FALSE if that cannot be kept over a restart (said)
	 */
	bool (*enable)(coi_admin_state_t *this, const char *name, bool demand);

	void (*destroy)(coi_admin_state_t *this);
};

/**
 * Create, with what was kept. If that cannot be read, all are disabled.
 *
 * @param options	says where the control socket is
 */
coi_admin_state_t *coi_admin_state_create(const coi_options_t *options);

#endif /** COI_ADMIN_STATE_H_ */
