/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_policy.h"
#include "util/coi_host.h"
#include "config/coi_child_read.h"
#include "policy/coi_vip_policy.h"
#include "coi_session_vips.h"

#include <threading/mutex.h>

typedef struct private_coi_session_policy_t private_coi_session_policy_t;
typedef struct wanted_t wanted_t;

struct private_coi_session_policy_t {
	coi_session_policy_t public;
	coi_session_table_t *sessions;
	coi_pair_policy_t *policy;
	coi_config_t *config;

	/** guards changes */
	mutex_t *mutex;

	/** number of updates asked for */
	u_int changes;
};

/** What all sessions between two hosts want allowed. */
struct wanted_t {
	/** coi_share_t, copies */
	array_t *shares;
};

static bool is_of(const coi_share_t *share, const coi_address_t *peer)
{
	return share->peer.port == peer->port &&
		   memeq(share->peer.addr, peer->addr, sizeof(peer->addr));
}

/** Forget what an older session would ask for: the newer one has asked. */
static void forget_asking(array_t *shares, const coi_address_t *peer)
{
	enumerator_t *enumerator;
	coi_share_t *share;

	enumerator = array_create_enumerator(shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		if (share->on_demand && is_of(share, peer))
		{
			coi_share_clear(share);
			array_remove_at(shares, enumerator);
		}
	}
	enumerator->destroy(enumerator);
}

/** Find a community with one of the peers behind an address, NULL if there is
 * none. */
static coi_share_t *find_share(array_t *shares, const char *name,
							   const coi_address_t *peer)
{
	coi_share_t *current, *found = NULL;
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(shares);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->child->name, name) && is_of(current, peer))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/** Only the newest session with a peer carries its IDLEs. */
static void forget_idle(array_t *shares, const coi_address_t *peer)
{
	enumerator_t *enumerator;
	coi_share_t *share;

	enumerator = array_create_enumerator(shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		share->idle = share->idle && !is_of(share, peer);
	}
	enumerator->destroy(enumerator);
}

/**
 * Add a session's shares to the wanted list, sessions come oldest first; of a
 * community in two sessions the newer one counts, as its SA is the one that the
 * kernel uses.
 */
