/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"

#include <stdio.h>
#include <sys/klog.h>
#include <sys/timex.h>
#include <time.h>

#include "doctor_options.h"

/** No clock that is right is before this, 2025. */
#define EARLIEST 1735689600

/** klogctl(): read all, as syslog(2) has it. */
#define READ_ALL 3
#define LOG_SIZE (1 << 20)

#define DEFAULT_PORT 4570
#define DEFAULT_IDLE_PORT 4571

/** A UDP port in the kernel's tables. */
typedef struct {
	u_int port;
	bool bound;
	/** somebody other than root has it, or it is bound to one address alone */
	bool foreign;
	u_int uid;
} bound_t;

/** Look into one table. */
static void look_for(bound_t *bound, FILE *table)
{
	char line[512], address[33];
	u_int port, uid;

	while (fgets(line, sizeof(line), table))
	{
		/* sl, local and remote address, state, queues, timer, retransmits, uid */
		if (sscanf(line, " %*u: %32[0-9A-F]:%x %*s %*s %*s %*s %*s %u", address,
				   &port, &uid) == 3 && port == bound->port)
		{
			bound->bound = TRUE;
			if (uid || strspn(address, "0") != strlen(address))
			{
				bound->foreign = TRUE;
				bound->uid = uid;
			}
		}
	}
}

/** Whether a UDP port is bound, in IPv4 or IPv6. */
static bool is_bound(bound_t *bound, u_int port)
{
	static const char *const tables[] = { "/proc/net/udp", "/proc/net/udp6" };
	FILE *table;
	u_int i;

	*bound = (bound_t){
		.port = port,
	};
	for (i = 0; i < countof(tables); i++)
	{
		table = fopen(tables[i], "re");
		if (table)
		{
			look_for(bound, table);
			fclose(table);
		}
	}
	return bound->bound;
}

/** Look who has one of our ports. */
static void check_port(doctor_t *doctor, const char *key, u_int port)
{
	const char *option = doctor_option(key);
	char remedy[256];
	bound_t bound;

	port = option ? (u_int)atoi(option) : port;
	snprintf(remedy, sizeof(remedy), "end it, ss -ulpn shows it (or set %s in "
			 "coi.conf); systemctl enable strongswan-coi.socket lets systemd take "
			 "the ports at boot, before any user can", key);
	is_bound(&bound, port);
	if (bound.foreign)
	{
		doctor_add(doctor, DOCTOR_FAIL, "port", remedy, "user %u has UDP port "
				   "%u, or a part of it: COI is closed until it is free",
				   bound.uid, port);
	}
	else if (doctor->plugin && bound.bound)
	{
		doctor_add(doctor, DOCTOR_OK, "port", NULL, "UDP port %u is bound",
				   port);
	}
	else if (doctor->plugin)
	{
		doctor_add(doctor, DOCTOR_FAIL, "port", "look at charon's log: who else "
				   "has the port? ss -ulpn", "UDP port %u is not bound, nobody "
				   "can open a session with this host", port);
	}
	else if (bound.bound)
	{
		doctor_add(doctor, DOCTOR_WARN, "port", remedy, "another program, or "
				   "systemd for strongswan-coi.socket, has UDP port %u", port);
	}
}

static void check_ports(doctor_t *doctor)
{
	bool dark = settings_value_as_bool((char*)doctor_option("dark"), FALSE);
	bound_t bound;

	check_port(doctor, "port", DEFAULT_PORT);
	check_port(doctor, "idle_port", DEFAULT_IDLE_PORT);
	if (is_bound(&bound, 500) || is_bound(&bound, 4500))
	{
		doctor_add(doctor, dark ? DOCTOR_FAIL : DOCTOR_WARN, "dark", dark ?
				   "let coi load before socket-default (load_modular = yes, or "
				   "name it first in charon.load), and end other IKE daemons: "
				   "ss -ulpn" : "set dark = yes in coi.conf, if no connection "
				   "needs IKE", "UDP port 500 or 4500 is open: IKE answers "
				   "strangers%s", dark ? ", though dark = yes" : "");
	}
	else
	{
		doctor_add(doctor, DOCTOR_OK, "dark", NULL, "no IKE port is open");
	}
}

