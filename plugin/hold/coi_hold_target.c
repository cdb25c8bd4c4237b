/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_hold_target.h"
#include "config/coi_host_list.h"
#include "policy/coi_network_policy.h"
#include "policy/coi_trap_policy.h"

coi_connection_t *coi_hold_target_find(coi_config_t *config,
									   coi_policy_store_t *store,
									   host_t *src, host_t *dst,
									   host_t **gateway)
{
	const coi_range_t *at, *narrowest = NULL;
	coi_connection_t *conn, *found = NULL;
	enumerator_t *enumerator;
	ike_cfg_t *cfg;

	enumerator = config->create_enumerator(config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		cfg = conn->peer->get_ike_cfg(conn->peer);
		at = coi_network_policy_can_hold(conn) ?
			 coi_network_policy_find(conn, dst) : NULL;
		if (at && (!narrowest || !coi_range_contains(at, narrowest)) &&
			coi_host_list_match_me(cfg, src) &&
			coi_trap_policy_is_installed(store, conn->reqid))
		{
			narrowest = at;
			found = conn;
		}
	}
	*gateway = found ? coi_connection_gateway(found) : NULL;
	found = *gateway ? coi_connection_get_ref(found) : NULL;
	enumerator->destroy(enumerator);
	return found;
}