static void collect(void *data, const coi_session_entry_t *entry)
{
	wanted_t *wanted = data;
	coi_share_t *share, *found, clone;
	enumerator_t *enumerator;
	bool first = TRUE;

	if (entry->has_out)
	{
		forget_asking(wanted->shares, &entry->peer_own);
	}
	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		found = find_share(wanted->shares, share->child->name, &share->peer);
		if (found && share->on_demand)
		{
			continue;
		}
		clone = coi_share_clone(share);
		if (first && !share->on_demand)
		{
			forget_idle(wanted->shares, &share->peer);
			clone.idle = TRUE;
			first = FALSE;
		}
		if (found)
		{
			clone.outbound |= found->outbound;
			coi_share_clear(found);
			*found = clone;
		}
		else
		{
			array_insert(wanted->shares, ARRAY_TAIL, &clone);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Find the two ends of IDLEs in a tunnel, see coi_session_entry_idle_host().
 */
static void set_idle_ends(const coi_share_t *share, host_t *me,
						  coi_pair_allow_t *allow)
{
	host_t *own = coi_host_read(&share->peer);

	if (share->guest)
	{
		allow->idle_me = coi_vip_policy_idle(&share->given, me);
		allow->idle_host = own;
	}
	else
	{
		allow->idle_host = coi_vip_policy_inside(&share->given, own);
	}
}

/**
 * Set what is wanted.
 */
static bool set(private_coi_session_policy_t *this, host_t *me, host_t *other,
				wanted_t *wanted)
{
	enumerator_t *enumerator;
	coi_share_t *share;
	coi_pair_allow_t *allow;
	u_int count = 0;
	bool success;

	allow = calloc(max(array_count(wanted->shares), 1), sizeof(*allow));
	enumerator = array_create_enumerator(wanted->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		allow[count] = (coi_pair_allow_t){
			.child = share->child,
			.community = coi_profile_find(share->conn->profile,
										  share->child->name),
			.mode = share->mode,
			.flows = share->flows.list,
			.count = share->flows.count,
			.outbound = share->outbound,
			.idle = share->idle,
			.marks = share->marks,
			.on_demand = share->on_demand,
			.given = share->given,
			.guest = share->guest,
			.owned = share->owned,
		};
		if (share->idle && share->mode == MODE_TUNNEL)
		{
			set_idle_ends(share, me, &allow[count]);
		}
		count++;
	}
	enumerator->destroy(enumerator);
	success = this->policy->set(this->policy, me, other, allow, count);
	while (count--)
	{
		DESTROY_IF(allow[count].idle_host);
		DESTROY_IF(allow[count].idle_me);
	}
	free(allow);
	return success;
}

METHOD(coi_session_policy_t, update, bool,
	private_coi_session_policy_t *this, host_t *me, host_t *other)
{
	bool success, again;
	wanted_t wanted;
	u_int seen;

	this->mutex->lock(this->mutex);
	seen = ++this->changes;
	this->mutex->unlock(this->mutex);
	do
	{
		wanted = (wanted_t){
			.shares = coi_share_list_create(),
		};
		this->sessions->for_pair(this->sessions, me, other,
								 collect, &wanted);
		success = set(this, me, other, &wanted);
		coi_share_list_destroy(wanted.shares);

		/* another thread may have set an older list after our newer one */
		this->mutex->lock(this->mutex);
		again = seen != this->changes;
		seen = this->changes;
		this->mutex->unlock(this->mutex);
	}
	while (again);
	return success;
}

/**
 * Add a community that the session carries.
 */
static void add_carried(array_t *shares, const coi_session_entry_t *entry,
						const coi_shared_community_t *common)
{
	coi_share_t share = {
		.child = coi_connection_find(entry->conn, common->name),
		.mode = coi_child_read_mode(common->mode),
		.outbound = entry->has_out,
		.peer = entry->peer_own,
		.given = coi_session_grant(entry->session)->addresses,
		.guest = entry->initiator,
	};

	memwipe(share.given.ticket, sizeof(share.given.ticket));
	share.owned = share.given.count && !share.guest &&
				  coi_session_vips_are_owned(entry->conn);

	entry->tunnel->get_tags(entry->tunnel, common->name, &share.marks);
	share.conn = coi_connection_get_ref(entry->conn);
	share.flows = coi_flows_clone(&common->flows);
	if (common->flows.excess)
	{
		DBG1(DBG_IKE, "COI '%s' with %H would allow more than %d flows, "
			 "it allows none", common->name, entry->other, COI_MAX_FLOWS);
	}
	array_insert(shares, ARRAY_TAIL, &share);
}

/**
 * Add communities that may join, as they are configured now.
 */
static void add_asking(private_coi_session_policy_t *this, array_t *shares,
					   const coi_session_entry_t *entry)
{
	const coi_community_t *community;
	coi_connection_t *conn;
	coi_share_t share;
	u_int i;

	conn = this->config->find(this->config, entry->me, entry->other);
	if (!conn || !this->policy->is_trapped(this->policy, conn->reqid))
	{	/* traffic opens nothing */
		coi_connection_destroy(conn);
		return;
	}
	for (i = 0; i < conn->count; i++)
	{
		community = coi_profile_find(conn->profile, conn->children[i].name);
		if (entry->joins->may_join(entry->joins, community->name) &&
			!coi_share_list_find(shares, community->name))
		{
			share = (coi_share_t){
				.conn = coi_connection_get_ref(conn),
				.child = &conn->children[i],
				.mode = coi_child_read_mode(community->mode),
				.flows = coi_services_flows(&community->offers,
											&community->uses),
				.outbound = TRUE,
				.on_demand = TRUE,
				.peer = entry->peer_own,
			};
			share.marks = coi_marks_configured(conn->peer, share.child->cfg);
			array_insert(shares, ARRAY_TAIL, &share);
		}
	}
	coi_connection_destroy(conn);
}

METHOD(coi_session_policy_t, publish, bool,
	private_coi_session_policy_t *this, coi_session_entry_t *entry)
{
	const coi_shared_community_t *common;
	array_t *shares;
	u_int count, i;

	shares = coi_share_list_create();
	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used)
		{
			add_carried(shares, entry, &common[i]);
		}
	}
	if (entry->has_out)
	{
		add_asking(this, shares, entry);
	}
	this->sessions->set_shares(this->sessions, entry, shares);
	return update(this, entry->me, entry->other);
}

METHOD(coi_session_policy_t, hear, void,
	private_coi_session_policy_t *this, coi_session_entry_t *entry)
{
	coi_idle_t idle;

	coi_session_peer_idle(entry->session, &idle);
	if (entry->joins->peer_gained(entry->joins, idle.gained) &&
		entry->has_out)
	{
		DBG1(DBG_IKE, "%H has gained a COI, it may be asked again",
			 entry->other);
		publish(this, entry);
	}
}

METHOD(coi_session_policy_t, destroy, void,
	private_coi_session_policy_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_session_policy_t *coi_session_policy_create(coi_session_table_t *sessions,
												coi_pair_policy_t *policy,
												coi_config_t *config)
{
	private_coi_session_policy_t *this;

	INIT(this,
		.public = {
			.publish = _publish,
			.hear = _hear,
			.update = _update,
			.destroy = _destroy,
		},
		.sessions = sessions,
		.policy = policy,
		.config = config,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}
