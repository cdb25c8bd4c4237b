/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what charon sees of a session: the IKE_SA that no IKE message ever
 * belongs to, and a CHILD_SA for each community, with their SAs in the kernel.
 *
 * Policies are not its business (coi_pair_policy.h). It knows no session and no
 * PDU; whoever made it learns through coi_tunnel_listener_t what charon or a user
 * asks of it.
 */

#ifndef COI_TUNNEL_H_
#define COI_TUNNEL_H_

#include "coi_tunnel_listener.h"
#include "coi_tunnel_tables.h"
#include "config/coi_connection.h"
#include "config/coi_marks.h"
#include "core/coi_addresses.h"
#include "core/coi_shared_community.h"
#include "core/coi_user.h"

typedef struct coi_tunnel_t coi_tunnel_t;
typedef struct coi_tunnel_use_t coi_tunnel_use_t;

/** State and use of a community's SAs. */
struct coi_tunnel_use_t {
	/** community, borrowed */
	const char *name;
	child_sa_state_t state;
	/** network order */
	uint32_t spi_in;
	uint32_t spi_out;
	uint64_t octets_in;
	uint64_t octets_out;
	uint64_t packets_in;
	uint64_t packets_out;
	/** when it last carried a packet, but for IDLEs, monotonic s; 0 if never */
	time_t last;
	/** when it will be rekeyed, monotonic s; 0 if never */
	time_t rekey;
};

/** Called with the IKE_SA checked out. */
typedef void (*coi_tunnel_use_cb_t)(void *data, const coi_tunnel_use_t *use);

/**
 * A tunnel is used by one thread at a time (the session's checkout sees to it).
 * Every method that fails because charon has destroyed the IKE_SA meanwhile
 * returns FALSE, or 0.
 */
struct coi_tunnel_t {

	/**
	 * Make the CHILD_SA of a community and allocate its inbound SPI.
	 *
	 * @param child		community, with its child_cfg and reqid
	 * @param tags		instead of unique ones of its own, 0 for these
	 * @return			SPI in network order, 0 if that failed
	 */
	uint32_t (*allocate)(coi_tunnel_t *this, const coi_child_t *child,
						 const coi_marks_t *tags);

	/** Get the tags of a community, as configured or unique; none if it has no
	 * CHILD_SA. */
	void (*get_tags)(coi_tunnel_t *this, const char *name, coi_marks_t *tags);

	/**
	 * Set who is behind a NAT, before the first SA is installed: then ESP goes in
	 * UDP.
	 */
	void (*set_nat)(coi_tunnel_t *this, coi_nat_t nat);

	/**
	 * The peer has another port or address: let its SAs follow.
	 *
	 * @param common	communities in use, for the traffic selectors that users see
	 * @param count		number of communities
	 */
	void (*move)(coi_tunnel_t *this, host_t *other,
				 const coi_shared_community_t *common,
				 u_int count);

	/**
	 * Install the inbound or outbound SA of a community.
	 *
	 * @param common	SPIs, mode, proposal and keys
	 * @param inbound	which one
	 * @return			FALSE if the kernel refused (said at level 1)
	 */
	bool (*install)(coi_tunnel_t *this, const coi_shared_community_t *common,
					bool inbound);

	/**
	 * Let charon's users see who uses the peer, as its EAP identity; before
	 * established(). It is claimed, so no condition says it is authenticated.
	 *
	 * @param user		without a name there is none
	 */
	void (*set_user)(coi_tunnel_t *this, const coi_user_t *user);

	/**
	 * Announce IKE_SA and CHILD_SAs (those with both SAs) as established; drop
	 * the others. The flows become the traffic selectors that users see.
	 *
	 * @param common	communities in use
	 * @param count		number of communities
	 * @param peer_id	verified or claimed identity of the peer, cloned
	 * @param replaced	id of the tunnel that this one takes the place of, or
	 *					NULL: users see a rekeying of that one
	 * @param stale		TRUE if that one is newer already: users see nothing
	 */
	bool (*established)(coi_tunnel_t *this,
						const coi_shared_community_t *common,
						u_int count, identification_t *peer_id,
						ike_sa_id_t *replaced, bool stale);

	/** Note who we have proved to be, both cloned. */
	void (*set_my_id)(coi_tunnel_t *this, identification_t *id,
					  auth_cfg_t *auth);

	/**
	 * Note who the peer has proved to be, and let charon's plugins have their say.
	 *
	 * @param id		verified identity, cloned
	 * @param auth		how it was verified, cloned
	 * @return			FALSE if one of them refuses
	 */
	bool (*authorize)(coi_tunnel_t *this, identification_t *id,
					  auth_cfg_t *auth);

	/** Tell charon's plugins that the peer's identity was refused. */
	void (*alert)(coi_tunnel_t *this);

	/** Id of the IKE_SA, constant, valid as long as the tunnel. */
	ike_sa_id_t *(*get_id)(coi_tunnel_t *this);

	/**
	 * End the CHILD_SA of one community from our side, established or not;
	 * child_closing() is not called for it.
	 */
	void (*drop)(coi_tunnel_t *this, const char *name);

	/** Note that an IDLE has gone through a community's SA. */
	void (*note_idle)(coi_tunnel_t *this, const char *name, bool inbound);

	/** Packets that all SAs of a direction have carried. */
	uint64_t (*get_packets)(coi_tunnel_t *this, bool inbound);

	/** Call back for each community that is established. */
	void (*for_uses)(coi_tunnel_t *this, coi_tunnel_use_cb_t cb, void *data);

	/**
	 * End it from our side: bus events, SAs out of the kernel, IKE_SA gone.
	 * Free the tunnel. gone() is not called for it, unless charon was faster
	 * and has destroyed the IKE_SA, or is doing so.
	 *
	 * @param failed	TRUE if it never was established
	 */
	void (*close)(coi_tunnel_t *this, bool failed);

	/**
	 * Free the tunnel after charon destroyed the IKE_SA (gone() was called).
	 */
	void (*destroy)(coi_tunnel_t *this);
};

/**
 * Make ready for tunnels; charon->kernel and charon->bus are used. To be called
 * once, before the first coi_tunnel_create().
 */
void coi_tunnel_init();

/** Undo it, when no tunnel is left. */
void coi_tunnel_deinit();

/**
 * Create the IKE_SA, state CONNECTING.
 *
 * @param conn		connection, reference taken
 * @param me		own address, cloned
 * @param other		peer's address, cloned
 * @param initiator	role
 * @param spi_i		session ids in host order, the IKE_SA's SPIs
 * @param spi_r
 * @param listener	told what charon asks
 * @param id		handed to the listener
 * @param tables	what it shares with others, copied
 * @return			NULL if charon made no IKE_SA (shutdown)
 */
coi_tunnel_t *coi_tunnel_create(coi_connection_t *conn, host_t *me,
								host_t *other, bool initiator, uint64_t spi_i,
								uint64_t spi_r, coi_tunnel_listener_t *listener,
								uintptr_t id,
								const coi_tunnel_tables_t *tables);

#endif /** COI_TUNNEL_H_ */
