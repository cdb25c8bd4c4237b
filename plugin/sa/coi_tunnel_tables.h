/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the list of what all tunnels share, and what charon gets to through
 * their IKE_SAs and CHILD_SAs.
 */

#ifndef COI_TUNNEL_TABLES_H_
#define COI_TUNNEL_TABLES_H_

#include "coi_traffic_totals.h"
#include "vip/coi_vip_client.h"
#include "vip/coi_vip_leases.h"

typedef struct coi_tunnel_tables_t coi_tunnel_tables_t;

/** All borrowed; they outlive each IKE_SA, and are used while one is destroyed. */
struct coi_tunnel_tables_t {
	/** what communities have carried */
	coi_traffic_totals_t *totals;
	/** addresses that this host was given */
	coi_vip_client_t *vip_client;
	/** addresses that this host gives */
	coi_vip_leases_t *vip_leases;
};

#endif /** COI_TUNNEL_TABLES_H_ */
