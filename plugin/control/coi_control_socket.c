/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_control_socket.h"
#include "coi_cmd_key_file.h"
#include "coi_cmd_session.h"
#include "coi_cmd_inspect.h"
#include "coi_cmd_measures.h"
#include "coi_report.h"
#include "coi_cmd_community.h"

/** keys that a command may have */
#define MAX_KEYS 3

typedef struct private_coi_control_socket_t private_coi_control_socket_t;

struct private_coi_control_socket_t {
	coi_control_socket_t public;
	coi_tools_t tools;
};

/** What can be sent. */
typedef struct {
	char *name;
	vici_message_t *(*handle)(coi_command_t *request);
	char *keys[MAX_KEYS];
} handler_t;

/** List what stands in the way, a coi_obstacle_cb_t. */
static void list_obstacle(void *data, const char *part, const char *why)
{
	vici_builder_t *b = data;

	b->add_li(b, "%s", why);
}

static vici_message_t *handle_version(coi_command_t *request)
{
	coi_obstacles_t *obstacles = request->tools->parts.obstacles;
	coi_pair_policy_t *policy = request->tools->parts.policy;
	coi_policy_store_t *slots = policy->get_slots(policy);
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	b->add_kv(b, "version", "%s", COI_RELEASE);
	coi_report_number(b, "protocol", COI_VERSION);
	b->add_kv(b, "charon", "%s", VERSION);
	b->add_kv(b, "tracking", "%N", coi_tracker_method_names,
			  policy->get_tracking(policy));
	b->begin_list(b, "suites");
	for (i = 0; i < COI_SUITES; i++)
	{
		b->add_li(b, "%s", coi_suite_nth(i)->name);
	}
	b->end_list(b);
	b->begin_list(b, "closed");
	obstacles->for_all(obstacles, list_obstacle, b);
	b->end_list(b);
	coi_report_number(b, "refused-policies", slots->count_refused(slots));
	return b->finalize(b);
}

static void stream(void *data, char *event, vici_message_t *message)
{
	coi_command_t *request = data;
	vici_dispatcher_t *dispatcher = request->tools->dispatcher;

	dispatcher->raise_event(dispatcher, event, request->id, message);
}

static vici_message_t *handle_status(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	vici_message_t *message = request->message;

	coi_report_status(&tools->parts, tools->engine,
					  !message->get_bool(message, FALSE, "noblock"), stream,
					  request);
	return coi_command_done();
}

static vici_message_t *handle_communities(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;

	/* a key that was loaded just now counts */
	tools->refresher->refresh(tools->refresher);
	coi_report_communities(&tools->parts, stream, request);
	return coi_command_done();
}

static vici_message_t *handle_counters(coi_command_t *request)
{
	coi_counters_t *counters = request->tools->parts.counters;
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	b->begin_section(b, "counts");
	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		coi_report_number(b, enum_to_name(coi_counter_names, i),
						  counters->get(counters, i));
	}
	b->end_section(b);
	b->begin_section(b, "refused");
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		coi_report_number(b, enum_to_name(coi_reason_names, i),
						  counters->get_refused(counters, i));
	}
	b->end_section(b);
	return b->finalize(b);
}

static const handler_t handlers[] = {
	{ "version", handle_version, {} },
	{ "status", handle_status, { "noblock" } },
	{ "communities", handle_communities, {} },
	{ "counters", handle_counters, {} },
	{ "measures", coi_cmd_measures_handle, {} },
	{ "watch", coi_cmd_inspect_watch, { "after", "wait" } },
	{ "mistakes", coi_cmd_inspect_mistakes, {} },
	{ "compare", coi_cmd_inspect_compare, {} },
	{ "why", coi_cmd_inspect_why, { "peer", "service", "direction" } },
	{ "open", coi_cmd_session_open, { "peer", "timeout", "child" } },
	{ "close", coi_cmd_session_close, { "peer", "community", "reason" } },
	{ "disable", coi_cmd_community_disable, { "community", "all" } },
	{ "enable", coi_cmd_community_enable, { "community", "all" } },
	{ "forget", coi_cmd_session_forget, { "peer" } },
	{ "load-wgt", coi_cmd_key_file_load, { "name", "data" } },
	{ "unload-wgt", coi_cmd_key_file_unload, { "name" } },
	{ "user", coi_cmd_session_user, { "name", "since", "clear" } },
};

