/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_command.h"
#include "coi_report.h"

#include <errno.h>

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
	coi_report_number(b, key, count);
	return b->finalize(b);
}

bool coi_command_number(coi_command_t *request, char *key, uint64_t *number)
{
	char *text, *end;
	uint64_t value;

	text = request->message->get_str(request->message, NULL, key);
	if (!text)
	{
		return TRUE;
	}
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
	{
		return FALSE;
	}
	*number = value;
	return TRUE;
}

void coi_command_list(char list[COI_LIST_LEN], const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, COI_LIST_LEN - len, "%s%s", len ? ", " : "", name);
}

host_t *coi_command_peer(coi_command_t *request, vici_message_t **answer)
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
