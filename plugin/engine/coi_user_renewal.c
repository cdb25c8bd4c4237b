/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_user_renewal.h"

#include <collections/array.h>

bool coi_user_renewal_check(const coi_parts_t *parts,
							const coi_session_entry_t *entry,
							coi_tunnel_listener_t *listener)
{
	coi_user_t user;
	bool told;

	if (!entry->established ||
		parts->sessions->has_flag(parts->sessions, entry->id,
								   COI_SESSION_SUPERSEDED))
	{
		return FALSE;
	}
	user = parts->login->get(parts->login, entry->conn);
	told = coi_user_equals(&user, coi_session_own_user(entry->session));
	coi_user_clear(&user);
	if (!told)
	{
		DBG1(DBG_IKE, "the user of this host has changed, renewing the COI "
			 "session with %H", entry->other);
		listener->rekey(listener, entry->id);
	}
	return !told;
}

static void collect_id(void *data, const coi_session_entry_t *entry)
{
	array_insert(data, ARRAY_TAIL, (void*)entry->id);
}

u_int coi_user_renewal_run(const coi_parts_t *parts, coi_executor_t *runner,
						   coi_tunnel_listener_t *listener)
{
	coi_session_entry_t *entry;
	u_int count = 0;
	array_t *ids;
	void *id;

	ids = array_create(0, 0);
	parts->sessions->for_all(parts->sessions, collect_id, ids);
	while (array_remove(ids, ARRAY_HEAD, &id))
	{
		entry = parts->sessions->checkout(parts->sessions, (uintptr_t)id);
		if (entry)
		{
			count += coi_user_renewal_check(parts, entry, listener);
			runner->checkin(runner, entry);
		}
	}
	array_destroy(ids);
	return count;
}
