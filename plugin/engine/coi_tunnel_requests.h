/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what charon and its users ask of open sessions: to end, with all or
 * one of their communities, to be rekeyed, to follow a change of address.
 *
 * They ask with the IKE_SA checked out, so what takes more than a moment is done
 * by a worker.
 */

#ifndef COI_TUNNEL_REQUESTS_H_
#define COI_TUNNEL_REQUESTS_H_

#include "coi_keepalive.h"
#include "coi_opening.h"
#include "session/coi_work_queue.h"

typedef struct coi_tunnel_requests_t coi_tunnel_requests_t;
typedef struct coi_tunnel_requests_config_t coi_tunnel_requests_config_t;

/** What requests are met with; all borrowed. */
struct coi_tunnel_requests_config_t {
	coi_config_t *config;
	coi_session_table_t *sessions;
	coi_session_policy_t *session_policy;
	/** for what takes its time */
	coi_work_queue_t *queue;
	coi_executor_t *executor;
	coi_opening_t *opening;
	coi_keepalive_t *keepalive;
};

struct coi_tunnel_requests_t {

	/** for the tunnels */
	coi_tunnel_listener_t listener;

	/**
	 * End a session that another one has taken the place of.
	 *
	 * @param how		COI_SUPERSEDED or COI_MOVED
	 */
	void (*supersede)(coi_tunnel_requests_t *this, uintptr_t id, u_int how);

	/**
	 * End a session, or one of its communities, because somebody wants it.
	 *
	 * @param name		community, NULL for the whole session
	 * @param text		for the peer's people, at most COI_MAX_TERM_TEXT octets
	 * @return			FALSE if there is nothing to end
	 */
	bool (*close)(coi_tunnel_requests_t *this, uintptr_t id, const char *name,
				  const char *text);

	void (*destroy)(coi_tunnel_requests_t *this);
};

/**
 * @param config	copied
 */
coi_tunnel_requests_t *coi_tunnel_requests_create(
									const coi_tunnel_requests_config_t *config);

#endif /** COI_TUNNEL_REQUESTS_H_ */
