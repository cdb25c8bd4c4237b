/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the questions that charon, or a user of it, asks of a tunnel, for whoever
 * has made it: by this the IKE_SA knows nothing of tunnels and sessions.
 */

#ifndef COI_TUNNEL_LISTENER_H_
#define COI_TUNNEL_LISTENER_H_

#include <daemon.h>

#include "core/coi_reason.h"

typedef struct coi_tunnel_listener_t coi_tunnel_listener_t;

/**
 * What charon asks of a tunnel. Called by a thread that has the IKE_SA checked
 * out, and at shutdown with all of the manager's segments locked: an
 * implementation must neither check out nor enumerate IKE_SAs, nor wait for whoever
 * may be doing so.
 */
struct coi_tunnel_listener_t {

	/**
	 * The IKE_SA is to end (terminate, reload, lifetime, shutdown): tell the
	 * peer now. The IKE_SA is destroyed by whoever called.
	 *
	 * @param id		what coi_tunnel_create() was given
	 * @param me		own address
	 * @param other		peer's address
	 */
	void (*closing)(coi_tunnel_listener_t *this, uintptr_t id, host_t *me,
					host_t *other, coi_term_t why);

	/**
	 * One community is to end (terminate --child, hard lifetime, inactivity).
	 * The CHILD_SA is destroyed by the tunnel when this returns; the IKE_SA
	 * stays, even without any, until it is closed.
	 *
	 * @param name		community, cloned
	 */
	void (*child_closing)(coi_tunnel_listener_t *this, uintptr_t id,
						  const char *name, coi_term_t why);

	/**
	 * A new exchange is wanted (rekey of the IKE_SA or a CHILD_SA, soft
	 * lifetime).
	 */
	void (*rekey)(coi_tunnel_listener_t *this, uintptr_t id);

	/** Addresses or routes have changed. */
	void (*roam)(coi_tunnel_listener_t *this, uintptr_t id);

	/**
	 * A NAT has given the peer another port or address, as ESP that it made has
	 * shown.
	 *
	 * @param other		where it comes from now, cloned
	 */
	void (*mapped)(coi_tunnel_listener_t *this, uintptr_t id, host_t *other);

	/**
	 * The IKE_SA is being destroyed, whoever did it; last call for this id.
	 */
	void (*gone)(coi_tunnel_listener_t *this, uintptr_t id);
};

#endif /** COI_TUNNEL_LISTENER_H_ */
