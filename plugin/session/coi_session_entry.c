/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_entry.h"
#include "util/coi_host.h"
#include "policy/coi_vip_policy.h"
#include "policy/coi_xfrm_interfaces.h"
#include "util/coi_timer.h"

coi_share_t coi_share_clone(const coi_share_t *share)
{
	coi_share_t clone = *share;

	coi_connection_get_ref(clone.conn);
	clone.flows = coi_flows_clone(&share->flows);
	return clone;
}

void coi_share_clear(coi_share_t *share)
{
	coi_flows_clear(&share->flows);
	coi_connection_destroy(share->conn);
}

array_t *coi_share_list_create()
{
	return array_create(sizeof(coi_share_t), 0);
}

void coi_share_list_destroy(array_t *list)
{
	coi_share_t share;

	while (array_remove(list, ARRAY_TAIL, &share))
	{
		coi_share_clear(&share);
	}
	array_destroy(list);
}

coi_share_t *coi_share_list_find(array_t *list, const char *name)
{
	coi_share_t *current, *found = NULL;
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->child->name, name))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

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
		.asked = conn->reqid,
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
	own = coi_addr_read(&this->peer_own);
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

coi_sendmsg_t coi_session_entry_idle_lead(const coi_session_entry_t *this)
{
	const coi_child_t *child = coi_session_entry_idle_child(this);
	coi_marks_t tags = {};
	coi_sendmsg_t lead = {};

	if (this->tunnel && child)
	{
		this->tunnel->get_tags(this->tunnel, child->name, &tags);
	}
	lead.mark = tags.mark_out.value & tags.mark_out.mask;
	if (tags.if_id_out)
	{
		lead.interface = coi_xfrm_interfaces_find(tags.if_id_out);
		if (!lead.interface)
		{
			DBG1(DBG_NET, "no XFRM interface with ID %u to reach %H",
				 tags.if_id_out, this->other);
		}
	}
	return lead;
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
