/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_inspect.h"
#include "config/coi_config.h"
#include "config/coi_connection_read.h"
#include "config/coi_host_list.h"
#include "coi_report.h"
#include "coi_why.h"
#include "coi_why_private.h"

#include <errno.h>
#include <inttypes.h>

/** ms that a watcher may wait at most */
#define MAX_WAIT 10000

/** Add a text to a message, unless it is empty. */
static void add_text(vici_builder_t *b, char *key, const char *text)
{
	if (*text)
	{
		b->add_kv(b, key, "%s", text);
	}
}

/**
 * Read what is asked about.
 *
 * @return			NULL if all is well, else what to answer
 */
static vici_message_t *get_asked(coi_command_t *request, coi_why_t *why)
{
	char *service, *direction;

	service = request->message->get_str(request->message, "any", "service");
	if (!coi_service_query_read(service, &why->asked))
	{
		return coi_command_invalid("'%s' is no service, a protocol or a "
								   "protocol and a port is allowed: tcp/443, "
								   "udp/53, sctp/9, icmp, 47, any", service);
	}
	direction = request->message->get_str(request->message, "out", "direction");
	why->inbound = streq(direction, "in");
	if (!why->inbound && !streq(direction, "out"))
	{
		return coi_command_invalid("'%s' is no direction, in and out are "
								   "allowed", direction);
	}
	return NULL;
}

static vici_message_t *answer_why(const coi_why_t *why)
{
	vici_builder_t *b = coi_vici_library_builder();
	char buf[COI_SERVICE_TEXT_LEN];

	b->add_kv(b, "success", "yes");
	b->add_kv(b, "peer", "%H", why->other);
	b->add_kv(b, "service", "%s", coi_service_query_write(&why->asked, buf));
	b->add_kv(b, "direction", why->inbound ? "in" : "out");
	b->add_kv(b, "verdict", "%N", coi_verdict_names, why->verdict);
	b->add_kv(b, "decision", "%s", why->decision);
	b->add_kv(b, "text", "%s", why->text);
	add_text(b, "setting", why->setting);
	add_text(b, "connection", why->connection);
	add_text(b, "community", why->community);
	if (why->spi_in)
	{
		b->add_kv(b, "spi-in", "%.8x", ntohl(why->spi_in));
	}
	if (why->spi_out)
	{
		b->add_kv(b, "spi-out", "%.8x", ntohl(why->spi_out));
	}
	coi_report_number(b, "held", why->held);
	return b->finalize(b);
}

vici_message_t *coi_cmd_inspect_why(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	coi_kernel_watch_t *guard = tools->parts.guard;
	vici_message_t *answer;
	coi_restored_t restored;
	coi_why_t why = {};
	bool compared;

	answer = get_asked(request, &why);
	if (answer)
	{
		return answer;
	}
	why.other = coi_command_peer(request, &answer);
	if (!why.other)
	{
		return answer;
	}
	/* what was loaded just now counts */
	tools->refresher->refresh(tools->refresher);
	/* and what is told is what the kernel has, not what we remember */
	compared = guard->check(guard, &restored);
	coi_why(&tools->parts, tools->engine, &why);
	if (!compared || restored.failed)
	{
		coi_why_add(&why, "; but the kernel %s", compared ? "has refused policies "
					"or SAs of COI, see coi doctor" : "could not be asked "
					"whether it has COI's policies");
	}
	answer = answer_why(&why);
	why.other->destroy(why.other);
	return answer;
}

vici_message_t *coi_cmd_inspect_compare(coi_command_t *request)
{
	coi_kernel_watch_t *guard = request->tools->parts.guard;
	coi_restored_t restored;
	vici_builder_t *b;

	if (!guard->check(guard, &restored))
	{
		return coi_command_failed("the kernel could not be asked for policies and "
								 "SAs");
	}
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	coi_report_number(b, "policies", restored.wanted);
	coi_report_number(b, "restored", restored.policies + restored.shunts);
	coi_report_number(b, "sas", restored.sinks);
	coi_report_number(b, "ended", restored.children);
	coi_report_number(b, "failed", restored.failed);
	return b->finalize(b);
}

/** Read a number of a request, 0 if it is not there. */
static bool get_number(coi_command_t *request, char *key, uint64_t highest,
					   uint64_t *number)
{
	char *text, *end;

	text = request->message->get_str(request->message, "0", key);
	errno = 0;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno &&
		   *number <= highest;
}

