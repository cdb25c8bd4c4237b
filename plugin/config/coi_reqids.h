/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reqids of connections and communities. Thread-safe.
 */

#ifndef COI_REQIDS_H_
#define COI_REQIDS_H_

#include "coi_config.h"

typedef struct coi_reqids_t coi_reqids_t;

struct coi_reqids_t {

	/**
	 * Give a connection's trap and its communities their reqids. A name has
	 * the same one each time, in whatever connection a community is.
	 *
	 * @return		FALSE if there is none left
	 */
	bool (*assign)(coi_reqids_t *this, coi_connection_t *conn);

	void (*destroy)(coi_reqids_t *this);
};

coi_reqids_t *coi_reqids_create();

#endif /** COI_REQIDS_H_ */
