/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_peer_match.h"

bool coi_peer_match_is_pair(const coi_checkout_t *holder, host_t *me,
							host_t *other)
{
	return !(holder->flags & (COI_SESSION_ENDING | COI_SESSION_GONE)) &&
		   (!me || holder->entry->me->ip_equals(holder->entry->me, me)) &&
		   holder->entry->other->ip_equals(holder->entry->other, other);
}

bool coi_peer_match_is_peer(const coi_session_entry_t *a,
							const coi_session_entry_t *b)
{
	return a->other->ip_equals(a->other, b->other) &&
		   a->peer_own.port == b->peer_own.port &&
		   memeq(a->peer_own.addr, b->peer_own.addr, COI_ADDR_LEN);
}

bool coi_peer_match_is_in_way(const coi_checkout_t *holder,
							  const coi_session_entry_t *entry, bool force)
{
	const coi_session_entry_t *current = holder->entry;

	if (!coi_peer_match_is_pair(holder, entry->me, entry->other) ||
		!coi_peer_match_is_genuine(current))
	{
		return FALSE;
	}
	/* one who opens from another port of a NAT may be another peer */
	return !force || (!current->established &&
					  current->other->equals(current->other, entry->other));
}

u_int coi_peer_match_wait(const coi_checkout_t *holder,
						  const coi_session_entry_t *entry)
{
	const coi_session_entry_t *current = holder->entry;
	uint64_t age;

	/* behind another port of a NAT may be another peer */
	if (!coi_peer_match_is_pair(holder, entry->me, entry->other) ||
		!current->other->equals(current->other, entry->other) ||
		entry->begun < current->begun)
	{
		return 0;
	}
	age = entry->begun - current->begun;
	return age < COI_PEER_MATCH_WAIT ? COI_PEER_MATCH_WAIT - age : 0;
}

coi_reason_t coi_peer_match_cross(coi_checkout_t *holder,
								  const coi_session_entry_t *entry)
{
	uint64_t spi_i = coi_session_spi_i(entry->session);

	if (!coi_peer_match_is_pair(holder, entry->me, entry->other))
	{
		return COI_OK;
	}
	if (!holder->entry->initiator)
	{
		return holder->spi_i == spi_i ? COI_REPLAY : COI_OK;
	}
	if (!holder->entry->confirmed && holder->spi_i < spi_i)
	{
		coi_checkout_ignore(holder, spi_i);
		return COI_CROSSED;
	}
	/* a lower one is answered, and the own opening goes on: anybody who is a
	 * member may have begun it in the peer's name */
	return COI_OK;
}

bool coi_peer_match_is_loser(const coi_session_entry_t *entry,
							 const coi_session_entry_t *proved)
{
	/* from another port of a NAT it may come from another peer: the own opening
	 * ends without an answer if it does not */
	return entry->initiator && !entry->confirmed && entry != proved &&
		   entry->other->equals(entry->other, proved->other);
}

bool coi_peer_match_is_genuine(const coi_session_entry_t *entry)
{
	return entry->initiator || entry->proved || entry->established;
}
