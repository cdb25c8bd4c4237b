/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_shares.h"

#include <threading/mutex.h>

typedef struct private_coi_shares_t private_coi_shares_t;
typedef struct wanted_t wanted_t;

struct private_coi_shares_t {
	coi_shares_t public;
	coi_sessions_t *sessions;
	coi_policy_t *policy;

	/** guards changes */
	mutex_t *mutex;

	/** number of updates asked for */
	u_int changes;
};

/** Copy of what all sessions between two hosts want allowed. */
struct wanted_t {
	coi_allow_t *allow;
	u_int count;
};

/**
 * Add a session's shares to the wanted list; of a community in two sessions the
 * newer one counts, as its SA is the one that the kernel uses.
 */
static void collect(void *data, const coi_entry_t *entry)
{
	wanted_t *wanted = data;
	coi_allow_t *allow;
	coi_flow_t *flows;
	coi_share_t *share;
	bool outbound;
	u_int i, j;

	for (i = 0; i < entry->share_count; i++)
	{
		share = &entry->shares[i];
		outbound = share->outbound;
		for (j = 0; j < wanted->count; j++)
		{
			if (streq(wanted->allow[j].child->name, share->child->name))
			{
				break;
			}
		}
		if (j == wanted->count)
		{
			wanted->count++;
			wanted->allow = realloc(wanted->allow,
									wanted->count * sizeof(*wanted->allow));
		}
		else
		{
			outbound |= wanted->allow[j].outbound;
			free((void*)wanted->allow[j].flows);
		}
		flows = calloc(max(share->flows.count, 1), sizeof(*flows));
		if (share->flows.count)
		{
			memcpy(flows, share->flows.list,
				   share->flows.count * sizeof(*flows));
		}
		allow = &wanted->allow[j];
		*allow = (coi_allow_t){
			.child = share->child,
			.mode = share->mode,
			.flows = flows,
			.count = share->flows.count,
			.outbound = outbound,
			.idle = j == 0,
		};
	}
}

METHOD(coi_shares_t, update, bool,
	private_coi_shares_t *this, host_t *me, host_t *other)
{
	bool success, again;
	wanted_t wanted;
	u_int seen, i;

	this->mutex->lock(this->mutex);
	seen = ++this->changes;
	this->mutex->unlock(this->mutex);
	do
	{
		wanted = (wanted_t){};
		this->sessions->for_pair(this->sessions, me, other,
								 collect, &wanted);
		success = this->policy->set(this->policy, me, other,
									wanted.allow, wanted.count);
		for (i = 0; i < wanted.count; i++)
		{
			free((void*)wanted.allow[i].flows);
		}
		free(wanted.allow);

		/* another thread may have set an older list after our newer one */
		this->mutex->lock(this->mutex);
		again = seen != this->changes;
		seen = this->changes;
		this->mutex->unlock(this->mutex);
	}
	while (again);
	return success;
}

METHOD(coi_shares_t, destroy, void,
	private_coi_shares_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_shares_t *coi_shares_create(coi_sessions_t *sessions, coi_policy_t *policy)
{
	private_coi_shares_t *this;

	INIT(this,
		.public = {
			.update = _update,
			.destroy = _destroy,
		},
		.sessions = sessions,
		.policy = policy,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}
