/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_why.h"

typedef struct private_coi_cmd_why_t private_coi_cmd_why_t;

struct private_coi_cmd_why_t {
	coi_command_t public;
	coi_config_watch_t *watch;
	coi_why_tables_t tables;
};

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
static vici_message_t *get_asked(coi_command_request_t *request, coi_why_t *why)
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
	b->add_kv(b, "verdict", "%N", coi_why_verdict_names, why->verdict);
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
	coi_command_add_number(b, "held", why->held);
	return b->finalize(b);
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_why_t *this, coi_command_request_t *request)
{
	vici_message_t *answer;
	coi_why_t why = {};

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
	this->watch->refresh(this->watch);
	coi_why(&this->tables, &why);
	answer = answer_why(&why);
	why.other->destroy(why.other);
	return answer;
}

coi_command_t *coi_cmd_why_create(coi_config_watch_t *watch,
								  const coi_why_tables_t *tables)
{
	private_coi_cmd_why_t *this;

	INIT(this,
		.public = {
			.name = "why",
			.keys = { "peer", "service", "direction" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.watch = watch,
		.tables = *tables,
	);
	return &this->public;
}
