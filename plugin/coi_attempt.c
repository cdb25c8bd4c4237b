/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_attempt.h"
#include "coi_addr.h"

coi_session_t *coi_attempt_propose(const coi_parts_t *parts,
								   const coi_timing_t *timing,
								   coi_connection_t *conn, host_t *me,
								   host_t *other)
{
	coi_addresses_t addresses;
	coi_session_t *session;
	coi_keyset_t *keys;
	coi_user_t user;

	addresses = coi_addr_say(me, other, coi_connection_wants_encap(conn));
	keys = parts->keyring->get(parts->keyring, conn, conn->suite);
	session = coi_session_create(conn->profile, keys, timing, &addresses);
	coi_keyset_destroy(keys);
	if (session)
	{
		user = parts->login->get(parts->login, conn);
		coi_session_set_user(session, &user);
		coi_user_clear(&user);
		if (!parts->pairs->lend_val(parts->pairs, session))
		{
			coi_session_destroy(session);
			session = NULL;
		}
	}
	return session;
}

void coi_attempt_failed(coi_entry_t *entry)
{
	if (entry->initiator && !entry->established)
	{
		charon->bus->alert(charon->bus, ALERT_PEER_INIT_UNREACHABLE,
						   entry->unanswered++);
	}
}

bool coi_attempt_is_left(coi_sessions_t *sessions, const coi_entry_t *entry)
{
	/* 0 is for ever, 1 was the last one */
	return entry->initiator && !entry->established && entry->tries != 1 &&
		   !sessions->is_marked(sessions, entry->id, COI_MARK_GONE);
}

void coi_attempt_undo(coi_sessions_t *sessions, coi_shares_t *shares,
					  coi_entry_t *entry)
{
	if (entry->tries)
	{
		entry->tries--;
	}
	if (entry->tunnel)
	{
		sessions->set_shares(sessions, entry, NULL);
		shares->update(shares, entry->me, entry->other);
		entry->tunnel->close(entry->tunnel, TRUE);
		entry->tunnel = NULL;
		entry->has_out = FALSE;
	}
}

static void find_latest(void *latest, const coi_entry_t *entry)
{
	uintptr_t *id = latest;

	*id = max(*id, entry->id);
}

bool coi_attempt_is_alone(coi_sessions_t *sessions, const coi_entry_t *entry)
{
	uintptr_t latest = entry->id;

	sessions->for_pair(sessions, entry->me, entry->other, find_latest,
					   &latest);
	return latest == entry->id;
}
