/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the way to charon's VICI library. It is a plugin of charon's that need
 * not be there, so it is loaded when it is wanted and never linked.
 */

#ifndef COI_VICI_LIBRARY_H_
#define COI_VICI_LIBRARY_H_

#include <library.h>
#include <vici_builder.h>
#include <vici_dispatcher.h>

/**
 * Load the library. What is missing is said once.
 *
 * @return			FALSE if there is none
 */
bool coi_vici_library_load();

/** Release it; nothing that came from it may be left. */
void coi_vici_library_unload();

/**
 * Create a dispatcher, after coi_vici_library_load().
 *
 * @param uri		where to listen
 * @return			NULL if that failed
 */
vici_dispatcher_t *coi_vici_library_dispatcher(char *uri);

/** Create a builder, after coi_vici_library_load(). */
vici_builder_t *coi_vici_library_builder();

#endif /** COI_VICI_LIBRARY_H_ */
