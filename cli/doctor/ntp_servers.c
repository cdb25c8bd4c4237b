/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "ntp_servers.h"
#include "findings.h"

#include <glob.h>
#include <stdio.h>

/** What is read at most: of a file, and servers. */
#define MAX_LINES 10000
#define MAX_SERVERS 64

/** How a program writes down its servers. */
typedef enum {
	/** "NTP = A B" */
	STYLE_TIMESYNCD,
	/** "server A options", and "pool" and "peer" */
	STYLE_NTP,
} style_t;

/** Where; later ones of timesyncd replace or add to the former. */
static const struct {
	const char *pattern;
	style_t style;
} places[] = {
	{ "/usr/lib/systemd/timesyncd.conf.d/*.conf", STYLE_TIMESYNCD },
	{ "/etc/systemd/timesyncd.conf", STYLE_TIMESYNCD },
	{ "/run/systemd/timesyncd.conf.d/*.conf", STYLE_TIMESYNCD },
	{ "/etc/systemd/timesyncd.conf.d/*.conf", STYLE_TIMESYNCD },
	{ "/etc/chrony.conf", STYLE_NTP },
	{ "/etc/chrony/chrony.conf", STYLE_NTP },
	{ "/etc/chrony/conf.d/*.conf", STYLE_NTP },
	{ "/etc/chrony/sources.d/*.sources", STYLE_NTP },
	{ "/run/chrony-dhcp/*.sources", STYLE_NTP },
	{ "/etc/ntp.conf", STYLE_NTP },
	{ "/etc/ntpsec/ntp.conf", STYLE_NTP },
	{ "/etc/ntpd.conf", STYLE_NTP },
	{ "/etc/openntpd/ntpd.conf", STYLE_NTP },
};

typedef struct {
	const char *root;
	/** doctor_server_t, and timesyncd's that are asked if there are no others */
	array_t *servers;
	array_t *fallback;
} servers_t;

static void add_server(array_t *list, const char *name, const char *file,
					   u_int line)
{
	doctor_server_t server = {
		.line = line,
	};

	if (*name && array_count(list) < MAX_SERVERS)
	{
		snprintf(server.name, sizeof(server.name), "%s", name);
		snprintf(server.file, sizeof(server.file), "%s", file);
		array_insert(list, ARRAY_TAIL, &server);
	}
}

static void clear_list(array_t *list)
{
	while (array_remove(list, ARRAY_TAIL, NULL))
	{
		/* all of them */
	}
}

/** Read a line of timesyncd's. */
static void read_timesyncd(servers_t *all, char *text, const char *file, u_int line)
{
	char *value = strchr(text, '='), *name, *state;
	array_t *list;

	if (!value)
	{
		return;
	}
	*value++ = '\0';
	text[strcspn(text, " \t")] = '\0';
	if (!streq(text, "NTP") && !streq(text, "FallbackNTP"))
	{
		return;
	}
	list = streq(text, "NTP") ? all->servers : all->fallback;
	if (!value[strspn(value, " \t")])
	{	/* forgets all before */
		clear_list(list);
	}
	for (name = strtok_r(value, " \t", &state); name;
		 name = strtok_r(NULL, " \t", &state))
	{
		add_server(list, name, file, line);
	}
}

/** Read a line of chrony's, or of one of the ntpds. */
static void read_ntp(servers_t *all, char *text, const char *file, u_int line)
{
	static const char *const words[] = {
		"server", "servers", "pool", "peer", NULL
	};
	char *word, *name, *state;

	word = strtok_r(text, " \t", &state);
	if (!word || !doctor_known(word, words))
	{
		return;
	}
	do
	{
		name = strtok_r(NULL, " \t", &state);
	}
	while (name && *name == '-');
	if (name && !strpfx(name, "127.127."))
	{	/* those are clocks at this host */
		add_server(all->servers, name, file, line);
	}
}

static void read_servers(servers_t *all, const char *path, style_t style)
{
	const char *shown = path + strlen(all->root);
	char line[1024], *text;
	u_int number = 0;
	FILE *file;

	file = fopen(path, "re");
	while (file && number < MAX_LINES && fgets(line, sizeof(line), file))
	{
		number++;
		text = line + strspn(line, " \t");
		text[strcspn(text, "\r\n")] = '\0';
		if (!*text || strchr("#;!%", *text))
		{
			continue;
		}
		if (style == STYLE_TIMESYNCD)
		{
			read_timesyncd(all, text, shown, number);
		}
		else
		{
			read_ntp(all, text, shown, number);
		}
	}
	if (file)
	{
		fclose(file);
	}
}

array_t *doctor_ntp_servers(const char *root)
{
	servers_t all = {
		.root = root,
		.servers = array_create(sizeof(doctor_server_t), 0),
		.fallback = array_create(sizeof(doctor_server_t), 0),
	};
	char pattern[PATH_MAX];
	array_t *unused;
	glob_t found;
	size_t i, j;

	for (i = 0; i < countof(places); i++)
	{
		snprintf(pattern, sizeof(pattern), "%s%s", root, places[i].pattern);
		if (glob(pattern, 0, NULL, &found) == 0)
		{
			for (j = 0; j < found.gl_pathc; j++)
			{
				read_servers(&all, found.gl_pathv[j], places[i].style);
			}
			globfree(&found);
		}
	}
	unused = all.fallback;
	if (!array_count(all.servers))
	{
		unused = all.servers;
		all.servers = all.fallback;
	}
	array_destroy(unused);
	return all.servers;
}
