/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_marks.h"

/** As charon does: a child's own ID, or the connection's. */
static uint32_t get_if_id(peer_cfg_t *peer, child_cfg_t *cfg, bool inbound)
{
	return cfg->get_if_id(cfg, inbound) ?: peer->get_if_id(peer, inbound);
}

static bool has_unique_marks(child_cfg_t *cfg)
{
	return MARK_IS_UNIQUE(cfg->get_mark(cfg, FALSE).value);
}

coi_marks_t coi_marks_configured(peer_cfg_t *peer, child_cfg_t *cfg)
{
	coi_marks_t marks = {
		.if_id_in = get_if_id(peer, cfg, TRUE),
		.if_id_out = get_if_id(peer, cfg, FALSE),
	};

	if (!has_unique_marks(cfg))
	{
		marks.mark_in = cfg->get_mark(cfg, TRUE);
		marks.mark_out = cfg->get_mark(cfg, FALSE);
	}
	return marks;
}
