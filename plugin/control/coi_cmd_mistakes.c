/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_mistakes.h"
#include "coi_missing_hosts.h"

typedef struct private_coi_cmd_mistakes_t private_coi_cmd_mistakes_t;

struct private_coi_cmd_mistakes_t {
	coi_command_t public;
	coi_config_watch_t *watch;
	coi_config_t *config;
};

/** Send why a connection is not used. */
static void send_mistake(void *data, const char *name, const char *error)
{
	vici_builder_t *b = coi_vici_library_builder();

	b->add_kv(b, "connection", "%s", name);
	b->add_kv(b, "text", "%s", error);
	coi_command_send(data, "mistake", b->finalize(b));
}

/** Send what is left out of a list of hosts, a coi_missing_hosts_cb_t. */
static void send_missing(void *data, const coi_missing_hosts_item_t *item)
{
	vici_builder_t *b = coi_vici_library_builder();

	b->add_kv(b, "connection", "%s", item->connection);
	if (item->name)
	{
		b->add_kv(b, "text", "connections.%s.%s: '%s' has no address yet and is "
				  "asked again; the rest of the list is in force",
				  item->connection, item->key, item->element);
		b->add_kv(b, "name", "%s", item->element);
	}
	else
	{
		b->add_kv(b, "text", "connections.%s.%s: '%s' is no address, subnet, "
				  "range or name; the rest of the list is in force",
				  item->connection, item->key, item->element);
	}
	coi_command_send(data, "mistake", b->finalize(b));
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_mistakes_t *this, coi_command_request_t *request)
{
	this->watch->refresh(this->watch);
	this->config->for_errors(this->config, send_mistake, request);
	coi_missing_hosts(TRUE, send_missing, request);
	return coi_command_done();
}

coi_command_t *coi_cmd_mistakes_create(coi_config_watch_t *watch,
									   coi_config_t *config)
{
	private_coi_cmd_mistakes_t *this;

	INIT(this,
		.public = {
			.name = "mistakes",
			.handle = _handle,
			.destroy = (void*)free,
		},
		.watch = watch,
		.config = config,
	);
	return &this->public;
}
