/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the registration with charon, the wiring of all parts, and their teardown in
 * reverse order.
 */

#ifndef COI_PLUGIN_H_
#define COI_PLUGIN_H_

#include <plugins/plugin.h>

typedef struct coi_plugin_t coi_plugin_t;

struct coi_plugin_t {
	plugin_t plugin;
};

#endif /** COI_PLUGIN_H_ */
