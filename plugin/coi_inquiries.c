/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_inquiries.h"
#include "coi_report.h"
#include "coi_why.h"

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
static vici_message_t *get_asked(coi_request_t *request, coi_why_t *why)
{
	char *service, *direction;

	service = request->message->get_str(request->message, "any", "service");
	if (!coi_asked_read(service, &why->asked))
	{
		return coi_request_invalid("'%s' is no service, a protocol or a "
								   "protocol and a port is allowed: tcp/443, "
								   "udp/53, sctp/9, icmp, 47, any", service);
	}
	direction = request->message->get_str(request->message, "out", "direction");
	why->inbound = streq(direction, "in");
	if (!why->inbound && !streq(direction, "out"))
	{
		return coi_request_invalid("'%s' is no direction, in and out are "
								   "allowed", direction);
	}
	return NULL;
}

static vici_message_t *answer_why(const coi_why_t *why)
{
	vici_builder_t *b = coi_vici_builder();
	char buf[COI_SERVICE_LEN];

	b->add_kv(b, "success", "yes");
	b->add_kv(b, "peer", "%H", why->other);
	b->add_kv(b, "service", "%s", coi_asked_write(&why->asked, buf));
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

vici_message_t *coi_inquire_why(coi_request_t *request)
{
	const coi_tools_t *tools = request->tools;
	vici_message_t *answer;
	coi_why_t why = {};

	answer = get_asked(request, &why);
	if (answer)
	{
		return answer;
	}
	why.other = coi_request_peer(request, &answer);
	if (!why.other)
	{
		return answer;
	}
	/* what was loaded just now counts */
	tools->refresher->refresh(tools->refresher);
	coi_why(&tools->parts, tools->engine, &why);
	answer = answer_why(&why);
	why.other->destroy(why.other);
	return answer;
}
