/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_install.h"
#include "util/coi_event.h"
#include "util/coi_host.h"
#include "coi_identity.h"
#include "session/coi_peer_match.h"
#include "session/coi_session_vips.h"

/** Marks that an open session from the same port has: who it is will be known
 * later, but most likely it is the same peer, whose sockets have these marks. */
typedef struct {
	const coi_session_entry_t *entry;
	const char *name;
	coi_marks_t tags;
} same_t;

static void find_marks(void *data, const coi_session_entry_t *entry)
{
	same_t *same = data;
	coi_share_t *share;

	if (entry->established &&
		entry->other->equals(entry->other, same->entry->other))
	{
		share = coi_share_list_find(entry->shares, same->name);
		if (share && !share->on_demand)
		{
			same->tags.mark_in = share->marks.mark_in;
			same->tags.mark_out = share->marks.mark_out;
		}
	}
}

static uint32_t allocate(coi_session_table_t *sessions,
						 coi_session_entry_t *entry,
						 const coi_child_t *child)
{
	child_cfg_t *cfg = child->cfg;
	same_t same = {
		.entry = entry,
		.name = child->name,
	};

	if (MARK_IS_UNIQUE(cfg->get_mark(cfg, TRUE).value))
	{
		sessions->for_pair(sessions, entry->me, entry->other, find_marks,
						   &same);
	}
	return entry->tunnel->allocate(entry->tunnel, child, &same.tags);
}

bool coi_install_tunnel(coi_session_table_t *sessions,
						const coi_tunnel_tables_t *tables,
						coi_session_entry_t *entry,
						coi_tunnel_listener_t *listener, coi_actions_t *next)
{
	uint32_t spis[COI_MAX_KEYS] = {};
	const coi_shared_community_t *common;
	const coi_child_t *child;
	coi_event_t event;
	coi_reason_t reason;
	coi_proof_t proof;
	coi_wish_t wish;
	u_int i;

	coi_event_init(&event, COI_EV_ALLOCATED);
	event.spis = spis;
	common = coi_session_common(entry->session, &event.spi_count);
	entry->tunnel = coi_tunnel_create(entry->conn, entry->me, entry->other,
						entry->initiator, coi_session_spi_i(entry->session),
						coi_session_spi_r(entry->session), listener,
						entry->id, tables);
	if (!entry->tunnel)
	{
		return FALSE;
	}
	for (i = 0; i < event.spi_count && i < countof(spis); i++)
	{
		child = coi_connection_find(entry->conn, common[i].name);
		if (child)
		{
			spis[i] = allocate(sessions, entry, child);
		}
	}
	if (entry->initiator && coi_identity_prove(entry, &proof))
	{
		event.proof = &proof;
	}
	if (entry->initiator && coi_session_vips_wish(entry, tables->vip_client, &wish))
	{
		event.wish = &wish;
	}
	reason = coi_session_step(entry->session, &event, next);
	memwipe(&wish, sizeof(wish));
	if (event.proof)
	{
		coi_proof_clear(&proof);
	}
	if (reason != COI_OK)
	{
		DBG1(DBG_IKE, "COI session with %H ends: %N", entry->other,
			 coi_reason_names, reason);
		return FALSE;
	}
	return TRUE;
}

/** Another open session with the peer's address. */
typedef struct {
	const coi_session_entry_t *entry;
	bool found;
} other_t;

static void find_other(void *data, const coi_session_entry_t *entry)
{
	other_t *other = data;

	if (!entry->established || coi_peer_match_is_peer(entry, other->entry))
	{
		return;
	}
	/* with the marks of another one, taken for it by its port, it is none */
	if (!coi_session_entry_is_marked(entry) || !coi_session_entry_is_marked(other->entry) ||
		entry->other->equals(entry->other, other->entry->other))
	{
		other->found = TRUE;
	}
}

/** Whether the IDLEs of a session go through a tunnel to the peer's own address. */
static bool is_inside(const coi_session_entry_t *entry)
{
	host_t *inside, *own;
	bool equal;

	if (!coi_session_entry_is_tunnel(entry))
	{
		return FALSE;
	}
	inside = coi_session_entry_idle_host(entry);
	own = coi_host_read(&entry->peer_own);
	equal = inside->ip_equals(inside, own);
	inside->destroy(inside);
	own->destroy(own);
	return equal;
}

/** Whether a session's peer was given an address; the table's lock is held. */
static bool is_guest(const coi_session_entry_t *entry)
{
	enumerator_t *enumerator;
	coi_share_t *share;
	bool guest = FALSE;

	enumerator = array_create_enumerator(entry->shares);
	if (enumerator->enumerate(enumerator, &share))
	{
		guest = share->given.count && !share->guest;
	}
	enumerator->destroy(enumerator);
	return guest;
}

/**
 * Whether another one of the peers that say that they have the same address has it
 * in tunnel mode: packets inside their tunnels do not tell them apart, unless they
 * have virtual ones.
 */
static void find_twin(void *data, const coi_session_entry_t *entry)
{
	other_t *other = data;
	const coi_child_t *child = &entry->conn->children[0];

	other->found |= entry->established &&
					child->cfg->get_mode(child->cfg) == MODE_TUNNEL &&
					!entry->other->ip_equals(entry->other,
											 other->entry->other) &&
					!is_guest(entry);
}

bool coi_install_is_alone(coi_session_table_t *sessions,
						  const coi_session_entry_t *entry)
{
	other_t other = {
		.entry = entry,
	};

	sessions->for_pair(sessions, entry->me, entry->other, find_other, &other);
	if (other.found)
	{
		DBG1(DBG_IKE, "COI session with %#H refused: another peer behind the "
			 "same address has one", entry->other);
	}
	else if (is_inside(entry))
	{
		sessions->for_own(sessions, &entry->peer_own, find_twin, &other);
		if (other.found)
		{
			DBG1(DBG_IKE, "COI session with %#H refused: another peer has the "
				 "same address inside its tunnel", entry->other);
		}
	}
	return !other.found;
}

bool coi_install_sas(coi_session_table_t *sessions, coi_session_entry_t *entry,
					 bool inbound)
{
	const coi_shared_community_t *common;
	u_int count, i;

	if (inbound)
	{
		sessions->set_peer(sessions, entry,
						   coi_session_peer_addresses(entry->session));
		if (!coi_install_is_alone(sessions, entry) ||
			!coi_session_entry_resolve(entry))
		{
			return FALSE;
		}
		entry->tunnel->set_nat(entry->tunnel, coi_session_nat(entry->session));
	}
	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used &&
			!entry->tunnel->install(entry->tunnel, &common[i], inbound))
		{
			return FALSE;
		}
	}
	if (inbound)
	{
		coi_session_wipe_in(entry->session);
	}
	else
	{
		coi_session_wipe_out(entry->session);
		entry->has_out = TRUE;
	}
	return TRUE;
}

bool coi_install_follow(coi_session_entry_t *entry)
{
	const coi_shared_community_t *common;
	u_int count;

	if (!coi_session_entry_resolve(entry))
	{
		return FALSE;
	}
	common = coi_session_common(entry->session, &count);
	entry->tunnel->move(entry->tunnel, entry->other, common, count);
	return TRUE;
}
