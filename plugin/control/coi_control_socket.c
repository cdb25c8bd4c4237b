/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_control_socket.h"
#include "coi_cmd_close.h"
#include "coi_cmd_communities.h"
#include "coi_cmd_community.h"
#include "coi_cmd_compare.h"
#include "coi_cmd_counters.h"
#include "coi_cmd_forget.h"
#include "coi_cmd_key_file.h"
#include "coi_cmd_measures.h"
#include "coi_cmd_mistakes.h"
#include "coi_cmd_open.h"
#include "coi_cmd_status.h"
#include "coi_cmd_user.h"
#include "coi_cmd_version.h"
#include "coi_cmd_watch.h"
#include "coi_cmd_why.h"

/** commands that there are at most */
#define MAX_COMMANDS 24

typedef struct private_coi_control_socket_t private_coi_control_socket_t;

struct private_coi_control_socket_t {
	coi_control_socket_t public;
	vici_dispatcher_t *dispatcher;
	coi_command_t *commands[MAX_COMMANDS];
	u_int count;
};

static char *events[] = {
	"peer", "refused", "community", "event", "mistake",
};

/** A request's keys, compared with those that mean something. */
typedef struct {
	const coi_command_t *command;
	char unknown[COI_COMMAND_LIST];
} keys_t;

CALLBACK(check_key, bool,
	keys_t *keys, vici_message_t *message, char *name, chunk_t value)
{
	u_int i;

	for (i = 0; i < COI_COMMAND_KEYS && keys->command->keys[i]; i++)
	{
		if (streq(name, keys->command->keys[i]))
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
static vici_message_t *check_keys(const coi_command_t *command,
								  vici_message_t *message)
{
	char known[COI_COMMAND_LIST] = "";
	keys_t keys = {
		.command = command,
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
	for (i = 0; i < COI_COMMAND_KEYS && command->keys[i]; i++)
	{
		coi_command_list(known, command->keys[i]);
	}
	return coi_command_invalid("'%s' does not know: %s; it knows: %s",
							   command->name, keys.unknown,
							   *known ? known : "nothing");
}

CALLBACK(on_command, vici_message_t*,
	private_coi_control_socket_t *this, char *name, u_int id,
		 vici_message_t *message)
{
	vici_message_t *answer;
	coi_command_t *command;
	coi_command_request_t request = {
		.dispatcher = this->dispatcher,
		.id = id,
		.message = message,
	};
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		command = this->commands[i];
		if (streq(command->name, name))
		{
			answer = check_keys(command, message);
			return answer ?: command->handle(command, &request);
		}
	}
	return coi_command_failed("no such command");
}

/** Take a command, which is adopted. */
static void add(private_coi_control_socket_t *this, coi_command_t *command)
{
	this->commands[this->count++] = command;
}

/** Make the commands that only tell. */
static void add_reports(private_coi_control_socket_t *this,
						const coi_control_socket_uses_t *uses)
{
	const coi_why_tables_t *tables = &uses->tables;

	add(this, coi_cmd_version_create(tables->obstacles, tables->pair_policy));
	add(this, coi_cmd_status_create(tables->sessions, tables->engine,
									tables->hold, tables->negative_cache,
									tables->encap_peers));
	add(this, coi_cmd_communities_create(uses->config_watch, tables->config,
										 tables->keyring, tables->admin_state,
										 tables->sessions));
	add(this, coi_cmd_counters_create(uses->counters));
	add(this, coi_cmd_measures_create(uses->histograms, tables->hold,
									  tables->config, tables->sessions,
									  tables->engine, uses->totals));
	add(this, coi_cmd_watch_create(tables->events));
	add(this, coi_cmd_mistakes_create(uses->config_watch, tables->config));
	add(this, coi_cmd_compare_create(tables->kernel_watch));
	add(this, coi_cmd_why_create(uses->config_watch, tables));
}

/** Make the commands that change something. */
static void add_changes(private_coi_control_socket_t *this,
						const coi_control_socket_uses_t *uses)
{
	const coi_why_tables_t *tables = &uses->tables;
	coi_cmd_community_uses_t community = {
		.admin_state = tables->admin_state,
		.config = tables->config,
		.watch = uses->config_watch,
		.sessions = tables->sessions,
		.engine = tables->engine,
		.traps = uses->traps,
		.events = tables->events,
		.negative_cache = tables->negative_cache,
	};

	add(this, coi_cmd_open_create(uses->config_watch, tables->config,
								  uses->initiate));
	add(this, coi_cmd_close_create(tables->sessions, tables->engine));
	add(this, coi_cmd_community_disable_create(&community));
	add(this, coi_cmd_community_enable_create(&community));
	add(this, coi_cmd_forget_create(tables->negative_cache));
	add(this, coi_cmd_key_file_load_create(uses->key_files,
										   uses->config_watch));
	add(this, coi_cmd_key_file_unload_create(uses->key_files,
											 uses->config_watch));
	add(this, coi_cmd_user_create(uses->local_user, tables->engine));
}

METHOD(coi_control_socket_t, destroy, void,
	private_coi_control_socket_t *this)
{
	vici_dispatcher_t *dispatcher = this->dispatcher;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		dispatcher->manage_command(dispatcher, this->commands[i]->name, NULL,
								   NULL);
	}
	for (i = 0; i < countof(events); i++)
	{
		dispatcher->manage_event(dispatcher, events[i], FALSE);
	}
	dispatcher->destroy(dispatcher);
	coi_vici_library_unload();
	for (i = 0; i < this->count; i++)
	{
		this->commands[i]->destroy(this->commands[i]);
	}
	free(this);
}

coi_control_socket_t *coi_control_socket_create(char *uri,
										const coi_control_socket_uses_t *uses)
{
	private_coi_control_socket_t *this;
	vici_dispatcher_t *dispatcher;
	u_int i;

	if (!uri || !coi_vici_library_load())
	{
		return NULL;
	}
	dispatcher = coi_vici_library_dispatcher(uri);
	if (!dispatcher)
	{
		coi_vici_library_unload();
		return NULL;
	}
	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.dispatcher = dispatcher,
	);
	add_reports(this, uses);
	add_changes(this, uses);
	for (i = 0; i < countof(events); i++)
	{
		dispatcher->manage_event(dispatcher, events[i], TRUE);
	}
	for (i = 0; i < this->count; i++)
	{
		dispatcher->manage_command(dispatcher, this->commands[i]->name,
								   on_command, this);
	}
	return &this->public;
}
