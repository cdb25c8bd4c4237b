/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_attempts.h"
#include "util/coi_host.h"
#include "session/coi_peer_match.h"

bool coi_attempts_wants_encap(const coi_parts_t *parts,
							  const coi_connection_t *conn, host_t *other)
{
	return coi_connection_wants_encap(conn) ||
		   parts->detours->has(parts->detours, other, coi_timer_now(), NULL);
}

void coi_attempts_detour(const coi_parts_t *parts,
						 const coi_session_entry_t *entry)
{
	parts->counters->refused(parts->counters, COI_NO_ESP);
	if (coi_nat_encap(coi_session_nat(entry->session)))
	{
		DBG1(DBG_IKE, "%H answers, but nothing comes through its tunnel, though "
			 "ESP goes in UDP", entry->other);
	}
	else if (parts->detours->add(parts->detours, entry->other, coi_timer_now()))
	{
		DBG1(DBG_IKE, "UDP port %u gets through between %H and %H, ESP (IP "
			 "protocol 50) does not: ESP goes in UDP with it for %u s",
			 parts->options->port, entry->me, entry->other,
			 parts->options->no_esp_time);
	}
	else
	{
		DBG1(DBG_IKE, "UDP port %u gets through between %H and %H, ESP (IP "
			 "protocol 50) does not: encap = yes lets ESP go in UDP",
			 parts->options->port, entry->me, entry->other);
	}
}

coi_session_t *coi_attempts_propose(const coi_parts_t *parts,
									const coi_timing_t *timing,
									coi_connection_t *conn, host_t *me,
									host_t *other)
{
	coi_addresses_t addresses;
	coi_session_t *session;
	coi_keyset_t *keys;
	coi_user_t user;

	addresses = coi_host_say(me, other,
							 coi_attempts_wants_encap(parts, conn, other));
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

bool coi_attempts_failed(coi_session_entry_t *entry, coi_reason_t reason)
{
	if (reason != COI_TIMEOUT && reason != COI_NO_ESP)
	{
		return FALSE;
	}
	if (entry->initiator && !entry->established)
	{
		charon->bus->alert(charon->bus, ALERT_PEER_INIT_UNREACHABLE,
						   entry->unanswered++);
	}
	return TRUE;
}

bool coi_attempts_is_left(coi_session_table_t *sessions,
						  const coi_session_entry_t *entry)
{
	/* 0 is for ever, 1 was the last one */
	return entry->initiator && !entry->established && entry->tries != 1 &&
		   !sessions->has_flag(sessions, entry->id, COI_SESSION_GONE);
}

void coi_attempts_undo(coi_session_table_t *sessions,
					   coi_session_policy_t *shares,
					   coi_session_entry_t *entry)
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
		entry->heard = FALSE;
	}
}

/** Sessions that the peer has begun since an opening began. */
typedef struct {
	const coi_session_entry_t *entry;
	bool found;
} later_t;

static void find_later(void *data, const coi_session_entry_t *entry)
{
	later_t *later = data;

	later->found |= entry->order > later->entry->order &&
					coi_peer_match_is_genuine(entry);
}

bool coi_attempts_is_alone(coi_session_table_t *sessions,
						   const coi_session_entry_t *entry)
{
	later_t later = {
		.entry = entry,
	};

	sessions->for_pair(sessions, entry->me, entry->other, find_later, &later);
	return !later.found;
}
