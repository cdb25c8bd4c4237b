/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what the whole plugin needs of charon and of the kernel: algorithms,
 * randomness, the kernel's IPsec; and the checks whether it is there.
 */

#ifndef COI_REQUIREMENTS_H_
#define COI_REQUIREMENTS_H_

#include "events/coi_obstacles.h"

#include <plugins/plugin_feature.h>

/**
 * List what the plugin is to be loaded after: not conditions, as without what is
 * missing it still has to keep its connections closed.
 *
 * @param count		number of features
 * @return			static
 */
plugin_feature_t *coi_requirements_features(u_int *count);

/** Whether charon has what is needed, and it works; a coi_obstacle_try_t. */
bool coi_requirements_charon(void *data, char why[COI_OBSTACLE_TEXT]);

/** Whether the kernel lets us see and set policies; a coi_obstacle_try_t. */
bool coi_requirements_kernel(void *data, char why[COI_OBSTACLE_TEXT]);

#endif /** COI_REQUIREMENTS_H_ */
