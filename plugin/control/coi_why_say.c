/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_why_private.h"
#include "util/coi_text.h"

#include <stdarg.h>

void coi_why_say(coi_why_t *why, coi_why_verdict_t verdict, const char *decision,
				 char *fmt, ...)
{
	va_list args;

	why->verdict = verdict;
	why->decision = decision;
	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
}

void coi_why_add(coi_why_t *why, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	coi_text_append_args(why->text, sizeof(why->text), fmt, args);
	va_end(args);
}

void coi_why_child(coi_why_t *why, const coi_connection_t *conn,
				   const char *child, const char *key)
{
	snprintf(why->setting, sizeof(why->setting), "connections.%s.children.%s%s%s",
			 conn->name, child, key ? "." : "", key ?: "");
}
