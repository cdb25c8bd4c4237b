/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_community.h"
#include "engine/coi_demand_traps.h"

#include <daemon.h>
#include <collections/array.h>

typedef struct private_coi_cmd_community_t private_coi_cmd_community_t;

/** Both commands. */
struct private_coi_cmd_community_t {
	coi_command_t public;
	coi_cmd_community_uses_t uses;
};

/** A session that carries a community, or might come to. */
typedef struct {
	uintptr_t id;
	/** reference */
	coi_connection_t *conn;
	bool open;
	bool carries;
} carrier_t;

/** Looks for them. */
typedef struct {
	/** NULL for any */
	const char *name;
	/** carrier_t */
	array_t *list;
} search_t;

static void collect(void *data, const coi_session_entry_t *entry)
{
	search_t *search = data;
	enumerator_t *enumerator;
	coi_share_t *share;
	carrier_t carrier = {
		.id = entry->id,
		.conn = coi_connection_get_ref(entry->conn),
		.open = entry->established != 0,
	};

	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		carrier.carries |= !share->on_demand && (!search->name ||
									streq(share->child->name, search->name));
	}
	enumerator->destroy(enumerator);
	array_insert(search->list, ARRAY_TAIL, &carrier);
}

/** Whether any of a connection's communities has filters in force. */
static bool in_force(coi_admin_state_t *switches, const coi_connection_t *conn)
{
	child_cfg_t *cfg;
	u_int i;

	for (i = 0; i < conn->count; i++)
	{
		cfg = conn->children[i].cfg;
		if (cfg->get_start_action(cfg) != ACTION_NONE ||
			switches->is_enabled(switches, conn->children[i].name))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Close what rests on what was just disabled and would not end by itself: what
 * is being opened, and sessions of a connection whose last filter is gone.
 *
 * @return			number of open sessions that carried the community
 */
static u_int close_carriers(const coi_cmd_community_uses_t *uses,
							array_t *list, const char *name)
{
	carrier_t carrier;
	u_int count = 0;
	bool mine;

	while (array_remove(list, ARRAY_HEAD, &carrier))
	{
		mine = !name || coi_connection_find(carrier.conn, name);
		count += carrier.open && carrier.carries;
		if (mine && (!carrier.open || !in_force(uses->admin_state, carrier.conn)))
		{
			uses->engine->close(uses->engine, carrier.id, NULL,
								"disabled by an administrator");
		}
		coi_connection_destroy(carrier.conn);
	}
	return count;
}

/** Find a community in the connections, and list all. */
static bool is_configured(coi_config_t *config, const char *name, bool *demand,
						  char list[COI_COMMAND_LIST])
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	bool found = FALSE;
	child_cfg_t *cfg;
	u_int i;

	*demand = FALSE;
	enumerator = config->create_enumerator(config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			coi_command_list(list, conn->children[i].name);
			if (streq(conn->children[i].name, name))
			{
				found = TRUE;
				cfg = conn->children[i].cfg;
				*demand |= cfg->get_start_action(cfg) == ACTION_NONE;
			}
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Read which community is meant, or that all are.
 *
 * @param name		receives it, NULL for all
 * @param demand	receives whether it is configured for use on demand
 * @return			NULL if all is well, else what to answer
 */
static vici_message_t *get_community(const coi_cmd_community_uses_t *uses,
									 coi_command_request_t *request, char **name,
									 bool *demand)
{
	vici_message_t *message = request->message;
	coi_admin_state_t *admin_state = uses->admin_state;
	char list[COI_COMMAND_LIST] = "";
	bool all;

	*demand = FALSE;
	uses->watch->refresh(uses->watch);
	*name = message->get_str(message, NULL, "community");
	all = message->get_bool(message, FALSE, "all");
	if (all == (*name != NULL))
	{
		return coi_command_invalid("either 'community', a name, or 'all' = yes "
								   "is needed");
	}
	/* one that is gone may still be disabled, and come back */
	if (*name && !is_configured(uses->config, *name, demand, list) &&
		!admin_state->is_disabled(admin_state, *name))
	{
		return coi_command_invalid("no community '%s' is configured, there "
								   "are: %s", *name, *list ? list : "none");
	}
	return NULL;
}

/** Tell that something was switched. */
static void tell(coi_events_t *events, coi_events_type_t type,
				 const char *name)
{
	coi_events_item_t *item;

	DBG1(DBG_CFG, "COI %s%s%s %N by command", name ? "'" : "communities: all",
		 name ?: "", name ? "'" : "", coi_events_type_names, type);
	item = coi_events_begin(type);
	if (name)
	{
		coi_events_set(item, COI_EVENTS_COMMUNITY, "%s", name);
	}
	else
	{
		coi_events_set(item, COI_EVENTS_TEXT, "all communities");
	}
	events->add(events, item);
}

METHOD(coi_command_t, disable, vici_message_t*,
	private_coi_cmd_community_t *this, coi_command_request_t *request)
{
	const coi_cmd_community_uses_t *uses = &this->uses;
	coi_admin_state_t *admin_state = uses->admin_state;
	vici_message_t *answer;
	vici_builder_t *b;
	search_t search = {};
	bool demand, kept;
	u_int count;
	char *name;

	answer = get_community(uses, request, &name, &demand);
	if (answer)
	{
		return answer;
	}
	kept = admin_state->disable(admin_state, name);
	tell(uses->events, COI_EVENTS_DISABLED, name);
	search.name = name;
	search.list = array_create(sizeof(carrier_t), 0);
	uses->sessions->for_all(uses->sessions, collect, &search);
	/* from now on nothing is offered or accepted; what is open or begun rests
	 * on what was so before */
	uses->watch->refresh(uses->watch);
	count = close_carriers(uses, search.list, name);
	array_destroy(search.list);
	uses->engine->changed(uses->engine);
	coi_demand_traps_apply(admin_state, uses->config, uses->traps);
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	coi_command_add_number(b, "closed", count);
	b->add_kv(b, "kept", kept ? "yes" : "no");
	return b->finalize(b);
}

METHOD(coi_command_t, enable, vici_message_t*,
	private_coi_cmd_community_t *this, coi_command_request_t *request)
{
	const coi_cmd_community_uses_t *uses = &this->uses;
	coi_admin_state_t *admin_state = uses->admin_state;
	vici_message_t *answer;
	vici_builder_t *b;
	bool demand, kept;
	char *name;

	answer = get_community(uses, request, &name, &demand);
	if (answer)
	{
		return answer;
	}
	if (name && admin_state->is_isolated(admin_state))
	{
		return coi_command_failed("this host is isolated, all communities are "
								  "disabled; enable all first, then disable "
								  "those that are to stay so");
	}
	kept = admin_state->enable(admin_state, name, demand);
	tell(uses->events, COI_EVENTS_ENABLED, name);
	/* first the keys, as traps ask as soon as they are there */
	uses->watch->refresh(uses->watch);
	coi_demand_traps_apply(admin_state, uses->config, uses->traps);
	uses->engine->changed(uses->engine);
	/* what was refused for want of a key may be asked for */
	uses->negative_cache->forget(uses->negative_cache, NULL);
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	b->add_kv(b, "on-demand", demand ? "yes" : "no");
	b->add_kv(b, "kept", kept ? "yes" : "no");
	return b->finalize(b);
}

coi_command_t *coi_cmd_community_disable_create(
										const coi_cmd_community_uses_t *uses)
{
	private_coi_cmd_community_t *this;

	INIT(this,
		.public = {
			.name = "disable",
			.keys = { "community", "all" },
			.handle = _disable,
			.destroy = (void*)free,
		},
		.uses = *uses,
	);
	return &this->public;
}

coi_command_t *coi_cmd_community_enable_create(
										const coi_cmd_community_uses_t *uses)
{
	private_coi_cmd_community_t *this;

	INIT(this,
		.public = {
			.name = "enable",
			.keys = { "community", "all" },
			.handle = _enable,
			.destroy = (void*)free,
		},
		.uses = *uses,
	);
	return &this->public;
}