static void check_clock(doctor_t *doctor)
{
	struct timex timex = {};
	int state;

	state = adjtimex(&timex);
	if (time(NULL) < EARLIEST)
	{
		doctor_add(doctor, DOCTOR_FAIL, "clock", "set the clock, by NTP best",
				   "the clock is years behind: openings are refused by all "
				   "members");
	}
	else if (state == TIME_ERROR || (timex.status & STA_UNSYNC))
	{
		doctor_add(doctor, DOCTOR_WARN, "clock", "let NTP keep it (chrony, "
				   "systemd-timesyncd), openings are refused if it is off by "
				   "more than window of coi.conf", "the kernel says that nothing "
				   "keeps the clock right");
	}
	else
	{
		doctor_add(doctor, DOCTOR_OK, "clock", NULL, "the clock is kept right");
	}
}

/** Whether the kernel's log has a denial of charon's. */
static bool find_denial(char denial[256])
{
	char *log, *line, *end;
	bool found = FALSE;
	int len;

	log = malloc(LOG_SIZE + 1);
	len = klogctl(READ_ALL, log, LOG_SIZE);
	log[max(len, 0)] = '\0';
	for (line = log; line && *line; line = end)
	{
		end = strchr(line, '\n');
		if (end)
		{
			*end++ = '\0';
		}
		if (strstr(line, "apparmor=\"DENIED\"") && strstr(line, "charon"))
		{
			snprintf(denial, 256, "%.255s", strstr(line, "apparmor="));
			found = TRUE;
		}
	}
	free(log);
	return found;
}

static void check_apparmor(doctor_t *doctor)
{
	char line[512], denial[256];
	bool enforced = FALSE;
	FILE *profiles;

	profiles = fopen("/sys/kernel/security/apparmor/profiles", "re");
	if (!profiles)
	{	/* there is none, or it is not for us to see */
		return;
	}
	while (fgets(line, sizeof(line), profiles))
	{
		enforced |= strstr(line, "charon") && strstr(line, "(enforce)");
	}
	fclose(profiles);
	if (enforced && find_denial(denial))
	{
		doctor_add(doctor, DOCTOR_FAIL, "apparmor", "allow it in "
				   "/etc/apparmor.d/local/usr.sbin.charon-systemd and run "
				   "apparmor_parser -r on the profile", "charon was refused "
				   "something: %s", denial);
	}
	else
	{
		doctor_add(doctor, DOCTOR_OK, "apparmor", NULL, "%s", enforced ?
				   "charon's profile is in force, nothing was refused" :
				   "charon is not confined");
	}
}

/** Look for options of coi.conf that nobody reads. */
static bool check_options(doctor_t *doctor, const char *section)
{
	enumerator_t *enumerator;
	char *key, *value, remedy[256];
	const char *alike;
	bool well = TRUE;

	enumerator = lib->settings->create_key_value_enumerator(lib->settings,
														(char*)section);
	while (enumerator->enumerate(enumerator, &key, &value))
	{
		if (!doctor_known(key, doctor_options) && !streq(key, "load"))
		{
			alike = doctor_alike(key, doctor_options);
			snprintf(remedy, sizeof(remedy), alike ? "write %s, or remove it" :
					 "remove it, coi.conf(5) lists all that there are", alike);
			doctor_add(doctor, DOCTOR_FAIL, "option", remedy, "%s.%s = %s: no "
					   "such option, it is ignored", section, key, value);
			well = FALSE;
		}
	}
	enumerator->destroy(enumerator);
	return well;
}

void doctor_system(doctor_t *doctor)
{
	bool well;

	well = check_options(doctor, "charon.plugins.coi");
	well &= check_options(doctor, "charon-systemd.plugins.coi");
	if (well)
	{
		doctor_add(doctor, DOCTOR_OK, "coi.conf", NULL, "all options are known");
	}
	check_ports(doctor);
	check_clock(doctor);
	check_apparmor(doctor);
}
