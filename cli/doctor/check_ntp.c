/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"
#include "ntp_servers.h"
#include "base/setting_place.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <collections/array.h>
#include <selectors/traffic_selector.h>

#define NTP_PORT 123

/** Seconds that names may take. */
#define RESOLVE_TIME 3

/** A connection's setting that counts here. */
typedef struct {
	char *name;
	char *value;
} setting_t;

typedef struct {
	doctor_t *doctor;
	/** setting_t */
	array_t *settings;
	u_int warned;
	/** nobody answers for names */
	bool deaf;
} ntp_t;

static void collect(void *data, const char *name, const char *value,
					const char *file, u_int line)
{
	static const char *const keys[] = {
		".remote_addrs", ".auth", ".mode", ".remote_ts", ".start_action",
	};
	setting_t setting;
	u_int i;
	ntp_t *ntp = data;

	for (i = 0; value && strpfx((char*)name, "connections.") &&
		 i < countof(keys); i++)
	{
		if (strrchr(name, '.') && streq(strrchr(name, '.'), keys[i]))
		{
			setting.name = strdup(name);
			setting.value = strdup(value);
			array_insert(ntp->settings, ARRAY_TAIL, &setting);
		}
	}
}

/** Another setting of the section that has one, NULL if it is not there. */
static const char *sibling(ntp_t *ntp, const setting_t *one, const char *key)
{
	int i, len = strrchr(one->name, '.') - one->name;
	const char *value = NULL;
	setting_t other;

	for (i = 0; i < array_count(ntp->settings); i++)
	{
		array_get(ntp->settings, i, &other);
		if (strneq(other.name, one->name, len) &&
			streq(other.name + len, key))
		{
			value = other.value;
		}
	}
	return value;
}

/** Whether one address, subnet or range of a list has an address. */
static bool has_address(const char *text, host_t *host)
{
	traffic_selector_t *ts = NULL;
	int family = host->get_family(host);
	host_t *from, *to;
	bool found;

	if (!*text || streq(text, "%any") || streq(text, "dynamic"))
	{
		return TRUE;
	}
	if (streq(text, "%any4") || streq(text, "%any6"))
	{
		return (text[4] == '6') == (family == AF_INET6);
	}
	if (strchr(text, '/'))
	{
		ts = traffic_selector_create_from_cidr((char*)text, 0, 0, 65535);
	}
	else if (host_create_from_range((char*)text, &from, &to))
	{
		ts = traffic_selector_create_from_bytes(0, family == AF_INET ?
								TS_IPV4_ADDR_RANGE : TS_IPV6_ADDR_RANGE,
								from->get_address(from), 0,
								to->get_address(to), 65535);
		if (from->get_family(from) != family)
		{
			DESTROY_IF(ts);
			ts = NULL;
		}
		from->destroy(from);
		to->destroy(to);
	}
	else
	{
		from = host_create_from_string((char*)text, 0);
		found = from && from->ip_equals(from, host);
		DESTROY_IF(from);
		return found;
	}
	found = ts && ts->includes(ts, host);
	DESTROY_IF(ts);
	return found;
}

/** Whether a selector's "[udp/123]" has NTP, or there is none. */
static bool has_ntp(const char *text)
{
	char proto[16] = "", from[16] = "", to[16] = "";
	int fields;

	fields = sscanf(text, "[%15[^]/]/%15[^]-]-%15[^]]", proto, from, to);
	if (fields > 0 && !strcaseeq(proto, "udp") && !streq(proto, "17") &&
		!strcaseeq(proto, "any") && !strcaseeq(proto, "%any") &&
		!streq(proto, "0"))
	{
		return FALSE;
	}
	if (fields < 2 || strcaseeq(from, "ntp") || strcaseeq(from, "any") ||
		strcaseeq(from, "%any"))
	{
		return TRUE;
	}
	return atoi(from) <= NTP_PORT &&
		   atoi(fields == 3 ? to : from) >= NTP_PORT;
}

/** Whether a list of a connection or child has an address, with NTP. */
static bool has_member(const char *list, host_t *host)
{
	enumerator_t *enumerator;
	char *element, address[256];
	size_t len;
	bool found = FALSE;

	enumerator = enumerator_create_token(list, ",", " \t");
	while (!found && enumerator->enumerate(enumerator, &element))
	{
		len = strcspn(element, "[ ");
		snprintf(address, sizeof(address), "%.*s", (int)len, element);
		found = has_ntp(element + len) && has_address(address, host);
	}
	enumerator->destroy(enumerator);
	return found;
}

/** Whether a child lets NTP with a host pass. */
static bool is_passed(ntp_t *ntp, host_t *host)
{
	const char *list, *action;
	setting_t setting;
	int i;

	for (i = 0; i < array_count(ntp->settings); i++)
	{
		array_get(ntp->settings, i, &setting);
		if (strcaseeq(strrchr(setting.name, '.'), ".mode") &&
			strcaseeq(setting.value, "pass"))
		{
			list = sibling(ntp, &setting, ".remote_ts");
			action = sibling(ntp, &setting, ".start_action");
			if (action && !strcaseeq(action, "none") &&
				has_member(list ?: "dynamic", host))
			{
				return TRUE;
			}
		}
	}
	return FALSE;
}

