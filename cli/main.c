/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the start and the end of coi(1). The commands are in files of their own.
 */

#include "base/command.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>

#include <utils/debug.h>

/**
 * libstrongswan's complaints are errors of ours. Nothing above level 0: the
 * rest is for developers.
 */
static void complain(debug_t group, level_t level, char *fmt, ...)
{
	va_list args;

	if (level <= 0)
	{
		fputs("coi: ", stderr);
		va_start(args, fmt);
		vfprintf(stderr, fmt, args);
		va_end(args);
		fputc('\n', stderr);
	}
}

int main(int argc, char *argv[])
{
	coi_exit_t status;

	setlocale(LC_CTYPE, "");
	dbg = complain;
	atexit(library_deinit);
	if (!library_init(NULL, "coi"))
	{
		return command_error(EXIT_FAILED, "libstrongswan does not start: is "
							 "strongswan.conf right?");
	}
	status = command_dispatch(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout))
	{
		return command_error(EXIT_FAILED, "writing to standard output failed");
	}
	return status;
}
