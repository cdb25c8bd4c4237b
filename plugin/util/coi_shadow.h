/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the way from an object of charon's, some of whose methods we have
 * replaced, to what we know about it.
 *
 * Such a method is handed charon's object and nothing of ours. Records are
 * borrowed: who removes one sees to it that nobody uses it any more, which an
 * IKE_SA's checkout does for it and for its CHILD_SAs.
 */

#ifndef COI_SHADOW_H_
#define COI_SHADOW_H_

#include <library.h>

void coi_shadow_init();
void coi_shadow_deinit();

/** Note a record for an object. */
void coi_shadow_put(const void *object, void *record);

/** Get an object's record, NULL if it has none. */
void *coi_shadow_get(const void *object);

/** Forget an object, return its record. */
void *coi_shadow_remove(const void *object);

#endif /** COI_SHADOW_H_ */
