/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_community.h"
#include "engine/coi_demand_traps.h"
#include "coi_report.h"

#include <collections/array.h>

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
static u_int close_carriers(const coi_tools_t *tools, array_t *list,
							const char *name)
{
	coi_admin_state_t *switches = tools->parts.switches;
	carrier_t carrier;
	u_int count = 0;
	bool mine;

	while (array_remove(list, ARRAY_HEAD, &carrier))
	{
		mine = !name || coi_connection_find(carrier.conn, name);
		count += carrier.open && carrier.carries;
		if (mine && (!carrier.open || !in_force(switches, carrier.conn)))
		{
			tools->engine->close(tools->engine, carrier.id, NULL,
								 "disabled by an administrator");
		}
		coi_connection_destroy(carrier.conn);
	}
	return count;
}

/** Find a community in the connections, and list all. */
static bool is_configured(coi_command_t *request, const char *name,
						  bool *demand, char list[COI_LIST_LEN])
{
	coi_config_t *config = request->tools->parts.config;
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
static vici_message_t *get_community(coi_command_t *request, char **name,
									 bool *demand)
{
	vici_message_t *message = request->message;
	coi_admin_state_t *switches = request->tools->parts.switches;
	char list[COI_LIST_LEN] = "";
	bool all;

	*demand = FALSE;
	request->tools->refresher->refresh(request->tools->refresher);
	*name = message->get_str(message, NULL, "community");
	all = message->get_bool(message, FALSE, "all");
	if (all == (*name != NULL))
	{
		return coi_command_invalid("either 'community', a name, or 'all' = yes "
								   "is needed");
	}
	/* one that is gone may still be disabled, and come back */
	if (*name && !is_configured(request, *name, demand, list) &&
		!switches->is_disabled(switches, *name))
	{
		return coi_command_invalid("no community '%s' is configured, there "
								   "are: %s", *name, *list ? list : "none");
	}
	return NULL;
}

/** Tell that something was switched. */
static void tell(coi_command_t *request, coi_events_type_t type,
				 const char *name)
{
	coi_events_t *news = request->tools->parts.news;
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
	news->add(news, item);
}

vici_message_t *coi_cmd_community_disable(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	coi_admin_state_t *switches = tools->parts.switches;
	vici_message_t *answer;
	vici_builder_t *b;
	search_t search = {};
	bool demand, kept;
	u_int count;
	char *name;

	answer = get_community(request, &name, &demand);
	if (answer)
	{
		return answer;
	}
	kept = switches->disable(switches, name);
	tell(request, COI_EVENTS_DISABLED, name);
	search.name = name;
	search.list = array_create(sizeof(carrier_t), 0);
	tools->parts.sessions->for_all(tools->parts.sessions, collect, &search);
	/* from now on nothing is offered or accepted; what is open or begun rests
	 * on what was so before */
	tools->refresher->refresh(tools->refresher);
	count = close_carriers(tools, search.list, name);
	array_destroy(search.list);
	tools->engine->changed(tools->engine);
	coi_demand_traps_apply(switches, tools->parts.config,
						   tools->parts.routes);
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	coi_report_number(b, "closed", count);
	b->add_kv(b, "kept", kept ? "yes" : "no");
	return b->finalize(b);
}

vici_message_t *coi_cmd_community_enable(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	coi_admin_state_t *switches = tools->parts.switches;
	vici_message_t *answer;
	vici_builder_t *b;
	bool demand, kept;
	char *name;

	answer = get_community(request, &name, &demand);
	if (answer)
	{
		return answer;
	}
	if (name && switches->is_isolated(switches))
	{
		return coi_command_failed("this host is isolated, all communities are "
								  "disabled; enable all first, then disable "
								  "those that are to stay so");
	}
	kept = switches->enable(switches, name, demand);
	tell(request, COI_EVENTS_ENABLED, name);
	coi_demand_traps_apply(switches, tools->parts.config,
						   tools->parts.routes);
	tools->refresher->refresh(tools->refresher);
	tools->engine->changed(tools->engine);
	/* what was refused for want of a key may be asked for */
	tools->parts.refused->forget(tools->parts.refused, NULL);
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	b->add_kv(b, "on-demand", demand ? "yes" : "no");
	b->add_kv(b, "kept", kept ? "yes" : "no");
	return b->finalize(b);
}
