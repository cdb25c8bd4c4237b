/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Does to COI tunnels what an orchestrator does to any: each VICI command and
 * event that has to do with them, by libvici. Runs on moon in the scenarios
 * coi/vici-*, whose configuration it expects.
 */

#include "check.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*test)();
} groups[] = {
	{ "initiate", test_initiate },
	{ "terminate", test_terminate },
	{ "terminate-child", test_terminate_child },
	{ "rekey", test_rekey },
	{ "rekey-events", test_rekey_events },
	{ "list-sas", test_list_sas },
	{ "query", test_query },
	{ "config", test_config },
	{ "install", test_install },
	{ "creds", test_creds },
	{ "events", test_events },
	{ "bad", test_bad },
};

#define COUNT (sizeof(groups) / sizeof(groups[0]))

static int usage()
{
	size_t i;

	fprintf(stderr, "usage: coi-vici GROUP...\n"
			"       coi-vici [--uri URI] --call COMMAND [ARGUMENTS [EVENT]]\n"
			"Exit status: 0 if all checks passed, 1 if not, 2 on wrong usage "
			"or without charon.\nGroups:");
	for (i = 0; i < COUNT; i++)
	{
		fprintf(stderr, " %s", groups[i].name);
	}
	fprintf(stderr, "\n");
	return 2;
}

static void (*find_test(const char *name))()
{
	size_t i;

	for (i = 0; i < COUNT; i++)
	{
		if (strcmp(groups[i].name, name) == 0)
		{
			return groups[i].test;
		}
	}
	return NULL;
}

/** One command, to see by hand what charon answers. */
static int call_once(char *uri, int argc, char *argv[])
{
	const char *text = argc > 1 ? argv[1] : "";

	client_open(uri);
	if (argc > 2)
	{
		lines_print(stream(argv[0], argv[2], text), "");
	}
	else
	{
		call(argv[0], text);
	}
	lines_print(reply(), "");
	client_close();
	return 0;
}

int main(int argc, char *argv[])
{
	char *uri = NULL;
	int i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 4 && strcmp(argv[1], "--uri") == 0)
	{
		uri = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc > 2 && argc < 6 && strcmp(argv[1], "--call") == 0)
	{
		return call_once(uri, argc - 2, argv + 2);
	}
	for (i = 1; i < argc; i++)
	{
		if (!find_test(argv[i]))
		{
			return usage();
		}
	}
	if (argc < 2)
	{
		return usage();
	}
	client_open(uri);
	for (i = 1; i < argc; i++)
	{
		check_begin(argv[i]);
		find_test(argv[i])();
		failed += check_end();
	}
	client_close();
	return failed ? 1 : 0;
}
