/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_entry.h"
#include "util/coi_host.h"
#include "policy/coi_vip_policy.h"
#include "policy/coi_xfrm_interfaces.h"
#include "util/coi_timer.h"

coi_session_entry_t *coi_session_entry_create(coi_connection_t *conn,
											  host_t *me,
											  host_t *other, bool initiator,
											  coi_session_t *session,
											  coi_session_joins_t *joins)
{
	coi_session_entry_t *this;

	INIT(this,
		.me = me,
		.other = other,
		.conn = conn,
		.initiator = initiator,
		.session = session,
		.joins = joins,
		.acquire_reqid = conn->reqid,
		.origin = COI_ORIGIN_SELF,
		.begun = coi_timer_now(),
		.tries = 1,
	);
	return this;
}

const coi_child_t *coi_session_entry_idle_child(const coi_session_entry_t *this)
{
	const coi_shared_community_t *common;
	u_int count, i;

	common = coi_session_common(this->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used)
		{
			return coi_connection_find(this->conn, common[i].name);
		}
	}
	return NULL;
}

bool coi_session_entry_is_tunnel(const coi_session_entry_t *this)
{
	const coi_child_t *child = coi_session_entry_idle_child(this);

	return child && child->cfg->get_mode(child->cfg) == MODE_TUNNEL;
}

host_t *coi_session_entry_idle_host(const coi_session_entry_t *this)
{
	const coi_grant_t *grant = coi_session_grant(this->session);
	host_t *own;

	if (!coi_session_entry_is_tunnel(this) || !this->peer_own.port)
	{
		return this->other->clone(this->other);
	}
	own = coi_host_read(&this->peer_own);
	return this->initiator ? own : coi_vip_policy_inside(&grant->addresses,
														 own);
}

host_t *coi_session_entry_idle_source(const coi_session_entry_t *this)
{
	const coi_grant_t *grant = coi_session_grant(this->session);

	return this->initiator && coi_session_entry_is_tunnel(this) ?
						coi_vip_policy_idle(&grant->addresses, this->me) : NULL;
}

identification_t *coi_session_entry_peer_id(const coi_session_entry_t *this)
{
	chunk_t data;
	uint8_t type;

	type = coi_session_peer_id(this->session, &data);
	return type ? identification_create_from_encoding(type, data) : NULL;
}

bool coi_session_entry_is_marked(const coi_session_entry_t *this)
{
	child_cfg_t *cfg;
	u_int i;

	for (i = 0; i < this->conn->count; i++)
	{
		cfg = this->conn->children[i].cfg;
		if (!MARK_IS_UNIQUE(cfg->get_mark(cfg, TRUE).value))
		{
			return FALSE;
		}
	}
	return TRUE;
}

/** what precedes an IPv4 address that is mapped */
static const uint8_t mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static coi_range_t get_range(const coi_address_t *address)
{
	bool v4 = memeq(address->addr, mapped, sizeof(mapped));
	const uint8_t *octets = address->addr + (v4 ? sizeof(mapped) : 0);
	coi_range_t range;

	if (!coi_range_set(&range, v4 ? COI_FAMILY_IPV4 : COI_FAMILY_IPV6, octets,
					   octets))
	{
		return (coi_range_t){};
	}
	return range;
}

/** Get the list of addresses that were given, borrowed. */
static coi_ranges_t get_list(const coi_virtual_t *addresses)
{
	return (coi_ranges_t){
		.list = (coi_range_t*)addresses->list,
		.count = addresses->count,
	};
}

bool coi_session_entry_resolve(coi_session_entry_t *entry)
{
	const coi_addresses_t *ours, *theirs;
	const coi_grant_t *grant = coi_session_grant(entry->session);
	coi_itself_t here, there, *guest = entry->initiator ? &here : &there;

	ours = coi_session_own_addresses(entry->session);
	theirs = coi_session_peer_addresses(entry->session);
	here = (coi_itself_t){
		.announced = get_range(&ours->own),
		.seen = get_range(&theirs->seen),
	};
	there = (coi_itself_t){
		.announced = get_range(&theirs->own),
		.seen = get_range(&ours->seen),
	};
	guest->assigned = get_list(&grant->addresses);
	return coi_session_resolve(entry->session, &here, &there);
}

coi_sendmsg_t coi_session_entry_idle_via(const coi_session_entry_t *this)
{
	const coi_child_t *child = coi_session_entry_idle_child(this);
	coi_marks_t tags = {};
	coi_sendmsg_t via = {};

	if (this->tunnel && child)
	{
		this->tunnel->get_tags(this->tunnel, child->name, &tags);
	}
	via.mark = tags.mark_out.value & tags.mark_out.mask;
	if (tags.if_id_out)
	{
		via.interface = coi_xfrm_interfaces_find(tags.if_id_out);
		if (!via.interface)
		{
			DBG1(DBG_NET, "no XFRM interface with ID %u to reach %H",
				 tags.if_id_out, this->other);
		}
	}
	return via;
}

void coi_session_entry_note_idle(coi_session_entry_t *this, bool inbound)
{
	const coi_child_t *child = coi_session_entry_idle_child(this);

	if (this->tunnel && child)
	{
		this->tunnel->note_idle(this->tunnel, child->name, inbound);
	}
	if (inbound)
	{
		this->heard = TRUE;
	}
	else
	{	/* it is no traffic */
		this->packets_out++;
	}
}

void coi_session_entry_uncount(coi_session_entry_t *this)
{
	if (this->budget)
	{
		this->budget->end(this->budget, this->origin);
		this->budget = NULL;
	}
}

void coi_session_entry_destroy(coi_session_entry_t *this)
{
	if (this)
	{
		coi_session_entry_uncount(this);
		coi_session_destroy(this->session);
		this->joins->destroy(this->joins);
		coi_share_list_destroy(this->shares);
		coi_connection_destroy(this->conn);
		this->me->destroy(this->me);
		this->other->destroy(this->other);
		free(this);
	}
}