/** Send an event to who asked. */
static void send_event(coi_command_t *request, char *name, vici_builder_t *b)
{
	vici_dispatcher_t *dispatcher = request->tools->dispatcher;

	dispatcher->raise_event(dispatcher, name, request->id, b->finalize(b));
}

/** Stream one of the news, a coi_events_cb_t. */
static void stream_item(void *data, const coi_events_item_t *item)
{
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	coi_report_number(b, "number", item->number);
	coi_report_number(b, "time", item->time);
	b->add_kv(b, "event", "%N", coi_events_type_names, item->type);
	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{
		if (item->values[i])
		{
			b->add_kv(b, enum_to_name(coi_events_key_names, i), "%s",
					  item->values[i]);
		}
	}
	send_event(data, "event", b);
}

vici_message_t *coi_cmd_inspect_watch(coi_command_t *request)
{
	coi_events_t *news = request->tools->parts.news;
	uint64_t after, wait, lost = 0;
	vici_builder_t *b;

	if (!get_number(request, "after", UINT64_MAX, &after) ||
		!get_number(request, "wait", MAX_WAIT, &wait))
	{
		return coi_command_invalid("'after' has to be the number of an event, "
								   "'wait' milliseconds, at most %u", MAX_WAIT);
	}
	if (request->message->get_value(request->message, chunk_empty,
									"after").ptr)
	{
		if (after > news->get_last(news))
		{	/* it was told by another charon */
			after = 0;
		}
		after = news->read(news, after, wait, COI_EVENTS_KEPT, &lost,
						   stream_item,
						   request);
	}
	else
	{	/* from now on */
		after = news->get_last(news);
	}
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	coi_report_number(b, "next", after);
	coi_report_number(b, "lost", lost);
	return b->finalize(b);
}

static void stream_mistake(void *data, const char *name, const char *error)
{
	vici_builder_t *b = coi_vici_library_builder();

	b->add_kv(b, "connection", "%s", name);
	b->add_kv(b, "text", "%s", error);
	send_event(data, "mistake", b);
}

/** A list of hosts in which something stands for nothing. */
typedef struct {
	coi_command_t *request;
	const char *connection;
	const char *key;
} hosts_t;

static void stream_missing(void *data, const char *element, bool name)
{
	vici_builder_t *b = coi_vici_library_builder();
	hosts_t *hosts = data;

	b->add_kv(b, "connection", "%s", hosts->connection);
	if (name)
	{
		b->add_kv(b, "text", "connections.%s.%s: '%s' has no address yet and is "
				  "asked again; the rest of the list is in force",
				  hosts->connection, hosts->key, element);
		b->add_kv(b, "name", "%s", element);
	}
	else
	{
		b->add_kv(b, "text", "connections.%s.%s: '%s' is no address, subnet, "
				  "range or name; the rest of the list is in force",
				  hosts->connection, hosts->key, element);
	}
	send_event(hosts->request, "mistake", b);
}

/** Send what is not understood in the lists of hosts of all connections. */
static void stream_hosts(coi_command_t *request)
{
	hosts_t hosts = {
		.request = request,
	};
	enumerator_t *enumerator;
	linked_list_t *peers;
	peer_cfg_t *peer;
	ike_cfg_t *cfg;

	peers = coi_connection_peers();
	enumerator = peers->create_enumerator(peers);
	while (enumerator->enumerate(enumerator, &peer))
	{
		cfg = peer->get_ike_cfg(peer);
		hosts.connection = peer->get_name(peer);
		hosts.key = "local_addrs";
		free(coi_host_list_expand(cfg->get_my_addr(cfg), stream_missing,
								  &hosts));
		hosts.key = "remote_addrs";
		free(coi_host_list_expand(cfg->get_other_addr(cfg), stream_missing,
								  &hosts));
	}
	enumerator->destroy(enumerator);
	peers->destroy_offset(peers, offsetof(peer_cfg_t, destroy));
}

vici_message_t *coi_cmd_inspect_mistakes(coi_command_t *request)
{
	coi_config_t *config = request->tools->parts.config;

	request->tools->refresher->refresh(request->tools->refresher);
	config->for_errors(config, stream_mistake, request);
	stream_hosts(request);
	return coi_command_done();
}
