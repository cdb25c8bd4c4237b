/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_shunts.h"
#include "coi_policy_priority.h"
#include "config/coi_connection_read.h"
#include "coi_icmp_errors.h"
#include "util/coi_timer.h"

#include <collections/array.h>
#include <threading/mutex.h>

/** ms that a drop stays without its child: a reload takes it out before it puts
 * it back, and may not be able to */
#define REMOVE_DELAY 1000

typedef struct private_coi_shunts_t private_coi_shunts_t;
typedef struct drop_t drop_t;

/** A child that drops. */
struct drop_t {
	/** connection and child */
	char *conn;
	char *name;
	/** tells its group from others */
	uint32_t id;
	/** it goes when the timer of the last removal fires */
	bool removed;
	u_int removals;
};

struct private_coi_shunts_t {
	coi_shunts_t public;
	coi_policy_store_t *store;

	/** drop_t */
	array_t *drops;

	/** id given out last */
	uint32_t last;

	/** guards drops and last */
	mutex_t *mutex;

	/** charon's own */
	bool (*install)(shunt_manager_t*, char*, child_cfg_t*);
	bool (*uninstall)(shunt_manager_t*, char*, char*);
};

/** charon's methods have no room for a closure. */
static private_coi_shunts_t *clear;

static void drop_destroy(drop_t *drop)
{
	free(drop->conn);
	free(drop->name);
	free(drop);
}

/**
 * Whether a shunt is a child of a COI connection.
 */
static bool is_ours(char *conn)
{
	peer_cfg_t *peer = NULL;
	bool ours;

	if (conn)
	{
		peer = charon->backends->get_peer_cfg_by_name(charon->backends, conn);
	}
	ours = peer && coi_connection_is_coi(peer);
	DESTROY_IF(peer);
	return ours;
}

bool coi_shunts_wins(char *conn, child_cfg_t *cfg)
{
	return cfg->get_mode(cfg) == MODE_DROP && !cfg->get_manual_prio(cfg) &&
		   is_ours(conn);
}

/**
 * Want two selectors dropped in each direction, as a shunt does it.
 */
static void want_drop(array_t *wanted, traffic_selector_t *local,
					  traffic_selector_t *remote)
{
	coi_policy_entry_t policy = {
		.type = POLICY_DROP,
		.prio = COI_PRIO_DROP,
		.mode = MODE_TRANSPORT,
	}, errors = {
		.prio = COI_PRIO_DROP_ERRORS,
	};

	if (local->get_type(local) == remote->get_type(remote) &&
		(!local->get_protocol(local) || !remote->get_protocol(remote) ||
		 local->get_protocol(local) == remote->get_protocol(remote)))
	{
		if (!local->get_protocol(local) && !remote->get_protocol(remote))
		{
			coi_icmp_errors_want(wanted, errors, local, remote);
		}
		coi_policy_entry_add(wanted, policy, POLICY_OUT, local, remote);
		coi_policy_entry_add(wanted, policy, POLICY_IN, local, remote);
		coi_policy_entry_add(wanted, policy, POLICY_FWD, local, remote);
	}
}

/**
 * List the policies of a child that drops.
 */
static array_t *list_policies(child_cfg_t *cfg)
{
	linked_list_t *hosts, *locals, *remotes;
	traffic_selector_t *local, *remote;
	enumerator_t *outer, *inner;
	host_t *any, *any6;
	array_t *wanted;

	any = host_create_any(AF_INET);
	any6 = host_create_any(AF_INET6);
	hosts = linked_list_create_with_items(any, any6, NULL);
	locals = cfg->get_traffic_selectors(cfg, TRUE, NULL, hosts, FALSE);
	remotes = cfg->get_traffic_selectors(cfg, FALSE, NULL, hosts, FALSE);
	hosts->destroy_offset(hosts, offsetof(host_t, destroy));

	wanted = coi_policy_entry_create();
	outer = locals->create_enumerator(locals);
	while (outer->enumerate(outer, &local))
	{
		inner = remotes->create_enumerator(remotes);
		while (inner->enumerate(inner, &remote))
		{
			want_drop(wanted, local, remote);
		}
		inner->destroy(inner);
	}
	outer->destroy(outer);
	locals->destroy_offset(locals, offsetof(traffic_selector_t, destroy));
	remotes->destroy_offset(remotes, offsetof(traffic_selector_t, destroy));
	return wanted;
}

