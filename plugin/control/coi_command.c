/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_command.h"
#include "util/coi_number.h"
#include "util/coi_text.h"

#include <inttypes.h>

vici_message_t *coi_command_done()
{
	vici_builder_t *b = coi_vici_library_builder();

	b->add_kv(b, "success", "yes");
	return b->finalize(b);
}

/**
 * Answer that it did not work.
 */
static vici_message_t *refuse(char *error, char *fmt, va_list args)
{
	vici_builder_t *b = coi_vici_library_builder();

	b->add_kv(b, "success", "no");
	b->add_kv(b, "error", "%s", error);
	b->vadd_kv(b, "errmsg", fmt, args);
	return b->finalize(b);
}

vici_message_t *coi_command_invalid(char *fmt, ...)
{
	vici_message_t *answer;
	va_list args;

	va_start(args, fmt);
	answer = refuse("invalid", fmt, args);
	va_end(args);
	return answer;
}

vici_message_t *coi_command_failed(char *fmt, ...)
{
	vici_message_t *answer;
	va_list args;

	va_start(args, fmt);
	answer = refuse("failed", fmt, args);
	va_end(args);
	return answer;
}

vici_message_t *coi_command_count(char *key, u_int count)
{
	vici_builder_t *b = coi_vici_library_builder();

	b->add_kv(b, "success", "yes");
	coi_command_add_number(b, key, count);
	return b->finalize(b);
}

void coi_command_send(coi_command_request_t *request, char *event,
					  vici_message_t *message)
{
	vici_dispatcher_t *dispatcher = request->dispatcher;

	dispatcher->raise_event(dispatcher, event, request->id, message);
}

bool coi_command_number(coi_command_request_t *request, char *key, uint64_t max,
						uint64_t *number)
{
	char *text;

	text = request->message->get_str(request->message, NULL, key);
	return !text || coi_number_read(text, 0, max, number);
}

host_t *coi_command_peer(coi_command_request_t *request,
						 vici_message_t **answer)
{
	char *text;
	host_t *host;

	text = request->message->get_str(request->message, NULL, "peer");
	if (!text)
	{
		*answer = coi_command_invalid("'peer' is missing, the address of the "
									  "other host");
		return NULL;
	}
	host = host_create_from_string(text, 0);
	if (!host || host->is_anyaddr(host))
	{
		DESTROY_IF(host);
		*answer = coi_command_invalid("'%s' is no address of a peer, an IPv4 "
									  "or IPv6 address is allowed", text);
		return NULL;
	}
	return host;
}

void coi_command_list(char list[COI_COMMAND_LIST], const char *name)
{
	coi_text_list(list, COI_COMMAND_LIST, ", ", "%s", name);
}

void coi_command_add_number(vici_builder_t *b, char *key, uint64_t number)
{
	b->add_kv(b, key, "%" PRIu64, number);
}

void coi_command_add_traffic(vici_builder_t *b, uint64_t octets_in,
							 uint64_t octets_out, uint64_t packets_in,
							 uint64_t packets_out)
{
	coi_command_add_number(b, "bytes-in", octets_in);
	coi_command_add_number(b, "bytes-out", octets_out);
	coi_command_add_number(b, "packets-in", packets_in);
	coi_command_add_number(b, "packets-out", packets_out);
}

void coi_command_add_fingerprint(vici_builder_t *b, const coi_key_t *key)
{
	char text[COI_FINGERPRINT_TEXT];

	coi_key_fingerprint(key, text);
	b->add_kv(b, "fingerprint", "%s", text);
}
