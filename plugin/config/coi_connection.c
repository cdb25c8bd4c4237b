/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_connection.h"
#include "coi_host_list.h"
#include "coi_marks.h"
#include "coi_suite_choice.h"

bool coi_connection_is_of(coi_connection_t *this, peer_cfg_t *peer)
{
	enumerator_t *enumerator;
	const coi_suite_t *suite;
	child_cfg_t *cfg;
	bool same;
	u_int count = 0;

	same = this->peer == peer;
	/* charon replaces children, it does not change them */
	enumerator = peer->create_child_cfg_enumerator(peer);
	while (same && enumerator->enumerate(enumerator, &cfg))
	{
		same = count < this->count && this->children[count].cfg == cfg;
		if (same)
		{
			suite = coi_suite_choice(this->children[count].name, NULL);
			same = suite == this->children[count].suite;
		}
		count++;
	}
	enumerator->destroy(enumerator);
	return same && count == this->count;
}

bool coi_connection_equals(coi_connection_t *a, coi_connection_t *b)
{
	ike_cfg_t *ike_a, *ike_b;
	u_int i;

	ike_a = a->peer->get_ike_cfg(a->peer);
	ike_b = b->peer->get_ike_cfg(b->peer);
	if (!streq(a->name, b->name) || a->count != b->count ||
		!a->peer->equals(a->peer, b->peer) || !ike_a->equals(ike_a, ike_b))
	{
		return FALSE;
	}
	for (i = 0; i < a->count; i++)
	{
		if (!streq(a->children[i].name, b->children[i].name) ||
			a->children[i].suite != b->children[i].suite ||
			!a->children[i].cfg->equals(a->children[i].cfg, b->children[i].cfg))
		{
			return FALSE;
		}
	}
	return TRUE;
}

coi_connection_t *coi_connection_get_ref(coi_connection_t *this)
{
	ref_get(&this->refcount);
	return this;
}

const coi_child_t *coi_connection_find(const coi_connection_t *this,
									   const char *name)
{
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		if (streq(this->children[i].name, name))
		{
			return &this->children[i];
		}
	}
	return NULL;
}

void coi_connection_destroy(coi_connection_t *this)
{
	u_int i;

	if (this && ref_put(&this->refcount))
	{
		for (i = 0; i < this->count; i++)
		{
			this->children[i].cfg->destroy(this->children[i].cfg);
		}
		if (this->profile)
		{
			coi_profile_destroy(this->profile);
		}
		coi_user_clear(&this->user);
		this->peer->destroy(this->peer);
		free(this->children);
		free(this->name);
		free(this);
	}
}

host_t *coi_connection_source(coi_connection_t *conn, host_t *other)
{
	ike_cfg_t *ike_cfg = conn->peer->get_ike_cfg(conn->peer);
	host_t *me;

	me = coi_host_list_first_me(ike_cfg, other->get_family(other));
	if (!me || me->is_anyaddr(me))
	{
		DESTROY_IF(me);
		me = charon->kernel->get_source_addr(charon->kernel, other, NULL);
	}
	return me;
}

host_t *coi_connection_gateway(const coi_connection_t *conn)
{
	ike_cfg_t *cfg = conn->peer->get_ike_cfg(conn->peer);
	host_t *gateway;

	if (strchr(cfg->get_other_addr(cfg), ','))
	{
		return NULL;
	}
	/* of subnets and ranges this is %any */
	gateway = coi_host_list_first_other(cfg, AF_UNSPEC);
	if (gateway && gateway->is_anyaddr(gateway))
	{
		gateway->destroy(gateway);
		return NULL;
	}
	return gateway;
}

u_int coi_connection_if_ids(const coi_connection_t *conn,
							uint32_t if_ids[COI_MAX_KEYS])
{
	coi_marks_t marks;
	u_int i, j, count = 0;

	for (i = 0; i < conn->count; i++)
	{
		marks = coi_marks_configured(conn->peer, conn->children[i].cfg);
		for (j = 0; j < count && if_ids[j] != marks.if_id_out; j++)
		{
			/* is it new? */
		}
		if (marks.if_id_out && j == count && count < COI_MAX_KEYS)
		{
			if_ids[count++] = marks.if_id_out;
		}
	}
	return count;
}
