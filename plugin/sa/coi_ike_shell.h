/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the IKE_SA of a session: an object of charon's that has never seen an
 * IKE message and must never send one. Methods that would send, wait for or take
 * some are replaced; what they were called for goes to the tunnel's listener.
 */

#ifndef COI_IKE_SHELL_H_
#define COI_IKE_SHELL_H_

#include "coi_tunnel_listener.h"
#include "coi_tunnel_tables.h"
#include "core/coi_addresses.h"

typedef struct coi_shell_t coi_shell_t;

void coi_ike_shell_init();
void coi_ike_shell_deinit();

/**
 * Create an IKE_SA without hosts, configuration or keys. The caller sets these
 * and checks it in.
 *
 * @param tables	what its end is told to, copied
 * @param ike_sa	receives the IKE_SA
 * @return			shell with one reference, NULL while charon goes down
 */
coi_shell_t *coi_ike_shell_create(bool initiator, uint64_t spi_i,
								  uint64_t spi_r,
								  coi_tunnel_listener_t *listener, uintptr_t id,
								  const coi_tunnel_tables_t *tables,
								  ike_sa_t **ike_sa);

/**
 * Check out the IKE_SA. The functions below are for whoever has done so.
 *
 * @return			NULL if charon has destroyed it, or is about to
 */
ike_sa_t *coi_ike_shell_checkout(coi_shell_t *shell);

/** Check it in again. */
void coi_ike_shell_checkin(ike_sa_t *ike_sa);

/** Set our identity as configured. */
void coi_ike_shell_name_mine(ike_sa_t *ike_sa, peer_cfg_t *peer);

/**
 * Set the peer's identity.
 *
 * One that names none is its address, as with IKE, unless it has proved who it is:
 * charon goes through all IKE_SAs between the same two identities for each new one.
 *
 * @param id		that it claims, of type ID_ANY if it claims none
 */
void coi_ike_shell_name_other(ike_sa_t *ike_sa, identification_t *id);

/**
 * Keep a CHILD_SA until the IKE_SA is established; it is adopted.
 */
void coi_ike_shell_add_pending(coi_shell_t *shell, child_sa_t *child_sa);

/** Find a CHILD_SA that is kept, NULL if there is none of this name. */
child_sa_t *coi_ike_shell_find_pending(coi_shell_t *shell, const char *name);

/**
 * Give the IKE_SA those of the CHILD_SAs kept that have both SAs, destroy the
 * others, and announce all as established.
 *
 * @param replaced	id of the shell's IKE_SA that this one takes the place of,
 *					NULL if there is none
 * @param stale		TRUE to announce nothing, as a newer one was faster
 */
void coi_ike_shell_establish(coi_shell_t *shell, ike_sa_t *ike_sa,
							 ike_sa_id_t *replaced, bool stale);

/** Set who is behind a NAT: what the IKE_SA answers when asked for it. */
void coi_ike_shell_set_nat(coi_shell_t *shell, coi_nat_t nat);

/** Id of the IKE_SA, constant, valid as long as the shell; needs no checkout. */
ike_sa_id_t *coi_ike_shell_get_id(coi_shell_t *shell);

/**
 * End the CHILD_SA of a community, kept or established; the listener is told
 * nothing.
 */
void coi_ike_shell_drop(coi_shell_t *shell, ike_sa_t *ike_sa, const char *name);

/**
 * Announce the end of an established IKE_SA, once, and tell the listener
 * nothing any more. The caller checks it in and destroys it.
 */
void coi_ike_shell_close(coi_shell_t *shell, ike_sa_t *ike_sa);

/** Drop a reference; needs no checkout. */
void coi_ike_shell_unref(coi_shell_t *shell);

#endif /** COI_IKE_SHELL_H_ */
