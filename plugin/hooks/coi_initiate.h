/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the opening of a session because somebody asks for it by its name, and the
 * waiting for that, with what is said meanwhile: controller_t.initiate() of
 * connections that are ours, of which charon keeps all others.
 */

#ifndef COI_INITIATE_H_
#define COI_INITIATE_H_

#include "engine/coi_config_watch.h"
#include "engine/coi_opening.h"

#include <control/controller.h>

typedef struct coi_initiate_t coi_initiate_t;
typedef struct coi_initiate_config_t coi_initiate_config_t;
typedef struct coi_initiate_call_t coi_initiate_call_t;

/** What it works with; all borrowed. */
struct coi_initiate_config_t {
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_admin_state_t *admin_state;
	coi_session_table_t *sessions;
	/** stand in the way */
	coi_obstacles_t *obstacles;
	/** keep in what a child with start_action = start covers */
	coi_traps_t *traps;
	coi_fallback_block_t *fallback_block;
	coi_opening_t *opening;
	coi_config_watch_t *config_watch;
};

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

/** Say something to whoever waits. */
void coi_initiate_call_say(const coi_initiate_call_t *call, char *fmt, ...);

/** Free what belongs to a call: conn, me and other, each may be NULL. */
void coi_initiate_call_clear(coi_initiate_call_t *call);

/** Whether a session with an address makes sense: not with ourselves, not with
 * many, see coi_address_type.h. */
bool coi_initiate_is_peer(host_t *host);

struct coi_initiate_t {

	/**
	 * Open a session, unless it is open. The thread may be cancelled while it
	 * waits. Whoever calls has refreshed what is loaded, see coi_config_watch_t.
	 *
	 * @param call		copied, what belongs to it is adopted
	 * @return			SUCCESS, also if nobody waits; OUT_OF_RES after the
	 *					timeout; FAILED, after that was said
	 */
	status_t (*run)(coi_initiate_t *this, const coi_initiate_call_t *call);

	/** The way is free (coi_obstacles.h): initiate what was to be at load. */
	void (*begin)(coi_initiate_t *this);

	/** Give charon back what was taken over, and free. */
	void (*destroy)(coi_initiate_t *this);
};

/**
 * Take over. There can be one.
 *
 * @param config	copied
 */
coi_initiate_t *coi_initiate_create(const coi_initiate_config_t *config);

#endif /** COI_INITIATE_H_ */
