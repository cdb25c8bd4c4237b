/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_itself.h"
#include "coi_selector.h"

bool coi_itself_resolve(coi_entry_t *entry)
{
	coi_itself_t here = {
		.seen = coi_selector_range(entry->me),
	}, there = {
		.seen = coi_selector_range(entry->other),
	};

	return coi_session_resolve(entry->session, &here, &there);
}
