/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_demand_traps.h"
#include "config/coi_config.h"

void coi_demand_traps_apply(coi_admin_state_t *state, coi_config_t *config,
							coi_traps_t *traps)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	child_cfg_t *cfg;
	char *name;
	u_int i;

	enumerator = config->create_enumerator(config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			name = conn->children[i].name;
			cfg = conn->children[i].cfg;
			if (cfg->get_start_action(cfg) != ACTION_NONE)
			{
				continue;
			}
			if (state->is_enabled(state, name))
			{
				traps->add(traps, coi_connection_get_ref(conn), cfg, TRUE);
			}
			else if (state->is_disabled(state, name) &&
					 !state->is_isolated(state))
			{	/* whoever isolates the host wants nothing in clear */
				traps->remove(traps, conn->name, name);
			}
		}
	}
	enumerator->destroy(enumerator);
}