/** Whether a connection is one of COI. */
static bool is_coi(ntp_t *ntp, const setting_t *addrs)
{
	int i, len = strrchr(addrs->name, '.') - addrs->name + 1;
	setting_t setting;

	for (i = 0; i < array_count(ntp->settings); i++)
	{
		array_get(ntp->settings, i, &setting);
		if (strneq(setting.name, addrs->name, len) &&
			streq(setting.value, "xauth-coi") &&
			streq(strrchr(setting.name, '.'), ".auth"))
		{
			return TRUE;
		}
	}
	return FALSE;
}

static char *write_host(host_t *host, char text[INET6_ADDRSTRLEN])
{
	inet_ntop(host->get_family(host), host->get_address(host).ptr, text,
			  INET6_ADDRSTRLEN);
	return text;
}

/** Look at one address of a server. */
static void check_address(ntp_t *ntp, const doctor_server_t *server, host_t *host)
{
	char remedy[512], conn[128] = "", text[INET6_ADDRSTRLEN];
	setting_t setting;
	int i;

	for (i = 0; i < array_count(ntp->settings) && !*conn; i++)
	{
		array_get(ntp->settings, i, &setting);
		if (streq(strrchr(setting.name, '.'), ".remote_addrs") &&
			is_coi(ntp, &setting) && has_member(setting.value, host))
		{
			snprintf(conn, sizeof(conn), "%.*s",
					 (int)strcspn(setting.name + strlen("connections."), "."),
					 setting.name + strlen("connections."));
		}
	}
	if (!*conn || is_passed(ntp, host))
	{
		return;
	}
	write_host(host, text);
	snprintf(remedy, sizeof(remedy), "let it pass in a child of connection "
			 "'%s': ntp { mode = pass  start_action = trap  remote_ts = "
			 "%s/%d[udp/%d] }", conn, text,
			 host->get_family(host) == AF_INET ? 32 : 128, NTP_PORT);
	doctor_add(ntp->doctor, DOCTOR_WARN, "ntp", remedy, "%s:%u: time server "
			   "%s (%s) is in remote_addrs of connection '%s' and no child lets "
			   "it pass: if this clock is wrong at boot no tunnel opens, and "
			   "without a tunnel it stays wrong", server->file, server->line,
			   server->name, text, conn);
	ntp->warned++;
}

/**
 * Find an address of a name. A process of its own may take its time for that and
 * is given up.
 */
static host_t *resolve(const char *name)
{
	host_t *host = NULL;
	char text[INET6_ADDRSTRLEN] = "";
	ssize_t len;
	pid_t pid;
	int ends[2];

	if (pipe(ends) != 0)
	{
		return NULL;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0)
	{
		alarm(RESOLVE_TIME);
		host = host_create_from_dns((char*)name, AF_UNSPEC, 0);
		if (host)
		{
			write_host(host, text);
			len = write(ends[1], text, strlen(text));
		}
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
	len = pid > 0 ? read(ends[0], text, sizeof(text) - 1) : 0;
	close(ends[0]);
	if (pid > 0)
	{
		waitpid(pid, NULL, 0);
	}
	if (len > 0)
	{
		text[len] = '\0';
		host = host_create_from_string(text, 0);
	}
	return host;
}

static void check_server(ntp_t *ntp, const doctor_server_t *server)
{
	host_t *host;

	host = host_create_from_string((char*)server->name, 0);
	if (!host && !ntp->deaf && !strpbrk(server->name, ":/"))
	{
		host = resolve(server->name);
		ntp->deaf = !host;
	}
	if (host)
	{
		check_address(ntp, server, host);
		host->destroy(host);
	}
}

void doctor_ntp(doctor_t *doctor)
{
	ntp_t ntp = {
		.doctor = doctor,
		.settings = array_create(sizeof(setting_t), 0),
	};
	setting_t setting;
	doctor_server_t server;
	array_t *servers;
	int i;

	servers = doctor_ntp_servers(doctor->root);
	locate_all(doctor->file, collect, &ntp);
	for (i = 0; i < array_count(servers); i++)
	{
		array_get(servers, i, &server);
		check_server(&ntp, &server);
	}
	if (array_count(servers) && !ntp.warned)
	{
		doctor_add(doctor, DOCTOR_OK, "ntp", NULL, "no time server waits for a "
				   "tunnel");
	}
	while (array_remove(ntp.settings, ARRAY_TAIL, &setting))
	{
		free(setting.name);
		free(setting.value);
	}
	array_destroy(ntp.settings);
	array_destroy(servers);
}