/**
 * Set what is dropped for an id.
 */
static bool set(private_coi_shunts_t *this, uint32_t id, array_t *wanted)
{
	coi_policy_group_t key = {
		.kind = COI_POLICY_GROUP_DROP,
		.reqid = id,
	};

	return this->store->set(this->store, &key, wanted,
							coi_policy_entry_create());
}

/** Find a drop, NULL if there is none. The mutex is held. */
static drop_t *find_drop(private_coi_shunts_t *this, char *conn, char *name)
{
	drop_t *drop;
	int i;

	for (i = 0; i < array_count(this->drops); i++)
	{
		array_get(this->drops, i, &drop);
		if (streq(drop->name, name) && (!conn || streq(drop->conn, conn)))
		{
			return drop;
		}
	}
	return NULL;
}

/** Stop dropping, unless the child is back, or was removed once more. */
static void on_removed(void *data, uintptr_t id, u_int removal)
{
	private_coi_shunts_t *this = data;
	enumerator_t *enumerator;
	drop_t *drop, *found = NULL;

	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->drops);
	while (!found && enumerator->enumerate(enumerator, &drop))
	{
		if (drop->id == id && drop->removed && drop->removals == removal)
		{
			found = drop;
			array_remove_at(this->drops, enumerator);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	if (found)
	{
		set(this, found->id, coi_policy_entry_create());
		drop_destroy(found);
	}
}

/**
 * Stop dropping, a little later.
 *
 * @param conn		connection, NULL for any
 * @param name		child
 */
static void remove_drop(private_coi_shunts_t *this, char *conn, char *name)
{
	drop_t *drop;
	uint32_t id = 0;
	u_int removal = 0;

	this->mutex->lock(this->mutex);
	drop = find_drop(this, conn, name);
	if (drop)
	{
		drop->removed = TRUE;
		id = drop->id;
		removal = ++drop->removals;
	}
	this->mutex->unlock(this->mutex);
	if (id)
	{
		coi_timer_arm(on_removed, this, id, removal, REMOVE_DELAY);
	}
}

/**
 * Begin to drop, or drop something else from now on.
 *
 * @return			FALSE if the kernel refused it; then it still drops what it did
 *					before, and is tried again
 */
static bool add_drop(private_coi_shunts_t *this, char *conn, child_cfg_t *cfg)
{
	drop_t *drop;
	uint32_t id;

	this->mutex->lock(this->mutex);
	drop = find_drop(this, conn, cfg->get_name(cfg));
	if (!drop)
	{
		INIT(drop,
			.conn = strdup(conn),
			.name = strdup(cfg->get_name(cfg)),
			.id = ++this->last,
		);
		array_insert(this->drops, ARRAY_TAIL, drop);
	}
	drop->removed = FALSE;
	id = drop->id;
	this->mutex->unlock(this->mutex);
	return set(this, id, list_policies(cfg));
}

METHOD(shunt_manager_t, install, bool,
	shunt_manager_t *shunts, char *conn, child_cfg_t *cfg)
{
	private_coi_shunts_t *this = clear;
	bool success;

	success = this->install(shunts, conn, cfg);
	/* of one with a priority of its own charon has what is to be dropped, unless
	 * the kernel refused that */
	if (coi_shunts_wins(conn, cfg) ||
		(!success && cfg->get_mode(cfg) == MODE_DROP && is_ours(conn)))
	{
		success = add_drop(this, conn, cfg) && success;
	}
	return success;
}

METHOD(shunt_manager_t, uninstall, bool,
	shunt_manager_t *shunts, char *conn, char *name)
{
	private_coi_shunts_t *this = clear;

	remove_drop(this, conn, name);
	return this->uninstall(shunts, conn, name);
}

METHOD(coi_shunts_t, destroy, void,
	private_coi_shunts_t *this)
{
	charon->shunts->install = this->install;
	charon->shunts->uninstall = this->uninstall;
	clear = NULL;
	array_destroy_function(this->drops, (void*)drop_destroy, NULL);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_shunts_t *coi_shunts_create(coi_policy_store_t *store)
{
	private_coi_shunts_t *this;

	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.store = store,
		.drops = array_create(0, 0),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.install = charon->shunts->install,
		.uninstall = charon->shunts->uninstall,
	);
	clear = this;
	charon->shunts->install = (void*)_install;
	charon->shunts->uninstall = (void*)_uninstall;
	return &this->public;
}
