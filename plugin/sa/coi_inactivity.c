/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_inactivity.h"
#include "util/coi_timer.h"

/**
 * Seconds since a CHILD_SA was used, or was installed.
 */
static u_int unused_for(child_sa_t *child_sa)
{
	time_t in, out, used, now;

	child_sa->get_usestats(child_sa, TRUE, &in, NULL, NULL);
	child_sa->get_usestats(child_sa, FALSE, &out, NULL, NULL);
	used = max(max(in, out), child_sa->get_installtime(child_sa));
	now = time_monotonic(NULL);
	return now > used ? now - used : 0;
}

/** Look at a CHILD_SA; the generation is its inactivity time in seconds. */
static void on_timer(void *data, uintptr_t id, u_int timeout)
{
	coi_inactivity_end_t *end = data;
	child_sa_t *child_sa;
	ike_sa_t *ike_sa;
	u_int unused;
	bool all;

	ike_sa = charon->child_sa_manager->checkout_by_id(charon->child_sa_manager,
													  id, &child_sa);
	if (!ike_sa)
	{
		return;
	}
	unused = unused_for(child_sa);
	if (unused < timeout)
	{
		coi_timer_arm(on_timer, data, id, timeout, (timeout - unused) * 1000);
	}
	else if (child_sa->get_state(child_sa) != CHILD_REKEYED)
	{
		DBG1(DBG_JOB, "closing CHILD_SA %s{%u} after %u seconds of inactivity",
			 child_sa->get_name(child_sa), child_sa->get_unique_id(child_sa),
			 unused);
		all = ike_sa->get_child_count(ike_sa) == 1 &&
			  lib->settings->get_bool(lib->settings,
								"%s.inactivity_close_ike", FALSE, lib->ns);
		if ((*end)(ike_sa, child_sa, all) == DESTROY_ME)
		{
			charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager,
														ike_sa);
			return;
		}
	}
	charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
}

void coi_inactivity_watch(child_sa_t *child_sa,
						  const coi_inactivity_end_t *end)
{
	child_cfg_t *cfg = child_sa->get_config(child_sa);
	u_int timeout = cfg->get_inactivity(cfg);

	if (timeout)
	{
		coi_timer_arm(on_timer, (void*)end, child_sa->get_unique_id(child_sa),
					  timeout, timeout * 1000);
	}
}
