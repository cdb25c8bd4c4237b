/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the choice of a community's suite: what coi.conf says of it, and whether
 * charon's plugins have its algorithms.
 */

#ifndef COI_SUITE_CHOICE_H_
#define COI_SUITE_CHOICE_H_

#include "coi_mistake.h"
#include "core/coi_suite.h"

/**
 * Read the suite of a community. It stands in coi.conf, as it belongs to the
 * community and not to a connection.
 *
 * @param name		community
 * @param mistake	receives what is wrong with it; NULL if nobody asks
 * @return			NULL if it cannot be used
 */
const coi_suite_t *coi_suite_choice(const char *name, coi_mistake_t *mistake);

#endif /** COI_SUITE_CHOICE_H_ */