static char *events[] = {
	"peer", "refused", "community", "event", "mistake",
};

/** A request's keys, compared with those that mean something. */
typedef struct {
	const handler_t *handler;
	char unknown[COI_LIST_LEN];
} keys_t;

CALLBACK(check_key, bool,
	keys_t *keys, vici_message_t *message, char *name, chunk_t value)
{
	u_int i;

	for (i = 0; i < MAX_KEYS && keys->handler->keys[i]; i++)
	{
		if (streq(name, keys->handler->keys[i]))
		{
			return TRUE;
		}
	}
	coi_command_list(keys->unknown, name);
	return TRUE;
}

CALLBACK(check_section, bool,
	keys_t *keys, vici_message_t *message, vici_parse_context_t *ctx,
	char *name)
{
	coi_command_list(keys->unknown, name);
	return message->parse(message, ctx, NULL, NULL, NULL, NULL);
}

/**
 * Whether a request has only keys that mean something: a misspelt one must not
 * look like one that is heeded.
 */
static vici_message_t *check_keys(const handler_t *handler,
								  vici_message_t *message)
{
	char known[COI_LIST_LEN] = "";
	keys_t keys = {
		.handler = handler,
	};
	u_int i;

	if (!message->parse(message, NULL, check_section, check_key, check_key,
						&keys))
	{
		return coi_command_invalid("the request is malformed");
	}
	if (!*keys.unknown)
	{
		return NULL;
	}
	for (i = 0; i < MAX_KEYS && handler->keys[i]; i++)
	{
		coi_command_list(known, handler->keys[i]);
	}
	return coi_command_invalid("'%s' does not know: %s; it knows: %s",
							   handler->name, keys.unknown,
							   *known ? known : "nothing");
}

CALLBACK(on_command, vici_message_t*,
	private_coi_control_socket_t *this, char *name, u_int id,
		 vici_message_t *message)
{
	vici_message_t *answer = NULL;
	coi_command_t request = {
		.tools = &this->tools,
		.id = id,
		.message = message,
	};
	u_int i;

	for (i = 0; i < countof(handlers); i++)
	{
		if (streq(handlers[i].name, name))
		{
			answer = check_keys(&handlers[i], message);
			return answer ?: handlers[i].handle(&request);
		}
	}
	return coi_command_failed("no such command");
}

METHOD(coi_control_socket_t, destroy, void,
	private_coi_control_socket_t *this)
{
	vici_dispatcher_t *dispatcher = this->tools.dispatcher;
	u_int i;

	for (i = 0; i < countof(handlers); i++)
	{
		dispatcher->manage_command(dispatcher, handlers[i].name, NULL, NULL);
	}
	for (i = 0; i < countof(events); i++)
	{
		dispatcher->manage_event(dispatcher, events[i], FALSE);
	}
	dispatcher->destroy(dispatcher);
	coi_vici_library_unload();
	free(this);
}

coi_control_socket_t *coi_control_socket_create(const coi_parts_t *parts,
												coi_engine_t *engine,
												coi_config_watch_t *refresher,
												coi_initiate_t *initiator,
												coi_key_files_t *wgt)
{
	private_coi_control_socket_t *this;
	vici_dispatcher_t *dispatcher;
	u_int i;

	if (!parts->options->control || !coi_vici_library_load())
	{
		return NULL;
	}
	dispatcher = coi_vici_library_dispatcher(parts->options->control);
	if (!dispatcher)
	{
		coi_vici_library_unload();
		return NULL;
	}
	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.tools = {
			.parts = *parts,
			.engine = engine,
			.refresher = refresher,
			.initiator = initiator,
			.wgt = wgt,
			.dispatcher = dispatcher,
		},
	);
	for (i = 0; i < countof(events); i++)
	{
		dispatcher->manage_event(dispatcher, events[i], TRUE);
	}
	for (i = 0; i < countof(handlers); i++)
	{
		dispatcher->manage_command(dispatcher, handlers[i].name, on_command,
								   this);
	}
	return &this->public;
}
