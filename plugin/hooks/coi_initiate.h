/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the opening of a session because somebody asks for it, and the waiting
 * for that, with what is said meanwhile.
 */

#ifndef COI_INITIATE_H_
#define COI_INITIATE_H_

#include "engine/coi_config_watch.h"

typedef struct coi_initiate_t coi_initiate_t;
typedef struct coi_initiate_call_t coi_initiate_call_t;

/** Who asks for a session, and for which. */
struct coi_initiate_call_t {
	/** told what happens, see controller_t; NULL not to wait */
	controller_cb_t cb;
	void *param;
	/** ms to wait, 0 for as long as it takes */
	u_int timeout;
	coi_connection_t *conn;
	/** community that is to be open, NULL for any; borrowed */
	const char *child;
	host_t *me;
	host_t *other;
};

/** Say something to who waits. */
void coi_initiate_call_say(const coi_initiate_call_t *call, char *fmt, ...);

/** Free what belongs to a call: conn, me and other, each may be NULL. */
void coi_initiate_call_clear(coi_initiate_call_t *call);

/** Whether a session with an address makes sense: not with ourselves, not with
 * many, see coi_address_type.h. */
bool coi_initiate_is_peer(host_t *host);


struct coi_initiate_t {

	/**
	 * Open a session, unless it is open. The thread may be cancelled while it
	 * waits.
	 *
	 * @param call		copied, what belongs to it is adopted
	 * @return			SUCCESS, also if nobody waits; OUT_OF_RES after the
	 *					timeout; FAILED, after that was said
	 */
	status_t (*run)(coi_initiate_t *this, const coi_initiate_call_t *call);

	void (*destroy)(coi_initiate_t *this);
};

/**
 * @param parts		what to work with, copied
 */
coi_initiate_t *coi_initiate_create(const coi_parts_t *parts,
									coi_engine_t *engine,
									coi_config_watch_t *refresher);

#endif /** COI_INITIATE_H_ */
