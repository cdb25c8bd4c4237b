/* SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "check.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *current;
static int passed, failed;

void check_begin(const char *group)
{
	current = group;
	passed = failed = 0;
}

void check_said(bool ok, const lines_t *said, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
	{
		abort();
	}
	va_end(args);
	printf("%s %s: %s\n", ok ? "ok    " : "FAILED", current, text);
	free(text);
	if (ok)
	{
		passed++;
		return;
	}
	failed++;
	lines_print(said ?: reply(), "       | ");
}

bool is_open()
{
	const lines_t *list = sas();

	return lines_have(list, CONN ".state=ESTABLISHED") &&
		   lines_have(list, CONN ".child-sas.finance-*.state=INSTALLED") &&
		   lines_have(list, CONN ".child-sas.engineering-*.state=INSTALLED");
}

void open_session()
{
	call("initiate", "ike = " CONN "; timeout = 5000");
	if (!is_open())
	{
		check_said(false, sas(), "open a session to begin with");
	}
}

void close_sessions()
{
	const char *id;
	int i;

	for (i = 0; i < 10 && *(id = lines_value(sas(), "*.uniqueid")); i++)
	{
		callf("terminate", "ike-id = %s; force = yes; timeout = 2000", id);
	}
	if (!wait_idle())
	{
		check_said(false, sas(), "close all sessions at the end");
	}
}

int check_end()
{
	printf("%s: %d passed, %d failed\n", current, passed, failed);
	return failed;
}
